//! Paths in commands that people copy from the output.

use std::fmt::Write;
use std::path::Path;

use dcgan_support::printable;

/// A path as a shell takes it, on one line and without characters that hide what it says.
pub fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    // the shell would take it for an option
    let is_option = text.starts_with('-');
    let text = if is_option { format!("./{text}") } else { text };
    let is_plain = |c: char| c.is_alphanumeric() || "/._-+,:@%".contains(c);
    if text.is_empty() {
        "''".to_owned()
    } else if path.to_str().is_none() || printable::line(&text) != text {
        in_bytes(path, is_option)
    } else if text.chars().all(is_plain) || (cfg!(windows) && !text.contains(' ')) {
        text
    } else if cfg!(windows) {
        format!("\"{text}\"")
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

/// A path in bash's and zsh's form for any bytes: `$'a\nb'`.
fn in_bytes(path: &Path, is_option: bool) -> String {
    let mut text = String::from(if is_option { "$'./" } else { "$'" });
    for &byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'\'' | b'\\' => {
                text.push('\\');
                text.push(byte.into());
            }
            b' '..=b'~' => text.push(byte.into()),
            _ => {
                let _ = write!(text, "\\x{byte:02x}");
            }
        }
    }
    text + "'"
}

#[cfg(all(test, unix))]
mod tests {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    use std::process::Command;

    use super::*;

    #[test]
    fn plain_paths_stay_as_they_are() {
        assert_eq!(quoted(Path::new("runs/photos-2")), "runs/photos-2");
        assert_eq!(quoted(Path::new("größe")), "größe");
        assert_eq!(quoted(Path::new("my photos")), "'my photos'");
        assert_eq!(quoted(Path::new("it's")), r"'it'\''s'");
    }

    #[test]
    fn a_shell_reads_every_path_as_it_was() {
        let names: [&[u8]; 9] = [
            b"my photos",
            b"it's",
            b"$HOME",
            b"a\nb",
            b"tab\tand \\ and 'quotes'",
            b"-rf",
            b"~",
            "left\u{202e}right".as_bytes(),
            b"no\xffUnicode",
        ];
        for name in names {
            let text = quoted(Path::new(OsStr::from_bytes(name)));
            assert_eq!(printable::line(&text), text);
            let script = format!("printf %s {text}");
            let Ok(output) = Command::new("bash").args(["-c", &script]).output() else {
                return; // no bash here
            };
            let expected = match name {
                b"-rf" => b"./-rf",
                name => name,
            };
            assert_eq!(output.stdout, expected, "{text}");
        }
    }
}
