//! NumPy arrays of pictures: `.npy`, and `.npz` with labels and splits as Keras' and MedMNIST's
//! files have them.

use std::fmt::Display;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::zip::{Archive, NamedEntry, is_zip};
use crate::error::DataError;
use crate::io_reason::io_reason;
use crate::left_out::{LeftOutList, LeftOutReason};
use crate::source::files::{file_size, file_stem, open_file};
use crate::source::layout::{Layout, Order};
use crate::source::opened::{Opened, Source};
use crate::source::place::Place;
use crate::source::probe::{Found, Mismatch, Probed};
use crate::source::record_set::{ReadPart, RecordFiles, RecordSet, Records};
use crate::source::stamp::Stamp;
use crate::split::Split;
use dcgan_support::npy::{Header, MAGIC};

/// A `.npy` file, a zip archive that holds nothing but such files, or any file if the format is
/// requested.
pub(super) fn in_file(place: &Place) -> Probed {
    let path = place.path().to_owned();
    if is_zip(place.head()) {
        if place.is_requested() || is_npz(&path)? {
            return Found::source(Npz(path));
        }
    } else if place.is_requested() || place.head().starts_with(MAGIC) {
        return Found::source(Npy(path));
    }
    Err(Mismatch::OtherFormat("it holds no NumPy arrays"))
}

fn is_npz(path: &Path) -> Result<bool, DataError> {
    let files = Archive::open(path)?.files();
    Ok(!files.is_empty() && files.iter().all(|file| file.name.ends_with(".npy")))
}

/// What an array's header says about its pictures.
#[derive(Clone, Copy)]
struct Pictures {
    count: u64,
    layout: Layout,
}

impl Pictures {
    /// # Errors
    ///
    /// Why the array does not hold pictures, in one line.
    fn from_header(header: &Header) -> Result<Self, String> {
        let kind = header.kind.trim_start_matches(['<', '>', '|', '=']);
        if kind != "u1" {
            return Err(match kind.as_bytes() {
                [b'f', ..] => "its values are floating-point numbers, and pictures are uint8: save \
                               (255 * x).round().astype('uint8') of values from 0 to 1"
                    .to_owned(),
                [b'u' | b'i', ..] => "its values are not of type uint8, as pictures are: save \
                                      x.astype('uint8') of values from 0 to 255"
                    .to_owned(),
                [b'b', ..] => "its values are true and false, and pictures are uint8: save 255 * x.astype('uint8')"
                    .to_owned(),
                _ => format!("its values are of type {kind}, and pictures are uint8"),
            });
        }
        if header.fortran_order {
            return Err("it is in Fortran order: save numpy.ascontiguousarray(…) of it".to_owned());
        }
        let layout = match header.shape[..] {
            [_, height, width] => Layout::new(width, height, 1, Order::Interleaved),
            [_, height, width, channels @ (1 | 3 | 4)] => {
                Layout::new(width, height, channels, Order::Interleaved)
            }
            [_, channels, height, width] => Layout::new(width, height, channels, Order::Planes),
            _ => None,
        };
        let layout = layout.ok_or_else(|| {
            format!(
                "its shape is {:?}, and pictures are [N,H,W], [N,H,W,C] or [N,C,H,W]",
                header.shape
            )
        })?;
        match header.shape[0] {
            0 => Err("it holds no pictures".to_owned()),
            count => Ok(Self { count, layout }),
        }
    }
}

/// A `.npy` file.
#[derive(Debug)]
struct Npy(PathBuf);

impl Source for Npy {
    fn pictures(&self) -> Option<usize> {
        let header = Header::read(&mut open_file(&self.0).ok()?).ok()?;
        // Of an array that holds no pictures none is taken for a data set.
        Some(Pictures::from_header(&header).map_or(0, |pictures| pictures.count as usize))
    }

    fn files(&self) -> Vec<PathBuf> {
        vec![self.0.clone()]
    }

    fn stamp(&self) -> Result<Stamp, DataError> {
        Ok(Stamp::of_file(&self.0))
    }

