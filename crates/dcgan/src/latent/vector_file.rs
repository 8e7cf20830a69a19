//! Files of latent vectors: safetensors with one tensor `z`, a row for each vector.

use std::collections::HashMap;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use safetensors::{Dtype, SafeTensorError, SafeTensors, tensor::TensorView};
use thiserror::Error;

use dcgan_support::{atomic_file, regular_file};

/// The name of the tensor that holds the vectors.
const Z: &str = "z";

/// The key in the metadata that marks a file as this program's.
const METADATA_KEY: &str = "dcgan_z";

/// Larger files are refused. This holds half a million vectors of the usual length.
const MAX_BYTES: u64 = 256 << 20;

/// Why latent vectors or a direction could not be read or written.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum LatentFileError {
    /// The file could not be read.
    #[error("cannot read {}: {source}", .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// The file could not be written.
    #[error("cannot write {}: {source}", .path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// The file holds something else, or is damaged.
    #[error("{} is not a file of latent vectors or of a direction: {problem}", .path.display())]
    Invalid {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: LatentFileProblem,
    },
    /// The vectors are for another model.
    #[error(
        "{} has latent vectors of length {found}, but this model takes length {expected}",
        .path.display()
    )]
    OtherModel {
        /// The file.
        path: PathBuf,
        /// The length of its vectors.
        found: usize,
        /// The model's `z_dim`.
        expected: usize,
    },
}

