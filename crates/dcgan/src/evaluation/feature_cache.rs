//! Features of real pictures in a cache folder: the network takes minutes for them, and they do not
//! change.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors};
use xxhash_rust::xxh3::xxh3_64;

use dcgan_evaluate::Features;
use dcgan_support::path_error::PathError;
use dcgan_support::{atomic_file, regular_file};

/// All that features depend on, as text.
const KEY: &str = "key";

/// The hash of the values.
const CHECKSUM: &str = "checksum";

const TENSOR: &str = "features";

/// Where the features with this key are in a cache folder.
fn place(folder: &Path, key: &str) -> PathBuf {
    folder.join(format!(
        "features-{:016x}.safetensors",
        xxh3_64(key.as_bytes())
    ))
}

/// The features with this key; `None` if they are not in the cache or the file is damaged.
pub fn cached_features(folder: &Path, key: &str) -> Option<Features> {
    let bytes = regular_file::read(&place(folder, key)).ok()?;
    let (_, metadata) = SafeTensors::read_metadata(&bytes).ok()?;
    let stated = metadata.metadata().as_ref()?;
    if stated.get(KEY)? != key {
        return None;
    }
    let file = SafeTensors::deserialize(&bytes).ok()?;
    let view = file.tensor(TENSOR).ok()?;
    let &[_, width] = view.shape() else {
        return None;
    };
    let is_intact = *stated.get(CHECKSUM)? == checksum(view.data());
    if view.dtype() != Dtype::F32 || !is_intact {
        return None;
    }
    let (numbers, _) = view.data().as_chunks();
    let values = numbers.iter().map(|&bytes| f32::from_le_bytes(bytes));
    Features::new(values.collect(), width).ok()
}

/// Keeps features in a cache folder, which is created if it is missing.
///
/// # Errors
/// If the file cannot be written.
pub fn cache_features(folder: &Path, key: &str, features: &Features) -> Result<(), PathError> {
    let path = place(folder, key);
    let values = features.values().iter();
    let bytes: Vec<u8> = values.flat_map(|value| value.to_le_bytes()).collect();
    let metadata = HashMap::from([
        (KEY.to_owned(), key.to_owned()),
        (CHECKSUM.to_owned(), checksum(&bytes)),
    ]);
    let shape = vec![features.len(), features.width()];
    let view = TensorView::new(Dtype::F32, shape, &bytes);
    let file = view.and_then(|view| safetensors::serialize([(TENSOR, view)], Some(metadata)));
    let file = file.map_err(|error| PathError::write(&path, std::io::Error::other(error)))?;
    fs::create_dir_all(folder)
        .and_then(|()| atomic_file::write(&path, |writer| writer.write_all(&file)))
        .map_err(|error| PathError::write(&path, error))
}

fn checksum(bytes: &[u8]) -> String {
    format!("{:016x}", xxh3_64(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn features_are_found_by_their_key_unless_the_file_is_damaged() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("new");
        let features = Features::new(vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0], 3).unwrap();
        assert_eq!(cached_features(&folder, "faces"), None);
        cache_features(&folder, "faces", &features).unwrap();
        assert_eq!(cached_features(&folder, "faces"), Some(features));
        assert_eq!(cached_features(&folder, "photos"), None);

        let path = place(&folder, "faces");
        let mut bytes = fs::read(&path).unwrap();
        *bytes.last_mut().unwrap() ^= 1;
        fs::write(&path, bytes).unwrap();
        assert_eq!(cached_features(&folder, "faces"), None);
        fs::copy(&path, place(&folder, "photos")).unwrap();
        assert_eq!(cached_features(&folder, "photos"), None);
    }
}
