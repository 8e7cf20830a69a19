//! CelebA (Liu, Luo, Wang and Tang 2015): its pictures in a folder or in
//! `img_align_celeba.zip`, with its lists next to them.

mod lists;

use std::path::{Path, PathBuf};

use super::folder::PictureFolder;
use super::zip;
use crate::error::DataError;
use crate::source::entries::NONE;
use crate::source::files::file_name;
use crate::source::listing::{Listing, is_picture_name};
use crate::source::opened::{Opened, Source};
use crate::source::place::Place;
use crate::source::probe::{Found, Mismatch, Probed};
use crate::source::stamp::Stamp;
use crate::split::Split;
use lists::List;

/// The name of the folder or archive of pictures.
const PICTURES: &str = "img_align_celeba";

/// The lists, without their endings.
const ATTRIBUTES: &str = "list_attr_celeba";
const PARTITION: &str = "list_eval_partition";
const IDENTITIES: &str = "identity_CelebA";

const NO_LIST: Mismatch =
    Mismatch::OtherFormat("list_attr_celeba.txt is not next to it: download it too");

/// A folder with CelebA's lists in it, or one named after CelebA with the lists next to it.
pub(super) fn in_folder(place: &Place) -> Probed {
    let folder = place.path();
    let found = CelebA::with_lists(folder, pictures_in(folder)).or_else(|| {
        let parent = folder.parent().filter(|_| is_named_celeba(folder))?;
        CelebA::with_lists(parent, folder.to_owned())
    });
    found.map_or(Err(NO_LIST), Found::source)
}

/// A zip archive named after CelebA, or any file if the format is requested, with CelebA's lists
/// next to it.
pub(super) fn in_file(place: &Place) -> Probed {
    let archive = place.path();
    let looks_like_celeba = zip::is_zip(place.head()) && is_named_celeba(archive);
    if !place.is_requested() && !looks_like_celeba {
        return Err(Mismatch::OtherFormat("it is not CelebA's zip archive"));
    }
    let folder = match archive.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    CelebA::with_lists(folder, archive.to_owned()).map_or(Err(NO_LIST), Found::source)
}

fn is_named_celeba(path: &Path) -> bool {
    file_name(path).to_ascii_lowercase().contains("celeba")
}

/// The folder or archive of pictures within CelebA's folder.
fn pictures_in(folder: &Path) -> PathBuf {
    let subfolder = folder.join(PICTURES);
    if subfolder.is_dir() {
        return subfolder;
    }
    let holds_pictures = || {
        let mut files = folder.read_dir().into_iter().flatten().flatten();
        files.any(|file| is_picture_name(&file.file_name().to_string_lossy()))
    };
    let archive = folder.join(format!("{PICTURES}.zip"));
    if archive.is_file() && !holds_pictures() {
        archive
    } else {
        folder.to_owned()
    }
}

/// CelebA's pictures and lists.
#[derive(Debug)]
struct CelebA {
    /// A folder or a zip archive.
    pictures: PathBuf,
    attributes: Option<PathBuf>,
    partition: Option<PathBuf>,
    identities: Option<PathBuf>,
}

impl CelebA {
    /// `None` if `folder` has neither attributes nor a partition.
    fn with_lists(folder: &Path, pictures: PathBuf) -> Option<Self> {
        let list = |name: &str| {
            let files = ["txt", "csv"].map(|ending| folder.join(format!("{name}.{ending}")));
            files.into_iter().find(|file| file.is_file())
        };
        let found = Self {
            pictures,
            attributes: list(ATTRIBUTES),
            partition: list(PARTITION),
            identities: list(IDENTITIES),
        };
        (found.attributes.is_some() || found.partition.is_some()).then_some(found)
    }

    /// The partition to choose the split by; `None` to use all pictures.
    fn read_partition(&self, split: Option<Split>) -> Result<Option<Partition>, DataError> {
        match (&self.partition, split) {
            (Some(path), split) => Ok(Some(Partition {
                list: lists::numbers(path)?,
                split: split.unwrap_or(Split::Train),
            })),
            (None, None | Some(Split::All)) => Ok(None),
            (None, Some(split)) => Err(DataError::NoSplit {
                path: self.pictures.clone(),
                split,
                reason: "list_eval_partition.txt, which defines the splits, is not next to it"
                    .to_owned(),
            }),
        }
    }
}

impl Source for CelebA {
    fn has_splits(&self) -> bool {
        true
    }

