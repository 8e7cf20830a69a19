//! Files that cannot be read or written.

use std::io;

pub fn hint(error: &io::Error) -> Option<String> {
    let hint = match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            "make room, then try again (with `dcgan train --resume` for a training)"
        }
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            "make the folder writable"
        }
        io::ErrorKind::NotADirectory | io::ErrorKind::AlreadyExists => "a file is in the way",
        io::ErrorKind::NotFound => "check the name",
        _ => return None,
    };
    Some(hint.to_owned())
}