    fn open(self: Box<Self>, _: Option<Split>) -> Result<Opened, DataError> {
        let path = &self.0;
        let damaged = |reason: String| DataError::damaged(path, "NumPy file", &reason);
        let file = open_file(path)?;
        let header = Header::read(&mut file.clone()).map_err(damaged)?;
        let unusable = |reason| DataError::Unusable {
            path: path.clone(),
            reason,
        };
        let Pictures { count, layout } = Pictures::from_header(&header).map_err(unusable)?;
        let size = file_size(path)?;
        let expected = count
            .checked_mul(layout.bytes() as u64)
            .and_then(|bytes| bytes.checked_add(header.length));
        if Some(size) != expected {
            return Err(damaged(format!(
                "{count} pictures do not take {size} bytes: it is truncated"
            )));
        }
        let mut set = RecordSet::new("NumPy file");
        set.add(&Records {
            path,
            name: &file_stem(path),
            count,
            layout,
            header: header.length,
            prefix: 0,
        })?;
        Ok(set.into_random_access(vec![file]))
    }
}

/// A `.npz` file.
#[derive(Debug)]
struct Npz(PathBuf);

impl Source for Npz {
    fn has_splits(&self) -> bool {
        true
    }

    fn pictures(&self) -> Option<usize> {
        let archive = Archive::open(&self.0).ok()?;
        let arrays = read_headers(&self.0, &archive).ok()?;
        let pictures = arrays
            .iter()
            .filter_map(|array| Pictures::from_header(&array.header).ok());
        Some(pictures.map(|pictures| pictures.count as usize).sum())
    }

    fn files(&self) -> Vec<PathBuf> {
        vec![self.0.clone()]
    }

    fn stamp(&self) -> Result<Stamp, DataError> {
        Ok(Stamp::of_file(&self.0))
    }

    fn open(self: Box<Self>, split: Option<Split>) -> Result<Opened, DataError> {
        let path = self.0;
        let archive = Archive::open(&path)?;
        let arrays = read_headers(&path, &archive)?;
        let (chosen, left_out) = choose(&path, &arrays, split)?;
        // Arrays that are not compressed are read in place.
        let starts: Option<Vec<u64>> = chosen
            .iter()
            .map(|(array, _)| archive.stored_at(array.entry))
            .collect();
        let mut set = RecordSet::new("NumPy archive");
        for (index, (array, pictures)) in chosen.iter().enumerate() {
            let start = starts.as_ref().map_or(0, |starts| starts[index]);
            set.add(&Records {
                path: &path,
                name: &array.name,
                count: pictures.count,
                layout: pictures.layout,
                header: start.saturating_add(array.header.length),
                prefix: 0,
            })?;
            let labels = labels_of(&arrays, array, pictures.count);
            if let Some(labels) = labels {
                set.label(read_labels(&path, &archive, labels, pictures.count)?);
            }
        }
        set.name_classes(&[]);
        let remarks = archive.repeated_names(&path).into_iter().collect();
        let opened = if starts.is_some() {
            let file = open_file(&path)?;
            set.into_random_access(vec![file; chosen.len()])
        } else {
            let entries = chosen.iter().map(|(array, _)| array.entry).collect();
            set.into_stream(CompressedArrays {
                path,
                archive,
                entries,
            })
        };
        Ok(Opened {
            remarks,
            left_out,
            ..opened
        })
    }
}

/// Compressed arrays in an archive.
#[derive(Debug)]
struct CompressedArrays {
    path: PathBuf,
    archive: Archive,
    entries: Vec<usize>,
}

impl RecordFiles for CompressedArrays {
    fn for_each(&self, read_part: &mut ReadPart<'_>) -> Result<(), DataError> {
        for (part, &entry) in self.entries.iter().enumerate() {
            let read = |reader: &mut dyn Read| read_part(part, reader);
            let is_wanted = self.archive.with_entry(&self.path, entry, read)?;
            if !is_wanted.map_err(|error| damaged(&self.path, &io_reason(&error)))? {
                break;
            }
        }
        Ok(())
    }
}

fn damaged(path: &Path, reason: &dyn Display) -> DataError {
    DataError::damaged(path, "NumPy archive", reason)
}

/// An array of an archive.
struct Array {
    /// Its name without `.npy`.
    name: String,
    /// Its index in the archive.
    entry: usize,
    header: Header,
}

