//! CIFAR-10 and CIFAR-100 (Krizhevsky 2009), the binary version: records of one or two bytes of
//! labels and 32×32 pixels in planes.

use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

use dcgan_support::regular_file;

use super::tar::{for_each_file_in, is_header};
use crate::error::DataError;
use crate::io_reason::{Reason, io_reason};
use crate::left_out::{LeftOutList, LeftOutReason};
use crate::source::compression::Compression;
use crate::source::files::{file_name, file_size, open_file, unreadable};
use crate::source::layout::{Layout, Order};
use crate::source::opened::{Opened, Source};
use crate::source::place::Place;
use crate::source::probe::{Found, Mismatch, Probed};
use crate::source::record_set::{ReadPart, RecordFiles, RecordSet, Records};
use crate::source::stamp::Stamp;
use crate::split::Split;

const SIDE: u64 = 32;
const PIXEL_BYTES: usize = 3 * 32 * 32;

/// The most pictures in one file.
const MAX_RECORDS: usize = 1_000_000;

/// The folders that the archives unpack to.
const FOLDERS: [&str; 2] = ["cifar-10-batches-bin", "cifar-100-binary"];

/// The folders that the archives of the version for Python unpack to.
const PYTHON_FOLDERS: [&str; 2] = ["cifar-10-batches-py", "cifar-100-python"];

/// The lists of class names of CIFAR-10 and of CIFAR-100.
const CLASS_LISTS: [&str; 2] = ["batches.meta.txt", "fine_label_names.txt"];

/// The endings of the files that belong to the data set.
const OWN_ENDINGS: [&str; 3] = [".bin", ".txt", ".html"];

/// The files in an archive that may come before the first of CIFAR's.
const MAX_FILES_BEFORE: usize = 4;

const NO_FILES: Mismatch = Mismatch::OtherFormat("there is no data_batch_1.bin or train.bin in it");

/// A folder with the binary version's files in it, or up to two levels below it.
pub(super) fn in_folder(place: &Place) -> Probed {
    let first = ["data_batch_1.bin", "train.bin", "test_batch.bin"];
    let files = place.listing()?.data_files(|name| first.contains(&name));
    let folders = files.iter().filter_map(|file| file.parent());
    let folder = folders.into_iter().find(|folder| {
        let has = |name: &str| folder.join(name).is_file();
        has("data_batch_1.bin") || (has("train.bin") && has("fine_label_names.txt"))
    });
    folder.map_or(Err(NO_FILES), |folder| {
        Found::source(CifarFolder(folder.to_owned()))
    })
}

/// A folder with the version for Python, whose pickled files are not read.
pub(super) fn python_version(place: &Place) -> Probed {
    let first = ["data_batch_1", "train"];
    let files = place.listing()?.data_files(|name| first.contains(&name));
    let folders = files.iter().filter_map(|file| file.parent());
    let mut folders = folders.filter(|folder| {
        let has = |name: &str| folder.join(name).is_file();
        has("batches.meta") || has("meta")
    });
    match folders.next() {
        Some(folder) => {
            let path = folder.to_owned();
            Err(DataError::PythonCifar { path }.into())
        }
        None => Err(NO_FILES),
    }
}

/// A tar archive, compressed or not, whose first files are CIFAR's.
pub(super) fn in_file(place: &Place) -> Probed {
    if !is_header(place.unpacked_head()) {
        return Err(NO_FILES);
    }
    let (path, compression) = (place.path(), place.compression());
    let (mut is_cifar, mut is_python, mut files) = (false, false, 0);
    // An archive that is truncated later on may still be CIFAR's.
    let _ = for_each_file_in(path, compression, |name, _| {
        let name = name.trim_start_matches("./");
        let is_in = |folders: [&str; 2]| folders.iter().any(|folder| name.starts_with(folder));
        (is_cifar, is_python) = (is_in(FOLDERS), is_in(PYTHON_FOLDERS));
        files += 1;
        Ok(!is_cifar && !is_python && files < MAX_FILES_BEFORE)
    });
    if is_python {
        let path = path.to_owned();
        return Err(DataError::PythonCifar { path }.into());
    }
    if !is_cifar {
        return Err(NO_FILES);
    }
    Found::source(CifarArchive {
        path: path.to_owned(),
        compression,
    })
}