    fn stamp(&self) -> Result<Stamp, DataError> {
        let pictures = if self.pictures.is_dir() {
            PictureFolder::list(&self.pictures)?.stamp()?
        } else {
            Stamp::of_file(&self.pictures)
        };
        let lists = [&self.attributes, &self.partition, &self.identities];
        let lists = Stamp::of_files(lists.into_iter().flatten());
        Ok([pictures, lists].into_iter().collect())
    }

    fn open(self: Box<Self>, split: Option<Split>) -> Result<Opened, DataError> {
        let attributes = self.attributes.as_deref();
        let attributes = attributes.map(lists::attributes).transpose()?;
        let identities = self.identities.as_deref();
        let identities = identities.map(lists::numbers).transpose()?;
        let choice = Choice {
            attributes: attributes.as_ref(),
            partition: self.read_partition(split)?,
        };
        let mut remarks = Vec::new();
        let mut opened = if self.pictures.is_dir() {
            let folder = PictureFolder::list(&self.pictures)?;
            folder.open(|listing| choice.keep(&self.pictures, listing, &mut remarks))?
        } else {
            zip::open(&self.pictures, |listing| {
                choice.keep(&self.pictures, listing, &mut remarks)
            })?
        };
        opened.remarks.extend(remarks);
        annotate(&mut opened, attributes, identities);
        Ok(opened)
    }
}

/// Which picture belongs to which split, and the split that is wanted.
struct Partition {
    list: List<u32>,
    split: Split,
}

/// What decides which pictures are used.
struct Choice<'a> {
    attributes: Option<&'a List<u8>>,
    partition: Option<Partition>,
}

impl Choice<'_> {
    /// Keeps the pictures of the split; one that a list does not name is skipped.
    fn keep<P>(
        &self,
        path: &Path,
        listing: &mut Listing<P>,
        remarks: &mut Vec<String>,
    ) -> Result<(), DataError> {
        let (mut unlisted, mut listed) = (Vec::new(), 0_usize);
        listing.pictures.retain(|entry| {
            if let Some(list) = self.missing_list(&entry.name) {
                unlisted.push((entry.name.clone(), format!("has no line in {list}.txt")));
                return false;
            }
            listed += 1;
            let partition = self.partition.as_ref();
            partition.is_none_or(|partition| partition.includes(&entry.name))
        });
        for (name, reason) in unlisted {
            listing.skip(name, reason);
        }
        let partition = self.partition.as_ref();
        let named = [
            (ATTRIBUTES, self.attributes.map(List::len)),
            (PARTITION, partition.map(|partition| partition.list.len())),
        ];
        for (list, named) in named {
            let missing = named.unwrap_or(0).saturating_sub(listed);
            if missing > 0 {
                remarks.push(format!("{missing} names in {list}.txt have no picture"));
            }
        }
        if let (Some(partition), true) = (partition, listing.pictures.is_empty()) {
            return Err(DataError::NoSplit {
                path: path.to_owned(),
                split: partition.split,
                reason: "list_eval_partition.txt assigns none of these pictures to it".to_owned(),
            });
        }
        Ok(())
    }

    /// The list that should name a picture and does not.
    fn missing_list(&self, name: &str) -> Option<&'static str> {
        let partition = self.partition.as_ref();
        if partition.is_some_and(|partition| partition.list.row(name).is_none()) {
            return Some(PARTITION);
        }
        let is_missing = self.attributes.is_some_and(|list| list.row(name).is_none());
        is_missing.then_some(ATTRIBUTES)
    }
}

impl Partition {
    fn includes(&self, name: &str) -> bool {
        let split = match self.list.row(name) {
            Some([0]) => Split::Train,
            Some([1]) => Split::Valid,
            Some([2]) => Split::Test,
            _ => return false,
        };
        self.split.includes(split)
    }
}

/// Adds attributes and identities, and drops the labels that folders would give.
fn annotate(opened: &mut Opened, attributes: Option<List<u8>>, identities: Option<List<u32>>) {
    let entries = &mut opened.entries;
    (entries.classes, entries.labels) = (Vec::new(), Vec::new());
    if let Some(list) = attributes {
        let rows = entries.names.iter().filter_map(|name| list.row(name));
        entries.attributes = rows.flatten().copied().collect();
        entries.attribute_names = list.columns;
    }
    if let Some(list) = identities {
        let identity = |name| list.row(name).map_or(NONE, |row| row[0]);
        entries.identities = entries.names.iter().map(identity).collect();
    }
}
