//! MNIST (LeCun, Cortes and Burges 1998), Fashion-MNIST and others in its format: idx files of
//! pictures and of labels, gzipped or not.

use std::fmt::Display;
use std::io::Read;
use std::path::{Path, PathBuf};

use crate::error::DataError;
use crate::io_reason::io_reason;
use crate::source::compression::{Compression, MAX_DEFLATE_RATIO, open_maybe_compressed};
use crate::source::files::{file_name, file_size, files_of_split, of_other_splits, open_file};
use crate::source::layout::{Layout, Order};
use crate::source::listing::MAX_ENTRIES;
use crate::source::opened::{Opened, Source};
use crate::source::place::Place;
use crate::source::probe::{Found, Mismatch, Probed};
use crate::source::record_set::{ReadPart, RecordFiles, RecordSet, Records};
use crate::source::stamp::Stamp;
use crate::split::Split;

/// The first bytes of an idx file of bytes: two zeros, the type, the number of dimensions.
const IMAGES_MAGIC: [u8; 4] = [0, 0, 8, 3];
const LABELS_MAGIC: [u8; 4] = [0, 0, 8, 1];

/// The bytes before the first picture, and before the first label.
const IMAGES_HEADER: usize = 16;
const LABELS_HEADER: usize = 8;

/// A folder with idx files of pictures in it, or in folders below it.
pub(super) fn in_folder(place: &Place) -> Probed {
    let files = place.listing()?.data_files(|name| name.contains("idx"));
    let images = images_among(files);
    if images.is_empty() {
        let reason = "there is no …images-idx3-ubyte in it";
        return Err(Mismatch::OtherFormat(reason));
    }
    Found::source(Mnist {
        path: place.path().to_owned(),
        images,
    })
}

/// An idx file of pictures, gzipped or not, or any file if the format is requested.
pub(super) fn in_file(place: &Place) -> Probed {
    if !place.is_requested() && !place.unpacked_head().starts_with(&IMAGES_MAGIC) {
        return Err(Mismatch::OtherFormat("it is not an idx file of pictures"));
    }
    let path = place.path().to_owned();
    Found::source(Mnist {
        images: vec![path.clone()],
        path,
    })
}

