//! Writing weight files and checkpoints.

use std::fs::File;
use std::io::{self, BufWriter, Seek, SeekFrom, Write};
use std::path::Path;

use burn::tensor::Tensor;
use half::f16;
use safetensors::Dtype;
use safetensors::tensor::{Metadata, TensorInfo};

use super::checksum::{self, Checksum};
use super::{AVERAGE, FEEDBACK, FileError, FileHeader, LENGTH_BYTES};
use crate::gan::Gan;
use crate::model::{Discriminator, Generator, Network, to_host};
use dcgan_support::atomic_file;
use dcgan_support::path_error::PathError;

/// A tensor to be written. Its bytes are made when it is written, so a checkpoint never takes
/// its own size of memory.
struct Entry {
    name: String,
    shape: Vec<usize>,
    values: Values,
}

enum Values {
    Floats(Box<Tensor<1>>),
    /// Written in 16 bits.
    Halves(Vec<f32>),
    Vector(Vec<f32>),
    /// An `i64` scalar, the type of PyTorch's `num_batches_tracked`.
    Count(u64),
}

impl Entry {
    fn floats(name: String, shape: &[usize], values: Tensor<1>) -> Self {
        let shape = shape.to_vec();
        let values = Values::Floats(Box::new(values));
        Self {
            name,
            shape,
            values,
        }
    }

    fn vector(name: String, values: &[f32]) -> Self {
        Self {
            name,
            shape: vec![values.len()],
            values: Values::Vector(values.to_vec()),
        }
    }

    fn count(name: String, value: u64) -> Self {
        Self {
            name,
            shape: Vec::new(),
            values: Values::Count(value),
        }
    }
}

impl Entry {
    fn dtype(&self) -> Dtype {
        match self.values {
            Values::Floats(_) | Values::Vector(_) => Dtype::F32,
            Values::Halves(_) => Dtype::F16,
            Values::Count(_) => Dtype::I64,
        }
    }

    fn byte_len(&self) -> usize {
        self.shape.iter().product::<usize>() * self.dtype().bitsize() / 8
    }

    fn bytes(&self) -> Vec<u8> {
        match &self.values {
            Values::Floats(values) => le_bytes(&to_host(Tensor::clone(values))),
            Values::Halves(values) => {
                let halves = values.iter().map(|value| f16::from_f32(*value));
                halves.flat_map(f16::to_le_bytes).collect()
            }
            Values::Vector(values) => le_bytes(values),
            Values::Count(value) => value.to_le_bytes().to_vec(),
        }
    }
}

fn le_bytes(values: &[f32]) -> Vec<u8> {
    let bytes = values.iter().flat_map(|value| value.to_le_bytes());
    bytes.collect()
}

/// Writes a generator under the names and layouts of its PyTorch class.
///
/// # Errors
/// If the file cannot be written. An older file is then unchanged.
pub fn save_generator(
    path: &Path,
    generator: &Generator,
    header: &FileHeader,
) -> Result<(), FileError> {
    save(path, state_dict("", generator.network()), header)
}

/// Writes a discriminator under the names and layouts of its PyTorch class.
///
/// # Errors
/// If the file cannot be written. An older file is then unchanged.
pub fn save_discriminator(
    path: &Path,
    discriminator: &Discriminator,
    header: &FileHeader,
) -> Result<(), FileError> {
    save(path, state_dict("", discriminator.network()), header)
}

/// Writes a network alone, with the weights of its layers in 16 bits. What there is one value of for
/// each channel, such as batch norm's statistics, keeps 32.
///
/// # Errors
/// If the file cannot be written, or a weight is too large for 16 bits. An older file is then
/// unchanged.
pub fn save_in_half(path: &Path, network: &Network, header: &FileHeader) -> Result<(), FileError> {
    let mut entries = state_dict("", network);
    for entry in entries.iter_mut().filter(|entry| entry.shape.len() > 1) {
        let Values::Floats(values) = &entry.values else {
            continue;
        };
        let values = to_host(Tensor::clone(values));
        let largest = values
            .iter()
            .fold(0.0_f32, |most, value| most.max(value.abs()));
        if largest > f16::MAX.to_f32() {
            return Err(FileError::TooLargeForHalf {
                name: entry.name.clone(),
                largest,
            });
        }
        entry.values = Values::Halves(values);
    }
    save(path, entries, header)
}

