//! NumPy arrays of pictures: `.npy`, and `.npz` with labels and splits as
//! Keras' and MedMNIST's files have them.

use std::io::Read;
use std::path::Path;

use super::format::Split;
use super::listing::{MAX_ENTRIES, too_many};
use super::npy::Header;
use super::reader::{Content, Reader, Span, Stream, file_size, open_file};
use super::records::{Layout, Order, Part, RecordSource, RecordStream};
use super::zip::Archive;
use super::{DataError, Entries, NONE, Opened};

/// An array of pictures.
struct Array {
    /// Its name without `.npy`.
    name: String,
    /// Its entry in the archive.
    place: usize,
    count: u64,
    layout: Layout,
    header_length: u64,
}

/// Opens a `.npy` file.
///
/// # Errors
///
/// [`DataError::Damaged`] for an array that holds no pictures or is cut off.
pub(super) fn open_npy(path: &Path) -> Result<Opened, DataError> {
    let file = open_file(path)?;
    let not_pictures = |reason: String| DataError::damaged(path, "NumPy file", &reason);
    let header = Header::read(&mut file.clone()).map_err(not_pictures)?;
    let (count, layout) = pictures_of(&header).map_err(not_pictures)?;
    let size = file_size(path)?;
    if Some(size) != expected_size(&header, count, layout) {
        return Err(not_pictures(format!(
            "{count} pictures are not {size} bytes: it is cut off"
        )));
    }
    let mut entries = Entries::default();
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let part = add_names(&mut entries, &stem, count)?;
    Ok(Opened {
        entries,
        reader: Reader::Spans {
            files: vec![file],
            spans: spans(part, header.length, layout).collect(),
            content: Content::Pixels(layout),
        },
        skipped: Vec::new(),
        remarks: Vec::new(),
    })
}

fn expected_size(header: &Header, count: u64, layout: Layout) -> Option<u64> {
    count
        .checked_mul(layout.bytes() as u64)?
        .checked_add(header.length)
}

fn add_names(entries: &mut Entries, stem: &str, count: u64) -> Result<Part, DataError> {
    let first = entries.names.len();
    if count.saturating_add(first as u64) > MAX_ENTRIES as u64 {
        return Err(too_many());
    }
    for number in 0..count {
        entries.names.push(&format!("{stem}/{number:05}"));
    }
    let count = count as usize;
    Ok(Part { first, count })
}

fn spans(part: Part, start: u64, layout: Layout) -> impl Iterator<Item = Span> {
    let length = layout.bytes() as u64;
    (0..part.count as u64).map(move |number| Span {
        file: 0,
        offset: start.saturating_add(number * length),
        length,
    })
}

