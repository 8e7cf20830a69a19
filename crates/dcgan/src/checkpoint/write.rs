//! Writing weight files and checkpoints.

use std::io;
use std::path::Path;

use safetensors::Dtype;
use safetensors::tensor::{TensorView, serialize};

use super::{FileError, FileHeader};
use crate::atomic_file;
use crate::gan::Gan;
use crate::model::{Discriminator, Generator, Network};

/// A tensor on its way into a file.
struct Entry {
    name: String,
    dtype: Dtype,
    shape: Vec<usize>,
    bytes: Vec<u8>,
}

impl Entry {
    fn floats(name: String, shape: &[usize], values: &[f32]) -> Self {
        Self {
            name,
            dtype: Dtype::F32,
            shape: shape.to_vec(),
            bytes: values
                .iter()
                .flat_map(|value| value.to_le_bytes())
                .collect(),
        }
    }

    fn count(name: String, value: u64) -> Self {
        Self {
            name,
            dtype: Dtype::I64, // as PyTorch keeps num_batches_tracked
            shape: Vec::new(),
            bytes: value.to_le_bytes().to_vec(),
        }
    }
}

/// Writes a generator under the names and layouts of its PyTorch class.
///
/// # Errors
/// What the disk has against it; an older file is then still there.
pub fn save_generator(
    path: &Path,
    generator: &Generator,
    header: &FileHeader,
) -> Result<(), FileError> {
    save(path, state("", generator.network()), header)
}

/// Writes a discriminator under the names and layouts of its PyTorch class.
///
/// # Errors
/// What the disk has against it; an older file is then still there.
pub fn save_discriminator(
    path: &Path,
    discriminator: &Discriminator,
    header: &FileHeader,
) -> Result<(), FileError> {
    save(path, state("", discriminator.network()), header)
}

/// Writes both networks with their running statistics and optimizers.
///
/// # Errors
/// What the disk has against it; an older file is then still there.
pub fn save_checkpoint(path: &Path, gan: &Gan, header: &FileHeader) -> Result<(), FileError> {
    let mut entries = Vec::new();
    let halves = [
        ("generator", gan.generator.network(), &gan.generator_adam),
        (
            "discriminator",
            gan.discriminator.network(),
            &gan.discriminator_adam,
        ),
    ];
    for (half, network, adam) in halves {
        entries.extend(state(&format!("{half}."), network));
        entries.push(Entry::count(format!("adam.{half}.steps"), adam.steps()));
        for (parameter, (first, second)) in network.parameters().into_iter().zip(adam.moments()) {
            for (moment, values) in [("first", first), ("second", second)] {
                let name = format!("adam.{half}.{moment}.{}", parameter.name());
                entries.push(Entry::floats(name, parameter.shape(), &values));
            }
        }
    }
    save(path, entries, header)
}

/// A network as PyTorch's `state_dict` has it.
fn state(prefix: &str, network: &Network) -> Vec<Entry> {
    let mut entries: Vec<_> = network
        .parameters()
        .into_iter()
        .map(|parameter| {
            let name = format!("{prefix}{}", parameter.name());
            Entry::floats(name, parameter.shape(), &parameter.values())
        })
        .collect();
    for batch_norm in network.batch_norms() {
        let name = |field| format!("{prefix}{}.{field}", batch_norm.name());
        let (mean, var) = (batch_norm.running_mean(), batch_norm.running_var());
        entries.push(Entry::floats(name("running_mean"), &[mean.len()], mean));
        entries.push(Entry::floats(name("running_var"), &[var.len()], var));
        entries.push(Entry::count(
            name("num_batches_tracked"),
            batch_norm.batches_tracked(),
        ));
    }
    entries
}

fn save(path: &Path, entries: Vec<Entry>, header: &FileHeader) -> Result<(), FileError> {
    let written = header
        .to_metadata()
        .map_err(io::Error::other)
        .and_then(|metadata| {
            let views = entries
                .iter()
                .map(|entry| {
                    let view = TensorView::new(entry.dtype, entry.shape.clone(), &entry.bytes)?;
                    Ok((entry.name.as_str(), view))
                })
                .collect::<Result<Vec<_>, safetensors::SafeTensorError>>();
            let bytes = views.and_then(|views| serialize(views, Some(metadata)));
            let bytes = bytes.map_err(io::Error::other)?;
            atomic_file::write(path, |writer| writer.write_all(&bytes))
        });
    written.map_err(|source| FileError::Io {
        action: "write",
        path: path.to_owned(),
        source,
    })
}
