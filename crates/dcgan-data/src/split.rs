//! The splits of a data set.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A split of a data set, as its authors divided it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Split {
    /// The pictures to train on.
    Train,
    /// The pictures to choose settings by.
    Valid,
    /// The pictures to evaluate on.
    Test,
    /// All pictures.
    All,
}

impl Split {
    /// Whether pictures of the split `other` belong to this one.
    pub(crate) fn includes(self, other: Self) -> bool {
        self == Self::All || self == other
    }
}

impl fmt::Display for Split {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Train => "train",
            Self::Valid => "valid",
            Self::Test => "test",
            Self::All => "all",
        })
    }
}
