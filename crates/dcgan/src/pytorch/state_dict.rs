//! The tensors of a file that `torch.save` wrote.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

use half::{bf16, f16};
use pytorch_reader::{DType, PytorchReader, Tensor};
use zip::ZipArchive;

use super::detect::FIRST_LAYERS;
use super::pickle::{self, Refusal};
use super::{HEADER_RECORD, ImportError};
use crate::checkpoint::{FileHeader, FileKind};
use crate::model::ModelError;
use dcgan_evaluate::inception::{self, Weight};
use dcgan_support::path_error::PathError;
use dcgan_support::regular_file;

/// The largest pickle or header that is read, in bytes: hundreds of times that of a DCGAN.
const MAX_RECORD: u64 = 1 << 20;

/// The pickles at the start of a file in the format before PyTorch 1.6: magic number, version,
/// system, tensors, and the keys of their storages.
const PICKLES_BEFORE_1_6: usize = 5;

/// The start of files in that format, after two bytes of pickle version: the magic number.
const MAGIC_BEFORE_1_6: &[u8] = b"\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19";

/// The first byte of a pickle of version 2 or newer, which torch.save has always written.
const PICKLE_START: [u8; 1] = [0x80];

/// Why a file is not PyTorch's.
const NEITHER: &str = "it is neither a zip archive nor in the format before PyTorch 1.6";

/// The tensors of a file. Their values are read on demand.
pub(crate) struct StateDict {
    path: PathBuf,
    tensors: BTreeMap<String, Tensor>,
    /// How its network is built, if this project wrote the file.
    header: Option<FileHeader>,
}

impl StateDict {
    /// Lists the tensors of a file without running its pickle.
    ///
    /// # Errors
    /// If the file cannot be read, is not a PyTorch file, is truncated or corrupt, or calls
    /// functions.
    pub fn open(path: &Path) -> Result<Self, ImportError> {
        let io = |source| PathError::read(path, source);
        let file = regular_file::open(path).map_err(io)?;
        let metadata = file.metadata().map_err(io)?;
        let header = check_pickles(path, file)?;
        let reader = PytorchReader::new(path).map_err(|error| corrupt(path, error))?;
        let tensors: BTreeMap<_, _> = reader.into_tensors().into_iter().collect();
        let bytes = tensors.values().map(|tensor| tensor.byte_len() as u64);
        if bytes.fold(0, u64::saturating_add) > metadata.len() {
            let reason = "its tensors are larger than the file: they overlap, or are compressed";
            return Err(corrupt(path, reason));
        }
        Ok(Self {
            path: path.to_owned(),
            tensors,
            header,
        })
    }

    /// How its network is built, if this project wrote the file.
    pub fn header(&self) -> Option<&FileHeader> {
        self.header.as_ref()
    }

    /// The prefixes of the networks' tensor names: empty, `module.`, or a key of a larger
    /// dictionary.
    fn prefixes(&self) -> BTreeSet<&str> {
        let names = self.tensors.keys();
        let prefixes = names.filter_map(|name| {
            let mut found = FIRST_LAYERS
                .iter()
                .filter_map(|first| name.strip_suffix(first));
            found.find(|prefix| prefix.is_empty() || prefix.ends_with('.'))
        });
        prefixes.collect()
    }

    /// The tensors of the only network, or of the one under `key`, by their names without
    /// prefix.
    ///
    /// # Errors
    /// If there is no known network, or more than one.
    pub fn network(&self, key: Option<&str>) -> Result<BTreeMap<&str, &Tensor>, ImportError> {
        let prefixes = self.prefixes();
        if prefixes.is_empty() {
            if self.tensors.contains_key(inception::FIRST_WEIGHT) {
                return Err(ImportError::Inception {
                    path: self.path.clone(),
                });
            }
            return Err(ImportError::UnknownNetwork {
                path: self.path.clone(),
                reason: self.summary(),
            });
        }
        let wanted = |prefix: &&str| key.is_none_or(|key| key_of(prefix) == key);
        let mut chosen = prefixes.iter().copied().filter(wanted);
        let (Some(prefix), None) = (chosen.next(), chosen.next()) else {
            let keys = prefixes.iter().map(|prefix| key_of(prefix).to_owned());
            return Err(ImportError::ChooseNetwork {
                path: self.path.clone(),
                keys: keys.collect(),
            });
        };
        Ok(self
            .tensors
            .iter()
            .filter_map(|(name, tensor)| Some((name.strip_prefix(prefix)?, tensor)))
            .collect())
    }

