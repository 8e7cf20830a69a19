//! The list of pictures in a folder or archive, and which files count as pictures.

use std::collections::BTreeMap;
use std::path::Path;

use crate::error::DataError;
use crate::skipped::Skipped;

/// Endings of picture files, in lower case. The actual format is detected from the content.
const PICTURE_EXTENSIONS: [&str; 9] = [
    "jpg", "jpeg", "jpe", "jfif", "png", "webp", "bmp", "dib", "gif",
];

/// The most pictures that a source may have: an archive can be made to name more than fit into
/// memory.
pub(super) const MAX_ENTRIES: usize = 20_000_000;

/// The number of different endings that are counted separately.
const MAX_ENDINGS: usize = 100;

/// A file that should be a picture.
#[derive(Debug)]
pub(crate) struct Entry<Place> {
    /// Its name within the folder or archive, with `/` as separator.
    pub name: String,
    /// Where to read it.
    pub place: Place,
}

/// What a folder or archive holds.
#[derive(Debug)]
pub(crate) struct Listing<Place> {
    /// The pictures, in order of their names after [`Listing::sort`].
    pub pictures: Vec<Entry<Place>>,
    /// Pictures, or folders of them, that are already known to be unreadable.
    pub skipped: Vec<Skipped>,
    /// The number of other files by ending.
    others: BTreeMap<String, usize>,
    /// What is no file.
    special: Special,
}

/// Links, devices and the like in an archive, which are never read.
#[derive(Debug, Default)]
pub(crate) struct Special {
    count: usize,
    first: Option<String>,
}

impl Special {
    /// Counts one.
    pub fn add(&mut self, name: &str) {
        self.count += 1;
        self.first.get_or_insert_with(|| name.to_owned());
    }

    /// A remark on them.
    pub fn remark(&self) -> Option<String> {
        let first = self.first.as_ref()?;
        Some(match self.count {
            1 => format!("1 entry is left out, which is no file but a link or the like: {first}"),
            count => format!(
                "{count} entries are left out, which are no files but links or the like, the first one \
                 {first}"
            ),
        })
    }
}

impl<Place> Listing<Place> {
    pub fn new() -> Self {
        Self {
            pictures: Vec::new(),
            skipped: Vec::new(),
            others: BTreeMap::new(),
            special: Special::default(),
        }
    }

    /// Leaves out an entry that is no file.
    pub fn leave_out(&mut self, name: &str) {
        if !is_ignored(name) {
            self.special.add(name);
        }
    }

    /// What is remarkable about a sorted listing.
    pub fn remarks(&self) -> Vec<String> {
        let repeated = self.repeated_names();
        repeated.into_iter().chain(self.special.remark()).collect()
    }

    /// Adds a file by its name: as a picture, as another file, or not at all.
    ///
    /// # Errors
    ///
    /// If there are more than [`MAX_ENTRIES`] pictures.
    pub fn add(&mut self, name: String, place: Place) -> Result<(), DataError> {
        if is_ignored(&name) {
            return Ok(());
        }
        if !is_picture_name(&name) {
            self.add_other(&name);
            return Ok(());
        }
        if self.pictures.len() >= MAX_ENTRIES {
            return Err(too_many());
        }
        self.pictures.push(Entry { name, place });
        Ok(())
    }

    /// Counts a file that is not a picture.
    pub fn add_other(&mut self, name: &str) {
        let ending = extension(name).map_or_else(
            || "without an extension".to_owned(),
            |ending| format!(".{ending}"),
        );
        let known = self.others.len() < MAX_ENDINGS || self.others.contains_key(&ending);
        let ending = if known { ending } else { "others".to_owned() };
        *self.others.entry(ending).or_default() += 1;
    }

    /// Records a picture that cannot be read.
    pub fn skip(&mut self, name: String, reason: String) {
        self.skipped.push(Skipped { name, reason });
    }

    /// Sorts the pictures by name, so that their order does not depend on the file system.
    pub fn sort(&mut self) {
        self.pictures
            .sort_by(|one, other| one.name.cmp(&other.name));
        self.skipped.sort_by(|one, other| one.name.cmp(&other.name));
    }

    /// A remark on names that several pictures have, in a sorted listing.
    fn repeated_names(&self) -> Option<String> {
        let pairs = self.pictures.iter().zip(self.pictures.iter().skip(1));
        let mut repeated = pairs.filter(|(one, next)| one.name == next.name);
        let first = repeated.next()?.0.name.as_str();
        let count = 1 + repeated.count();
        Some(format!(
            "{count} of the pictures have the name of another, the first one {first}: all are used"
        ))
    }