/// The idx files of pictures; of a file and its gzipped copy only the former.
fn images_among(mut files: Vec<PathBuf>) -> Vec<PathBuf> {
    files.retain(|path| is_images_name(&file_name(path)));
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

/// The file of labels that belongs to one of pictures, gzipped or not.
fn labels_of(images: &Path) -> Option<PathBuf> {
    let name = file_name(images)
        .replace("images", "labels")
        .replace("idx3", "idx1");
    let plain = name.strip_suffix(".gz").unwrap_or(&name);
    let files = [name.clone(), plain.to_owned(), format!("{plain}.gz")];
    let mut files = files.map(|name| images.with_file_name(name)).into_iter();
    files.find(|file| file.is_file() && file != images)
}

fn split_of(images: &Path) -> Option<Split> {
    let name = file_name(images);
    if name.contains("t10k") || name.contains("test") {
        Some(Split::Test)
    } else {
        Some(Split::Train)
    }
}

/// Idx files of pictures.
#[derive(Debug)]
struct Mnist {
    path: PathBuf,
    images: Vec<PathBuf>,
}

impl Source for Mnist {
    fn has_splits(&self) -> bool {
        true
    }

    fn pictures(&self) -> Option<usize> {
        let counts = self.images.iter().map(|file| ImagesHeader::read(file));
        let counts = counts.map(|header| header.map(|header| header.count as usize));
        counts.sum::<Result<usize, _>>().ok()
    }

    fn files(&self) -> Vec<PathBuf> {
        let labels = self.images.iter().filter_map(|images| labels_of(images));
        let files: Vec<PathBuf> = self.images.iter().cloned().chain(labels).collect();
        let gzipped = files.iter().map(|file| {
            let name = file_name(file);
            file.with_file_name(format!("{name}.gz"))
        });
        gzipped.chain(files.iter().cloned()).collect()
    }

    fn stamp(&self) -> Result<Stamp, DataError> {
        let labels: Vec<PathBuf> = self.images.iter().filter_map(|it| labels_of(it)).collect();
        Ok(Stamp::of_files(self.images.iter().chain(&labels)))
    }

    fn open(self: Box<Self>, split: Option<Split>) -> Result<Opened, DataError> {
        let files = files_of_split(&self.path, &self.images, split, split_of)?;
        let mut set = RecordSet::new("idx file");
        let mut is_compressed = false;
        for path in &files {
            let header = ImagesHeader::read(path)?;
            let name = file_name(path);
            set.add(&Records {
                path,
                name: name.strip_suffix(".gz").unwrap_or(&name),
                count: header.count,
                layout: header.layout,
                header: IMAGES_HEADER as u64,
                prefix: 0,
            })?;
            if let Some(labels) = labels_of(path) {
                set.label(read_labels(&labels, header.count)?);
            }
            is_compressed |= Compression::of_file(path)?.is_compressed();
        }
        set.name_classes(&[]);
        let left_out = of_other_splits(&self.images, &files, split_of);
        let opened = if is_compressed {
            set.into_stream(IdxFiles(files))
        } else {
            let files: Result<_, _> = files.iter().map(|file| open_file(file)).collect();
            set.into_random_access(files?)
        };
        Ok(Opened { left_out, ..opened })
    }
}

/// Idx files of which at least one is gzipped.
#[derive(Debug)]
struct IdxFiles(Vec<PathBuf>);

impl RecordFiles for IdxFiles {
    fn for_each(&self, read_part: &mut ReadPart<'_>) -> Result<(), DataError> {
        for (part, path) in self.0.iter().enumerate() {
            let mut reader = open_maybe_compressed(path)?;
            if !read_part(part, &mut reader).map_err(|error| damaged(path, &io_reason(&error)))? {
                break;
            }
        }
        Ok(())
    }
}

fn damaged(path: &Path, reason: &dyn Display) -> DataError {
    DataError::damaged(path, "idx file", reason)
}

/// What an idx file says about its pictures.
struct ImagesHeader {
    count: u64,
    layout: Layout,
}

impl ImagesHeader {
    /// Reads a header, which must fit the file's size.
    fn read(path: &Path) -> Result<Self, DataError> {
        let mut header = [0; IMAGES_HEADER];
        let mut reader = open_maybe_compressed(path)?;
        reader
            .read_exact(&mut header)
            .map_err(|error| damaged(path, &io_reason(&error)))?;
        if !header.starts_with(&IMAGES_MAGIC) {
            let reason = "it does not begin as an idx file of pictures does";
            return Err(damaged(path, &reason));
        }
        let number = |at: usize| {
            let bytes = std::array::from_fn(|byte| header[at + byte]);
            u64::from(u32::from_be_bytes(bytes))
        };
        let (count, height, width) = (number(4), number(8), number(12));
        let layout = Layout::new(width, height, 1, Order::Interleaved).ok_or_else(|| {
            damaged(
                path,
                &format!("its pictures cannot have {width}×{height} pixels"),
            )
        })?;
        let expected = IMAGES_HEADER as u64 + count * layout.bytes() as u64;
        let size = file_size(path)?;
        let fits = if Compression::of_file(path)?.is_compressed() {
            expected <= size.saturating_mul(MAX_DEFLATE_RATIO)
        } else {
            size == expected
        };
        if !fits {
            let reason = format!("{count} pictures do not take {size} bytes");
            return Err(damaged(path, &reason));
        }
        Ok(Self { count, layout })
    }
}

fn read_labels(path: &Path, count: u64) -> Result<Vec<u32>, DataError> {
    let mut bytes = Vec::new();
    open_maybe_compressed(path)?
        .take((MAX_ENTRIES + LABELS_HEADER) as u64)
        .read_to_end(&mut bytes)
        .map_err(|error| damaged(path, &io_reason(&error)))?;
    if bytes.len() < LABELS_HEADER || !bytes.starts_with(&LABELS_MAGIC) {
        let reason = "it does not begin as an idx file of labels does";
        return Err(damaged(path, &reason));
    }
    let labels = &bytes[LABELS_HEADER..];
    if labels.len() as u64 != count {
        let reason = format!("it has {} labels for {count} pictures", labels.len());
        return Err(damaged(path, &reason));
    }
    Ok(labels.iter().map(|&label| u32::from(label)).collect())
}