/// The number and the form of an array's pictures.
fn pictures_of(header: &Header) -> Result<(u64, Layout), String> {
    if header.kind.trim_start_matches(['<', '>', '|', '=']) != "u1" {
        return Err(format!(
            "its values are of type {}, and pictures are uint8",
            header.kind
        ));
    }
    if header.fortran_order {
        return Err("it is in Fortran's order: save numpy.ascontiguousarray(…) of it".to_owned());
    }
    let layout = match header.shape[..] {
        [_, height, width] => Layout::new(width, height, 1, Order::Pixels),
        [_, height, width, channels @ (1 | 3 | 4)] => {
            Layout::new(width, height, channels, Order::Pixels)
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
        count => Ok((count, layout)),
    }
}

/// Whether an archive's files are arrays.
pub(super) fn is_npz(archive: &Archive) -> bool {
    let names = archive.names();
    !names.is_empty() && names.iter().all(|(name, _)| name.ends_with(".npy"))
}

/// Opens a `.npz` file.
///
/// # Errors
///
/// [`DataError::Damaged`] if no array holds pictures, and
/// [`DataError::NoSplit`] if none of them is of the split.
pub(super) fn open_npz(path: &Path, split: Option<Split>) -> Result<Opened, DataError> {
    let damaged =
        |reason: &dyn std::fmt::Display| DataError::damaged(path, "NumPy archive", reason);
    let archive = Archive::open(path)?;
    let headers = read_headers(path, &archive)?;
    let chosen = choose(path, &headers, split)?;
    let layout = chosen[0].layout;
    if let Some(other) = chosen.iter().find(|array| array.layout != layout) {
        return Err(damaged(&format!(
            "{} has pictures of another size",
            other.name
        )));
    }
    let mut entries = Entries::default();
    let mut parts = Vec::new();
    for array in &chosen {
        parts.push((
            add_names(&mut entries, &array.name, array.count)?,
            array.header_length,
        ));
        let labels = read_labels(path, &archive, &headers, array)?;
        entries
            .labels
            .extend(labels.unwrap_or_else(|| vec![NONE; array.count as usize]));
    }
    number_classes(&mut entries);
    Ok(Opened {
        entries,
        reader: npz_reader(path, archive, &chosen, parts, layout)?,
        skipped: Vec::new(),
        remarks: Vec::new(),
    })
}

/// Arrays that lie uncompressed in the archive are parts of its file.
fn npz_reader(
    path: &Path,
    archive: Archive,
    arrays: &[Array],
    parts: Vec<(Part, u64)>,
    layout: Layout,
) -> Result<Reader, DataError> {
    let places = arrays.iter().map(|array| array.place);
    let stored: Option<Vec<u64>> = places
        .clone()
        .map(|place| archive.stored_at(place))
        .collect();
    let Some(starts) = stored else {
        return Ok(Reader::Stream(Stream::Records(RecordStream {
            source: RecordSource::ZipEntries(path.to_owned(), archive, places.collect()),
            parts,
            prefix: 0,
            layout,
        })));
    };
    let parts = parts.into_iter().zip(starts);
    Ok(Reader::Spans {
        files: vec![open_file(path)?],
        spans: parts
            .flat_map(|((part, header), start)| spans(part, start.saturating_add(header), layout))
            .collect(),
        content: Content::Pixels(layout),
    })
}

/// The arrays of an archive: name, entry, header.
type Headers = Vec<(String, usize, Header)>;

fn read_headers(path: &Path, archive: &Archive) -> Result<Headers, DataError> {
    let mut headers = Vec::new();
    for (name, place) in archive.names() {
        let Some(stem) = name.strip_suffix(".npy") else {
            continue;
        };
        let header = archive.with_entry(path, place, |mut entry| Header::read(&mut entry))?;
        if let Ok(header) = header {
            headers.push((stem.to_owned(), place, header));
        }
    }
    headers.sort_by(|one, other| one.0.cmp(&other.0));
    Ok(headers)
}

/// The split that an array's name tells.
fn split_of(name: &str) -> Option<Split> {
    match name.to_ascii_lowercase() {
        name if name.contains("train") => Some(Split::Train),
        name if name.contains("val") => Some(Split::Valid),
        name if name.contains("test") => Some(Split::Test),
        _ => None,
    }
}

fn choose(path: &Path, headers: &Headers, split: Option<Split>) -> Result<Vec<Array>, DataError> {
    let mut reasons = Vec::new();
    let mut arrays = Vec::new();
    for (name, place, header) in headers {
        match pictures_of(header) {
            Ok((count, layout)) => arrays.push(Array {
                name: name.clone(),
                place: *place,
                count,
                layout,
                header_length: header.length,
            }),
            Err(reason) => reasons.push(format!("{name}: {reason}")),
        }
    }
    if arrays.is_empty() {
        let reason = format!("no array holds pictures; {}", reasons.join("; "));
        return Err(DataError::damaged(path, "NumPy archive", &reason));
    }
    if arrays.iter().any(|array| split_of(&array.name).is_some()) {
        let split = split.unwrap_or(Split::Train);
        arrays.retain(|array| split_of(&array.name).is_some_and(|part| split.takes(part)));
        if arrays.is_empty() {
            return Err(DataError::NoSplit {
                path: path.to_owned(),
                split,
                reason: "no array is named after that part".to_owned(),
            });
        }
    }
    Ok(arrays)
}

/// The labels that belong to an array: `y_train` to `x_train`, `train_labels`
/// to `train_images`, `labels` or `y` to a single array of any other name.
fn read_labels(
    path: &Path,
    archive: &Archive,
    headers: &Headers,
    array: &Array,
) -> Result<Option<Vec<u32>>, DataError> {
    let name = array.name.as_str();
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
    let wanted = |(found, _, header): &&(String, usize, Header)| {
        found != name && names.contains(found) && is_column(header, array.count)
    };
    let Some((name, place, header)) = headers.iter().find(wanted) else {
        return Ok(None);
    };
    let width = header.integer_bytes().unwrap_or(1);
    let (skip, length) = (header.length, array.count * width as u64);
    let mut bytes = Vec::new();
    let read = archive.with_entry(path, *place, |entry| {
        let skipped = std::io::copy(&mut entry.take(skip), &mut std::io::sink());
        skipped.and_then(|_| entry.take(length).read_to_end(&mut bytes))
    })?;
    match read {
        Ok(count) if count as u64 == length => {}
        _ => {
            let reason = format!("{name} is cut off");
            return Err(DataError::damaged(path, "NumPy archive", &reason));
        }
    }
    // Of a larger integer the lowest 32 bits are a label, or there are too many.
    let label = |bytes: &[u8]| {
        let mut low = [0; 4];
        let kept = bytes.len().min(4);
        low[..kept].copy_from_slice(&bytes[..kept]);
        u32::from_le_bytes(low)
    };
    Ok(Some(bytes.chunks_exact(width).map(label).collect()))
}

/// Whether an array has one integer for each picture.
fn is_column(header: &Header, count: u64) -> bool {
    let one_each = match header.shape[..] {
        [length] | [length, 1] => length == count,
        _ => false,
    };
    one_each && header.integer_bytes().is_some()
}

/// The most classes that numbers can name.
const MAX_CLASSES: u32 = 100_000;

/// Names the classes by their numbers; labels that are none are dropped.
fn number_classes(entries: &mut Entries) {
    let known = || entries.labels.iter().filter(|&&label| label != NONE);
    match known().max() {
        Some(&most) if most < MAX_CLASSES => {
            entries.classes = (0..=most).map(|class| class.to_string()).collect();
        }
        _ => entries.labels.clear(),
    }
}
