//! CelebA (Liu, Luo, Wang and Tang 2015): its pictures in a folder or in
//! `img_align_celeba.zip`, with its lists beside them.

use std::path::{Path, PathBuf};

use super::entries::NONE;
use super::format::Split;
use super::listing::Listing;
use super::lists::{self, List};
use super::reader::Reader;
use super::stamp::Stamp;
use super::zip::Archive;
use super::{DataError, Opened, folder};

const PICTURES: &str = "img_align_celeba";

/// CelebA as it lies on a disk.
#[derive(Debug)]
pub(crate) struct CelebA {
    /// A folder or a zip archive.
    pictures: PathBuf,
    attributes: Option<PathBuf>,
    partition: Option<PathBuf>,
    identities: Option<PathBuf>,
}

impl CelebA {
    /// Looks whether CelebA is at a path: whether its lists are there.
    pub fn find(path: &Path) -> Option<Self> {
        let named = |path: &Path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            name.to_ascii_lowercase().contains("celeba")
        };
        match path.is_dir() {
            true => Self::with_lists(path, pictures_in(path)).or_else(|| {
                let beside = path.parent().filter(|_| named(path))?;
                Self::with_lists(beside, path.to_owned())
            }),
            false if named(path) => Self::beside(path),
            false => None,
        }
    }

    /// As [`find`](Self::find), but the archive may have any name.
    pub fn beside(path: &Path) -> Option<Self> {
        if path.is_dir() {
            return Self::find(path);
        }
        let folder = path.parent()?;
        let folder = if folder.as_os_str().is_empty() {
            Path::new(".")
        } else {
            folder
        };
        Self::with_lists(folder, path.to_owned())
    }

    fn with_lists(folder: &Path, pictures: PathBuf) -> Option<Self> {
        let list = |name: &str| {
            let files = ["txt", "csv"].map(|ending| folder.join(format!("{name}.{ending}")));
            files.into_iter().find(|file| file.is_file())
        };
        let found = Self {
            pictures,
            attributes: list("list_attr_celeba"),
            partition: list("list_eval_partition"),
            identities: list("identity_CelebA"),
        };
        (found.attributes.is_some() || found.partition.is_some()).then_some(found)
    }

    fn lists(&self) -> impl Iterator<Item = &PathBuf> {
        let lists = [&self.attributes, &self.partition, &self.identities];
        lists.into_iter().flatten()
    }

    /// Names, sizes and times of all that it consists of.
    ///
    /// # Errors
    ///
    /// A folder that cannot be listed.
    pub fn stamp(&self) -> Result<u64, DataError> {
        let stamp = match self.pictures.is_dir() {
            true => folder::list(&self.pictures)?.stamp,
            false => Stamp::new().file(&self.pictures),
        };
        Ok(self
            .lists()
            .fold(stamp, |stamp, list| stamp.file(list))
            .value())
    }

    /// Reads the lists and finds the pictures of a split.
    ///
    /// # Errors
    ///
    /// A list that makes no sense, and a split that no list tells.
    pub fn open(&self, split: Option<Split>) -> Result<Opened, DataError> {
        let attributes = self
            .attributes
            .as_deref()
            .map(lists::attributes)
            .transpose()?;
        let identities = self.identities.as_deref().map(lists::numbers).transpose()?;
        let partition = self.partition.as_deref().map(lists::numbers).transpose()?;
        let parts = match (&partition, split) {
            (Some(list), split) => Some((list, split.unwrap_or(Split::Train))),
            (None, None | Some(Split::All)) => None,
            (None, Some(split)) => {
                return Err(DataError::NoSplit {
                    path: self.pictures.clone(),
                    split,
                    reason: "list_eval_partition.txt, which tells them, is not beside it"
                        .to_owned(),
                });
            }
        };
        let (listing, reader) = self.list()?;
        let mut listing = super::recognise::check(&self.pictures, listing)?;
        let mut remarks = Vec::new();
        keep_listed(&mut listing, attributes.as_ref(), parts, &mut remarks);
        if let (Some((_, split)), true) = (parts, listing.pictures.is_empty()) {
            return Err(DataError::NoSplit {
                path: self.pictures.clone(),
                split,
                reason: "list_eval_partition.txt gives it none of these pictures".to_owned(),
            });
        }
        let mut opened = Opened::of_files(listing, reader);
        opened.remarks = remarks;
        annotate(&mut opened, attributes, identities);
        Ok(opened)
    }

    /// The pictures, and what reads them.
    #[expect(
        clippy::type_complexity,
        reason = "the reader is made once the places are known"
    )]
    fn list(&self) -> Result<(Listing<usize>, Box<dyn FnOnce(Vec<usize>) -> Reader>), DataError> {
        if self.pictures.is_dir() {
            let folder::Folder { listing, paths, .. } = folder::list(&self.pictures)?;
            let reader = |places| folder::reader(paths, places);
            return Ok((listing, Box::new(reader)));
        }
        let archive = Archive::open(&self.pictures)?;
        let listing = archive.list(&self.pictures)?;
        Ok((listing, Box::new(|places| Reader::Zip(archive, places))))
    }
}

