//! CIFAR-10 and CIFAR-100 (Krizhevsky 2009), the binary version: records of one
//! or two bytes of labels and 32×32 pixels in planes.

use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::format::Split;
use super::reader::{Content, Reader, Span, Stream, open_file, unreadable};
use super::records::{Layout, Order, Part, RecordSource, RecordStream};
use super::tar::{self, Compression};
use super::{DataError, Entries, Opened};

const SIDE: u64 = 32;
const PIXEL_BYTES: usize = 3 * 32 * 32;

/// The most pictures that one file may have.
const MAX_RECORDS: usize = 1_000_000;

/// Where a file of the data set is, and what is in it.
#[derive(Debug)]
struct File {
    name: String,
    /// Every picture's label: the only one, or the finer one.
    labels: Vec<u32>,
}

/// The folders that the archives unpack to.
const FOLDERS: [&str; 2] = ["cifar-10-batches-bin", "cifar-100-binary"];

/// The folder of CIFAR's files at a path, or an archive that holds them.
pub(super) fn find(path: &Path) -> Option<PathBuf> {
    if path.is_dir() {
        let mut folders = vec![path.to_owned()];
        folders.extend(FOLDERS.map(|name| path.join(name)));
        let holds = |folder: &PathBuf, name: &str| folder.join(name).is_file();
        return folders.into_iter().find(|folder| {
            holds(folder, "data_batch_1.bin")
                || (holds(folder, "train.bin") && holds(folder, "fine_label_names.txt"))
        });
    }
    let head = super::records::head(path, 4).ok()?;
    let mut archive = ::tar::Archive::new(tar::open(path, Compression::of(&head)).ok()?);
    let mut is_cifar = false;
    // Its files come first, or it is another archive.
    let mut left = 4;
    let _ = tar::for_each_file(archive.entries().ok()?.raw(true), |name, _| {
        is_cifar = FOLDERS
            .iter()
            .any(|folder| name.trim_start_matches("./").starts_with(folder));
        left -= 1;
        Ok(!is_cifar && left > 0)
    });
    is_cifar.then(|| path.to_owned())
}

/// Whether a folder holds the version for Python, which is pickled.
pub(super) fn is_python_version(folder: &Path) -> bool {
    let here = |name: &str| folder.join(name).is_file();
    (here("data_batch_1") || here("train")) && (here("batches.meta") || here("meta"))
}

/// The files that its state is told by.
pub(super) fn files(path: &Path) -> Vec<PathBuf> {
    if path.is_file() {
        return vec![path.to_owned()];
    }
    let entries = path.read_dir().into_iter().flatten().flatten();
    let mut files: Vec<PathBuf> = entries
        .map(|entry| entry.path())
        .filter(|path| part_of(&file_name(path)).is_some())
        .collect();
    files.sort();
    files
}