/// All arrays of an archive, in order of their names.
fn read_headers(path: &Path, archive: &Archive) -> Result<Vec<Array>, DataError> {
    let mut arrays = Vec::new();
    for NamedEntry { name, index } in archive.files() {
        let Some(name) = name.strip_suffix(".npy") else {
            continue;
        };
        let header = archive.with_entry(path, index, |mut entry| Header::read(&mut entry))?;
        if let Ok(header) = header {
            arrays.push(Array {
                name: name.to_owned(),
                entry: index,
                header,
            });
        }
    }
    arrays.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(arrays)
}

/// The split that an array is named after.
fn split_of(name: &str) -> Option<Split> {
    let name = name.to_ascii_lowercase();
    if name.contains("train") {
        Some(Split::Train)
    } else if name.contains("val") {
        Some(Split::Valid)
    } else if name.contains("test") {
        Some(Split::Test)
    } else {
        None
    }
}

/// Arrays of pictures, and what is left out.
type Chosen<'a> = (Vec<(&'a Array, Pictures)>, LeftOutList);

/// The arrays of pictures that belong to a split: all if none is named after one.
fn choose<'a>(
    path: &Path,
    arrays: &'a [Array],
    split: Option<Split>,
) -> Result<Chosen<'a>, DataError> {
    let mut left_out = LeftOutList::default();
    let mut reasons = Vec::new();
    let mut chosen = Vec::new();
    for array in arrays {
        match Pictures::from_header(&array.header) {
            Ok(pictures) => chosen.push((array, pictures)),
            Err(reason) => reasons.push(format!("{}: {reason}", array.name)),
        }
    }
    if chosen.is_empty() {
        return Err(DataError::Unusable {
            path: path.to_owned(),
            reason: format!("no array holds pictures; {}", reasons.join("; ")),
        });
    }
    if chosen
        .iter()
        .any(|(array, _)| split_of(&array.name).is_some())
    {
        let split = split.unwrap_or(Split::Train);
        chosen.retain(|(array, _)| {
            let part = split_of(&array.name);
            let is_wanted = part.is_some_and(|part| split.includes(part));
            if !is_wanted {
                let part = part.unwrap_or(Split::All).to_string();
                left_out.add(LeftOutReason::OtherSplit, &part, &array.name);
            }
            is_wanted
        });
        if chosen.is_empty() {
            return Err(DataError::NoSplit {
                path: path.to_owned(),
                split,
                reason: "no array is named after it".to_owned(),
            });
        }
    }
    Ok((chosen, left_out))
}

/// The array of labels for an array of pictures: `y_train` for `x_train`, `train_labels` for
/// `train_images`, `labels` or `y` for an array that is not named after a split.
fn labels_of<'a>(arrays: &'a [Array], pictures: &Array, count: u64) -> Option<&'a Array> {
    let name = pictures.name.as_str();
    let mut names = vec![
        name.replace("images", "labels"),
        name.replace("image", "label"),
        name.replace('x', "y"),
        name.replace('X', "y"),
        name.replace("data", "labels"),
    ];
    if split_of(name).is_none() {
        names.extend(["labels", "label", "y", "target", "targets"].map(str::to_owned));
    }
    arrays.iter().find(|array| {
        array.name != name && names.contains(&array.name) && is_column(&array.header, count)
    })
}

/// Whether an array has one integer for each picture.
fn is_column(header: &Header, count: u64) -> bool {
    let has_one_each = match header.shape[..] {
        [length] | [length, 1] => length == count,
        _ => false,
    };
    has_one_each && header.integer_bytes().is_some()
}

fn read_labels(
    path: &Path,
    archive: &Archive,
    array: &Array,
    count: u64,
) -> Result<Vec<u32>, DataError> {
    let width = array.header.integer_bytes().unwrap_or(1);
    let (start, length) = (array.header.length, count * width as u64);
    let mut bytes = Vec::new();
    let read = archive.with_entry(path, array.entry, |entry| {
        io::copy(&mut entry.take(start), &mut io::sink())?;
        entry.take(length).read_to_end(&mut bytes)
    })?;
    if read.map_or(0, |count| count as u64) != length {
        let reason = format!("{} is truncated", array.name);
        return Err(damaged(path, &reason));
    }
    // Of a wider integer the lowest 32 bits are used: a larger label has no class anyway.
    let label = |bytes: &[u8]| {
        let mut low = [0; 4];
        let kept = bytes.len().min(4);
        low[..kept].copy_from_slice(&bytes[..kept]);
        u32::from_le_bytes(low)
    };
    Ok(bytes.chunks_exact(width).map(label).collect())
}
