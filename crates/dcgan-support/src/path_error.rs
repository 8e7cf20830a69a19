//! A file or folder that cannot be read or written.

use std::error::Error;
use std::fmt;
use std::io;
use std::path::PathBuf;

/// A file or folder that cannot be read or written.
#[derive(Debug)]
pub struct PathError {
    /// What was attempted.
    pub action: Action,
    /// The file or folder.
    pub path: PathBuf,
    /// The error of the system.
    pub source: io::Error,
}

/// What was attempted with a file or folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// It was read.
    Read,
    /// It was written, created or removed.
    Write,
}

impl PathError {
    /// `path` cannot be read.
    pub fn read(path: impl Into<PathBuf>, source: io::Error) -> Self {
        Self {
            action: Action::Read,
            path: path.into(),
            source,
        }
    }

    /// `path` cannot be written.
    pub fn write(path: impl Into<PathBuf>, source: io::Error) -> Self {
        Self {
            action: Action::Write,
            path: path.into(),
            source,
        }
    }
}

impl fmt::Display for PathError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let action = match self.action {
            Action::Read => "read",
            Action::Write => "write",
        };
        let path = self.path.display();
        write!(f, "cannot {action} {path}: {}", self.source)
    }
}

impl Error for PathError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.source)
    }
}
