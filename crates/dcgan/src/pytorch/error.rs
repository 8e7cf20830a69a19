use std::path::PathBuf;

use thiserror::Error;

use crate::checkpoint::FileKind;
use crate::config::Preset;
use crate::model::ModelError;
use dcgan_support::path_error::PathError;

/// Why a PyTorch file could not be imported.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ImportError {
    /// The file cannot be opened or read.
    #[error(transparent)]
    Path(#[from] PathError),
    /// Not a file of PyTorch weights.
    #[error("{path} is not a PyTorch weight file ({reason})", path = .path.display())]
    NotPytorch {
        /// The file.
        path: PathBuf,
        /// How this was detected.
        reason: String,
    },
    /// The file's pickle calls a function that weights never need.
    #[error("{path} calls {function}, which weights never need: it was refused and was not run", path = .path.display())]
    ForbiddenCall {
        /// The file.
        path: PathBuf,
        /// The function with its module, such as `posix.system`.
        function: String,
    },
    /// The file is truncated or inconsistent.
    #[error("{path} is damaged or not a PyTorch file ({reason})", path = .path.display())]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The weights of some other network.
    #[error("{path} holds no network that dcgan knows ({reason}): it knows the DCGANs of pytorch/examples and PyTorch's tutorial (main.0.weight), of the CelebA tutorial (gen.0.0.weight, disc.0.0.weight) and of the paper (project.weight, output.weight)", path = .path.display())]
    UnknownNetwork {
        /// The file.
        path: PathBuf,
        /// What does not match.
        reason: String,
    },
    /// The weights of Inception, which judges pictures and draws none.
    #[error("{path} holds Inception, which judges pictures and is no GAN", path = .path.display())]
    Inception {
        /// The file.
        path: PathBuf,
    },
    /// Several networks and no key, or no network under the given key.
    #[error("{path} holds networks under {}", quoted(.keys), path = .path.display())]
    ChooseNetwork {
        /// The file.
        path: PathBuf,
        /// The keys of its networks.
        keys: Vec<String>,
    },
    /// Another preset than the one asked for.
    #[error("{path} holds a {kind} of preset {found}, not {asked}", path = .path.display())]
    OtherPreset {
        /// The file.
        path: PathBuf,
        /// Which network it holds.
        kind: FileKind,
        /// Its preset.
        found: Preset,
        /// The preset asked for.
        asked: Preset,
    },
    /// The tensors do not form a network.
    #[error("{path} cannot be imported: {source}", path = .path.display())]
    Model {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: ModelError,
    },
}

fn quoted(keys: &[String]) -> String {
    let quoted: Vec<String> = keys.iter().map(|key| format!("'{key}'")).collect();
    quoted.join(", ")
}
