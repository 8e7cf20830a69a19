//! Files of Inception's weights.

use std::collections::{BTreeMap, HashMap};
use std::io::Read;
use std::path::{Path, PathBuf};

use half::{bf16, f16};
use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors};
use sha2::{Digest, Sha256};
use thiserror::Error;

use crate::pytorch::{ImportError, StateDict};
use dcgan_evaluate::inception::{Inception, InceptionError, Weight};
use dcgan_support::path_error::PathError;
use dcgan_support::{atomic_file, regular_file};

/// The first digits of the SHA-256 of the weights that papers use. PyTorch puts them into the file
/// name, and pytorch-fid and torch-fidelity publish the same file under two names.
pub const KNOWN_SHA256: &str = "6726825d";

/// Names under which the weights are published, and that of a copy.
pub const INCEPTION_FILE_NAMES: [&str; 3] = [
    "pt_inception-2015-12-05-6726825d.pth",
    "weights-inception-2015-12-05-6726825d.pth",
    "inception-2015-12-05.safetensors",
];

/// The largest file that is read: the weights have 96 MB.
const MAX_BYTES: u64 = 1 << 30;

/// Where a copy says which file it was made from.
const SOURCE: &str = "source_sha256";

/// Which weights [`InceptionFile::load`] accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoadInception {
    /// The network of 2015, on whose features papers report FID.
    Published,
    /// Also torchvision's, whose figures compare with each other only.
    Any,
}

/// Inception, and the file that its weights come from.
#[derive(Debug)]
pub struct InceptionFile {
    /// The network.
    pub network: Inception,
    /// The SHA-256 of the file, in hexadecimal.
    pub sha256: String,
    /// The SHA-256 of the file that this one was converted from, as it says itself.
    pub source_sha256: Option<String>,
}