/// What is wrong with a file of latent vectors or of a direction.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum LatentFileProblem {
    /// Far larger than such files are.
    #[error("it is too large")]
    TooLarge,
    /// Not a valid safetensors file.
    #[error("{0}")]
    Safetensors(#[from] SafeTensorError),
    /// The tensor is missing.
    #[error("it has no tensor '{0}'")]
    NoTensor(&'static str),
    /// The tensor is not `F32`.
    #[error("its tensor '{tensor}' is {dtype:?}, not F32")]
    Dtype {
        /// The tensor's name.
        tensor: &'static str,
        /// Its type.
        dtype: Dtype,
    },
    /// The tensor has NaN or infinite values.
    #[error("its tensor '{0}' has non-finite values")]
    NonFinite(&'static str),
    /// The tensor has another number of dimensions.
    #[error("its tensor '{tensor}' has shape {shape:?}")]
    Shape {
        /// The tensor's name.
        tensor: &'static str,
        /// Its shape.
        shape: Vec<usize>,
    },
    /// The tensor has no rows.
    #[error("its tensor '{0}' is empty")]
    Empty(&'static str),
    /// The metadata of a direction is missing.
    #[error("it holds no direction")]
    NoDirection,
    /// The metadata of a direction cannot be parsed.
    #[error("its metadata is invalid: {0}")]
    Metadata(serde_json::Error),
    /// The file was written by another version.
    #[error("it has schema {found}; this version reads schema {supported}")]
    Schema {
        /// The file's schema.
        found: u32,
        /// The schema that this version reads.
        supported: u32,
    },
}

/// Reads latent vectors from a safetensors file: its tensor `z`, `F32` `[count, z_dim]` or
/// `[z_dim]`.
///
/// ```
/// use dcgan::latent::{read_z, write_z};
///
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("z.safetensors");
/// write_z(&path, &[vec![0.5, -1.0, 2.0], vec![0.0, 1.0, 0.25]])?;
/// assert_eq!(read_z(&path, 3)?, [[0.5, -1.0, 2.0], [0.0, 1.0, 0.25]]);
/// assert!(read_z(&path, 100).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Shapes
/// Returns at least one vector, each `[z_dim]`.
///
/// # Errors
/// If the file cannot be read or is invalid, or has no vectors, vectors of another length or
/// non-finite values.
pub fn read_z(path: &Path, z_dim: usize) -> Result<Vec<Vec<f32>>, LatentFileError> {
    let bytes = read_bytes(path)?;
    let invalid = |problem: LatentFileProblem| LatentFileError::Invalid {
        path: path.to_owned(),
        problem,
    };
    let tensors = SafeTensors::deserialize(&bytes).map_err(|error| invalid(error.into()))?;
    let tensor = finite_floats(&tensors, Z).map_err(invalid)?;
    let ([found] | [_, found]) = tensor.shape[..] else {
        return Err(invalid(LatentFileProblem::Shape {
            tensor: Z,
            shape: tensor.shape,
        }));
    };
    if found != z_dim {
        return Err(LatentFileError::OtherModel {
            path: path.to_owned(),
            found,
            expected: z_dim,
        });
    }
    if tensor.values.is_empty() {
        return Err(invalid(LatentFileProblem::Empty(Z)));
    }
    let rows = tensor.values.chunks_exact(z_dim);
    Ok(rows.map(<[f32]>::to_vec).collect())
}

/// Writes latent vectors as a safetensors file that [`read_z`] reads.
///
/// # Shapes
/// `vectors`: each `[z_dim]`; the file's tensor `z` is `[count, z_dim]`
///
/// # Errors
/// If the file cannot be written. An existing file is then unchanged.
///
/// # Panics
/// If `vectors` is empty, or their lengths differ.
pub fn write_z(path: &Path, vectors: &[Vec<f32>]) -> Result<(), LatentFileError> {
    let length = vectors[0].len();
    assert!(
        vectors.iter().all(|vector| vector.len() == length),
        "lengths of latent vectors"
    );
    let tensor = FloatTensor {
        shape: vec![vectors.len(), length],
        values: vectors.concat(),
    };
    let metadata = HashMap::from([(METADATA_KEY.to_owned(), String::new())]);
    write_tensor(path, Z, &tensor, Some(metadata))
}

/// A tensor of finite `F32`.
pub(super) struct FloatTensor {
    pub shape: Vec<usize>,
    pub values: Vec<f32>,
}

/// Reads a whole file, unless it is implausibly large.
pub(super) fn read_bytes(path: &Path) -> Result<Vec<u8>, LatentFileError> {
    let read_error = |source| LatentFileError::Read {
        path: path.to_owned(),
        source,
    };
    let invalid = |problem| LatentFileError::Invalid {
        path: path.to_owned(),
        problem,
    };
    let file = regular_file::open(path).map_err(read_error)?;
    let mut bytes = Vec::new();
    file.take(MAX_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(read_error)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(invalid(LatentFileProblem::TooLarge));
    }
    Ok(bytes)
}

/// The tensor with this name.
///
/// # Errors
/// If it is missing, not `F32`, or has non-finite values.
pub(super) fn finite_floats(
    tensors: &SafeTensors,
    name: &'static str,
) -> Result<FloatTensor, LatentFileProblem> {
    let tensor = tensors
        .tensor(name)
        .map_err(|_| LatentFileProblem::NoTensor(name))?;
    if tensor.dtype() != Dtype::F32 {
        return Err(LatentFileProblem::Dtype {
            tensor: name,
            dtype: tensor.dtype(),
        });
    }
    let (chunks, _) = tensor.data().as_chunks::<4>();
    let values: Vec<f32> = chunks.iter().map(|&b| f32::from_le_bytes(b)).collect();
    if !values.iter().all(|value| value.is_finite()) {
        return Err(LatentFileProblem::NonFinite(name));
    }
    Ok(FloatTensor {
        shape: tensor.shape().to_vec(),
        values,
    })
}

/// Writes one tensor as a safetensors file.
pub(super) fn write_tensor(
    path: &Path,
    name: &str,
    tensor: &FloatTensor,
    metadata: Option<HashMap<String, String>>,
) -> Result<(), LatentFileError> {
    let bytes: Vec<u8> = tensor
        .values
        .iter()
        .flat_map(|value| value.to_le_bytes())
        .collect();
    TensorView::new(Dtype::F32, tensor.shape.clone(), &bytes)
        .and_then(|view| safetensors::serialize([(name, view)], metadata))
        .map_err(io::Error::other)
        .and_then(|file| atomic_file::write(path, |writer| writer.write_all(&file)))
        .map_err(|source| LatentFileError::Write {
            path: path.to_owned(),
            source,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write_floats(path: &Path, name: &str, shape: &[usize], values: &[f32]) {
        let tensor = FloatTensor {
            shape: shape.to_vec(),
            values: values.to_vec(),
        };
        write_tensor(path, name, &tensor, None).unwrap();
    }

    #[test]
    fn a_single_vector_may_be_one_dimensional() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("z.safetensors");
        write_floats(&path, "z", &[3], &[1.0, 2.0, 3.0]);
        assert_eq!(read_z(&path, 3).unwrap(), [[1.0, 2.0, 3.0]]);
    }

    #[test]
    fn files_without_usable_latent_vectors_are_refused_with_the_reason() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("z.safetensors");
        let refused = |z_dim| read_z(&path, z_dim).unwrap_err().to_string();
        let write = |name: &str, shape: &[usize], values: &[f32]| {
            write_floats(&path, name, shape, values);
        };
        assert!(refused(3).contains("cannot read"));
        write("w", &[1, 3], &[0.0; 3]);
        assert!(refused(3).contains("no tensor 'z'"));
        write("z", &[1, 3], &[0.0, f32::NAN, 0.0]);
        assert!(refused(3).contains("non-finite"));
        write("z", &[0, 3], &[]);
        assert!(refused(3).contains("empty"));
        write("z", &[1, 1, 3], &[0.0; 3]);
        assert!(refused(3).contains("[1, 1, 3]"));
        write("z", &[2, 3], &[0.0; 6]);
        assert!(refused(100).contains("length 3, but this model takes length 100"));
        let whole = std::fs::read(&path).unwrap();
        for length in 0..whole.len() {
            std::fs::write(&path, &whole[..length]).unwrap();
            let error = refused(3);
            assert!(error.contains("not a file of latent vectors"), "{length}");
        }
        let error = read_z(folder.path(), 3).unwrap_err().to_string();
        assert!(error.contains("it is a folder, not a file"), "{error}");
    }
}