    /// Where the pictures are, in order.
    pub fn places(&self) -> impl Iterator<Item = &Place> {
        self.pictures.iter().map(|entry| &entry.place)
    }

    /// Replaces each picture's place by another description of it.
    pub fn map_places<Other>(self, map: impl Fn(Place) -> Other) -> Listing<Other> {
        let pictures = self.pictures.into_iter();
        Listing {
            pictures: pictures
                .map(|Entry { name, place }| Entry {
                    name,
                    place: map(place),
                })
                .collect(),
            skipped: self.skipped,
            others: self.others,
            special: self.special,
        }
    }

    /// Returns the listing if it names any picture.
    ///
    /// # Errors
    ///
    /// [`DataError::Empty`] if `path` holds no files, and [`DataError::NoPictures`] if it holds
    /// only others.
    pub fn require_pictures(self, path: &Path) -> Result<Self, DataError> {
        if !self.pictures.is_empty() || !self.skipped.is_empty() {
            return Ok(self);
        }
        let path = path.to_owned();
        let seen = match self.special.remark() {
            _ if !self.others.is_empty() => self.others_seen(),
            Some(remark) => remark,
            None => return Err(DataError::Empty { path }),
        };
        Err(DataError::NoPictures { path, seen })
    }

    /// The other files in words, the most frequent first: `12 files: 10 .txt, 2 .csv`.
    fn others_seen(&self) -> String {
        let mut counts: Vec<_> = self.others.iter().collect();
        counts.sort_by_key(|&(_, &count)| std::cmp::Reverse(count));
        let total: usize = self.others.values().sum();
        let kinds: Vec<String> = counts
            .iter()
            .take(5)
            .map(|(ending, count)| format!("{count} {}", ending.escape_debug()))
            .collect();
        let files = if total == 1 { "file" } else { "files" };
        let more = if counts.len() > 5 { ", …" } else { "" };
        format!("{total} {files}: {}{more}", kinds.join(", "))
    }
}

/// The error of a source with more than [`MAX_ENTRIES`] pictures.
pub(super) fn too_many() -> DataError {
    DataError::TooManyPictures { limit: MAX_ENTRIES }
}

/// The components of a name. Some Windows programs write `\` into archives.
fn parts(name: &str) -> impl DoubleEndedIterator<Item = &str> {
    name.split(['/', '\\'])
}

/// Whether a file, or a folder above it, is hidden or an operating system's own.
pub(super) fn is_ignored(name: &str) -> bool {
    parts(name).any(|part| {
        let hidden = part.starts_with('.') && part != "." && part != "..";
        let systems_own = ["__MACOSX", "Thumbs.db", "desktop.ini"]
            .iter()
            .any(|name| part.eq_ignore_ascii_case(name));
        hidden || systems_own
    })
}

/// Whether a name has a picture's ending.
pub(super) fn is_picture_name(name: &str) -> bool {
    extension(name).is_some_and(|ending| PICTURE_EXTENSIONS.contains(&ending.as_str()))
}

/// What follows the last dot of a file's name, in lower case.
fn extension(name: &str) -> Option<String> {
    let (stem, ending) = parts(name).next_back()?.rsplit_once('.')?;
    let is_ending = !stem.is_empty() && (1..=16).contains(&ending.len());
    is_ending.then(|| ending.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_are_recognised_by_their_endings_in_any_case() {
        for name in ["a.jpg", "a/b.JPEG", "a.b.Png", "x.webp", "x.bmp", "x.GIF"] {
            assert!(is_picture_name(name), "{name}");
        }
        for name in ["a.txt", "jpg", "a.jpg/b", "a.", "a.jpg.zip", ""] {
            assert!(!is_picture_name(name), "{name}");
        }
    }

    #[test]
    fn hidden_and_system_files_are_ignored_at_any_depth() {
        for name in [
            ".a.jpg",
            "a/.b/c.jpg",
            "__MACOSX/a/._b.jpg",
            "a/Thumbs.db",
            ".DS_Store",
        ] {
            assert!(is_ignored(name), "{name}");
        }
        for name in ["a.jpg", "../a.jpg", "./a.jpg", "a..b/c.jpg"] {
            assert!(!is_ignored(name), "{name}");
        }
    }

    #[test]
    fn other_files_are_counted_by_ending() {
        let mut listing = Listing::new();
        for name in ["a.csv", "b.txt", "c.TXT", "README"] {
            listing.add(name.to_owned(), ()).unwrap();
        }
        assert_eq!(
            listing.others_seen(),
            "4 files: 2 .txt, 1 .csv, 1 without an extension"
        );
    }
}
