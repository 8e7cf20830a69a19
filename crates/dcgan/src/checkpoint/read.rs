//! Reading weight files and checkpoints, which are not trusted: every name,
//! shape and number is checked before it is used.

use std::fs;
use std::path::{Path, PathBuf};

use burn::tensor::Device;
use safetensors::{Dtype, SafeTensors};

use super::{FileError, FileHeader, FileKind};
use crate::adam::Adam;
use crate::config::{Length, RunConfig};
use crate::gan::Gan;
use crate::model::{Discriminator, Generator, ModelError, Network};

/// A weight file or checkpoint, read into memory.
pub struct WeightFile {
    path: PathBuf,
    bytes: Vec<u8>,
    header: FileHeader,
}

/// Where a training goes on.
pub struct Checkpoint {
    /// The networks and optimizers.
    pub gan: Gan,
    /// How the training is configured.
    pub run: RunConfig,
    /// What the file says of itself.
    pub header: FileHeader,
}

impl WeightFile {
    /// Reads a file and what it says of itself.
    ///
    /// # Errors
    /// A file that cannot be read, is cut off or damaged, is no safetensors
    /// file, is another program's, or has another schema.
    pub fn open(path: &Path) -> Result<Self, FileError> {
        let io = |source| FileError::Io {
            action: "read",
            path: path.to_owned(),
            source,
        };
        let damaged = |reason: String| FileError::Damaged {
            path: path.to_owned(),
            reason,
        };
        if !fs::metadata(path).map_err(io)?.is_file() {
            let path = path.to_owned();
            return Err(FileError::NoFile { path });
        }
        let bytes = fs::read(path).map_err(io)?;
        let (_, metadata) =
            SafeTensors::read_metadata(&bytes).map_err(|error| damaged(error.to_string()))?;
        let header = FileHeader::from_metadata(metadata.metadata().as_ref(), path)?;
        // the whole file, so that a truncated one is found before it is used
        SafeTensors::deserialize(&bytes).map_err(|error| damaged(error.to_string()))?;
        let path = path.to_owned();
        Ok(Self {
            path,
            bytes,
            header,
        })
    }

    /// What the file says of itself.
    pub fn header(&self) -> &FileHeader {
        &self.header
    }

    /// Names and shapes of its tensors, by name.
    ///
    /// # Errors
    /// None after [`WeightFile::open`] has found the file whole.
    pub fn shapes(&self) -> Result<Vec<(String, Vec<usize>)>, FileError> {
        let tensors = self.tensors()?;
        let mut shapes: Vec<_> = tensors
            .iter()
            .map(|(name, view)| (name.to_owned(), view.shape().to_vec()))
            .collect();
        shapes.sort();
        Ok(shapes)
    }

    /// The generator of a generator file or a checkpoint, with the running
    /// statistics that the file has.
    ///
    /// # Errors
    /// A file without a generator, and tensors that do not fit the configuration.
    pub fn generator(&self, device: &Device) -> Result<Generator, FileError> {
        let prefix = match self.header.kind {
            FileKind::Generator => "",
            FileKind::Checkpoint => "generator.",
            FileKind::Discriminator => return Err(self.wrong_kind("generator or checkpoint")),
        };
        let tensors = self.tensors()?;
        let lookup =
            |name: &str, shape: &[usize]| floats(&tensors, &format!("{prefix}{name}"), shape);
        let mut generator = Generator::with_weights(&self.header.model, &lookup, device)
            .map_err(|e| self.model(e))?;
        restore_counts(&tensors, prefix, generator.network_mut()).map_err(|e| self.model(e))?;
        Ok(generator)
    }

    /// Everything that a training goes on from.
    ///
    /// # Errors
    /// A file that is no checkpoint, and tensors that do not fit the configuration.
    pub fn checkpoint(&self, device: &Device) -> Result<Checkpoint, FileError> {
        if self.header.kind != FileKind::Checkpoint {
            return Err(self.wrong_kind("checkpoint"));
        }
        let run = self.run()?;
        let generator = self.generator(device)?;
        let tensors = self.tensors()?;
        let gan = restore(&tensors, generator, &run, device).map_err(|error| self.model(error))?;
        let header = self.header.clone();
        Ok(Checkpoint { gan, run, header })
    }

