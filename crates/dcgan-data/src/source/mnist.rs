//! MNIST (LeCun, Cortes and Burges 1998), Fashion-MNIST and others of their
//! form: idx files of pictures and of labels, gzipped or not.

use std::io::Read;
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use super::format::Split;
use super::listing::MAX_ENTRIES;
use super::reader::{Content, Reader, Span, Stream, file_size, open_file};
use super::records::{
    Layout, MOST_DEFLATED, Order, Part, RecordSource, RecordStream, compression_of, open_maybe_gzip,
};
use super::tar::Compression;
use super::{DataError, Entries, NONE, Opened};

/// How an idx file of bytes begins: two zeros, the type, the dimensions.
pub(super) const IMAGES_MAGIC: [u8; 4] = [0, 0, 8, 3];
const LABELS_MAGIC: [u8; 4] = [0, 0, 8, 1];
const IMAGES_HEADER: usize = 16;

/// The idx files of pictures in a folder, or one of them.
///
/// The one that is unpacked is taken where both are there.
pub(super) fn find(path: &Path) -> Vec<PathBuf> {
    if path.is_file() {
        return vec![path.to_owned()];
    }
    let walk = WalkDir::new(path).max_depth(3).follow_links(true);
    let mut files: Vec<PathBuf> = walk
        .into_iter()
        .filter_map(Result::ok)
        .filter(|entry| entry.file_type().is_file())
        .map(walkdir::DirEntry::into_path)
        .filter(|path| is_images_name(&file_name(path)))
        .collect();
    files.sort();
    files.dedup_by(|second, first| {
        file_name(second) == format!("{}.gz", file_name(first)) && second.parent() == first.parent()
    });
    files
}

/// `train-images-idx3-ubyte`, `t10k-images.idx3-ubyte.gz`.
fn is_images_name(name: &str) -> bool {
    name.contains("images") && name.contains("idx3")
}

