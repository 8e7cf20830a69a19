//! The list of pictures in a folder or archive.

use std::path::Path;

use super::file_names::{
    extension, is_ignored, is_no_picture_name, is_picture_name, is_systems_own,
};
use crate::decode::{Content, content, unread_ending};
use crate::error::DataError;
use crate::left_out::{LeftOut, LeftOutList, LeftOutReason};
use crate::skipped::Skipped;

/// Endings of files that hold data sets, which cannot be read inside of an archive.
const DATA_SETS: [(&str, &str); 18] = [
    (".zip", "another archive"),
    (".tar", "another archive"),
    (".tar.gz", "another archive"),
    (".tgz", "another archive"),
    (".tar.zst", "another archive"),
    (".rar", "another archive"),
    (".7z", "another archive"),
    (".mdb", "an LMDB database"),
    (".lmdb", "an LMDB database"),
    (".parquet", "parquet files"),
    (".npz", "NumPy arrays"),
    (".npy", "NumPy arrays"),
    (".mat", "MATLAB arrays"),
    ("-ubyte", "idx files"),
    ("-ubyte.gz", "idx files"),
    (".tfrecord", "TFRecord files"),
    ("data_batch_1.bin", "CIFAR files"),
    ("data_batch_1", "CIFAR files"),
];

/// The most pictures that a source may have: an archive can be made to name more than fit into
/// memory.
pub(super) const MAX_ENTRIES: usize = 20_000_000;

/// A file that should be a picture.
#[derive(Clone, Debug)]
pub(crate) struct Entry<Place> {
    /// Its name within the folder or archive, with `/` as separator.
    pub name: String,
    /// Where to read it.
    pub place: Place,
}

/// What a folder or archive holds.
#[derive(Clone, Debug)]
pub(crate) struct Listing<Place> {
    /// The pictures, in order of their names after [`Listing::sort`].
    pub pictures: Vec<Entry<Place>>,
    /// Pictures, or folders of them, that are already known to be unreadable.
    pub skipped: Vec<Skipped>,
    /// Files that are not used.
    pub left_out: LeftOutList,
    /// What is no file.
    special: Special,
    /// The bytes of all pictures.
    picture_bytes: u64,
    /// Files of data sets that cannot be read here.
    packed: Option<PackedFiles>,
}

/// Files of data sets that cannot be read in an archive.
#[derive(Clone, Debug)]
struct PackedFiles {
    first: String,
    what: &'static str,
    bytes: u64,
}

/// A file to be listed.
pub(crate) struct Listed {
    pub name: String,
    /// Its size in bytes.
    pub size: u64,
}

