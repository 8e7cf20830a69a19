//! Reading weight files and checkpoints. Files are not trusted: every name, shape and number is
//! checked before it is used.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use burn::tensor::Device;

use super::tensors::{self, Tensors};
use super::{AVERAGE, FEEDBACK, FileError, FileHeader, FileKind, LENGTH_BYTES, checksum};
use crate::config::{Length, ModelConfig, RunConfig};
use crate::gan::{Feedback, Gan, Model, Player};
use crate::model::{Discriminator, Generator, ModelError, Network, Parameter};
use dcgan_support::path_error::PathError;
use dcgan_support::read_at::read_at;
use dcgan_support::regular_file::{self, NotRegular};

/// An open weight file or checkpoint that is intact. Its tensors are read on request.
pub struct WeightFile {
    path: PathBuf,
    tensors: Tensors,
    header: FileHeader,
}

/// What a training resumes from.
pub struct Checkpoint {
    /// The networks and optimizers.
    pub gan: Gan,
    /// How the training is configured.
    pub run: RunConfig,
    /// The file's header.
    pub header: FileHeader,
}

impl WeightFile {
    /// Opens a file, reads its header and verifies its checksum.
    ///
    /// # Errors
    /// If the file cannot be read, is truncated or corrupt, is no safetensors file or another
    /// program's, or has the schema of a newer version.
    pub fn open(path: &Path) -> Result<Self, FileError> {
        let io = |source| PathError::read(path, source);
        let damaged = |reason: String| FileError::Damaged {
            path: path.to_owned(),
            reason,
        };
        let file =
            regular_file::open(path).map_err(|error| match NotRegular::from_error(&error) {
                Some(found) => FileError::NotAFile {
                    path: path.to_owned(),
                    found,
                },
                None => io(error).into(),
            })?;
        let file_metadata = file.metadata().map_err(io)?;
        if is_from_pytorch(&file).map_err(io)? {
            let path = path.to_owned();
            return Err(FileError::PyTorch { path });
        }
        if path.extension().is_some_and(|ending| ending == "onnx") {
            let path = path.to_owned();
            return Err(FileError::Onnx { path });
        }
        let head = tensors::read_header(&file).map_err(io)?.ok_or_else(|| {
            damaged("it ends within its header, or the header is too long".to_owned())
        })?;
        let metadata = tensors::parse_header(&head)
            .map_err(|error| damaged(format!("its header is no safetensors header: {error}")))?;
        let (header, stated) = FileHeader::from_metadata(metadata.metadata().as_ref(), path)?;
        let start = (LENGTH_BYTES + head.len()) as u64;
        if start.checked_add(metadata.data_len() as u64) != Some(file_metadata.len()) {
            return Err(damaged("its length is not what its header says".to_owned()));
        }
        if let Some(stated) = stated
            && !is_intact(&file, &head, &stated).map_err(io)?
        {
            return Err(damaged(
                "its checksum does not match its content".to_owned(),
            ));
        }
        let tensors = Tensors {
            file,
            start,
            metadata,
        };
        Ok(Self {
            path: path.to_owned(),
            tensors,
            header,
        })
    }

    /// The header of a file that may be damaged elsewhere; `None` if that cannot be read.
    pub fn peek(path: &Path) -> Option<FileHeader> {
        let file = regular_file::open(path).ok()?;
        let head = tensors::read_header(&file).ok()??;
        let metadata = tensors::parse_header(&head).ok()?;
        let (header, _) = FileHeader::from_metadata(metadata.metadata().as_ref(), path).ok()?;
        Some(header)
    }

    /// Where the file is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The file's header.
    pub fn header(&self) -> &FileHeader {
        &self.header
    }

    /// Names and shapes of its tensors, by name.
    pub fn shapes(&self) -> Vec<(String, Vec<usize>)> {
        let tensors = self.tensors.metadata.tensors();
        let mut shapes: Vec<_> = tensors
            .into_iter()
            .map(|(name, tensor)| (name, tensor.shape.clone()))
            .collect();
        shapes.sort();
        shapes
    }

    /// The generator that draws: that of a generator file, with its running statistics, or that of
    /// a checkpoint, with the average of its weights if there is one. The running statistics of a
    /// checkpoint are those of the training.
    ///
    /// # Errors
    /// If the file has no generator, or its tensors do not fit its configuration.
    pub fn generator(&self, device: &Device) -> Result<Generator, FileError> {
        let mut generator = self.raw_generator(device)?;
        if self.has_average() {
            let read = |parameter: &mut Parameter| {
                let name = format!("{AVERAGE}{}", parameter.name());
                let values = self.tensors.floats(&name, parameter.shape())?;
                parameter.set_values(values);
                Ok(())
            };
            let mut parameters = generator.network_mut().parameters_mut().into_iter();
            parameters.try_for_each(read).map_err(|e| self.model(e))?;
        }
        Ok(generator)
    }

    /// Whether it is a checkpoint with an average of the generator's weights.
    pub fn has_average(&self) -> bool {
        let run = self.header.run.as_ref();
        run.is_some_and(|run| run.training.ema.is_some())
    }

    /// As [`generator`](Self::generator), with the weights of the last step even if there is an
    /// average.
    ///
    /// # Errors
    /// As [`generator`](Self::generator).
    pub fn raw_generator(&self, device: &Device) -> Result<Generator, FileError> {
        let prefix = match self.header.kind {
            FileKind::Generator => "",
            FileKind::Checkpoint => "generator.",
            FileKind::Discriminator => return Err(self.wrong_kind("generator or checkpoint")),
        };
        let tensors = &self.tensors;
        let lookup =
            |name: &str, shape: &[usize]| tensors.floats(&format!("{prefix}{name}"), shape);
        let mut generator = Generator::with_weights(&self.header.model, &lookup, device)
            .map_err(|e| self.model(e))?;
        read_counts(tensors, prefix, generator.network_mut()).map_err(|e| self.model(e))?;
        Ok(generator)
    }

