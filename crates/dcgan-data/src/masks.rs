//! Folders that look like masks of the pictures in other folders: segmentations and annotations, which
//! would be learned like photos.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::Dataset;

/// Names of folders that hold masks.
const FOLDERS: [&str; 16] = [
    "mask",
    "masks",
    "annotation",
    "annotations",
    "segmentation",
    "segmentations",
    "segmentationclass",
    "segmentationobject",
    "seg",
    "trimap",
    "trimaps",
    "groundtruth",
    "ground_truth",
    "gt",
    "labels",
    "depth",
];

/// What the name of a mask may have more than that of its photo.
const SUFFIXES: [&str; 8] = [
    "_mask",
    "-mask",
    "_seg",
    "_segmentation",
    "_label",
    "_gt",
    "_trimap",
    "_matte",
];

/// Of a folder that is not named after masks most pictures must be two-valued.
const MOST_PERCENT: usize = 90;

/// Pictures that look like masks of others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Masks {
    /// Their folder, or an ending such as `_mask` that their names have.
    pub place: MasksPlace,
    /// Their number.
    pub count: usize,
    /// The folder of the pictures that have the same names, if most of the others are there; empty for the data
    /// set's own folder.
    pub photos: Option<String>,
}

/// Where masks are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MasksPlace {
    /// A folder of their own.
    Folder(String),
    /// Beside the photos, with this at the ends of their names.
    Suffix(&'static str),
}

/// The pictures of a folder.
#[derive(Default)]
struct Folder {
    stems: HashSet<String>,
    two_valued: usize,
    count: usize,
}

/// The masks in a data set.
pub(crate) fn find(dataset: &Dataset) -> Vec<Masks> {
    if !may_hold_masks(dataset) {
        return Vec::new();
    }
    let mut folders: BTreeMap<String, Folder> = BTreeMap::new();
    let mut by_suffix: HashMap<&'static str, usize> = HashMap::new();
    for index in 0..dataset.len() {
        let (Some(name), Some(facts)) = (dataset.name(index), dataset.facts(index)) else {
            continue;
        };
        let (folder, stem) = folder_and_stem(&name);
        let folder = folders.entry(folder.to_owned()).or_default();
        folder.count += 1;
        folder.two_valued += usize::from(facts.is_two_valued);
        folder.stems.insert(stem.to_owned());
    }
    let mut found = Vec::new();
    for (name, folder) in &folders {
        let is_named = is_mask_folder(name);
        let is_two_valued = folder.two_valued * 100 > folder.count * MOST_PERCENT;
        if is_named || is_two_valued {
            let shared = |other: &Folder| {
                let stems = folder.stems.iter();
                stems
                    .filter(|stem| other.stems.contains(without_suffix(stem)))
                    .count()
            };
            let others = folders.iter().filter(|(other_name, other)| {
                let is_photos = !is_mask_folder(other_name)
                    && other.two_valued * 100 <= other.count * MOST_PERCENT;
                let same = shared(other) * 2 > folder.stems.len();
                *other_name != name && is_photos && (same || (is_named && is_two_valued))
            });
            let is_most = |photos: &Folder| photos.count * 2 > dataset.len() - folder.count;
            if let Some((photos, pictures)) = others.max_by_key(|(_, other)| shared(other)) {
                found.push(Masks {
                    place: MasksPlace::Folder(name.clone()),
                    count: folder.count,
                    photos: is_most(pictures).then(|| photos.clone()),
                });
                continue;
            }
        }
        for stem in &folder.stems {
            let suffix = SUFFIXES.into_iter().find(|suffix| stem.ends_with(suffix));
            let Some(suffix) = suffix else { continue };
            if folder.stems.contains(&stem[..stem.len() - suffix.len()]) {
                *by_suffix.entry(suffix).or_default() += 1;
            }
        }
    }
    let mut by_suffix: Vec<(&'static str, usize)> = by_suffix.into_iter().collect();
    by_suffix.sort_unstable();
    found.extend(by_suffix.into_iter().map(|(suffix, count)| Masks {
        place: MasksPlace::Suffix(suffix),
        count,
        photos: None,
    }));
    found
}

/// Whether any name or picture speaks of masks: most data sets need not be examined further.
fn may_hold_masks(dataset: &Dataset) -> bool {
    (0..dataset.len()).any(|index| {
        let is_two_valued = dataset
            .facts(index)
            .is_some_and(|facts| facts.is_two_valued);
        is_two_valued
            || dataset.name(index).is_some_and(|name| {
                let (folder, stem) = folder_and_stem(&name);
                is_mask_folder(folder) || SUFFIXES.iter().any(|suffix| stem.ends_with(suffix))
            })
    })
}

/// The folders of a name, and its file's name without its ending.
fn folder_and_stem(name: &str) -> (&str, &str) {
    let (folder, file) = name.rsplit_once(['/', '\\']).unwrap_or(("", name));
    (folder, file.rsplit_once('.').map_or(file, |(stem, _)| stem))
}

fn without_suffix(stem: &str) -> &str {
    let suffix = SUFFIXES.iter().find_map(|suffix| stem.strip_suffix(suffix));
    suffix.unwrap_or(stem)
}

/// Whether one of the folders is named after masks, also as in `train_masks`.
fn is_mask_folder(folder: &str) -> bool {
    let mut parts = folder.split(['/', '\\']).map(str::to_lowercase);
    parts.any(|part| {
        FOLDERS.contains(&part.as_str())
            || ["_mask", "_masks", "-masks", " masks"]
                .iter()
                .any(|end| part.ends_with(end))
    })
}
