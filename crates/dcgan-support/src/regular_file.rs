//! Opening the files that a user names. What is no regular file is refused before anything waits
//! for it: opening a pipe that nobody writes to never ends, and a device may act on being opened.

use std::error::Error;
use std::fmt;
use std::fs::{self, File, FileType, OpenOptions};
use std::io::{self, ErrorKind, Read};
use std::path::Path;

/// What is at a path instead of a regular file. It is the inner error of the [`io::Error`] of this
/// module's functions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotRegular {
    /// A folder.
    Folder,
    /// A named pipe, or the pipe that a shell makes for `<(…)`.
    Pipe,
    /// A socket.
    Socket,
    /// A device, such as `/dev/null`.
    Device,
    /// Something else.
    Other,
}

impl NotRegular {
    /// The reason for which this module did not open a file; `None` for other errors.
    pub fn from_error(error: &io::Error) -> Option<Self> {
        error.get_ref()?.downcast_ref().copied()
    }

    /// What a type of file is; `None` for a regular file.
    pub fn from_type(kind: FileType) -> Option<Self> {
        if kind.is_file() {
            return None;
        }
        if kind.is_dir() {
            return Some(Self::Folder);
        }
        #[cfg(unix)]
        {
            use std::os::unix::fs::FileTypeExt;
            if kind.is_fifo() {
                return Some(Self::Pipe);
            }
            if kind.is_socket() {
                return Some(Self::Socket);
            }
            if kind.is_char_device() || kind.is_block_device() {
                return Some(Self::Device);
            }
        }
        Some(Self::Other)
    }

    fn check(kind: FileType) -> io::Result<()> {
        match Self::from_type(kind) {
            None => Ok(()),
            Some(found) => Err(io::Error::new(ErrorKind::InvalidInput, found)),
        }
    }
}

impl fmt::Display for NotRegular {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Folder => "it is a folder, not a file",
            Self::Pipe => "it is a pipe, not a file",
            Self::Socket => "it is a socket, not a file",
            Self::Device => "it is a device, not a file",
            Self::Other => "it is not a file",
        })
    }
}

impl Error for NotRegular {}

/// Opens a file to be read.
///
/// # Errors
/// If it cannot be opened or, with [`NotRegular`] inside, if it is no regular file.
pub fn open(path: &Path) -> io::Result<File> {
    open_with(OpenOptions::new().read(true), path)
}

/// Opens a file to be appended to, and creates it if there is none.
///
/// # Errors
/// As [`open`].
pub fn open_or_create(path: &Path) -> io::Result<File> {
    open_with(OpenOptions::new().append(true).create(true), path)
}

/// The bytes of a whole file.
///
/// # Errors
/// As [`open`], and if it cannot be read.
pub fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open(path)?.read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The text of a whole file.
///
/// # Errors
/// As [`open`], and if it cannot be read or is not UTF-8.
pub fn read_to_string(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    open(path)?.read_to_string(&mut text)?;
    Ok(text)
}

fn open_with(options: &mut OpenOptions, path: &Path) -> io::Result<File> {
    if let Ok(metadata) = fs::metadata(path) {
        NotRegular::check(metadata.file_type())?; // so that a device is not even opened
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        // a pipe that took the file's place in the meantime is opened without waiting; regular
        // files do not know the flag
        options.custom_flags(libc::O_NONBLOCK);
    }
    let file = options.open(path)?;
    NotRegular::check(file.metadata()?.file_type())?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_and_created_and_a_folder_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        assert_eq!(open(&path).unwrap_err().kind(), ErrorKind::NotFound);
        open_or_create(&path).unwrap();
        fs::write(&path, "text").unwrap();
        assert_eq!(read_to_string(&path).unwrap(), "text");
        let error = open(folder.path()).unwrap_err();
        assert_eq!(NotRegular::from_error(&error), Some(NotRegular::Folder));
    }

    #[cfg(unix)]
    #[test]
    fn sockets_devices_and_pipes_are_refused_without_waiting() {
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("socket");
        let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
        let pipe = folder.path().join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status();
        assert!(made.unwrap().success());
        for (path, kind) in [
            (&*socket, NotRegular::Socket),
            (Path::new("/dev/null"), NotRegular::Device),
            (&*pipe, NotRegular::Pipe),
        ] {
            for error in [open(path).unwrap_err(), open_or_create(path).unwrap_err()] {
                assert_eq!(
                    NotRegular::from_error(&error),
                    Some(kind),
                    "{}",
                    path.display()
                );
            }
        }
    }
}