    /// All floating-point tensors.
    ///
    /// # Errors
    /// If a tensor cannot be read, or holds non-finite values.
    pub fn floats(&self) -> Result<BTreeMap<String, Weight>, ImportError> {
        let mut weights = BTreeMap::new();
        for (name, tensor) in &self.tensors {
            if !matches!(
                tensor.dtype(),
                DType::F32 | DType::F64 | DType::F16 | DType::BF16
            ) {
                continue; // batch counters
            }
            let values = floats(name, tensor, tensor.shape());
            let values = values.map_err(|source| ImportError::Model {
                path: self.path.clone(),
                source,
            })?;
            let shape = tensor.shape().to_vec();
            weights.insert(name.clone(), Weight { shape, values });
        }
        Ok(weights)
    }

    fn summary(&self) -> String {
        if self.tensors.is_empty() {
            return "it has no tensors".to_owned();
        }
        let names: Vec<_> = self
            .tensors
            .keys()
            .take(3)
            .map(|name| name.escape_debug().to_string())
            .collect();
        let count = self.tensors.len();
        format!("{count} tensors, such as {}", names.join(", "))
    }
}

/// The key of a network with this prefix, without the `module.` of `DataParallel`.
fn key_of(prefix: &str) -> &str {
    let key = prefix.trim_end_matches('.');
    key.strip_suffix(".module").unwrap_or(key)
}

/// Scans a file's pickles and refuses those that do more than hold weights. Returns the header that this
/// project's files have.
fn check_pickles(path: &Path, file: File) -> Result<Option<FileHeader>, ImportError> {
    let io = |source| PathError::read(path, source);
    let mut head = Vec::new();
    (&file)
        .take(MAX_RECORD)
        .read_to_end(&mut head)
        .map_err(io)?;
    let is_archive = head.starts_with(b"PK");
    let (pickle, header, count) = if is_archive {
        let mut archive = ZipArchive::new(BufReader::new(file)).map_err(|e| corrupt(path, e))?;
        let pickle = read_record(path, &mut archive, "data.pkl")?;
        let pickle =
            pickle.ok_or_else(|| not_pytorch(path, "it is a zip archive without a data.pkl"))?;
        (pickle, read_header(path, &mut archive)?, 1)
    } else if head.starts_with(&PICKLE_START) {
        (head, None, PICKLES_BEFORE_1_6)
    } else {
        return Err(not_pytorch(path, NEITHER)); // text can look like the instructions of a pickle
    };
    let mut rest = &pickle[..];
    for number in 0..count {
        match pickle::scan(&mut rest) {
            Ok(()) => {}
            Err(Refusal::Calls(function)) => {
                return Err(ImportError::ForbiddenCall {
                    path: path.to_owned(),
                    function,
                });
            }
            // not even one pickle: not a PyTorch file, which is reported below
            Err(Refusal::Unreadable(_)) if !is_archive && number == 0 => break,
            Err(Refusal::Unreadable(reason)) => return Err(corrupt(path, reason)),
        }
    }
    let is_before_1_6 = pickle
        .get(2..)
        .is_some_and(|rest| rest.starts_with(MAGIC_BEFORE_1_6));
    if is_archive || is_before_1_6 {
        return Ok(header);
    }
    Err(not_pytorch(path, NEITHER))
}

type Archive = ZipArchive<BufReader<File>>;