/// Why a file cannot be used as Inception's weights.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum InceptionFileError {
    /// It cannot be read or written.
    #[error(transparent)]
    Path(#[from] PathError),
    /// It is not a PyTorch file that can be read.
    #[error(transparent)]
    Import(#[from] ImportError),
    /// It is neither a PyTorch nor a safetensors file.
    #[error("{path} cannot be used as Inception's weights ({reason})", path = .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// Its tensors are not Inception's.
    #[error("{path} cannot be used as Inception's weights: {source}", path = .path.display())]
    Weights {
        /// The file.
        path: PathBuf,
        /// What is wrong with them.
        source: InceptionError,
    },
}

/// The tensors of a file, and its hashes.
struct Weights {
    tensors: BTreeMap<String, Weight>,
    sha256: String,
    source_sha256: Option<String>,
}

impl InceptionFile {
    /// Reads a `.pth` of pytorch-fid or torch-fidelity, or a safetensors copy.
    ///
    /// # Errors
    /// If the file cannot be read, or does not hold the network.
    pub fn load(path: &Path, accept: LoadInception) -> Result<Self, InceptionFileError> {
        let weights = Weights::read(path)?;
        let network = match accept {
            LoadInception::Published => Inception::new(&weights.tensors),
            LoadInception::Any => Inception::of_any_training(&weights.tensors),
        };
        let path = path.to_owned();
        Ok(Self {
            network: network.map_err(|source| InceptionFileError::Weights { path, source })?,
            sha256: weights.sha256,
            source_sha256: weights.source_sha256,
        })
    }

    /// Whether the hash of the file, or of the one that it was converted from, is that of the
    /// weights that papers use.
    pub fn is_known(&self) -> bool {
        let source = self.source_sha256.as_ref().unwrap_or(&self.sha256);
        source.starts_with(KNOWN_SHA256)
    }

    /// Writes a file's weights as safetensors, with the hash of the file.
    ///
    /// # Errors
    /// If a file cannot be read or written, or does not hold the network.
    pub fn convert(path: &Path, out: &Path) -> Result<Self, InceptionFileError> {
        let weights = Weights::read(path)?;
        let needed = Inception::shapes();
        let bytes: BTreeMap<&String, (&[usize], Vec<u8>)> = weights
            .tensors
            .iter()
            .filter(|(name, _)| needed.contains_key(*name))
            .map(|(name, weight)| {
                let bytes = weight.values.iter().flat_map(|value| value.to_le_bytes());
                (name, (&weight.shape[..], bytes.collect()))
            })
            .collect();
        let unusable = |source: InceptionError| InceptionFileError::Weights {
            path: path.to_owned(),
            source,
        };
        let network = Inception::of_any_training(&weights.tensors).map_err(unusable)?;
        let unreadable = |error: safetensors::SafeTensorError| InceptionFileError::Unreadable {
            path: path.to_owned(),
            reason: error.to_string(),
        };
        let views = bytes.iter().map(|(name, (shape, bytes))| {
            let view = TensorView::new(Dtype::F32, shape.to_vec(), bytes)?;
            Ok((*name, view))
        });
        let views: Result<Vec<_>, _> = views.collect();
        let source = weights.source_sha256.as_ref().unwrap_or(&weights.sha256);
        let metadata = HashMap::from([
            ("format".to_owned(), "pt".to_owned()),
            (SOURCE.to_owned(), source.clone()),
        ]);
        let file = views.and_then(|views| safetensors::serialize(views, Some(metadata)));
        let file = file.map_err(unreadable)?;
        atomic_file::write(out, |writer| writer.write_all(&file))
            .map_err(|error| PathError::write(out, error))?;
        Ok(Self {
            network,
            sha256: hexadecimal(&file),
            source_sha256: Some(source.clone()),
        })
    }
}

impl Weights {
    fn read(path: &Path) -> Result<Self, InceptionFileError> {
        let io = |error| PathError::read(path, error);
        let unreadable = |reason: String| InceptionFileError::Unreadable {
            path: path.to_owned(),
            reason,
        };
        let file = regular_file::open(path).map_err(io)?;
        if file.metadata().map_err(io)?.len() > MAX_BYTES {
            return Err(unreadable("it is larger than 1 GiB".to_owned()));
        }
        let mut bytes = Vec::new();
        file.take(MAX_BYTES).read_to_end(&mut bytes).map_err(io)?;
        let sha256 = hexadecimal(&bytes);
        // a safetensors file starts with the length of its JSON
        if bytes.get(8) == Some(&b'{') {
            let (tensors, source_sha256) = from_safetensors(&bytes).map_err(unreadable)?;
            return Ok(Self {
                tensors,
                sha256,
                source_sha256,
            });
        }
        drop(bytes);
        Ok(Self {
            tensors: StateDict::open(path)?.floats()?,
            sha256,
            source_sha256: None,
        })
    }
}

fn from_safetensors(bytes: &[u8]) -> Result<(BTreeMap<String, Weight>, Option<String>), String> {
    let no_safetensors = |error| format!("it is no safetensors file: {error}");
    let (_, metadata) = SafeTensors::read_metadata(bytes).map_err(no_safetensors)?;
    let source = metadata.metadata().as_ref();
    let source = source.and_then(|metadata| metadata.get(SOURCE)).cloned();
    let file = SafeTensors::deserialize(bytes).map_err(no_safetensors)?;
    let mut tensors = BTreeMap::new();
    for (name, view) in file.iter() {
        let data = view.data();
        let values = match view.dtype() {
            Dtype::F32 => numbers(data, f32::from_le_bytes),
            Dtype::F64 => numbers(data, |bytes| f64::from_le_bytes(bytes) as f32),
            Dtype::F16 => numbers(data, |bytes| f16::from_le_bytes(bytes).to_f32()),
            Dtype::BF16 => numbers(data, |bytes| bf16::from_le_bytes(bytes).to_f32()),
            _ => continue, // batch counters
        };
        let shape = view.shape().to_vec();
        tensors.insert(name.to_owned(), Weight { shape, values });
    }
    Ok((tensors, source))
}

fn numbers<const N: usize>(bytes: &[u8], number: impl Fn([u8; N]) -> f32) -> Vec<f32> {
    let (chunks, _) = bytes.as_chunks::<N>();
    chunks.iter().map(|&chunk| number(chunk)).collect()
}

fn hexadecimal(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}
