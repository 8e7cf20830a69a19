//! SVHN's cropped digits (Netzer et al. 2011): MATLAB files with pictures `X`,
//! `[32, 32, 3, N]` from the fastest side to the slowest, and labels `y` of 1 to 10.

use std::path::{Path, PathBuf};

use super::format::{Format, Split};
use super::listing::{MAX_ENTRIES, too_many};
use super::mat::{self, Array, Number};
use super::reader::{Reader, Stream};
use super::records::{Layout, Order, Part, RecordSource, RecordStream};
use super::{DataError, Entries, Opened};

/// The files as they are downloaded. The third has easier digits, to train on beside the first.
const FILES: [&str; 3] = ["train_32x32.mat", "test_32x32.mat", "extra_32x32.mat"];

/// Of each digit one class; in the files the digit 0 is labelled 10.
const CLASSES: u32 = 10;

/// SVHN's files in a folder, or one of them.
pub(super) fn find(path: &Path) -> Vec<PathBuf> {
    if path.is_file() {
        return vec![path.to_owned()];
    }
    let files = FILES.map(|name| path.join(name)).into_iter();
    files.filter(|file| file.is_file()).collect()
}

/// Whether a file belongs to a split; the further pictures belong to all of it alone.
fn is_of(file: &Path, split: Split) -> bool {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    match name.split('_').next() {
        Some("train") => split.takes(Split::Train),
        Some("test") => split.takes(Split::Test),
        _ => split == Split::All,
    }
}

/// Opens files.
///
/// # Errors
///
/// Files without pictures, that are cut off, or whose labels are not one digit for each; a
/// split of which there is no file.
pub(super) fn open(
    path: &Path,
    files: &[PathBuf],
    split: Option<Split>,
) -> Result<Opened, DataError> {
    let split = split.unwrap_or(match files.len() {
        1 => Split::All,
        _ => Split::Train,
    });
    let chosen: Vec<&PathBuf> = files.iter().filter(|file| is_of(file, split)).collect();
    if chosen.is_empty() {
        return Err(DataError::NoSplit {
            path: path.to_owned(),
            split,
            reason: "there is no file of that part".to_owned(),
        });
    }
    let mut entries = Entries {
        classes: (0..CLASSES).map(|digit| digit.to_string()).collect(),
        ..Entries::default()
    };
    let (mut parts, mut arrays, mut layout) = (Vec::new(), Vec::new(), None);
    for file in chosen {
        let (pictures, found, count) = pictures_of(file)?;
        if *layout.get_or_insert(found) != found {
            let reason = "its pictures are of another size";
            return Err(DataError::damaged(file, "file of SVHN", &reason));
        }
        parts.push((add_entries(&mut entries, file, count)?, 0));
        arrays.push((file.clone(), pictures));
    }
    Ok(Opened {
        entries,
        reader: Reader::Stream(Stream::Records(RecordStream {
            source: RecordSource::MatArrays(arrays),
            parts,
            prefix: 0,
            layout: layout.expect("at least one file was chosen"),
        })),
        skipped: Vec::new(),
        remarks: Vec::new(),
    })
}

/// The array of a name, or what the file has in its place.
fn array(file: &Path, name: &str) -> Result<Array, DataError> {
    let arrays = mat::arrays(file)?;
    let names: Vec<String> = arrays
        .iter()
        .map(|array| format!("{} {:?}", array.name, array.shape))
        .collect();
    let found = arrays.into_iter().find(|array| array.name == name);
    found.ok_or_else(|| {
        not_svhn(
            file,
            format!("it has no array {name}, only {}", names.join(", ")),
        )
    })
}

fn not_svhn(file: &Path, reason: String) -> DataError {
    DataError::NotOfFormat {
        path: file.to_owned(),
        format: Format::Svhn,
        reason,
    }
}

/// The error of a file in MATLAB's newer form.
pub(super) fn of_another_version(file: &Path) -> DataError {
    let reason = "it is of MATLAB's version 7.3 (HDF5): save it with -v7";
    not_svhn(file, reason.to_owned())
}

/// The array of a file's pictures, how they lie in it, and how many there are.
fn pictures_of(file: &Path) -> Result<(Array, Layout, u64), DataError> {
    let pictures = array(file, "X")?;
    let layout = match pictures.shape[..] {
        [height, width, channels @ (1 | 3), _] if pictures.number == Number::U8 => {
            Layout::new(width, height, channels, Order::ColumnPlanes)
        }
        _ => None,
    };
    let layout = layout.ok_or_else(|| {
        let shape = &pictures.shape;
        not_svhn(
            file,
            format!("X is {shape:?} and not [32, 32, 3, N] of uint8"),
        )
    })?;
    match pictures.shape[3] {
        0 => Err(not_svhn(file, "it holds no pictures".to_owned())),
        count => Ok((pictures, layout, count)),
    }
}

/// Names the pictures of a file and reads their labels.
fn add_entries(entries: &mut Entries, file: &Path, count: u64) -> Result<Part, DataError> {
    let first = entries.names.len();
    if count.saturating_add(first as u64) > MAX_ENTRIES as u64 {
        return Err(too_many());
    }
    let labels = array(file, "y")?;
    if labels.len() != count {
        let found = labels.len();
        return Err(not_svhn(
            file,
            format!("it has {found} labels for {count} pictures"),
        ));
    }
    let stem = file.file_stem().unwrap_or_default().to_string_lossy();
    for (number, label) in labels.values(file)?.into_iter().enumerate() {
        entries.names.push(&format!("{stem}/{number:06}"));
        entries.labels.push(
            digit(label).ok_or_else(|| {
                not_svhn(file, format!("y holds {label}, and digits are 1 to 10"))
            })?,
        );
    }
    let count = count as usize;
    Ok(Part { first, count })
}

fn digit(label: f64) -> Option<u32> {
    let most = f64::from(CLASSES);
    ((0.0..=most).contains(&label) && label.fract() == 0.0).then_some(label as u32 % CLASSES)
}
