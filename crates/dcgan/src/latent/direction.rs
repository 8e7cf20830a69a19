//! Directions in the latent space, such as the one along which faces begin to smile (the paper's
//! "turn" vector, Figure 8, is one), and their files.

use std::collections::HashMap;
use std::path::Path;

use safetensors::SafeTensors;
use serde::{Deserialize, Serialize};

use super::vector_file::{LatentFileError, finite_floats, read_bytes, write_floats};
use crate::config::ModelConfig;

/// The name of the tensor.
const DIRECTION: &str = "direction";

/// The key of our JSON in the file's metadata.
const METADATA_KEY: &str = "dcgan_direction";

/// The form of the file.
const SCHEMA: u32 = 1;

/// A direction and where it comes from.
///
/// ```no_run
/// # use std::path::Path;
/// use dcgan::latent::{Direction, from_seed};
/// use dcgan::sample::Sampler;
///
/// let device = dcgan::device::by_name("cpu")?;
/// let (mut sampler, _) = Sampler::load(Path::new("runs/faces"), &device)?;
/// let model = sampler.config().clone();
/// let smiling = Direction::read(Path::new("smiling.safetensors"), model.z_dim)?;
/// let z = from_seed(&model, 7);
/// let row: Vec<_> = (-3..=3).map(|by| smiling.moved(&z, f64::from(by))).collect();
/// for (place, picture) in sampler.draw(&row).iter().enumerate() {
///     picture.save(format!("{place}.png"))?;
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Direction {
    /// `[z_dim]`: one standard deviation of the latent vectors long.
    pub vector: Vec<f32>,
    /// Where it comes from.
    pub origin: DirectionOrigin,
}

/// Where a direction comes from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DirectionOrigin {
    /// What becomes more along it.
    pub attribute: String,
    /// How the networks of its generator are built.
    pub model: ModelConfig,
    /// How many steps that generator has learned.
    pub step: u64,
    /// What tells the pictures that it was trained on.
    pub data_fingerprint: String,
    /// The share of held-out pictures about which the attribute classifier was right.
    pub held_out_accuracy: f64,
    /// The same, pictures with and without the attribute counted as if they were as many.
    pub held_out_balanced_accuracy: f64,
    /// Drawn pictures that it was found from.
    pub samples: u64,
}

/// The file's metadata.
#[derive(Serialize, Deserialize)]
struct Header {
    schema: u32,
    /// For people who open the file elsewhere.
    strength: String,
    #[serde(flatten)]
    origin: DirectionOrigin,
}

impl Direction {
    /// A latent vector moved by `strength` standard deviations of the latent distribution.
    ///
    /// # Shapes
    /// `[z_dim]` → `[z_dim]`
    ///
    /// # Panics
    /// If the lengths differ.
    pub fn moved(&self, z: &[f32], strength: f64) -> Vec<f32> {
        assert_eq!(z.len(), self.vector.len(), "length of a latent vector");
        let each = z.iter().zip(&self.vector);
        each.map(|(z, along)| z + strength as f32 * along).collect()
    }

    /// Writes it as a safetensors file: the tensor `direction`, `F32` `[z_dim]`, and JSON under
    /// `dcgan_direction` in the metadata.
    ///
    /// # Errors
    /// What the disk has against it; an older file is then still there.
    pub fn write(&self, path: &Path) -> Result<(), LatentFileError> {
        let header = Header {
            schema: SCHEMA,
            strength: "z + strength * direction; 1 is one standard deviation of z".to_owned(),
            origin: self.origin.clone(),
        };
        let json = serde_json::to_string(&header).map_err(|error| LatentFileError::Io {
            action: "write",
            path: path.to_owned(),
            source: error.into(),
        })?;
        let metadata = HashMap::from([(METADATA_KEY.to_owned(), json)]);
        let tensor = (DIRECTION, &[self.vector.len()][..]);
        write_floats(path, tensor, &self.vector, Some(metadata))
    }

    /// Reads a file that [`write`](Self::write) has written.
    ///
    /// # Errors
    /// A file that cannot be read or is no such file, numbers that are not finite, and a direction
    /// for latent vectors of another length than `z_dim`.
    pub fn read(path: &Path, z_dim: usize) -> Result<Self, LatentFileError> {
        let bytes = read_bytes(path)?;
        let damaged = |reason: String| LatentFileError::Damaged {
            path: path.to_owned(),
            reason,
        };
        let origin = origin(&bytes).map_err(damaged)?;
        let tensors =
            SafeTensors::deserialize(&bytes).map_err(|error| damaged(error.to_string()))?;
        let (shape, vector) = finite_floats(&tensors, DIRECTION).map_err(damaged)?;
        match shape[..] {
            [length] if length == z_dim => Ok(Self { vector, origin }),
            [found] => Err(LatentFileError::OtherModel {
                path: path.to_owned(),
                found,
                needed: z_dim,
            }),
            _ => Err(damaged(format!(
                "its tensor '{DIRECTION}' has shape {shape:?}"
            ))),
        }
    }
}

fn origin(bytes: &[u8]) -> Result<DirectionOrigin, String> {
    let (_, metadata) = SafeTensors::read_metadata(bytes).map_err(|error| error.to_string())?;
    let metadata = metadata.metadata().as_ref();
    let json = metadata.and_then(|metadata| metadata.get(METADATA_KEY));
    let json = json.ok_or("it holds no direction: `dcgan direction` makes one")?;
    let header: Header = serde_json::from_str(json)
        .map_err(|error| format!("what it says of itself does not parse: {error}"))?;
    match header.schema {
        SCHEMA => Ok(header.origin),
        found => Err(format!(
            "it has schema {found}, and this program reads {SCHEMA}"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{ModelOptions, Preset};

    fn direction() -> Direction {
        Direction {
            vector: vec![0.6, -0.8, 0.0],
            origin: DirectionOrigin {
                attribute: "Smiling".to_owned(),
                model: ModelOptions::new(Preset::Small)
                    .with_z_dim(3)
                    .build()
                    .unwrap(),
                step: 7,
                data_fingerprint: "1f".to_owned(),
                held_out_accuracy: 0.9,
                held_out_balanced_accuracy: 0.85,
                samples: 100,
            },
        }
    }

    #[test]
    fn a_direction_comes_back_as_it_was_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("smiling.safetensors");
        direction().write(&path).unwrap();
        assert_eq!(Direction::read(&path, 3).unwrap(), direction());
        assert_eq!(direction().moved(&[1.0, 1.0, 1.0], 2.0), [2.2, -0.6, 1.0]);
    }

    #[test]
    fn what_is_no_direction_is_refused_with_its_reason() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("smiling.safetensors");
        let refused = |z_dim| Direction::read(&path, z_dim).unwrap_err().to_string();
        direction().write(&path).unwrap();
        assert!(refused(100).contains("another model"));
        let whole = std::fs::read(&path).unwrap();
        for length in 0..whole.len() {
            std::fs::write(&path, &whole[..length]).unwrap();
            assert!(refused(3).contains("smiling.safetensors"), "{length}");
        }
        let mut infinite = direction();
        infinite.vector[1] = f32::INFINITY;
        infinite.write(&path).unwrap();
        assert!(refused(3).contains("not finite"));
        super::super::write_z(&path, &[vec![0.0; 3]]).unwrap();
        assert!(refused(3).contains("no direction"));
    }
}
