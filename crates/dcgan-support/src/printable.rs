//! Text that others have chosen, made safe to print.
//!
//! Names of files, classes and tensors can hold characters that move the cursor, change colours,
//! break lines or show letters in another order than they are stored in.

use std::fmt::Write;

/// The text on a single line: each character that does not show itself is escaped, as in `\n`, `\t`
/// and `\u202e`.
#[must_use]
pub fn line(text: &str) -> String {
    escaped(text, |character| match character {
        '\n' => Some("\\n"),
        '\r' => Some("\\r"),
        '\t' => Some("\\t"),
        _ => None,
    })
}

/// A JSON value with the same characters escaped. It stays the same value: outside of strings JSON
/// has none of them but line breaks and tabs, which stay, and inside of strings it has neither.
#[must_use]
pub fn json(text: &str) -> String {
    escaped(text, |character| match character {
        '\n' => Some("\n"),
        '\r' => Some("\r"),
        '\t' => Some("\t"),
        _ => None,
    })
}

fn escaped(text: &str, short: impl Fn(char) -> Option<&'static str>) -> String {
    let mut result = String::with_capacity(text.len());
    for character in text.chars() {
        if !is_hidden(character) {
            result.push(character);
        } else if let Some(short) = short(character) {
            result.push_str(short);
        } else {
            for unit in character.encode_utf16(&mut [0; 2]) {
                let _ = write!(result, "\\u{unit:04x}");
            }
        }
    }
    result
}

/// Whether a character controls the terminal, breaks lines, changes the direction of text or has no
/// width.
fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{ad}'
                | '\u{61c}'
                | '\u{180e}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_not_show_itself_is_escaped_and_the_rest_stays() {
        let plain = "ä 猫 → –";
        assert_eq!(line(plain), plain);
        for (hidden, shown) in [
            ("\u{1b}[2J", "\\u001b[2J"),
            ("a\r\n\tb\u{7f}\u{9b}", "a\\r\\n\\tb\\u007f\\u009b"),
            ("gpj\u{202e}.exe\u{2066}", "gpj\\u202e.exe\\u2066"),
            ("\u{200b}\u{2028}\u{feff}", "\\u200b\\u2028\\ufeff"),
            ("\u{e0001}", "\\udb40\\udc01"),
        ] {
            assert_eq!(line(hidden), shown);
        }
    }

    #[test]
    fn escaped_json_means_the_same() {
        let value = "{\n\t\"a\u{202e}\u{e0041}\": \"\\u001b\\n\"\n}";
        let shown = "{\n\t\"a\\u202e\\udb40\\udc41\": \"\\u001b\\n\"\n}";
        assert_eq!(json(value), shown);
    }
}