/// Writes both networks with their running statistics and optimizers, and the average of the
/// generator's weights.
///
/// # Errors
/// If the file cannot be written. An older file is then unchanged.
pub fn save_checkpoint(path: &Path, gan: &Gan, header: &FileHeader) -> Result<(), FileError> {
    let mut entries = Vec::new();
    for player in gan.players() {
        let (name, network, adam) = (player.name(), player.network(), &player.adam);
        entries.extend(state_dict(&format!("{name}."), network));
        entries.push(Entry::count(format!("adam.{name}.steps"), adam.steps()));
        if let Some(scale) = adam.loss_scale() {
            let name = format!("adam.{name}.loss_scale");
            entries.push(Entry::floats(name, &[2], scale));
        }
        for (parameter, [first, second]) in network.parameters().into_iter().zip(adam.moments()) {
            for (moment, values) in [("first", first), ("second", second)] {
                let name = format!("adam.{name}.{moment}.{}", parameter.name());
                entries.push(Entry::floats(name, parameter.shape(), values.clone()));
            }
        }
    }
    if let Some(average) = &gan.average {
        let parameters = gan.generator.network().parameters().into_iter();
        for (parameter, values) in parameters.zip(average.values()) {
            let name = format!("{AVERAGE}{}", parameter.name());
            entries.push(Entry::floats(name, parameter.shape(), values.clone()));
        }
    }
    if let Some(feedback) = &gan.feedback {
        entries.push(Entry::vector(FEEDBACK.to_owned(), &feedback.values()));
    }
    save(path, entries, header)
}

/// A network's tensors under the names of PyTorch's `state_dict`.
fn state_dict(prefix: &str, network: &Network) -> Vec<Entry> {
    let mut entries: Vec<_> = network
        .parameters()
        .into_iter()
        .map(|parameter| {
            let name = format!("{prefix}{}", parameter.name());
            Entry::floats(name, parameter.shape(), parameter.leaf().clone().inner())
        })
        .collect();
    for batch_norm in network.batch_norms() {
        let name = |field| format!("{prefix}{}.{field}", batch_norm.name());
        let (mean, var) = (batch_norm.running_mean(), batch_norm.running_var());
        entries.push(Entry::vector(name("running_mean"), &mean));
        entries.push(Entry::vector(name("running_var"), &var));
        entries.push(Entry::count(
            name("num_batches_tracked"),
            batch_norm.batches_tracked(),
        ));
    }
    for spectral_norm in network.spectral_norms() {
        for (field, values) in ["u", "v"].iter().zip(spectral_norm.vectors()) {
            let name = format!("{prefix}{}_{field}", spectral_norm.name());
            entries.push(Entry::vector(name, &values));
        }
    }
    entries
}

fn save(path: &Path, mut entries: Vec<Entry>, header: &FileHeader) -> Result<(), FileError> {
    // the format orders tensors by the size of their numbers, so that all are aligned
    entries.sort_by(|one, other| {
        let alignment = other.dtype().cmp(&one.dtype());
        alignment.then_with(|| one.name.cmp(&other.name))
    });
    let head = head(&entries, header);
    head.and_then(|head| {
        atomic_file::write_file(path, |file| write_with_checksum(file, &head, &entries))
    })
    .map_err(|source| PathError::write(path, source).into())
}

/// Writes header and tensors, then the checksum into the header.
fn write_with_checksum(file: &File, head: &[u8], entries: &[Entry]) -> io::Result<()> {
    let mut writer = BufWriter::new(file);
    let mut checksum = Checksum::new();
    let mut write = |bytes: &[u8]| {
        checksum.add(bytes);
        writer.write_all(bytes)
    };
    write(&(head.len() as u64).to_le_bytes())?;
    write(head)?;
    entries.iter().try_for_each(|entry| write(&entry.bytes()))?;
    let place = checksum::place(head, checksum::PLACEHOLDER);
    let place =
        place.ok_or_else(|| io::Error::other("the header has no place for the checksum"))?;
    writer.seek(SeekFrom::Start((LENGTH_BYTES + place) as u64))?;
    writer.write_all(checksum.digits().as_bytes())?;
    writer.flush()
}

/// The header of a safetensors file: names, types, shapes and offsets of its tensors in JSON,
/// padded to a multiple of 8 bytes.
fn head(entries: &[Entry], header: &FileHeader) -> io::Result<Vec<u8>> {
    let mut end = 0;
    let tensors = entries.iter().map(|entry| {
        let start = end;
        end += entry.byte_len();
        let info = TensorInfo {
            dtype: entry.dtype(),
            shape: entry.shape.clone(),
            data_offsets: (start, end),
        };
        (entry.name.clone(), info)
    });
    let tensors = tensors.collect();
    let metadata = header.to_metadata().map_err(io::Error::other)?;
    let metadata = Metadata::new(Some(metadata), tensors).map_err(io::Error::other)?;
    let mut head = serde_json::to_vec(&metadata).map_err(io::Error::other)?;
    head.resize(head.len().next_multiple_of(8), b' ');
    Ok(head)
}
