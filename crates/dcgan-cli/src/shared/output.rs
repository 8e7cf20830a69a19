//! Lines for people. A reader that closes the pipe (`dcgan … | head`) is no reason to end a
//! training, so failed writes are ignored.
//!
//! Names of files, classes and tensors can hold anything. Characters that would command the terminal
//! or change the order of what it shows are escaped here, so that no caller can forget it.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::{self, Write};
use std::sync::OnceLock;

/// The name of a process that prints errors only, because another one reports.
static NAME: OnceLock<String> = OnceLock::new();

/// Prints nothing but errors from here on, with this name in front.
pub fn report_errors_only(name: &str) {
    let _ = NAME.set(name.to_owned());
}

/// Whether another process reports.
pub fn is_silent() -> bool {
    NAME.get().is_some()
}

/// A line on standard output.
pub fn line(text: &str) {
    if !is_silent() {
        let _ = writeln!(io::stdout(), "{}", visible(text));
    }
}

/// Lines on standard output.
pub fn text(text: &str) {
    let _ = write!(io::stdout(), "{}", visible(text));
}

/// A remark on standard error.
pub fn note(text: &str) {
    if !is_silent() {
        let text = visible(text).replace('\n', "\\n");
        let _ = writeln!(io::stderr(), "note: {text}");
    }
}

/// An error on standard error, always one line.
pub fn error(text: &str) {
    let words: Vec<&str> = text.split_whitespace().collect();
    let text = visible(&words.join(" ")).into_owned();
    // one write, so that the lines of several processes do not mix
    let line = match NAME.get() {
        Some(name) if !text.starts_with(name) => format!("error: {name}: {text}\n"),
        _ => format!("error: {text}\n"),
    };
    let _ = io::stderr().write_all(line.as_bytes());
}

/// Text with each character that does not show itself as `\u202e`, which JSON understands too. Line
/// breaks and tabs stay.
fn visible(text: &str) -> Cow<'_, str> {
    if !text.contains(is_hidden) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        if is_hidden(character) {
            for unit in character.encode_utf16(&mut [0; 2]) {
                let _ = write!(shown, "\\u{unit:04x}");
            }
        } else {
            shown.push(character);
        }
    }
    Cow::Owned(shown)
}

/// Whether a character controls the terminal, breaks lines, changes the direction of text or has no
/// width.
fn is_hidden(character: char) -> bool {
    match character {
        '\n' | '\t' => false,
        '\u{ad}'
        | '\u{61c}'
        | '\u{180e}'
        | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{feff}'
        | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e007f}' => true,
        other => other.is_control(),
    }
}

#[cfg(test)]
mod tests {
    use super::visible;

    #[test]
    fn what_would_not_show_itself_is_escaped_and_the_rest_stays() {
        let plain = "ä 猫\t→ –\n";
        assert_eq!(visible(plain), plain);
        for (hidden, shown) in [
            ("\u{1b}[2J", "\\u001b[2J"),
            ("a\rb\u{7f}\u{9b}", "a\\u000db\\u007f\\u009b"),
            ("gpj\u{202e}.exe\u{2066}", "gpj\\u202e.exe\\u2066"),
            ("\u{200b}\u{2028}\u{feff}", "\\u200b\\u2028\\ufeff"),
            ("\u{e0001}", "\\udb40\\udc01"),
        ] {
            assert_eq!(visible(hidden), shown);
        }
    }

    #[test]
    fn json_stays_json() {
        let text = serde_json::json!({ "name": "\u{1b}\u{9b}\u{202e}\u{e0001}" });
        let read: serde_json::Value = serde_json::from_str(&visible(&text.to_string())).unwrap();
        assert_eq!(read, text);
    }
}