/// The format of a file of records.
#[derive(Clone, Copy)]
struct RecordFormat {
    split: Split,
    /// Bytes of labels before each picture's pixels; the last one is used.
    label_bytes: usize,
}

impl RecordFormat {
    /// By the name of the file; `None` if it does not hold records.
    fn from_name(name: &str) -> Option<Self> {
        let (split, label_bytes) = match name.rsplit('/').next().unwrap_or(name) {
            "train.bin" => (Split::Train, 2),
            "test.bin" => (Split::Test, 2),
            "test_batch.bin" => (Split::Test, 1),
            name => {
                let batch = name.strip_prefix("data_batch_")?.strip_suffix(".bin")?;
                batch.parse::<u32>().ok()?;
                (Split::Train, 1)
            }
        };
        Some(Self { split, label_bytes })
    }
}

/// The records of one file.
struct RecordFile {
    name: String,
    format: RecordFormat,
    labels: Vec<u32>,
}

/// What is read of a data set before its pictures.
#[derive(Default)]
struct Contents {
    files: Vec<RecordFile>,
    class_names: Vec<String>,
    /// Files of other splits.
    left_out: LeftOutList,
}

impl Contents {
    /// Reads a file: its labels if it holds records of the split, or its class names.
    fn read_file(&mut self, name: &str, split: Split, reader: &mut dyn Read) -> io::Result<()> {
        let format = RecordFormat::from_name(name);
        let other = format.filter(|format| !split.includes(format.split));
        if let Some(other) = other {
            let split = other.split.to_string();
            self.left_out.add(LeftOutReason::OtherSplit, &split, name);
        } else if let Some(format) = format {
            self.files.push(RecordFile {
                name: name.to_owned(),
                format,
                labels: read_labels(reader, format.label_bytes)?,
            });
        } else if CLASS_LISTS.contains(&name.rsplit('/').next().unwrap_or(name)) {
            self.class_names = read_class_names(reader);
        }
        Ok(())
    }

    /// The pictures of all files, in order of the files' names.
    fn into_record_set(
        mut self,
        path: &Path,
        split: Split,
    ) -> Result<(RecordSet, Vec<String>, LeftOutList), DataError> {
        if self.files.iter().all(|file| file.labels.is_empty()) {
            return Err(DataError::NoSplit {
                path: path.to_owned(),
                split,
                reason: "it has no file of that split".to_owned(),
            });
        }
        self.files.sort_by(|one, other| one.name.cmp(&other.name));
        let layout = Layout::new(SIDE, SIDE, 3, Order::Planes).expect("32×32 is a valid size");
        let mut set = RecordSet::new("CIFAR file");
        for file in &self.files {
            let name = file.name.rsplit('/').next().unwrap_or(&file.name);
            set.add(&Records {
                path,
                name: name.strip_suffix(".bin").unwrap_or(name),
                count: file.labels.len() as u64,
                layout,
                header: 0,
                prefix: file.format.label_bytes,
            })?;
            set.label(file.labels.iter().copied());
        }
        set.name_classes(&self.class_names);
        let names = self.files.into_iter().map(|file| file.name);
        Ok((set, names.collect(), self.left_out))
    }
}

/// A folder of files.
#[derive(Debug)]
struct CifarFolder(PathBuf);

impl CifarFolder {
    /// The files of records, in order of their names.
    fn record_files(&self) -> Vec<PathBuf> {
        let entries = self.0.read_dir().into_iter().flatten().flatten();
        let mut files: Vec<PathBuf> = entries
            .map(|entry| entry.path())
            .filter(|path| RecordFormat::from_name(&file_name(path)).is_some())
            .collect();
        files.sort();
        files
    }
}

impl Source for CifarFolder {
    fn has_splits(&self) -> bool {
        true
    }

    fn pictures(&self) -> Option<usize> {
        let count = |file: &PathBuf| -> Option<usize> {
            let labels = RecordFormat::from_name(&file_name(file))?.label_bytes;
            Some(file_size(file).ok()? as usize / (labels + PIXEL_BYTES))
        };
        self.record_files().iter().map(count).sum()
    }

    fn files(&self) -> Vec<PathBuf> {
        let entries = self.0.read_dir().into_iter().flatten().flatten();
        let files = entries.map(|entry| entry.path());
        files
            .filter(|file| {
                OWN_ENDINGS
                    .iter()
                    .any(|ending| file_name(file).ends_with(ending))
            })
            .collect()
    }

