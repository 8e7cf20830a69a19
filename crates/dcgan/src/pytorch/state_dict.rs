//! The tensors of a file that `torch.save` wrote.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use half::{bf16, f16};
use pytorch_reader::{DType, PytorchReader, Tensor};
use zip::ZipArchive;

use super::ImportError;
use super::detect::FIRST_LAYERS;
use super::pickle::{self, Refusal};
use crate::model::ModelError;

/// The longest description of tensors: hundreds of times that of a DCGAN.
const LONGEST_PICKLE: u64 = 1 << 20;

/// The pickles at the beginning of a file in the form before PyTorch 1.6: magic number,
/// version, system, tensors, and the names of their memory.
const PICKLES_BEFORE_1_6: usize = 5;

/// How files in that form begin, behind the pickle's own version: its magic number.
const MAGIC_BEFORE_1_6: &[u8] = b"\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19";

/// The tensors of an open file; their values are read when they are asked for.
pub(super) struct StateDict {
    pub path: PathBuf,
    tensors: BTreeMap<String, Tensor>,
}

impl StateDict {
    /// Finds the tensors of a file, without running what it wants to be run.
    ///
    /// # Errors
    /// A file that cannot be read, is cut off, lies, is none of PyTorch's, or calls functions.
    pub fn open(path: &Path) -> Result<Self, ImportError> {
        let io = |source| ImportError::Io {
            path: path.to_owned(),
            source,
        };
        let file = File::open(path).map_err(io)?;
        let metadata = file.metadata().map_err(io)?;
        if !metadata.is_file() {
            return Err(foreign(path, "it is no file"));
        }
        check(path, file)?;
        let damaged = |reason: String| ImportError::Damaged {
            path: path.to_owned(),
            reason,
        };
        let reader = PytorchReader::new(path).map_err(|error| damaged(error.to_string()))?;
        let tensors: BTreeMap<_, _> = reader.into_tensors().into_iter().collect();
        let bytes = tensors.values().map(|tensor| tensor.byte_len() as u64);
        if bytes.fold(0, u64::saturating_add) > metadata.len() {
            let reason = "its tensors are larger than the file: they overlap, or are compressed";
            return Err(damaged(reason.to_owned()));
        }
        Ok(Self {
            path: path.to_owned(),
            tensors,
        })
    }

    /// Where the networks' names begin: nowhere, at `module.`, or at what a larger
    /// dictionary calls them.
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

    /// The tensors of the only network, or of the one under `key`, without what is before
    /// their names.
    ///
    /// # Errors
    /// No network that is known, or more than one.
    pub fn network(&self, key: Option<&str>) -> Result<BTreeMap<&str, &Tensor>, ImportError> {
        let prefixes = self.prefixes();
        if prefixes.is_empty() {
            return Err(ImportError::Unknown {
                path: self.path.clone(),
                reason: self.first_names(),
            });
        }
        let wanted = |prefix: &&str| key.is_none_or(|key| key_of(prefix) == key);
        let mut chosen = prefixes.iter().copied().filter(wanted);
        let (Some(prefix), None) = (chosen.next(), chosen.next()) else {
            let keys: Vec<_> = prefixes
                .iter()
                .map(|prefix| format!("'{}'", key_of(prefix)))
                .collect();
            let path = self.path.clone();
            let found = format!("networks under {}", keys.join(", "));
            return Err(ImportError::Key { path, found });
        };
        let tensors = self.tensors.iter();
        let tensors =
            tensors.filter_map(|(name, tensor)| Some((name.strip_prefix(prefix)?, tensor)));
        Ok(tensors.collect())
    }

    fn first_names(&self) -> String {
        let names: Vec<_> = self
            .tensors
            .keys()
            .take(3)
            .map(|name| name.escape_debug().to_string())
            .collect();
        match names.is_empty() {
            true => "it has no tensors".to_owned(),
            false => format!(
                "{} tensors, such as {}",
                self.tensors.len(),
                names.join(", ")
            ),
        }
    }
}

/// What a larger dictionary calls a network: `DataParallel` puts `module.` before the names.
fn key_of(prefix: &str) -> &str {
    let key = prefix.trim_end_matches('.');
    key.strip_suffix(".module").unwrap_or(key)
}

/// Looks at a file's pickles, and refuses those that want more than to hold weights.
fn check(path: &Path, file: File) -> Result<(), ImportError> {
    let io = |source| ImportError::Io {
        path: path.to_owned(),
        source,
    };
    let mut head = Vec::new();
    (&file)
        .take(LONGEST_PICKLE)
        .read_to_end(&mut head)
        .map_err(io)?;
    let (pickle, count) = match head.starts_with(b"PK") {
        true => (pickle_of_archive(path, file)?, 1),
        false => (head, PICKLES_BEFORE_1_6),
    };
    let mut rest = &pickle[..];
    for number in 0..count {
        match pickle::pass(&mut rest) {
            Ok(()) => {}
            Err(Refusal::Calls(name)) => {
                return Err(ImportError::Calls {
                    path: path.to_owned(),
                    name,
                });
            }
            // not even one pickle: something else
            Err(Refusal::Unreadable(_)) if count > 1 && number == 0 => break,
            Err(Refusal::Unreadable(reason)) => {
                return Err(ImportError::Damaged {
                    path: path.to_owned(),
                    reason,
                });
            }
        }
    }
    let is_before_1_6 = pickle
        .get(2..)
        .is_some_and(|rest| rest.starts_with(MAGIC_BEFORE_1_6));
    match count > 1 && !is_before_1_6 {
        true => Err(foreign(
            path,
            "it is neither a zip archive nor what PyTorch wrote before 1.6",
        )),
        false => Ok(()),
    }
}

/// The one `data.pkl` of an archive.
fn pickle_of_archive(path: &Path, file: File) -> Result<Vec<u8>, ImportError> {
    let damaged = |reason: String| ImportError::Damaged {
        path: path.to_owned(),
        reason,
    };
    let mut zip =
        ZipArchive::new(io::BufReader::new(file)).map_err(|error| damaged(error.to_string()))?;
    let is_pickle = |name: &str| name == "data.pkl" || name.ends_with("/data.pkl");
    let names: Result<Vec<_>, _> = zip.file_names().collect();
    let names = names.map_err(|error| damaged(error.to_string()))?;
    let mut found = names.iter().enumerate().filter(|(_, name)| is_pickle(name));
    let index = match (found.next(), found.next()) {
        (Some((index, _)), None) => index,
        (None, _) => return Err(foreign(path, "it is a zip archive without a data.pkl")),
        (Some(_), Some(_)) => return Err(damaged("it has more than one data.pkl".to_owned())),
    };
    let entry = zip
        .by_index(index)
        .map_err(|error| damaged(error.to_string()))?;
    let mut pickle = Vec::new();
    entry
        .take(LONGEST_PICKLE + 1)
        .read_to_end(&mut pickle)
        .map_err(|error| damaged(error.to_string()))?;
    match pickle.len() as u64 > LONGEST_PICKLE {
        true => Err(damaged("its data.pkl is larger than 1 MiB".to_owned())),
        false => Ok(pickle),
    }
}

fn foreign(path: &Path, reason: &str) -> ImportError {
    ImportError::Foreign {
        path: path.to_owned(),
        reason: reason.to_owned(),
    }
}

/// A tensor's values, as they are computed with.
///
/// # Errors
/// Another shape, a type that no weights have, values that are no numbers.
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
    ModelError::check_finite(name, &values)?;
    Ok(values)
}

/// A count, as PyTorch keeps `num_batches_tracked`; 0 if it is none.
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
