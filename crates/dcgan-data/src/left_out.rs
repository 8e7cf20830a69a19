//! Files that are not used, although nothing is wrong with them.

use std::fmt;

use dcgan_support::printable;
use serde::{Deserialize, Serialize};

/// The names that are kept of each kind in the end; all files are counted.
const NAMES_KEPT: usize = 1000;

/// The names that are kept until it is known which files are used.
const NAMES_COLLECTED: usize = 5_000_000;

/// The number of different kinds that are counted separately.
const MAX_KINDS: usize = 100;

/// Files of one kind that are not used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// Why they are not used.
    pub reason: LeftOutReason,
    /// The kind within the reason: a format such as `HEIC`, an ending such as `.txt`, or a split.
    pub kind: String,
    /// Their number.
    pub count: usize,
    /// The names of the first of them.
    pub names: Vec<String>,
}

/// Why files are not used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum LeftOutReason {
    /// They are pictures or videos of a format that is not read.
    UnreadFormat,
    /// They are no pictures.
    NotAPicture,
    /// They, or a folder above them, are hidden.
    Hidden,
    /// This program drew them: previews, grids, figures and samples are no training data.
    OwnPicture,
    /// They are folders with runs of this program.
    OwnRun,
    /// They are pictures beside a data set in another format.
    BesideDataSet,
    /// They belong to another split.
    OtherSplit,
}

impl LeftOut {
    /// Why one of the files is not used, in one line.
    pub fn why(&self) -> String {
        match self.reason {
            LeftOutReason::UnreadFormat => {
                format!("is of a format that is not read: {}", self.kind)
            }
            LeftOutReason::NotAPicture => "is not a picture".to_owned(),
            LeftOutReason::Hidden => "is hidden".to_owned(),
            LeftOutReason::OwnPicture => "was drawn by this program".to_owned(),
            LeftOutReason::OwnRun => "is a run of this program".to_owned(),
            LeftOutReason::BesideDataSet => "is not part of the data set beside it".to_owned(),
            LeftOutReason::OtherSplit => format!("belongs to the split {}", self.kind),
        }
    }
}

impl fmt::Display for LeftOut {
    /// The number and the kind on a single line, as in `90 HEIC` and `2 .txt`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = if self.count == 1 { "" } else { "s" };
        let kind = printable::line(&self.kind);
        let count = self.count;
        match self.reason {
            LeftOutReason::UnreadFormat | LeftOutReason::NotAPicture => write!(f, "{count} {kind}"),
            LeftOutReason::Hidden => write!(f, "{count} hidden {kind}{plural}"),
            LeftOutReason::OwnPicture => {
                write!(f, "{count} picture{plural} that this program drew")
            }
            LeftOutReason::OwnRun => write!(f, "{count} run{plural} of this program"),
            LeftOutReason::BesideDataSet => {
                write!(f, "{count} picture{plural} beside the data set")
            }
            LeftOutReason::OtherSplit => write!(f, "{count} of the split {kind}"),
        }
    }
}

/// Collects what is left out.
#[derive(Clone, Debug, Default)]
pub(crate) struct LeftOutList(Vec<LeftOut>);

impl LeftOutList {
    /// Counts a file.
    pub fn add(&mut self, reason: LeftOutReason, kind: &str, name: &str) {
        self.add_many(reason, kind, 1, std::iter::once(name));
    }

    /// Counts `count` files, of which some names are known.
    pub fn add_many<'a>(
        &mut self,
        reason: LeftOutReason,
        kind: &str,
        count: usize,
        names: impl Iterator<Item = &'a str>,
    ) {
        if count == 0 {
            return;
        }
        let group = self.group(reason, kind);
        group.count += count;
        let missing = NAMES_COLLECTED.saturating_sub(group.names.len());
        group.names.extend(names.take(missing).map(str::to_owned));
    }

    /// The group of a reason and kind, which is added if it is new.
    fn group(&mut self, reason: LeftOutReason, kind: &str) -> &mut LeftOut {
        let find = |groups: &[LeftOut], kind: &str| {
            let mut groups = groups.iter();
            groups.position(|group| group.reason == reason && group.kind == kind)
        };
        let kind = match find(&self.0, kind) {
            None if self.0.len() >= MAX_KINDS => "others",
            _ => kind,
        };
        let at = find(&self.0, kind).unwrap_or_else(|| {
            self.0.push(LeftOut {
                reason,
                kind: kind.to_owned(),
                count: 0,
                names: Vec::new(),
            });
            self.0.len() - 1
        });
        &mut self.0[at]
    }

    /// Takes files out again that turn out to be used.
    pub fn remove(&mut self, is_used: impl Fn(&str) -> bool) {
        for group in &mut self.0 {
            let before = group.names.len();
            group.names.retain(|name| !is_used(name));
            group.count -= before - group.names.len();
        }
        self.0.retain(|group| group.count > 0);
    }

    pub fn append(&mut self, other: &[LeftOut]) {
        for group in other {
            let names = group.names.iter().map(String::as_str);
            self.add_many(group.reason, &group.kind, group.count, names);
        }
    }

    pub fn groups(&self) -> &[LeftOut] {
        &self.0
    }

    /// The groups: pictures first, and the most frequent first.
    pub fn into_groups(mut self) -> Vec<LeftOut> {
        for group in &mut self.0 {
            group.names.sort();
            group.names.truncate(NAMES_KEPT);
        }
        self.0.sort_by_cached_key(|group| {
            let is_no_picture = group.reason == LeftOutReason::NotAPicture;
            let count = std::cmp::Reverse(group.count);
            (is_no_picture, count, group.kind.clone())
        });
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_counted_by_kind_and_the_first_are_named() {
        let mut list = LeftOutList::default();
        for number in 0..NAMES_KEPT + 5 {
            list.add(
                LeftOutReason::NotAPicture,
                ".txt",
                &format!("{number:05}.txt"),
            );
        }
        list.add(LeftOutReason::UnreadFormat, "HEIC", "a.heic");
        list.add(LeftOutReason::Hidden, "picture", ".a.png");
        list.remove(|name| name == ".a.png");
        let groups = list.into_groups();
        let shown: Vec<String> = groups.iter().map(LeftOut::to_string).collect();
        assert_eq!(shown, ["1 HEIC", "1005 .txt"]);
        assert_eq!(groups[1].names.len(), NAMES_KEPT);
        assert_eq!(groups[0].why(), "is of a format that is not read: HEIC");
    }

    #[test]
    fn endless_kinds_are_counted_together() {
        let mut list = LeftOutList::default();
        for number in 0..1000 {
            list.add(LeftOutReason::NotAPicture, &format!(".{number}"), "a");
        }
        let groups = list.into_groups();
        assert_eq!(groups.len(), MAX_KINDS + 1);
        let counted: usize = groups.iter().map(|group| group.count).sum();
        assert_eq!(counted, 1000);
    }
}