    fn stamp(&self) -> Result<Stamp, DataError> {
        Ok(Stamp::of_files(&self.record_files()))
    }

    fn open(self: Box<Self>, split: Option<Split>) -> Result<Opened, DataError> {
        let split = split.unwrap_or(Split::Train);
        let mut contents = Contents::default();
        for path in self.record_files() {
            let file = regular_file::open(&path).map_err(|source| unreadable(&path, source))?;
            contents
                .read_file(&file_name(&path), split, &mut BufReader::new(file))
                .map_err(|error| DataError::damaged(&path, "CIFAR file", &io_reason(&error)))?;
        }
        for list in CLASS_LISTS {
            if let Ok(mut file) = regular_file::open(&self.0.join(list)) {
                contents.class_names = read_class_names(&mut file);
            }
        }
        let (set, names, left_out) = contents.into_record_set(&self.0, split)?;
        let files: Result<_, _> = names
            .iter()
            .map(|name| open_file(&self.0.join(name)))
            .collect();
        Ok(Opened {
            left_out,
            ..set.into_random_access(files?)
        })
    }
}

/// An archive as it is downloaded.
#[derive(Debug)]
struct CifarArchive {
    path: PathBuf,
    compression: Compression,
}

impl Source for CifarArchive {
    fn has_splits(&self) -> bool {
        true
    }

    fn pictures(&self) -> Option<usize> {
        let mut pictures = 0;
        for_each_file_in(&self.path, self.compression, |name, entry| {
            if let Some(format) = RecordFormat::from_name(&name) {
                pictures += entry.size() as usize / (format.label_bytes + PIXEL_BYTES);
            }
            Ok(true)
        })
        .ok()?;
        Some(pictures)
    }

    fn files(&self) -> Vec<PathBuf> {
        vec![self.path.clone()]
    }

    fn stamp(&self) -> Result<Stamp, DataError> {
        Ok(Stamp::of_file(&self.path))
    }

    fn open(self: Box<Self>, split: Option<Split>) -> Result<Opened, DataError> {
        let Self { path, compression } = *self;
        let split = split.unwrap_or(Split::Train);
        let mut contents = Contents::default();
        for_each_file_in(&path, compression, |name, entry| {
            contents.read_file(&name, split, entry)?;
            Ok(true)
        })?;
        let (set, names, left_out) = contents.into_record_set(&path, split)?;
        let files = ArchiveFiles {
            path,
            compression,
            names,
        };
        Ok(Opened {
            left_out,
            ..set.into_stream(files)
        })
    }
}

/// The files of an archive that hold the parts of a record set, by their names.
#[derive(Debug)]
struct ArchiveFiles {
    path: PathBuf,
    compression: Compression,
    names: Vec<String>,
}

impl RecordFiles for ArchiveFiles {
    fn for_each(&self, read_part: &mut ReadPart<'_>) -> Result<(), DataError> {
        for_each_file_in(&self.path, self.compression, |name, entry| {
            match self.names.iter().position(|known| *known == name) {
                Some(part) => Ok(read_part(part, entry)?),
                None => Ok(true),
            }
        })
    }
}

/// Reads class names, one a line. They are optional: an unreadable list has none.
fn read_class_names(reader: &mut dyn Read) -> Vec<String> {
    let mut text = String::new();
    let _ = reader.take(1 << 16).read_to_string(&mut text);
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.map(str::to_owned).collect()
}

/// Reads the labels of all records: the last byte before the pixels of each.
fn read_labels(reader: &mut dyn Read, label_bytes: usize) -> io::Result<Vec<u32>> {
    let mut labels = Vec::new();
    let mut record = Vec::new();
    loop {
        record.clear();
        let length = label_bytes + PIXEL_BYTES;
        match reader.take(length as u64).read_to_end(&mut record)? {
            0 => return Ok(labels),
            read if read < length => {
                let reason = "it ends within a picture".to_owned();
                return Err(Reason(reason).into_io());
            }
            _ if labels.len() == MAX_RECORDS => {
                return Err(Reason("it has too many pictures".to_owned()).into_io());
            }
            _ => labels.push(u32::from(record[label_bytes - 1])),
        }
    }
}
