//! Pictures that were left out.

use std::fmt;

use dcgan_support::printable;
use serde::{Deserialize, Serialize};

/// A picture that was skipped, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Skipped {
    /// The picture's name within its folder or archive, with `/` as separator.
    pub name: String,
    /// Why it could not be used, in one line.
    pub reason: String,
}

impl fmt::Display for Skipped {
    /// `name: reason` on a single line: what would not show itself is escaped.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&printable::line(&format!("{}: {}", self.name, self.reason)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_break_in_a_name_does_not_break_the_line() {
        let skipped = |name: &str| Skipped {
            name: name.to_owned(),
            reason: "truncated".to_owned(),
        };
        assert_eq!(skipped("a\nb.jpg").to_string(), "a\\nb.jpg: truncated");
        assert_eq!(skipped("\u{202e}").to_string(), "\\u202e: truncated");
        assert_eq!(skipped("ä b.jpg").to_string(), "ä b.jpg: truncated");
    }
}
