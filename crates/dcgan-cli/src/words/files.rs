//! Files that cannot be read or written.

use std::io;

use dcgan_support::path_error::{Action, PathError};

use super::fitting::resume_command;

pub fn path_hint(error: &PathError) -> Option<String> {
    match (error.action, error.source.kind()) {
        (Action::Read, io::ErrorKind::PermissionDenied) => Some("check its permissions".to_owned()),
        _ => None,
    }
}

pub fn hint(error: &io::Error) -> Option<String> {
    let hint = match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            return Some(match resume_command() {
                Some(command) => format!("make room, then resume with {command}"),
                None => "make room, then try again".to_owned(),
            });
        }
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            "make the folder writable"
        }
        io::ErrorKind::FileTooLarge => {
            "raise the limit on the size of files (`ulimit -f`), or use another disk"
        }
        io::ErrorKind::NotADirectory | io::ErrorKind::AlreadyExists => "a file is in the way",
        io::ErrorKind::NotFound => "check the name",
        _ => return None,
    };
    Some(hint.to_owned())
}
