//! CelebA (Liu, Luo, Wang and Tang 2015): its pictures in a folder or in a zip archive, with its lists
//! next to them, in the folder above or in the archive.

mod lists;

use std::path::{Path, PathBuf};

use super::folder::PictureFolder;
use super::zip;
use crate::error::DataError;
use crate::left_out::LeftOutReason;
use crate::source::entries::NONE;
use crate::source::file_names::is_picture_name;
use crate::source::files::file_name;
use crate::source::listing::Listing;
use crate::source::opened::{Opened, Source};
use crate::source::place::Place;
use crate::source::probe::{Found, Mismatch, Probed};
use crate::source::stamp::Stamp;
use crate::split::Split;
use lists::{List, ListFile};

/// The name of the folder or archive of pictures.
const PICTURES: &str = "img_align_celeba";

/// The lists, without their endings.
const ATTRIBUTES: &str = "list_attr_celeba";
const PARTITION: &str = "list_eval_partition";
const IDENTITIES: &str = "identity_CelebA";

/// The endings of lists.
const ENDINGS: [&str; 2] = ["txt", "csv"];

const NO_LIST: Mismatch =
    Mismatch::OtherFormat("list_attr_celeba.txt is not next to it: download it too");

/// A folder with CelebA's lists in it or, with most of its pictures, a few levels below; or one named after
/// CelebA, or whose pictures the lists name, with the lists in the folder above.
pub(super) fn in_folder(place: &Place) -> Probed {
    let folder = place.path();
    let lists = Lists::near(&[folder.to_owned()]);
    if lists.say_celeba() {
        return Found::source(CelebA {
            pictures: pictures_in(folder),
            lists,
        });
    }
    let lists = Lists::near(&folders_above(folder));
    if lists.say_celeba() && (is_named_celeba(folder) || lists.name_first_picture(place)) {
        return Found::source(CelebA {
            pictures: folder.to_owned(),
            lists,
        });
    }
    within_folder(place).map_or(Err(NO_LIST), Found::source)
}

/// CelebA in a folder below this one, if most of the pictures are in it.
fn within_folder(place: &Place) -> Option<CelebA> {
    let listing = place.listing().ok()?;
    let lists = listing.data_files(is_list);
    let mut folders = lists.iter().filter_map(|list| list.parent());
    let above = |folder: &Path| match file_name(folder).as_str() {
        "Anno" | "Eval" => folder.parent().map(Path::to_owned),
        _ => Some(folder.to_owned()),
    };
    let folder = folders.find_map(above)?;
    let pictures = pictures_in(&folder);
    let all = || listing.pictures.places();
    let inside = all().filter(|path| path.starts_with(&pictures)).count();
    let is_most = pictures.is_file() || 2 * inside > all().count();
    let lists = Lists::near(&[folder]);
    (is_most && lists.say_celeba()).then_some(CelebA { pictures, lists })
}

/// A zip archive with CelebA's lists in it; or one named after CelebA, or any file if the format is
/// requested, with the lists next to it or in the folder above.
pub(super) fn in_file(place: &Place) -> Probed {
    let archive = place.path();
    let is_zip = zip::is_zip(place.head());
    let mut lists = Lists::default();
    if is_zip {
        lists = Lists::within(archive);
    }
    if !lists.say_celeba() {
        let is_celeba = is_zip && is_named_celeba(archive);
        if !(place.is_requested() || is_celeba) {
            return Err(Mismatch::OtherFormat("it is not CelebA's zip archive"));
        }
        lists = Lists::near(&folders_above(archive));
    }
    if !lists.say_celeba() {
        return Err(NO_LIST);
    }
    Found::source(CelebA {
        pictures: archive.to_owned(),
        lists,
    })
}

fn is_named_celeba(path: &Path) -> bool {
    file_name(path).to_ascii_lowercase().contains("celeba")
}

/// The folder that holds a file or folder, and the one above that.
fn folders_above(path: &Path) -> Vec<PathBuf> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
        _ => PathBuf::from("."),
    };
    let above = path.canonicalize().ok();
    let above = above.and_then(|path| path.ancestors().nth(2).map(Path::to_owned));
    [Some(folder), above].into_iter().flatten().collect()
}

/// The folder or archive of pictures within CelebA's folder. The official download has them in
/// `Img`.
fn pictures_in(folder: &Path) -> PathBuf {
    let places = [folder.to_owned(), folder.join("Img")];
    let subfolder = places.iter().map(|place| place.join(PICTURES));
    if let Some(subfolder) = subfolder.into_iter().find(|folder| folder.is_dir()) {
        return subfolder;
    }
    let holds_pictures = || {
        let mut files = folder.read_dir().into_iter().flatten().flatten();
        files.any(|file| is_picture_name(&file.file_name().to_string_lossy()))
    };
    let mut archives = places
        .iter()
        .map(|place| place.join(format!("{PICTURES}.zip")));
    match archives.find(|archive| archive.is_file()) {
        Some(archive) if !holds_pictures() => archive,
        _ => folder.to_owned(),
    }
}

/// CelebA's lists, those that there are.
#[derive(Debug, Default)]
struct Lists {
    attributes: Option<ListFile>,
    partition: Option<ListFile>,
    identities: Option<ListFile>,
}

