//! Directions in the latent space, such as the one along which faces start to smile (the "turn"
//! vector of the paper's Figure 8 is another), and their files.

use std::collections::HashMap;
use std::path::Path;

use safetensors::SafeTensors;
use serde::{Deserialize, Serialize};

use super::vector_file::{
    FloatTensor, LatentFileError, LatentFileProblem, finite_floats, read_bytes, write_tensor,
};
use crate::config::ModelConfig;

/// The name of the file's tensor.
const DIRECTION: &str = "direction";

/// The key of the JSON header in the file's metadata.
const METADATA_KEY: &str = "dcgan_direction";

/// The version of the file format.
const SCHEMA: u32 = 1;

/// A direction in the latent space and its origin.
///
/// ```no_run
/// # use std::path::Path;
/// use dcgan::latent::{LatentDirection, from_seed};
/// use dcgan::sample::Sampler;
///
/// let device = dcgan::device::by_name("cpu")?;
/// let mut sampler = Sampler::load(Path::new("runs/faces"), &device)?;
/// let model = sampler.config().clone();
/// let smiling = LatentDirection::read(Path::new("smiling.safetensors"), model.z_dim)?;
/// let z = from_seed(&model, 7);
/// let row: Vec<_> = (-3..=3).map(|strength| smiling.moved(&z, strength.into())).collect();
/// for (place, picture) in sampler.draw(&row).iter().enumerate() {
///     picture.save(format!("{place}.png"))?;
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct LatentDirection {
    /// `[z_dim]`, as long as one standard deviation of a latent coordinate.
    pub vector: Vec<f32>,
    /// Where it comes from.
    pub origin: DirectionOrigin,
}

/// Where a direction comes from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DirectionOrigin {
    /// The attribute that increases along it.
    pub attribute: String,
    /// The configuration of its generator.
    pub model: ModelConfig,
    /// The training step of its generator.
    pub step: u64,
    /// The fingerprint of the data that its generator was trained on.
    pub data_fingerprint: String,
    /// The accuracy of the attribute classifier on held-out pictures, 0 to 1.
    pub held_out_accuracy: f64,
    /// The mean of its accuracies on held-out pictures with and without the attribute, 0 to 1.
    pub held_out_balanced_accuracy: f64,
    /// How many samples it was found from.
    pub samples: u64,
}

/// The file's metadata.
#[derive(Serialize, Deserialize)]
struct Header {
    schema: u32,
    /// How to use the vector, for people who open the file with other tools.
    strength: String,
    #[serde(flatten)]
    origin: DirectionOrigin,
}

impl LatentDirection {
    /// A latent vector moved along the direction by `strength` standard deviations.
    ///
    /// # Shapes
    /// `[z_dim]` → `[z_dim]`
    ///
    /// # Panics
    /// If the lengths differ.
    pub fn moved(&self, z: &[f32], strength: f64) -> Vec<f32> {
        assert_eq!(z.len(), self.vector.len(), "length of a latent vector");
        z.iter()
            .zip(&self.vector)
            .map(|(z, direction)| z + strength as f32 * direction)
            .collect()
    }

    /// Writes a safetensors file: the tensor `direction`, `F32` `[z_dim]`, and its origin as JSON
    /// under `dcgan_direction` in the metadata.
    ///
    /// # Errors
    /// If the file cannot be written. An existing file is then unchanged.
    pub fn write(&self, path: &Path) -> Result<(), LatentFileError> {
        let header = Header {
            schema: SCHEMA,
            strength: "z + strength * direction; 1 is one standard deviation of z".to_owned(),
            origin: self.origin.clone(),
        };
        let json = serde_json::to_string(&header).map_err(|error| LatentFileError::Write {
            path: path.to_owned(),
            source: error.into(),
        })?;
        let tensor = FloatTensor {
            shape: vec![self.vector.len()],
            values: self.vector.clone(),
        };
        let metadata = HashMap::from([(METADATA_KEY.to_owned(), json)]);
        write_tensor(path, DIRECTION, &tensor, Some(metadata))
    }

    /// Reads a file written by [`write`](Self::write).
    ///
    /// # Errors
    /// If the file cannot be read or is invalid, its direction is not `[z_dim]`, or has non-finite
    /// values.
    pub fn read(path: &Path, z_dim: usize) -> Result<Self, LatentFileError> {
        let bytes = read_bytes(path)?;
        let invalid = |problem: LatentFileProblem| LatentFileError::Invalid {
            path: path.to_owned(),
            problem,
        };
        let origin = read_origin(&bytes).map_err(invalid)?;
        let tensors = SafeTensors::deserialize(&bytes).map_err(|error| invalid(error.into()))?;
        let tensor = finite_floats(&tensors, DIRECTION).map_err(invalid)?;
        match tensor.shape[..] {
            [length] if length == z_dim => Ok(Self {
                vector: tensor.values,
                origin,
            }),
            [length] => Err(LatentFileError::OtherModel {
                path: path.to_owned(),
                found: length,
                expected: z_dim,
            }),
            _ => Err(invalid(LatentFileProblem::Shape {
                tensor: DIRECTION,
                shape: tensor.shape,
            })),
        }
    }
}

fn read_origin(bytes: &[u8]) -> Result<DirectionOrigin, LatentFileProblem> {
    let (_, metadata) = SafeTensors::read_metadata(bytes)?;
    let json = metadata
        .metadata()
        .as_ref()
        .and_then(|metadata| metadata.get(METADATA_KEY))
        .ok_or(LatentFileProblem::NoDirection)?;
    let header: Header = serde_json::from_str(json).map_err(LatentFileProblem::Metadata)?;
    if header.schema != SCHEMA {
        return Err(LatentFileProblem::Schema {
            found: header.schema,
            supported: SCHEMA,
        });
    }
    Ok(header.origin)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{ModelOptions, Preset};

    fn direction() -> LatentDirection {
        LatentDirection {
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
    fn a_written_direction_is_read_back_unchanged() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("smiling.safetensors");
        direction().write(&path).unwrap();
        assert_eq!(LatentDirection::read(&path, 3).unwrap(), direction());
        assert_eq!(direction().moved(&[1.0, 1.0, 1.0], 2.0), [2.2, -0.6, 1.0]);
    }

    #[test]
    fn files_without_a_usable_direction_are_refused_with_the_reason() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("smiling.safetensors");
        let refused = |z_dim| LatentDirection::read(&path, z_dim).unwrap_err().to_string();
        direction().write(&path).unwrap();
        assert!(refused(100).contains("length 3"));
        let whole = std::fs::read(&path).unwrap();
        for length in 0..whole.len() {
            std::fs::write(&path, &whole[..length]).unwrap();
            assert!(refused(3).contains("smiling.safetensors"), "{length}");
        }
        let mut infinite = direction();
        infinite.vector[1] = f32::INFINITY;
        infinite.write(&path).unwrap();
        assert!(refused(3).contains("non-finite"));
        super::super::write_z(&path, &[vec![0.0; 3]]).unwrap();
        assert!(refused(3).contains("no direction"));
    }
}