/// Links, devices and the like in an archive, which are never read.
#[derive(Clone, Debug, Default)]
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
            left_out: LeftOutList::default(),
            special: Special::default(),
            picture_bytes: 0,
            packed: None,
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

    /// Adds a file: as a picture, as another file, or not at all. `head` returns the first bytes of
    /// the file and is called if the name does not tell what it is.
    ///
    /// # Errors
    ///
    /// If there are more than [`MAX_ENTRIES`] pictures.
    pub fn add(
        &mut self,
        file: Listed,
        place: Place,
        head: impl FnOnce() -> Vec<u8>,
    ) -> Result<(), DataError> {
        let Listed { name, size } = file;
        if is_ignored(&name) {
            self.add_hidden(&name);
            return Ok(());
        }
        let ending = extension(&name);
        let unread = ending.as_deref().and_then(unread_ending);
        let is_picture = match unread {
            Some(_) => Content::Other,
            None if is_picture_name(&name) => return self.push(name, size, place),
            None if is_no_picture_name(&name) => Content::Other,
            None => content(&head()),
        };
        match (is_picture, unread) {
            (Content::Picture(_), _) => return self.push(name, size, place),
            (Content::Unread(format), _) | (_, Some(format)) => {
                self.left_out
                    .add(LeftOutReason::UnreadFormat, format, &name);
            }
            (Content::LfsPointer | Content::Other, None) => {
                self.add_packed(&name, size);
                self.add_other(&name);
            }
        }
        Ok(())
    }

    fn push(&mut self, name: String, size: u64, place: Place) -> Result<(), DataError> {
        if self.pictures.len() >= MAX_ENTRIES {
            return Err(too_many());
        }
        self.picture_bytes = self.picture_bytes.saturating_add(size);
        self.pictures.push(Entry { name, place });
        Ok(())
    }

    /// Counts a file that is not a picture.
    pub fn add_other(&mut self, name: &str) {
        let ending = extension(name).map_or_else(
            || "without an extension".to_owned(),
            |ending| format!(".{ending}"),
        );
        self.left_out.add(LeftOutReason::NotAPicture, &ending, name);
    }

    /// Counts a hidden picture. Hidden files that are no pictures are an operating system's or an
    /// editor's own.
    fn add_hidden(&mut self, name: &str) {
        if is_picture_name(name) && !is_systems_own(name) {
            self.left_out.add(LeftOutReason::Hidden, "picture", name);
        }
    }

    /// Notes a file of a data set.
    fn add_packed(&mut self, name: &str, size: u64) {
        let lower = name.to_lowercase();
        let known = DATA_SETS.iter().find(|(ending, _)| lower.ends_with(ending));
        if let Some((_, what)) = known {
            let packed = self.packed.get_or_insert_with(|| PackedFiles {
                first: name.to_owned(),
                what,
                bytes: 0,
            });
            packed.bytes = packed.bytes.saturating_add(size);
        }
    }

    /// Refuses an archive of which most is a data set that cannot be read in it.
    ///
    /// # Errors
    ///
    /// [`DataError::PackedDataSet`].
    pub fn refuse_packed(&self, path: &Path) -> Result<(), DataError> {
        match &self.packed {
            Some(packed) if self.pictures.is_empty() || packed.bytes > self.picture_bytes => {
                Err(DataError::PackedDataSet {
                    path: path.to_owned(),
                    what: packed.what,
                    name: packed.first.clone(),
                })
            }
            _ => Ok(()),
        }
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
            left_out: self.left_out,
            special: self.special,
            picture_bytes: self.picture_bytes,
            packed: self.packed,
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
            _ if !self.left_out.groups().is_empty() => self.left_out_seen(),
            Some(remark) => remark,
            None => return Err(DataError::Empty { path }),
        };
        let groups = self.left_out.clone().into_groups();
        let is_unread = |group: &&LeftOut| group.reason == LeftOutReason::UnreadFormat;
        let unread = groups
            .iter()
            .find(is_unread)
            .map(|group| group.kind.clone());
        Err(DataError::NoPictures { path, seen, unread })
    }

    /// What is left out in words: `12 files: 10 .txt, 2 .csv`.
    fn left_out_seen(&self) -> String {
        let groups = self.left_out.clone().into_groups();
        let total: usize = groups.iter().map(|group| group.count).sum();
        let kinds: Vec<String> = groups.iter().take(5).map(ToString::to_string).collect();
        let files = if total == 1 { "file" } else { "files" };
        let more = if groups.len() > 5 { ", …" } else { "" };
        format!("{total} {files}: {}{more}", kinds.join(", "))
    }
}

/// The error of a source with more than [`MAX_ENTRIES`] pictures.
pub(super) fn too_many() -> DataError {
    DataError::TooManyPictures { limit: MAX_ENTRIES }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_files_are_counted_by_ending() {
        let mut listing = Listing::new();
        for name in [
            "a.csv",
            "b.txt",
            "c.TXT",
            "README",
            ".hidden.png",
            "._a.png",
            ".x",
        ] {
            add(&mut listing, name, b"hello");
        }
        assert_eq!(
            listing.left_out_seen(),
            "5 files: 1 hidden picture, 2 .txt, 1 .csv, 1 without an extension"
        );
    }

    #[test]
    fn a_picture_is_recognised_by_its_first_bytes() {
        let mut listing = Listing::new();
        for name in ["a", "a.jpg?w=600", "a.jpg_large", "a.heic"] {
            add(&mut listing, name, b"\xff\xd8\xff\xe0");
        }
        add(
            &mut listing,
            "b.heic",
            b"\0\0\0\x18ftypheic\0\0\0\0mif1heic",
        );
        add(&mut listing, "b.nef", b"MM\0*\0\0\0\x08");
        assert_eq!(listing.pictures.len(), 4);
        assert_eq!(listing.left_out_seen(), "2 files: 1 HEIC, 1 raw camera");
    }

    fn add(listing: &mut Listing<()>, name: &str, head: &[u8]) {
        let file = Listed {
            name: name.to_owned(),
            size: 1,
        };
        listing.add(file, (), || head.to_vec()).unwrap();
    }
}