/// The folder or archive of pictures within CelebA's folder.
fn pictures_in(folder: &Path) -> PathBuf {
    let below = folder.join(PICTURES);
    let archive = folder.join(format!("{PICTURES}.zip"));
    let holds_pictures = || {
        let mut files = folder.read_dir().into_iter().flatten().flatten();
        files.any(|file| super::listing::is_picture_name(&file.file_name().to_string_lossy()))
    };
    match () {
        () if below.is_dir() => below,
        () if archive.is_file() && !holds_pictures() => archive,
        () => folder.to_owned(),
    }
}

/// Keeps the pictures of the split; one that a list does not name is skipped.
fn keep_listed(
    listing: &mut Listing<usize>,
    attributes: Option<&List<u8>>,
    parts: Option<(&List<u32>, Split)>,
    remarks: &mut Vec<String>,
) {
    let (mut unlisted, mut found) = (Vec::new(), 0_usize);
    listing.pictures.retain(|entry| {
        let part = parts.map(|(list, split)| (list.row(&entry.name), split));
        let missing = match part {
            Some((None, _)) => Some("list_eval_partition.txt"),
            _ if attributes.is_some_and(|list| list.row(&entry.name).is_none()) => {
                Some("list_attr_celeba.txt")
            }
            _ => None,
        };
        if let Some(list) = missing {
            unlisted.push((entry.name.clone(), format!("has no line in {list}")));
            return false;
        }
        found += 1;
        part.is_none_or(|(row, split)| row.is_some_and(|row| is_of(row[0], split)))
    });
    for (name, reason) in unlisted {
        listing.skip(name, reason);
    }
    let lists = [
        ("list_attr_celeba.txt", attributes.map(List::len)),
        ("list_eval_partition.txt", parts.map(|(list, _)| list.len())),
    ];
    for (list, named) in lists {
        let missing = named.unwrap_or(0).saturating_sub(found);
        if missing > 0 {
            remarks.push(format!("{missing} names in {list} have no picture"));
        }
    }
}

/// CelebA's numbers of its parts.
fn is_of(part: u32, split: Split) -> bool {
    match part {
        0 => split.takes(Split::Train),
        1 => split.takes(Split::Valid),
        2 => split.takes(Split::Test),
        _ => false,
    }
}

fn annotate(opened: &mut Opened, attributes: Option<List<u8>>, identities: Option<List<u32>>) {
    let entries = &mut opened.entries;
    (entries.classes, entries.labels) = (Vec::new(), Vec::new());
    if let Some(list) = attributes {
        let rows = entries.names.iter().filter_map(|name| list.row(name));
        entries.attributes = rows.flatten().copied().collect();
        entries.attribute_names = list.columns;
    }
    if let Some(list) = identities {
        let of = |name| list.row(name).map_or(NONE, |row| row[0]);
        entries.identities = entries.names.iter().map(of).collect();
    }
}
