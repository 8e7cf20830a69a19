//! Reads weights that PyTorch saved: `torch.save(netG.state_dict(), "netG.pth")`.
//!
//! Such a file contains a pickle, which is a program. It is never run: [`import`] scans its
//! instructions first and refuses every function that weights do not need, by name.
//!
//! ```no_run
//! use std::path::Path;
//! use dcgan::pytorch::{self, ImportOptions};
//!
//! let device = dcgan::device::cpu();
//! let imported = pytorch::import(Path::new("netG.pth"), &ImportOptions::default(), &device)?;
//! imported.save(Path::new("generator.safetensors"))?;
//! # Ok::<(), dcgan::Error>(())
//! ```

mod detect;
mod error;
mod pickle;
mod state_dict;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use burn::tensor::Device;
use pytorch_reader::Tensor;

pub use error::ImportError;

use crate::checkpoint::{
    DataSummary, FileError, FileHeader, FileKind, save_discriminator, save_generator,
};
use crate::config::{ModelConfig, ModelOptions, Preset};
use crate::model::{Discriminator, Generator, ModelError, Network};
use detect::{Shapes, detect};
pub(crate) use state_dict::StateDict;

/// The record of an archive that this project wrote with a [`FileHeader`] as JSON: how its network is
/// built, which names and shapes alone do not always tell.
pub const HEADER_RECORD: &str = "dcgan.json";

/// Which network of a file [`import`] reads. The default accepts any file with one network.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImportOptions {
    /// The preset that it must have; `None` for the detected one. Weights of
    /// [`Preset::Pytorch`] can be imported as [`Preset::Small`], which has the same layers.
    pub preset: Option<Preset>,
    /// The network's key, in a file with several; `None` if there is only one.
    pub key: Option<String>,
}

/// A network that PyTorch trained.
#[derive(Debug, Clone)]
pub struct Imported {
    /// The network.
    pub network: ImportedNetwork,
    /// The header that [`save`](Self::save) writes.
    pub header: FileHeader,
}

/// Either network of a DCGAN.
#[derive(Debug, Clone)]
pub enum ImportedNetwork {
    /// A generator, with the running statistics of the file.
    Generator(Generator),
    /// A discriminator.
    Discriminator(Discriminator),
}

impl Imported {
    /// Its layers, parameters and running statistics.
    pub fn network(&self) -> &Network {
        match &self.network {
            ImportedNetwork::Generator(generator) => generator.network(),
            ImportedNetwork::Discriminator(discriminator) => discriminator.network(),
        }
    }

    /// Writes a `generator.safetensors` or `discriminator.safetensors`.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn save(&self, path: &Path) -> Result<(), FileError> {
        match &self.network {
            ImportedNetwork::Generator(generator) => save_generator(path, generator, &self.header),
            ImportedNetwork::Discriminator(discriminator) => {
                save_discriminator(path, discriminator, &self.header)
            }
        }
    }
}

/// Reads a network from a `.pth` or `.pt` file. Its kind, preset and sizes are detected from the
/// names and shapes of its tensors.
///
/// # Errors
/// If the file cannot be read, is truncated or corrupt, calls functions, or does not hold the
/// network that `options` describe.
pub fn import(
    path: &Path,
    options: &ImportOptions,
    device: &Device,
) -> Result<Imported, ImportError> {
    let state_dict = StateDict::open(path)?;
    let tensors = state_dict.network(options.key.as_deref())?;
    let shapes: Shapes = tensors
        .iter()
        .map(|(name, tensor)| (*name, tensor.shape()))
        .collect();
    let stated = state_dict.header().cloned();
    let (kind, mut model) = match &stated {
        Some(header) => (header.kind, header.model.clone()),
        None => detect(&shapes).map_err(|reason| ImportError::UnknownNetwork {
            path: path.to_owned(),
            reason,
        })?,
    };
    let not_a_model = |source| ImportError::Model {
        path: path.to_owned(),
        source,
    };
    if let Some(asked) = options.preset {
        let found = model.preset;
        let has_same_layers = match asked {
            Preset::Small => found == Preset::Pytorch,
            Preset::Laptop => found == Preset::Pytorch && kind == FileKind::Discriminator,
            Preset::Tutorial | Preset::Pytorch | Preset::Paper => false,
        };
        if asked != found && !has_same_layers {
            return Err(ImportError::OtherPreset {
                path: path.to_owned(),
                kind,
                found,
                asked,
            });
        }
        let options = ModelOptions {
            preset: asked,
            ..model.into_options()
        };
        model = options.build().map_err(|error| not_a_model(error.into()))?;
    }
    let network = build(kind, &model, &tensors, device).map_err(not_a_model)?;
    let header = match stated {
        Some(header) => FileHeader { model, ..header },
        None => header(kind, model, path),
    };
    Ok(Imported { network, header })
}

fn build(
    kind: FileKind,
    model: &ModelConfig,
    tensors: &BTreeMap<&str, &Tensor>,
    device: &Device,
) -> Result<ImportedNetwork, ModelError> {
    let lookup = |name: &str, shape: &[usize]| match tensors.get(name) {
        Some(tensor) => state_dict::floats(name, tensor, shape),
        None => Err(ModelError::Missing(name.to_owned())),
    };
    Ok(match kind {
        FileKind::Discriminator => {
            let mut discriminator = Discriminator::with_weights(model, &lookup, device)?;
            finish(discriminator.network_mut(), tensors)?;
            ImportedNetwork::Discriminator(discriminator)
        }
        FileKind::Generator | FileKind::Checkpoint => {
            let mut generator = Generator::with_weights(model, &lookup, device)?;
            finish(generator.network_mut(), tensors)?;
            ImportedNetwork::Generator(generator)
        }
    })
}

/// Sets the batch counters of batch norm, which old files lack, and checks that every tensor was
/// used.
fn finish(network: &mut Network, tensors: &BTreeMap<&str, &Tensor>) -> Result<(), ModelError> {
    let parameters = network
        .parameters()
        .into_iter()
        .map(|parameter| parameter.name().to_owned());
    let mut known: BTreeSet<String> = parameters.collect();
    for batch_norm in network.batch_norms_mut() {
        let name = |field| format!("{}.{field}", batch_norm.name());
        known.extend(["running_mean", "running_var"].map(name));
        let counter = name("num_batches_tracked");
        if let Some(tensor) = tensors.get(counter.as_str()) {
            batch_norm.set_batches_tracked(state_dict::count(&counter, tensor)?);
        }
        known.insert(counter);
    }
    for spectral_norm in network.spectral_norms() {
        known.extend(["u", "v"].map(|vector| format!("{}_{vector}", spectral_norm.name())));
    }
    match tensors.keys().find(|name| !known.contains(**name)) {
        None => Ok(()),
        Some(&name) => Err(ModelError::Superfluous(name.escape_debug().to_string())),
    }
}

/// The header of an imported network, of whose training nothing is known.
fn header(kind: FileKind, model: ModelConfig, path: &Path) -> FileHeader {
    FileHeader {
        schema: FileHeader::SCHEMA,
        kind,
        model,
        step: 0,
        retries: 0,
        refused: Vec::new(),
        data: DataSummary {
            source: format!(
                "imported from {}",
                path.file_name().unwrap_or_default().display()
            ),
            pictures: 0,
            fingerprint: String::new(),
        },
        run: None,
    }
}
