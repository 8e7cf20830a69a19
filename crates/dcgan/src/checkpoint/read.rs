//! Reading weight files and checkpoints, which are not trusted: every name,
//! shape and number is checked before it is used.

use std::collections::HashSet;
use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use burn::tensor::Device;
use safetensors::Dtype;
use safetensors::tensor::Metadata;
use serde::de::{Error as _, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::{FileError, FileHeader, FileKind, LENGTH_BYTES, checksum};
use crate::config::{Length, ModelConfig, RunConfig};
use crate::gan::{Gan, Model, Player};
use crate::model::{Discriminator, Generator, ModelError, Network, Parameter};
use dcgan_support::read_at::{fill_at, read_at};

/// A weight file or checkpoint, open and found whole; its tensors are read when they are
/// asked for.
pub struct WeightFile {
    path: PathBuf,
    tensors: Tensors,
    header: FileHeader,
}

/// The tensors of an open file.
struct Tensors {
    file: File,
    /// Where the first one begins.
    start: u64,
    metadata: Metadata,
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
    /// A file that cannot be read, is cut off or damaged (its checksum tells), is no
    /// safetensors file, is another program's, or has a schema that is not known yet.
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
        let file = File::open(path).map_err(io)?;
        let file_metadata = file.metadata().map_err(io)?;
        if !file_metadata.is_file() {
            let path = path.to_owned();
            return Err(FileError::NoFile { path });
        }
        if is_of_pytorch(&file).map_err(io)? {
            let path = path.to_owned();
            return Err(FileError::PyTorch { path });
        }
        let head = read_head(&file).map_err(io)?;
        let head = head.ok_or_else(|| {
            damaged("it ends within its header, or that is longer than any of dcgan's".to_owned())
        })?;
        let metadata: Metadata = serde_json::from_slice::<EachOnce>(&head)
            .and_then(|_| serde_json::from_slice(&head))
            .map_err(|error| damaged(format!("its header is no safetensors header: {error}")))?;
        let (header, stated) = FileHeader::from_metadata(metadata.metadata().as_ref(), path)?;
        // so that a truncated file is found before it is used
        let start = (LENGTH_BYTES + head.len()) as u64;
        if start.checked_add(metadata.data_len() as u64) != Some(file_metadata.len()) {
            return Err(damaged("its length is not what its header says".to_owned()));
        }
        if let Some(stated) = stated
            && !is_intact(&file, &head, &stated).map_err(io)?
        {
            return Err(damaged(
                "its checksum is not that of its content".to_owned(),
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

    /// What the file says of itself.
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
        let tensors = &self.tensors;
        let lookup =
            |name: &str, shape: &[usize]| tensors.floats(&format!("{prefix}{name}"), shape);
        let mut generator = Generator::with_weights(&self.header.model, &lookup, device)
            .map_err(|e| self.model(e))?;
        restore_counts(tensors, prefix, generator.network_mut()).map_err(|e| self.model(e))?;
        Ok(generator)
    }

    /// The discriminator of a discriminator file or a checkpoint.
    ///
    /// # Errors
    /// A file without a discriminator, and tensors that do not fit the configuration.
    pub fn discriminator(&self, device: &Device) -> Result<Discriminator, FileError> {
        let prefix = match self.header.kind {
            FileKind::Discriminator => "",
            FileKind::Checkpoint => "discriminator.",
            FileKind::Generator => return Err(self.wrong_kind("discriminator or checkpoint")),
        };
        let model = &self.header.model;
        read_discriminator(&self.tensors, prefix, model, device).map_err(|error| self.model(error))
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
        let gan =
            restore(&self.tensors, generator, &run, device).map_err(|error| self.model(error))?;
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
        if self.header.step > Length::MAX {
            return Err(damaged("its number of steps is impossible"));
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

fn restore(
    tensors: &Tensors,
    generator: Generator,
    run: &RunConfig,
    device: &Device,
) -> Result<Gan, ModelError> {
    let discriminator = read_discriminator(tensors, "discriminator.", generator.config(), device)?;
    let mut gan = Gan::from_networks(generator, discriminator, &run.training);
    for player in gan.players_mut() {
        restore_adam(tensors, player)?;
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
    restore_counts(tensors, prefix, discriminator.network_mut())?;
    Ok(discriminator)
}

fn restore_adam(tensors: &Tensors, player: &mut Player<dyn Model>) -> Result<(), ModelError> {
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

fn restore_counts(
    tensors: &Tensors,
    prefix: &str,
    network: &mut Network,
) -> Result<(), ModelError> {
    for batch_norm in network.batch_norms_mut() {
        let name = format!("{prefix}{}.num_batches_tracked", batch_norm.name());
        batch_norm.set_batches_tracked(tensors.count(&name)?);
    }
    Ok(())
}

/// The most that a header may take: hundreds of times as much as any of ours.
const LONGEST_HEADER: u64 = 4 << 20;

/// How files of `torch.save` begin: as a zip archive, or before PyTorch 1.6 as a pickle with a
/// number of ten bytes.
const OF_PYTORCH: [&[u8]; 2] = [b"PK\x03\x04", b"\x80\x02\x8a\x0a"];

/// Whether a file is one of PyTorch's.
fn is_of_pytorch(file: &File) -> io::Result<bool> {
    let mut first = [0; 4];
    let count = read_at(file, &mut first, 0)?;
    Ok(OF_PYTORCH.contains(&&first[..count]))
}

/// The header of a file, in JSON, if it is all there.
fn read_head(file: &File) -> io::Result<Option<Vec<u8>>> {
    let (mut length, mut head) = (Vec::new(), Vec::new());
    file.take(LENGTH_BYTES as u64).read_to_end(&mut length)?;
    let Ok(length) = length.try_into().map(u64::from_le_bytes) else {
        return Ok(None);
    };
    file.take(length.min(LONGEST_HEADER))
        .read_to_end(&mut head)?;
    Ok((head.len() as u64 == length).then_some(head))
}

/// Whether a file has the checksum that its header states.
fn is_intact(file: &File, head: &[u8], stated: &str) -> io::Result<bool> {
    let length = (head.len() as u64).to_le_bytes();
    let head = [&length[..], head].concat();
    Ok(checksum::of_file(file, &head, stated)? == stated)
}

/// A JSON object in which no name is there twice, of which readers would take one or the other.
struct EachOnce;

impl<'de> Deserialize<'de> for EachOnce {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Self)
    }
}

impl<'de> Visitor<'de> for EachOnce {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self, A::Error> {
        let mut names = HashSet::new();
        while let Some((name, _)) = map.next_entry::<String, IgnoredAny>()? {
            if let Some(twice) = names.replace(name) {
                return Err(A::Error::custom(format!("{twice:?} is there twice")));
            }
        }
        Ok(self)
    }
}

impl Tensors {
    fn floats(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>, ModelError> {
        let start = self.place(name, Dtype::F32, shape)?;
        let mut values = vec![0.0_f32; shape.iter().product()];
        self.read(name, start, bytemuck::cast_slice_mut(&mut values))?;
        if cfg!(target_endian = "big") {
            for value in &mut values {
                *value = f32::from_le_bytes(value.to_ne_bytes());
            }
        }
        ModelError::check_finite(name, &values)?;
        Ok(values)
    }

    fn count(&self, name: &str) -> Result<u64, ModelError> {
        let start = self.place(name, Dtype::I64, &[])?;
        let mut value = [0; 8];
        self.read(name, start, &mut value)?;
        let value = i64::from_le_bytes(value);
        u64::try_from(value).map_err(|_| ModelError::Mismatch {
            name: name.to_owned(),
            found: value.to_string(),
            needed: "a count".to_owned(),
        })
    }

    /// Where a tensor's bytes begin, if it is there and is what it should be.
    fn place(&self, name: &str, dtype: Dtype, shape: &[usize]) -> Result<u64, ModelError> {
        let info = self.metadata.info(name);
        let info = info.ok_or_else(|| ModelError::Missing(name.to_owned()))?;
        if info.dtype != dtype || info.shape != shape {
            return Err(ModelError::Mismatch {
                name: name.to_owned(),
                found: format!("{:?} {:?}", info.dtype, info.shape),
                needed: format!("{dtype:?} {shape:?}"),
            });
        }
        Ok(self.start + info.data_offsets.0 as u64)
    }

    fn read(&self, name: &str, start: u64, bytes: &mut [u8]) -> Result<(), ModelError> {
        fill_at(&self.file, bytes, start).map_err(|error| ModelError::Unreadable {
            name: name.to_owned(),
            reason: error.to_string(),
        })
    }
}
