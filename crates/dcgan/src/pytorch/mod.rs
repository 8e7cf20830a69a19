//! Weights that PyTorch saved: `torch.save(netG.state_dict(), "netG.pth")`.
//!
//! Such a file holds a pickle, which is a program. It is never run: [`import`] looks at its
//! instructions first and refuses every function that weights do not need, by its name.
//!
//! ```no_run
//! use std::path::Path;
//!
//! let device = dcgan::device::by_name("cpu")?;
//! let imported = dcgan::pytorch::import(Path::new("netG.pth"), None, None, &device)?;
//! imported.save(Path::new("generator.safetensors"))?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
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
use state_dict::StateDict;

/// A network that PyTorch trained.
#[derive(Debug, Clone)]
pub struct Imported {
    /// The network.
    pub network: ImportedNetwork,
    /// What its file will say of it.
    pub header: FileHeader,
}

/// One half of a DCGAN.
#[derive(Debug, Clone)]
pub enum ImportedNetwork {
    /// Ready to draw, with the running statistics that the file had.
    Generator(Generator),
    /// Ready to judge.
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
    /// What the disk has against it.
    pub fn save(&self, path: &Path) -> Result<(), FileError> {
        match &self.network {
            ImportedNetwork::Generator(generator) => save_generator(path, generator, &self.header),
            ImportedNetwork::Discriminator(discriminator) => {
                save_discriminator(path, discriminator, &self.header)
            }
        }
    }
}

/// Reads the network of a `.pth` or `.pt` file. What it is and how it is built is told by the
/// names and shapes of its tensors.
///
/// `preset` says which it must be; weights of `pytorch` can be called `small`, which is built
/// alike. `key` chooses among several networks of one file.
///
/// # Errors
/// A file that cannot be read, is damaged, calls functions, or holds no network that is known.
pub fn import(
    path: &Path,
    preset: Option<Preset>,
    key: Option<&str>,
    device: &Device,
) -> Result<Imported, ImportError> {
    let state_dict = StateDict::open(path)?;
    let tensors = state_dict.network(key)?;
    let shapes: Shapes = tensors
        .iter()
        .map(|(name, tensor)| (*name, tensor.shape()))
        .collect();
    let unknown = |reason| ImportError::Unknown {
        path: state_dict.path.clone(),
        reason,
    };
    let (kind, mut model) = detect(&shapes).map_err(unknown)?;
    if let Some(asked) = preset {
        let found = model.preset;
        if asked != found && (asked, found) != (Preset::Small, Preset::Pytorch) {
            let path = path.to_owned();
            return Err(ImportError::Preset {
                path,
                kind,
                found,
                asked,
            });
        }
        let options = ModelOptions {
            preset: asked,
            ..model.into_options()
        };
        model = options.build().map_err(|error| ImportError::Model {
            path: path.to_owned(),
            source: error.into(),
        })?;
    }
    let network = build(kind, &model, &tensors, device);
    let network = network.map_err(|source| ImportError::Model {
        path: path.to_owned(),
        source,
    })?;
    Ok(Imported {
        network,
        header: header(kind, model, path),
    })
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

/// Reads the counts of batch norm, which old files lack, and makes sure that no tensor is left.
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
    match tensors.keys().find(|name| !known.contains(**name)) {
        None => Ok(()),
        Some(&name) => Err(ModelError::Superfluous(name.escape_debug().to_string())),
    }
}

/// What the file of an imported network says of it: of its training nothing is known.
fn header(kind: FileKind, model: ModelConfig, path: &Path) -> FileHeader {
    FileHeader {
        schema: FileHeader::SCHEMA,
        kind,
        model,
        step: 0,
        retries: 0,
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