fn file_name(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

/// The file of labels that belongs to one of pictures, gzipped or not.
pub(super) fn labels_of(images: &Path) -> Option<PathBuf> {
    let name = file_name(images)
        .replace("images", "labels")
        .replace("idx3", "idx1");
    let bare = name.strip_suffix(".gz").unwrap_or(&name);
    let files = [name.clone(), bare.to_owned(), format!("{bare}.gz")];
    let mut files = files.map(|name| images.with_file_name(name)).into_iter();
    files.find(|file| file.is_file() && file != images)
}

fn split_of(path: &Path) -> Split {
    let name = file_name(path);
    match name.contains("t10k") || name.contains("test") {
        true => Split::Test,
        false => Split::Train,
    }
}

/// Opens idx files.
///
/// # Errors
///
/// Files that are cut off, differ in the size of their pictures or have another
/// number of labels; a split of which there is no file.
pub(super) fn open(
    path: &Path,
    files: &[PathBuf],
    split: Option<Split>,
) -> Result<Opened, DataError> {
    let split = split.unwrap_or(match files.len() {
        1 => Split::All,
        _ => Split::Train,
    });
    let chosen: Vec<&PathBuf> = files
        .iter()
        .filter(|file| split.takes(split_of(file)))
        .collect();
    if chosen.is_empty() {
        return Err(DataError::NoSplit {
            path: path.to_owned(),
            split,
            reason: "there is no file of that part".to_owned(),
        });
    }
    let mut entries = Entries::default();
    let (mut parts, mut layout, mut compressed) = (Vec::new(), None, false);
    for file in &chosen {
        let (count, found) = read_header(file)?;
        if *layout.get_or_insert(found) != found {
            let reason = "its pictures are of another size";
            return Err(DataError::damaged(file, "idx file", &reason));
        }
        compressed |= compression_of(file)? != Compression::None;
        let part = add_entries(&mut entries, file, count)?;
        parts.push((part, IMAGES_HEADER as u64));
    }
    number_classes(&mut entries);
    let layout = layout.expect("at least one file was chosen");
    let reader = match compressed {
        true => Reader::Stream(Stream::Records(RecordStream {
            source: RecordSource::Files(chosen.into_iter().cloned().collect()),
            parts,
            prefix: 0,
            layout,
        })),
        false => spans(&chosen, &parts, layout)?,
    };
    Ok(Opened {
        entries,
        reader,
        skipped: Vec::new(),
        remarks: Vec::new(),
    })
}

/// Names the classes by their numbers; without any label there are none.
fn number_classes(entries: &mut Entries) {
    let known = entries.labels.iter().filter(|&&label| label != NONE);
    match known.max() {
        Some(&most) => entries.classes = (0..=most).map(|class| class.to_string()).collect(),
        None => entries.labels.clear(),
    }
}

fn spans(files: &[&PathBuf], parts: &[(Part, u64)], layout: Layout) -> Result<Reader, DataError> {
    let length = layout.bytes() as u64;
    let span = |file: usize, number: usize| Span {
        file: file as u32,
        offset: IMAGES_HEADER as u64 + number as u64 * length,
        length,
    };
    let parts = parts.iter().enumerate();
    Ok(Reader::Spans {
        files: files
            .iter()
            .map(|file| open_file(file))
            .collect::<Result<_, _>>()?,
        spans: parts
            .flat_map(|(file, (part, _))| (0..part.count).map(move |number| span(file, number)))
            .collect(),
        content: Content::Pixels(layout),
    })
}

/// Names the pictures of a file and reads their labels.
fn add_entries(entries: &mut Entries, file: &Path, count: usize) -> Result<Part, DataError> {
    let first = entries.names.len();
    if first + count > MAX_ENTRIES {
        return Err(super::listing::too_many());
    }
    let name = file_name(file);
    let name = name.strip_suffix(".gz").unwrap_or(&name);
    for number in 0..count {
        entries.names.push(&format!("{name}/{number:05}"));
    }
    match labels_of(file) {
        Some(labels) => entries.labels.extend(read_labels(&labels, count)?),
        None => entries.labels.extend(vec![NONE; count]),
    }
    Ok(Part { first, count })
}

/// The number and the size of the pictures, which must fit the file's size.
fn read_header(path: &Path) -> Result<(usize, Layout), DataError> {
    let damaged = |reason: &dyn std::fmt::Display| DataError::damaged(path, "idx file", reason);
    let mut header = [0; IMAGES_HEADER];
    let mut reader = open_maybe_gzip(path)?;
    reader
        .read_exact(&mut header)
        .map_err(|error| damaged(&error))?;
    if header[..4] != IMAGES_MAGIC {
        return Err(damaged(&"it does not begin as one of pictures does"));
    }
    let number = |at: usize| {
        u64::from(u32::from_be_bytes(
            [0, 1, 2, 3].map(|byte| header[at + byte]),
        ))
    };
    let (count, height, width) = (number(4), number(8), number(12));
    let layout = Layout::new(width, height, 1, Order::Pixels)
        .ok_or_else(|| damaged(&format!("its pictures cannot have {width}×{height} pixels")))?;
    let expected = IMAGES_HEADER as u64 + count * layout.bytes() as u64;
    let size = file_size(path)?;
    let fits = match compression_of(path)? {
        Compression::None => size == expected,
        _ => expected <= size.saturating_mul(MOST_DEFLATED),
    };
    match fits {
        true => Ok((count as usize, layout)),
        false => Err(damaged(&format!("{count} pictures are not {size} bytes"))),
    }
}

fn read_labels(path: &Path, count: usize) -> Result<Vec<u32>, DataError> {
    let damaged = |reason: &dyn std::fmt::Display| DataError::damaged(path, "idx file", reason);
    let mut bytes = Vec::new();
    open_maybe_gzip(path)?
        .take(MAX_ENTRIES as u64 + 8)
        .read_to_end(&mut bytes)
        .map_err(|error| damaged(&error))?;
    match bytes.first_chunk::<8>() {
        Some(header) if header[..4] == LABELS_MAGIC => {}
        _ => return Err(damaged(&"it does not begin as one of labels does")),
    }
    let labels = &bytes[8..];
    match labels.len() == count {
        true => Ok(labels.iter().map(|&label| u32::from(label)).collect()),
        false => Err(damaged(&format!(
            "it has {} labels for {count} pictures",
            labels.len()
        ))),
    }
}