    /// The discriminator of a discriminator file or a checkpoint.
    ///
    /// # Errors
    /// If the file has no discriminator, or its tensors do not fit its configuration.
    pub fn discriminator(&self, device: &Device) -> Result<Discriminator, FileError> {
        let prefix = match self.header.kind {
            FileKind::Discriminator => "",
            FileKind::Checkpoint => "discriminator.",
            FileKind::Generator => return Err(self.wrong_kind("discriminator or checkpoint")),
        };
        let model = &self.header.model;
        read_discriminator(&self.tensors, prefix, model, device).map_err(|error| self.model(error))
    }

    /// Everything that a training resumes from.
    ///
    /// # Errors
    /// If the file is no checkpoint, or its tensors do not fit its configuration.
    pub fn checkpoint(&self, device: &Device) -> Result<Checkpoint, FileError> {
        let run = self.run()?;
        let generator = self.raw_generator(device)?;
        let gan =
            read_gan(&self.tensors, generator, &run, device).map_err(|error| self.model(error))?;
        let header = self.header.clone();
        Ok(Checkpoint { gan, run, header })
    }

    /// The configuration of a checkpoint's training, which must agree with the file.
    ///
    /// # Errors
    /// If the file is no checkpoint, or contradicts itself.
    pub fn run(&self) -> Result<RunConfig, FileError> {
        if self.header.kind != FileKind::Checkpoint {
            return Err(self.wrong_kind("checkpoint"));
        }
        let damaged = |reason: &str| FileError::Damaged {
            path: self.path.clone(),
            reason: reason.to_owned(),
        };
        let Some(run) = self.header.run.clone() else {
            return Err(damaged("it has no training configuration"));
        };
        if run.model != self.header.model {
            return Err(damaged(
                "it has two different configurations of its networks",
            ));
        }
        if self.header.step > Length::MAX {
            return Err(damaged("its number of steps is out of range"));
        }
        Ok(run)
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

fn read_gan(
    tensors: &Tensors,
    generator: Generator,
    run: &RunConfig,
    device: &Device,
) -> Result<Gan, ModelError> {
    let discriminator = read_discriminator(tensors, "discriminator.", generator.config(), device)?;
    let mut gan = Gan::from_networks(generator, discriminator, &run.training);
    for player in gan.players_mut() {
        read_adam(tensors, player)?;
    }
    if let Some(feedback) = &mut gan.feedback {
        let values = tensors.floats(FEEDBACK, &[feedback.values().len()])?;
        *feedback = Feedback::from_values([values[0], values[1], values[2]]);
    }
    if let Some(average) = &mut gan.average {
        let parameters = gan.generator.network().parameters().into_iter();
        let read = |parameter: &Parameter| {
            tensors.floats(&format!("{AVERAGE}{}", parameter.name()), parameter.shape())
        };
        average.restore(parameters.map(read).collect::<Result<_, ModelError>>()?);
    }
    Ok(gan)
}

fn read_discriminator(
    tensors: &Tensors,
    prefix: &str,
    model: &ModelConfig,
    device: &Device,
) -> Result<Discriminator, ModelError> {
    let lookup = |name: &str, shape: &[usize]| tensors.floats(&format!("{prefix}{name}"), shape);
    let mut discriminator = Discriminator::with_weights(model, &lookup, device)?;
    read_counts(tensors, prefix, discriminator.network_mut())?;
    Ok(discriminator)
}

fn read_adam(tensors: &Tensors, player: &mut Player<dyn Model>) -> Result<(), ModelError> {
    let prefix = format!("adam.{}", player.name());
    let moment = |moment: &str, parameter: &Parameter| {
        let name = format!("{prefix}.{moment}.{}", parameter.name());
        tensors.floats(&name, parameter.shape())
    };
    let moments = player
        .network()
        .parameters()
        .into_iter()
        .map(|parameter| Ok((moment("first", parameter)?, moment("second", parameter)?)))
        .collect::<Result<_, ModelError>>()?;
    let adam = &mut player.adam;
    adam.restore(tensors.count(&format!("{prefix}.steps"))?, moments);
    if adam.loss_scale().is_some() {
        let state = tensors.floats(&format!("{prefix}.loss_scale"), &[2])?;
        adam.restore_loss_scale([state[0], state[1]]);
    }
    Ok(())
}

fn read_counts(tensors: &Tensors, prefix: &str, network: &mut Network) -> Result<(), ModelError> {
    for batch_norm in network.batch_norms_mut() {
        let name = format!("{prefix}{}.num_batches_tracked", batch_norm.name());
        batch_norm.set_batches_tracked(tensors.count(&name)?);
    }
    Ok(())
}

/// Whether a file was written by `torch.save`: a zip archive that begins with a file `NAME/data.pkl`, or before
/// PyTorch 1.6 a pickle with a number of ten bytes.
fn is_from_pytorch(file: &File) -> io::Result<bool> {
    let mut first = [0; 256];
    let count = read_at(file, &mut first, 0)?;
    let first = &first[..count];
    let names_pickle = || first.windows(9).any(|bytes| bytes == b"/data.pkl");
    Ok(first.starts_with(b"\x80\x02\x8a\x0a")
        || (first.starts_with(b"PK\x03\x04") && names_pickle()))
}

/// Whether the checksum of a file is the one in its header.
fn is_intact(file: &File, head: &[u8], stated: &str) -> io::Result<bool> {
    let length = (head.len() as u64).to_le_bytes();
    let head = [&length[..], head].concat();
    Ok(checksum::of_file(file, &head, stated)? == stated)
}