fn file_name(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

/// The split of a file, and the bytes of labels before each picture.
fn part_of(name: &str) -> Option<(Split, usize)> {
    let name = name.rsplit('/').next().unwrap_or(name);
    match name {
        "train.bin" => Some((Split::Train, 2)),
        "test.bin" => Some((Split::Test, 2)),
        "test_batch.bin" => Some((Split::Test, 1)),
        _ => {
            let batch = name.strip_prefix("data_batch_")?.strip_suffix(".bin")?;
            batch.parse::<u32>().ok().map(|_| (Split::Train, 1))
        }
    }
}

/// Opens a folder of files or an archive of them.
///
/// # Errors
///
/// Files that are cut off, and an archive without any.
pub(super) fn open(path: &Path, split: Option<Split>) -> Result<Opened, DataError> {
    let split = split.unwrap_or(Split::Train);
    let wanted = |name: &str| part_of(name).filter(|(part, _)| split.takes(*part));
    let mut class_names = Vec::new();
    let (mut found, prefix) = match path.is_dir() {
        true => read_folder(path, &wanted, &mut class_names)?,
        false => read_archive(path, &wanted, &mut class_names)?,
    };
    if found.iter().all(|file| file.labels.is_empty()) {
        return Err(DataError::NoSplit {
            path: path.to_owned(),
            split,
            reason: "there is no file of that part".to_owned(),
        });
    }
    let in_archive: Vec<String> = found.iter().map(|file| file.name.clone()).collect();
    found.sort_by(|one, other| one.name.cmp(&other.name));
    let (entries, parts) = entries_of(&found, class_names);
    let layout = Layout::new(SIDE, SIDE, 3, Order::Planes).expect("32×32 is a size");
    let reader = match path.is_dir() {
        true => spans(path, &parts, prefix, layout)?,
        false => {
            let part = |name: &String| parts.iter().find(|(other, _)| other == name);
            Reader::Stream(Stream::Records(RecordStream {
                parts: in_archive
                    .iter()
                    .filter_map(part)
                    .map(|(_, part)| (*part, 0))
                    .collect(),
                source: RecordSource::TarFiles(
                    path.to_owned(),
                    archive_compression(path)?,
                    in_archive,
                ),
                prefix,
                layout,
            }))
        }
    };
    Ok(Opened {
        entries,
        reader,
        skipped: Vec::new(),
        remarks: Vec::new(),
    })
}

fn archive_compression(path: &Path) -> Result<Compression, DataError> {
    super::records::compression_of(path)
}

type Wanted<'a> = dyn Fn(&str) -> Option<(Split, usize)> + 'a;

fn read_folder(
    path: &Path,
    wanted: &Wanted<'_>,
    class_names: &mut Vec<String>,
) -> Result<(Vec<File>, usize), DataError> {
    let (mut found, mut prefix) = (Vec::new(), 1);
    for file in files(path) {
        let name = file_name(&file);
        if let Some((_, labels)) = wanted(&name) {
            prefix = labels;
            let reader = std::fs::File::open(&file).map_err(|source| unreadable(&file, source))?;
            let labels = read_labels(&mut io::BufReader::new(reader), prefix)
                .map_err(|error| DataError::damaged(&file, "CIFAR file", &error))?;
            found.push(File { name, labels });
        }
    }
    for list in ["batches.meta.txt", "fine_label_names.txt"] {
        if let Ok(mut file) = std::fs::File::open(path.join(list)) {
            *class_names = read_class_names(&mut file);
        }
    }
    Ok((found, prefix))
}

fn read_archive(
    path: &Path,
    wanted: &Wanted<'_>,
    class_names: &mut Vec<String>,
) -> Result<(Vec<File>, usize), DataError> {
    let compression = archive_compression(path)?;
    let damaged = |error| DataError::damaged(path, compression.archive(), &error);
    let (mut found, mut prefix) = (Vec::new(), 1);
    let mut archive = ::tar::Archive::new(tar::open(path, compression)?);
    let entries = archive.entries().map_err(damaged)?.raw(true);
    tar::for_each_file(entries, |name, entry| {
        if let Some((_, labels)) = wanted(&name) {
            prefix = labels;
            let labels = read_labels(entry, prefix)?;
            found.push(File { name, labels });
        } else if name.ends_with("/batches.meta.txt") || name.ends_with("/fine_label_names.txt") {
            *class_names = read_class_names(entry);
        }
        Ok(true)
    })
    .map_err(|error| error.of(path, compression))?;
    Ok((found, prefix))
}

fn read_class_names(reader: &mut dyn Read) -> Vec<String> {
    let mut text = String::new();
    // Names are a help, not a need.
    let _ = reader.take(1 << 16).read_to_string(&mut text);
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.map(str::to_owned).collect()
}

/// The labels of all records: the last byte before the pixels of each.
fn read_labels(reader: &mut dyn Read, prefix: usize) -> io::Result<Vec<u32>> {
    let mut labels = Vec::new();
    let mut record = Vec::new();
    loop {
        record.clear();
        let length = prefix + PIXEL_BYTES;
        match reader.take(length as u64).read_to_end(&mut record)? {
            0 => return Ok(labels),
            read if read < length => {
                let reason = "it ends within a picture";
                return Err(io::Error::new(io::ErrorKind::UnexpectedEof, reason));
            }
            _ if labels.len() == MAX_RECORDS => {
                return Err(io::Error::other("it has too many pictures"));
            }
            _ => labels.push(u32::from(record[prefix - 1])),
        }
    }
}

/// The pictures of all files, and where each file begins among them.
fn entries_of(files: &[File], class_names: Vec<String>) -> (Entries, Vec<(String, Part)>) {
    let mut entries = Entries::default();
    let mut parts = Vec::new();
    for file in files {
        let (first, count) = (entries.names.len(), file.labels.len());
        let name = file.name.rsplit('/').next().unwrap_or(&file.name);
        let stem = name.strip_suffix(".bin").unwrap_or(name);
        for number in 0..count {
            entries.names.push(&format!("{stem}/{number:05}"));
        }
        entries.labels.extend(&file.labels);
        parts.push((file.name.clone(), Part { first, count }));
    }
    let classes = entries.labels.iter().max().map_or(0, |most| most + 1);
    entries.classes = (0..classes)
        .map(|class| match class_names.get(class as usize) {
            Some(name) => name.clone(),
            None => class.to_string(),
        })
        .collect();
    (entries, parts)
}

fn spans(
    folder: &Path,
    parts: &[(String, Part)],
    prefix: usize,
    layout: Layout,
) -> Result<Reader, DataError> {
    let record = (prefix + PIXEL_BYTES) as u64;
    let span = |file: usize, number: usize| Span {
        file: file as u32,
        offset: number as u64 * record + prefix as u64,
        length: PIXEL_BYTES as u64,
    };
    let files = parts.iter().map(|(name, _)| open_file(&folder.join(name)));
    Ok(Reader::Spans {
        files: files.collect::<Result<_, _>>()?,
        spans: parts
            .iter()
            .enumerate()
            .flat_map(|(file, (_, part))| (0..part.count).map(move |number| span(file, number)))
            .collect(),
        content: Content::Pixels(layout),
    })
}