impl Lists {
    /// Those in the first of the folders that has any. The official download has them in `Anno` and
    /// `Eval`.
    fn near(folders: &[PathBuf]) -> Self {
        let list = |name: &str, folder: &Path| {
            let places = [folder.to_owned(), folder.join("Anno"), folder.join("Eval")];
            let mut files = places
                .iter()
                .flat_map(|place| ENDINGS.map(|ending| place.join(format!("{name}.{ending}"))));
            let file = files.find(|file| file.is_file())?;
            Some(ListFile::OnDisk(file))
        };
        let found = folders.iter().map(|folder| Self {
            attributes: list(ATTRIBUTES, folder),
            partition: list(PARTITION, folder),
            identities: list(IDENTITIES, folder),
        });
        found.into_iter().find(Self::say_celeba).unwrap_or_default()
    }

    /// Those in a zip archive.
    fn within(path: &Path) -> Self {
        let Ok(archive) = zip::Archive::open(path) else {
            return Self::default();
        };
        let list = |name: &str| {
            let names = ENDINGS.map(|ending| format!("{name}.{ending}"));
            let entry = archive.find(|found| names.iter().any(|name| name == found))?;
            Some(ListFile::InZip {
                archive: path.to_owned(),
                name: entry.name,
                index: entry.index,
            })
        };
        Self {
            attributes: list(ATTRIBUTES),
            partition: list(PARTITION),
            identities: list(IDENTITIES),
        }
    }

    /// Whether there is a list that no other data set has.
    fn say_celeba(&self) -> bool {
        self.attributes.is_some() || self.partition.is_some()
    }

    /// Whether the lists name the first picture in a folder.
    fn name_first_picture(&self, place: &Place) -> bool {
        let Ok(listing) = place.listing() else {
            return false;
        };
        let Some(first) = listing.pictures.pictures.first() else {
            return false;
        };
        let attributes = self.attributes.as_ref().map(lists::attributes);
        let partition = self.partition.as_ref().map(lists::numbers);
        let in_attributes =
            attributes.is_some_and(|list| list.is_ok_and(|list| list.row(&first.name).is_some()));
        in_attributes
            || partition.is_some_and(|list| list.is_ok_and(|list| list.row(&first.name).is_some()))
    }

    fn all(&self) -> impl Iterator<Item = &ListFile> {
        let lists = [&self.attributes, &self.partition, &self.identities];
        lists.into_iter().flatten()
    }
}

/// Whether a file is one of CelebA's lists.
pub(in crate::source) fn is_list(name: &str) -> bool {
    let file = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let lists = [ATTRIBUTES, PARTITION, IDENTITIES];
    lists.iter().any(|list| {
        let ending = file.strip_prefix(list);
        ending.is_some_and(|ending| [".txt", ".csv"].contains(&ending))
    })
}

/// CelebA's pictures and lists.
#[derive(Debug)]
struct CelebA {
    /// A folder or a zip archive.
    pictures: PathBuf,
    lists: Lists,
}

impl CelebA {
    /// The partition to choose the split by; `None` to use all pictures.
    fn read_partition(&self, split: Option<Split>) -> Result<Option<Partition>, DataError> {
        match (&self.lists.partition, split) {
            (Some(file), split) => Ok(Some(Partition {
                list: lists::numbers(file)?,
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

    fn pictures(&self) -> Option<usize> {
        None // the lists have named it
    }

    fn files(&self) -> Vec<PathBuf> {
        let lists = self.lists.all().map(ListFile::path);
        lists.chain([self.pictures.clone()]).collect()
    }

    fn stamp(&self) -> Result<Stamp, DataError> {
        let pictures = if self.pictures.is_dir() {
            PictureFolder::list(&self.pictures)?.stamp()?
        } else {
            Stamp::of_file(&self.pictures)
        };
        let lists = self.lists.all().map(ListFile::path);
        let lists = Stamp::of_files(lists.collect::<Vec<_>>().iter());
        Ok([pictures, lists].into_iter().collect())
    }

    fn open(self: Box<Self>, split: Option<Split>) -> Result<Opened, DataError> {
        let attributes = self.lists.attributes.as_ref();
        let attributes = attributes.map(lists::attributes).transpose()?;
        let identities = self.lists.identities.as_ref();
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
        listing.left_out.remove(is_list);
        let left_out = &mut listing.left_out;
        listing.pictures.retain(|entry| {
            if let Some(list) = self.missing_list(&entry.name) {
                unlisted.push((entry.name.clone(), format!("has no line in {list}.txt")));
                return false;
            }
            listed += 1;
            let Some(partition) = &self.partition else {
                return true;
            };
            let part = partition.split_of(&entry.name);
            let is_wanted = part.is_some_and(|part| partition.split.includes(part));
            if !is_wanted {
                let part = part.unwrap_or(Split::All).to_string();
                left_out.add(LeftOutReason::OtherSplit, &part, &entry.name);
            }
            is_wanted
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
    fn split_of(&self, name: &str) -> Option<Split> {
        match self.list.row(name) {
            Some([0]) => Some(Split::Train),
            Some([1]) => Some(Split::Valid),
            Some([2]) => Some(Split::Test),
            _ => None,
        }
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