    /// The configuration of the training, if it agrees with the file.
    fn run(&self) -> Result<RunConfig, FileError> {
        let damaged = |reason: &str| FileError::Damaged {
            path: self.path.clone(),
            reason: reason.to_owned(),
        };
        let Some(run) = self.header.run.clone() else {
            return Err(damaged("it has no training configuration"));
        };
        if run.model != self.header.model {
            return Err(damaged("it has two configurations of its networks"));
        }
        if self.header.step > Length::MOST {
            return Err(damaged("its number of steps is impossible"));
        }
        run.training
            .validate()
            .map_err(|error| self.model(error.into()))?;
        Ok(run)
    }

    fn tensors(&self) -> Result<SafeTensors<'_>, FileError> {
        SafeTensors::deserialize(&self.bytes).map_err(|error| FileError::Damaged {
            path: self.path.clone(),
            reason: error.to_string(),
        })
    }

    fn wrong_kind(&self, needed: &'static str) -> FileError {
        FileError::Kind {
            path: self.path.clone(),
            found: self.header.kind,
            needed,
        }
    }

    fn model(&self, source: ModelError) -> FileError {
        FileError::Model {
            path: self.path.clone(),
            source,
        }
    }
}

fn restore(
    tensors: &SafeTensors,
    generator: Generator,
    run: &RunConfig,
    device: &Device,
) -> Result<Gan, ModelError> {
    let lookup =
        |name: &str, shape: &[usize]| floats(tensors, &format!("discriminator.{name}"), shape);
    let mut discriminator = Discriminator::with_weights(generator.config(), &lookup, device)?;
    restore_counts(tensors, "discriminator.", discriminator.network_mut())?;
    let mut gan = Gan::of(generator, discriminator, &run.training);
    restore_adam(
        tensors,
        "generator",
        gan.generator.network(),
        &mut gan.generator_adam,
    )?;
    restore_adam(
        tensors,
        "discriminator",
        gan.discriminator.network(),
        &mut gan.discriminator_adam,
    )?;
    Ok(gan)
}

fn restore_adam(
    tensors: &SafeTensors,
    half: &str,
    network: &Network,
    adam: &mut Adam,
) -> Result<(), ModelError> {
    let moment = |moment: &str, parameter: &crate::model::Parameter| {
        let name = format!("adam.{half}.{moment}.{}", parameter.name());
        floats(tensors, &name, parameter.shape())
    };
    let moments = network
        .parameters()
        .into_iter()
        .map(|parameter| Ok((moment("first", parameter)?, moment("second", parameter)?)))
        .collect::<Result<_, ModelError>>()?;
    adam.restore(count(tensors, &format!("adam.{half}.steps"))?, moments);
    Ok(())
}

fn restore_counts(
    tensors: &SafeTensors,
    prefix: &str,
    network: &mut Network,
) -> Result<(), ModelError> {
    for batch_norm in network.batch_norms_mut() {
        let name = format!("{prefix}{}.num_batches_tracked", batch_norm.name());
        batch_norm.set_batches_tracked(count(tensors, &name)?);
    }
    Ok(())
}

fn floats(tensors: &SafeTensors, name: &str, shape: &[usize]) -> Result<Vec<f32>, ModelError> {
    let bytes = checked(tensors, name, Dtype::F32, shape)?;
    let (values, _) = bytes.as_chunks::<4>();
    Ok(values
        .iter()
        .map(|value| f32::from_le_bytes(*value))
        .collect())
}

fn count(tensors: &SafeTensors, name: &str) -> Result<u64, ModelError> {
    let bytes = checked(tensors, name, Dtype::I64, &[])?;
    let (values, _) = bytes.as_chunks::<8>();
    let value = i64::from_le_bytes(values[0]);
    u64::try_from(value).map_err(|_| ModelError::Mismatch {
        name: name.to_owned(),
        found: value.to_string(),
        needed: "a count".to_owned(),
    })
}

/// The bytes of a tensor, if it is there and is what it should be.
fn checked<'a>(
    tensors: &SafeTensors<'a>,
    name: &str,
    dtype: Dtype,
    shape: &[usize],
) -> Result<&'a [u8], ModelError> {
    let view = tensors
        .tensor(name)
        .map_err(|_| ModelError::Missing(name.to_owned()))?;
    if view.dtype() != dtype || view.shape() != shape {
        return Err(ModelError::Mismatch {
            name: name.to_owned(),
            found: format!("{:?} {:?}", view.dtype(), view.shape()),
            needed: format!("{dtype:?} {shape:?}"),
        });
    }
    Ok(view.data())
}
