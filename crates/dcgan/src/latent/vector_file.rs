//! Latent vectors in files: safetensors with one tensor `z`, a row for each vector.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use safetensors::{Dtype, SafeTensors, tensor::TensorView};
use thiserror::Error;

use dcgan_support::atomic_file;

/// The name of the tensor that holds the vectors.
const Z: &str = "z";

/// The most bytes of a file: half a million vectors of the usual length.
const MOST_BYTES: u64 = 256 << 20;

/// Why latent vectors could not be read or written.
#[derive(Debug, Error)]
pub enum LatentFileError {
    /// The file or its folder cannot be reached.
    #[error("cannot {action} {path}: {source}", path = .path.display())]
    Io {
        /// `read` or `write`.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The bytes are no safetensors file, or what they hold is no latent vector.
    #[error("{path} is no file of latent vectors or a direction ({reason}): give what `dcgan project` or `dcgan direction` has written", path = .path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// Vectors of a generator with another `z_dim`.
    #[error("{path} has latent vectors of {found} numbers, and this generator takes {needed}: it is of another model", path = .path.display())]
    OtherModel {
        /// The file.
        path: PathBuf,
        /// The length of its vectors.
        found: usize,
        /// The length that is needed.
        needed: usize,
    },
}

/// Reads latent vectors: the tensor `z`, `F32` `[count, z_dim]` or `[z_dim]`, of a safetensors
/// file.
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
/// A file that cannot be read, is no such file, has vectors of another length, none at all, or
/// numbers that are not finite.
pub fn read_z(path: &Path, z_dim: usize) -> Result<Vec<Vec<f32>>, LatentFileError> {
    let bytes = read_bytes(path)?;
    let damaged = |reason: String| LatentFileError::Damaged {
        path: path.to_owned(),
        reason,
    };
    let tensors = SafeTensors::deserialize(&bytes).map_err(|error| damaged(error.to_string()))?;
    let (shape, values) = finite_floats(&tensors, Z).map_err(damaged)?;
    let found = match shape[..] {
        [length] | [_, length] => length,
        _ => return Err(damaged(format!("its tensor '{Z}' has shape {shape:?}"))),
    };
    if found != z_dim {
        return Err(LatentFileError::OtherModel {
            path: path.to_owned(),
            found,
            needed: z_dim,
        });
    }
    if values.is_empty() {
        return Err(damaged(format!("its tensor '{Z}' is empty")));
    }
    Ok(values.chunks_exact(z_dim).map(<[f32]>::to_vec).collect())
}

/// Writes latent vectors as a safetensors file that [`read_z`] reads.
///
/// # Shapes
/// `vectors`: each `[z_dim]`; the file's tensor `z` is `[count, z_dim]`
///
/// # Errors
/// What the disk has against it; an older file is then still there.
///
/// # Panics
/// If there are no vectors, or their lengths differ.
pub fn write_z(path: &Path, vectors: &[Vec<f32>]) -> Result<(), LatentFileError> {
    let length = vectors[0].len();
    assert!(
        vectors.iter().all(|vector| vector.len() == length),
        "lengths of latent vectors"
    );
    write_floats(path, (Z, &[vectors.len(), length]), &vectors.concat(), None)
}

/// A file's bytes, if they are few enough for what it should hold.
pub(super) fn read_bytes(path: &Path) -> Result<Vec<u8>, LatentFileError> {
    let io = |source| LatentFileError::Io {
        action: "read",
        path: path.to_owned(),
        source,
    };
    let damaged = |reason: &str| LatentFileError::Damaged {
        path: path.to_owned(),
        reason: reason.to_owned(),
    };
    let file = File::open(path).map_err(io)?;
    if !file.metadata().map_err(io)?.is_file() {
        return Err(damaged("it is a folder or a device"));
    }
    let mut bytes = Vec::new();
    file.take(MOST_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(io)?;
    match bytes.len() as u64 > MOST_BYTES {
        true => Err(damaged("it is too large")),
        false => Ok(bytes),
    }
}

/// The shape and the values of a tensor of finite `F32`.
///
/// # Errors
/// What is wrong with it, in words.
pub(super) fn finite_floats(
    tensors: &SafeTensors,
    name: &str,
) -> Result<(Vec<usize>, Vec<f32>), String> {
    let tensor = tensors.tensor(name);
    let tensor = tensor.map_err(|_| format!("it has no tensor '{name}'"))?;
    if tensor.dtype() != Dtype::F32 {
        let dtype = tensor.dtype();
        return Err(format!("its tensor '{name}' is {dtype:?}, not F32"));
    }
    let (numbers, _) = tensor.data().as_chunks::<4>();
    let values: Vec<f32> = numbers.iter().map(|&b| f32::from_le_bytes(b)).collect();
    match values.iter().all(|value| value.is_finite()) {
        true => Ok((tensor.shape().to_vec(), values)),
        false => Err(format!(
            "its tensor '{name}' has numbers that are not finite"
        )),
    }
}

/// Writes one tensor as a safetensors file.
pub(super) fn write_floats(
    path: &Path,
    (name, shape): (&str, &[usize]),
    values: &[f32],
    metadata: Option<HashMap<String, String>>,
) -> Result<(), LatentFileError> {
    let bytes: Vec<u8> = values
        .iter()
        .flat_map(|value| value.to_le_bytes())
        .collect();
    let written = TensorView::new(Dtype::F32, shape.to_vec(), &bytes)
        .and_then(|view| safetensors::serialize([(name, view)], metadata))
        .map_err(io::Error::other)
        .and_then(|file| atomic_file::write(path, |writer| writer.write_all(&file)));
    written.map_err(|source| LatentFileError::Io {
        action: "write",
        path: path.to_owned(),
        source,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_vector_without_a_row_is_read_too() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("z.safetensors");
        write_floats(&path, ("z", &[3]), &[1.0, 2.0, 3.0], None).unwrap();
        assert_eq!(read_z(&path, 3).unwrap(), [[1.0, 2.0, 3.0]]);
    }

    #[test]
    fn what_holds_no_latent_vectors_is_refused_with_its_reason() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("z.safetensors");
        let refused = |z_dim| read_z(&path, z_dim).unwrap_err().to_string();
        let written = |name: &str, shape: &[usize], values: &[f32]| {
            write_floats(&path, (name, shape), values, None).unwrap();
        };
        assert!(refused(3).contains("cannot read"));
        written("w", &[1, 3], &[0.0; 3]);
        assert!(refused(3).contains("no tensor 'z'"));
        written("z", &[1, 3], &[0.0, f32::NAN, 0.0]);
        assert!(refused(3).contains("not finite"));
        written("z", &[0, 3], &[]);
        assert!(refused(3).contains("empty"));
        written("z", &[1, 1, 3], &[0.0; 3]);
        assert!(refused(3).contains("[1, 1, 3]"));
        written("z", &[2, 3], &[0.0; 6]);
        assert!(refused(100).contains("another model"));
        let whole = std::fs::read(&path).unwrap();
        for length in 0..whole.len() {
            std::fs::write(&path, &whole[..length]).unwrap();
            assert!(refused(3).contains("no file of latent vectors"), "{length}");
        }
        assert!(
            read_z(folder.path(), 3)
                .unwrap_err()
                .to_string()
                .contains("folder")
        );
    }
}
