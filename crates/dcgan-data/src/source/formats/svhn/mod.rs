//! SVHN's cropped digits (Netzer et al. 2011): MATLAB files with pictures `X`, of shape
//! `[32, 32, 3, N]` from the fastest axis to the slowest, and labels `y` from 1 to 10.

mod mat;

use std::path::{Path, PathBuf};

use crate::error::DataError;
use crate::format::Format;
use crate::io_reason::io_reason;
use crate::source::files::{file_name, file_stem, files_of_split, of_other_splits};
use crate::source::layout::{Layout, Order};
use crate::source::opened::{Opened, Source};
use crate::source::place::Place;
use crate::source::probe::{Found, Mismatch, Probed};
use crate::source::record_set::{ReadPart, RecordFiles, RecordSet, Records};
use crate::source::stamp::Stamp;
use crate::split::Split;
use mat::{Array, Number};

/// The files as they are downloaded. The third has easier digits, as additional training data.
const FILES: [&str; 3] = ["train_32x32.mat", "test_32x32.mat", "extra_32x32.mat"];

/// One class for each digit; in the files the digit 0 is labelled 10.
const CLASSES: u32 = 10;

/// A folder with some of SVHN's files in it.
pub(super) fn in_folder(place: &Place) -> Probed {
    let path = place.path().to_owned();
    let files = place.listing()?.data_files(|name| FILES.contains(&name));
    if files.is_empty() {
        return Err(Mismatch::OtherFormat("there is no train_32x32.mat in it"));
    }
    Found::source(Svhn { path, files })
}

/// A MATLAB file, or any file if the format is requested.
pub(super) fn in_file(place: &Place) -> Probed {
    let path = place.path().to_owned();
    if place.head().starts_with(mat::HDF5_MAGIC) {
        let reason = "it is of MATLAB's version 7.3 (HDF5): save it with -v7";
        return Err(not_svhn(&path, reason.to_owned()).into());
    }
    if !place.is_requested() && !place.head().starts_with(mat::MAGIC) {
        return Err(Mismatch::OtherFormat("it is not a MATLAB file"));
    }
    Found::source(Svhn {
        files: vec![path.clone()],
        path,
    })
}

/// The split of a file; `None` for the additional one.
fn split_of(file: &Path) -> Option<Split> {
    match file_name(file).split('_').next() {
        Some("train") => Some(Split::Train),
        Some("test") => Some(Split::Test),
        _ => None,
    }
}

/// SVHN's files.
#[derive(Debug)]
struct Svhn {
    path: PathBuf,
    files: Vec<PathBuf>,
}

impl Source for Svhn {
    fn has_splits(&self) -> bool {
        true
    }

    fn pictures(&self) -> Option<usize> {
        let count = |file: &PathBuf| -> Option<usize> {
            let shape = array(file, "X").ok()?.shape;
            shape.last().map(|count| *count as usize)
        };
        self.files.iter().map(count).sum()
    }

    fn files(&self) -> Vec<PathBuf> {
        self.files.clone()
    }

    fn stamp(&self) -> Result<Stamp, DataError> {
        Ok(Stamp::of_files(&self.files))
    }

    fn open(self: Box<Self>, split: Option<Split>) -> Result<Opened, DataError> {
        let mut set = RecordSet::new("SVHN file").with_digits(6);
        let mut arrays = Vec::new();
        let files = files_of_split(&self.path, &self.files, split, split_of)?;
        let left_out = of_other_splits(&self.files, &files, split_of);
        for file in files {
            let pictures = array(&file, "X")?;
            let count = pictures.shape.last().copied().unwrap_or(0);
            set.add(&Records {
                path: &file,
                name: &file_stem(&file),
                count,
                layout: layout(&file, &pictures)?,
                header: 0,
                prefix: 0,
            })?;
            set.label(read_labels(&file, count)?);
            arrays.push((file, pictures));
        }
        set.set_classes((0..CLASSES).map(|digit| digit.to_string()).collect());
        Ok(Opened {
            left_out,
            ..set.into_stream(MatArrays(arrays))
        })
    }
}

/// Arrays of pictures, each in its file.
#[derive(Debug)]
struct MatArrays(Vec<(PathBuf, Array)>);

impl RecordFiles for MatArrays {
    fn for_each(&self, read_part: &mut ReadPart<'_>) -> Result<(), DataError> {
        for (part, (path, array)) in self.0.iter().enumerate() {
            let mut reader = array.open(path)?;
            if !read_part(part, &mut reader)
                .map_err(|error| mat::damaged(path, &io_reason(&error)))?
            {
                break;
            }
        }
        Ok(())
    }
}

/// The array called `name`; if there is none, the error lists those that are there.
fn array(file: &Path, name: &str) -> Result<Array, DataError> {
    let arrays = mat::arrays(file)?;
    let names: Vec<String> = arrays
        .iter()
        .map(|array| format!("{} {:?}", array.name, array.shape))
        .collect();
    let found = arrays.into_iter().find(|array| array.name == name);
    found.ok_or_else(|| {
        let reason = format!("it has no array {name}, only {}", names.join(", "));
        not_svhn(file, reason)
    })
}

fn not_svhn(file: &Path, reason: String) -> DataError {
    DataError::NotOfFormat {
        path: file.to_owned(),
        format: Format::Svhn,
        reason,
    }
}

/// How the pictures lie in their array.
fn layout(file: &Path, pictures: &Array) -> Result<Layout, DataError> {
    let layout = match pictures.shape[..] {
        [height, width, channels @ (1 | 3), _] if pictures.number == Number::U8 => {
            Layout::new(width, height, channels, Order::ColumnMajorPlanes)
        }
        _ => None,
    };
    let layout = layout.ok_or_else(|| {
        let shape = &pictures.shape;
        let reason = format!("X is {shape:?} and not [32, 32, 3, N] of uint8");
        not_svhn(file, reason)
    })?;
    if pictures.shape.last() == Some(&0) {
        return Err(not_svhn(file, "it holds no pictures".to_owned()));
    }
    Ok(layout)
}

/// Reads the labels of `count` pictures.
fn read_labels(file: &Path, count: u64) -> Result<Vec<u32>, DataError> {
    let labels = array(file, "y")?;
    if labels.len() != count {
        let found = labels.len();
        let reason = format!("it has {found} labels for {count} pictures");
        return Err(not_svhn(file, reason));
    }
    let digit = |label: f64| {
        let is_digit = (0.0..=f64::from(CLASSES)).contains(&label) && label.fract() == 0.0;
        if !is_digit {
            let reason = format!("y holds {label}, and digits are 1 to 10");
            return Err(not_svhn(file, reason));
        }
        Ok(label as u32 % CLASSES)
    };
    labels.values(file)?.into_iter().map(digit).collect()
}