/// The record of an archive with this name in any folder; `None` if there is none.
fn read_record(
    path: &Path,
    archive: &mut Archive,
    record: &str,
) -> Result<Option<Vec<u8>>, ImportError> {
    let is_wanted = |name: &str| {
        let folder = name.strip_suffix(record);
        folder.is_some_and(|folder| folder.is_empty() || folder.ends_with('/'))
    };
    let names: Result<Vec<_>, _> = archive.file_names().collect();
    let names = names.map_err(|error| corrupt(path, error))?;
    let mut found = names.iter().enumerate().filter(|(_, name)| is_wanted(name));
    let index = match (found.next(), found.next()) {
        (Some((index, _)), None) => index,
        (None, _) => return Ok(None),
        (Some(_), Some(_)) => return Err(corrupt(path, format!("it has more than one {record}"))),
    };
    let entry = archive
        .by_index(index)
        .map_err(|error| corrupt(path, error))?;
    let mut bytes = Vec::new();
    entry
        .take(MAX_RECORD + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| corrupt(path, error))?;
    if bytes.len() as u64 > MAX_RECORD {
        return Err(corrupt(path, format!("its {record} is larger than 1 MiB")));
    }
    Ok(Some(bytes))
}

/// The header in an archive that this project wrote.
fn read_header(path: &Path, archive: &mut Archive) -> Result<Option<FileHeader>, ImportError> {
    let Some(json) = read_record(path, archive, HEADER_RECORD)? else {
        return Ok(None);
    };
    let header: FileHeader = serde_json::from_slice(&json)
        .map_err(|error| corrupt(path, format!("its {HEADER_RECORD} does not parse: {error}")))?;
    if header.kind == FileKind::Checkpoint {
        return Err(corrupt(
            path,
            format!("its {HEADER_RECORD} names no network"),
        ));
    }
    Ok(Some(header))
}

fn not_pytorch(path: &Path, reason: &str) -> ImportError {
    ImportError::NotPytorch {
        path: path.to_owned(),
        reason: reason.to_owned(),
    }
}

fn corrupt(path: &Path, reason: impl ToString) -> ImportError {
    ImportError::Corrupt {
        path: path.to_owned(),
        reason: reason.to_string(),
    }
}

/// A tensor's values, converted to `f32`.
///
/// # Errors
/// If it has another shape, is not floating-point, or holds non-finite values.
pub(super) fn floats(name: &str, tensor: &Tensor, shape: &[usize]) -> Result<Vec<f32>, ModelError> {
    let mismatch = || ModelError::Mismatch {
        name: name.to_owned(),
        found: format!("{:?} {:?}", tensor.dtype(), tensor.shape()),
        needed: format!("F32 {shape:?}"),
    };
    if tensor.shape() != shape {
        return Err(mismatch());
    }
    let bytes = read(name, tensor)?;
    let values: Vec<f32> = match tensor.dtype() {
        DType::F32 => numbers(&bytes, f32::from_ne_bytes),
        DType::F64 => numbers(&bytes, |bytes| f64::from_ne_bytes(bytes) as f32),
        DType::F16 => numbers(&bytes, |bytes| f16::from_ne_bytes(bytes).to_f32()),
        DType::BF16 => numbers(&bytes, |bytes| bf16::from_ne_bytes(bytes).to_f32()),
        _ => return Err(mismatch()),
    };
    ModelError::check_values(name, &values)?;
    Ok(values)
}

/// A count stored like `num_batches_tracked`; 0 if the tensor is of another type or shape.
pub(super) fn count(name: &str, tensor: &Tensor) -> Result<u64, ModelError> {
    if tensor.dtype() != DType::I64 || !tensor.shape().is_empty() {
        return Ok(0);
    }
    let values = numbers(&read(name, tensor)?, i64::from_ne_bytes);
    Ok(values.first().map_or(0, |&value| value.max(0) as u64))
}

fn read(name: &str, tensor: &Tensor) -> Result<Vec<u8>, ModelError> {
    tensor.read().map_err(|error| ModelError::Unreadable {
        name: name.to_owned(),
        reason: error.to_string(),
    })
}

fn numbers<const N: usize, T>(bytes: &[u8], number: impl Fn([u8; N]) -> T) -> Vec<T> {
    let (chunks, _) = bytes.as_chunks::<N>();
    chunks.iter().map(|&chunk| number(chunk)).collect()
}
