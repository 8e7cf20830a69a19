//! What is remarkable about pictures that can be used.

use serde::{Deserialize, Serialize};

use crate::decode::LevelsUsed;
use crate::options::Levels;

/// What is remarkable about a picture's file.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Found {
    pub is_repaired: bool,
    pub has_more_frames: bool,
    pub is_two_valued: bool,
    pub levels_used: Option<LevelsUsed>,
}

impl Found {
    /// Whether the picture uses a small part of its 16 bits.
    pub fn is_narrow(self) -> bool {
        self.levels_used.is_some_and(LevelsUsed::is_narrow)
    }
}

/// What is remarkable about all pictures.
#[derive(Debug, Default)]
pub(crate) struct Notes {
    repaired: Counted,
    more_frames: Counted,
    /// The number of pictures with 16 bits, and the levels that they use.
    deep: usize,
    levels_used: Option<LevelsUsed>,
}

/// A number of pictures and the name of one of them.
#[derive(Debug, Default)]
struct Counted {
    count: usize,
    first: Option<String>,
}

/// The levels that pictures of 16 bits use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeepPictures {
    /// The number of pictures with 16 bits.
    pub pictures: usize,
    /// The smallest of their levels.
    pub least: u16,
    /// The largest.
    pub most: u16,
}

impl DeepPictures {
    /// The part of the range that is used, in percent.
    pub fn percent(&self) -> f64 {
        f64::from(self.most - self.least) / f64::from(u16::MAX) * 100.0
    }

    /// Whether that is so small a part that the pictures are dark or pale.
    pub fn is_narrow(&self) -> bool {
        let (least, most) = (self.least, self.most);
        LevelsUsed { least, most }.is_narrow()
    }
}

impl Counted {
    fn add(&mut self, name: &str) {
        self.count += 1;
        match &self.first {
            // In whichever order the pictures come, the same one is named.
            Some(first) if first.as_str() <= name => {}
            _ => self.first = Some(name.to_owned()),
        }
    }

    fn remark(&self, one: &str, many: &str) -> Option<String> {
        let first = self.first.as_ref()?;
        Some(match self.count {
            1 => format!("1 {one}: {first}"),
            count => format!("{count} {many}, the first one {first}"),
        })
    }
}

impl Notes {
    /// Notes what was found in a picture's file.
    pub fn add(&mut self, name: &str, found: Found) {
        if found.is_repaired {
            self.repaired.add(name);
        }
        if found.has_more_frames {
            self.more_frames.add(name);
        }
        if let Some(used) = found.levels_used {
            self.deep += 1;
            self.levels_used = Some(self.levels_used.map_or(used, |all| all.with(used)));
        }
    }

    /// The notes as sentences.
    pub fn remarks(&self) -> Vec<String> {
        let repaired = self.repaired.remark(
            "file is not quite as its format demands, and was read nevertheless",
            "files are not quite as their formats demand, and were read nevertheless",
        );
        let more_frames = self.more_frames.remark(
            "file holds several frames or pages, of which the first is used",
            "files hold several frames or pages, of which the first is used",
        );
        repaired.into_iter().chain(more_frames).collect()
    }

    /// The levels that pictures of 16 bits use, if there are any.
    pub fn deep_pictures(&self) -> Option<DeepPictures> {
        let LevelsUsed { least, most } = self.levels_used?;
        Some(DeepPictures {
            pictures: self.deep,
            least,
            most,
        })
    }

    /// The levels to stretch to the whole range.
    pub fn levels(&self) -> Levels {
        match self.levels_used {
            Some(LevelsUsed { least, most }) if least < most => Levels::Range { least, most },
            _ => Levels::Full,
        }
    }
}
