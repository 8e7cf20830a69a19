//! What can be wrong with a file of PyTorch.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

use crate::checkpoint::FileKind;
use crate::config::Preset;
use crate::model::ModelError;
use dcgan_support::atomic_file::advice;

/// Why a file of PyTorch could not be imported.
#[derive(Debug, Error)]
pub enum ImportError {
    /// The file cannot be reached.
    #[error("cannot read {path}: {source}{advice}", path = .path.display(), advice = advice(source))]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// Something else than a file of weights.
    #[error("{path} is no file of PyTorch that can be imported ({reason}): give what torch.save(model.state_dict(), \"netG.pth\") wrote", path = .path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
        /// What it is, or is not.
        reason: String,
    },
    /// A pickle that wants more than weights need.
    #[error("{path} calls {name}, which no weights need: it is refused and was not run; weights alone are saved with torch.save(model.state_dict(), \"netG.pth\")", path = .path.display())]
    Calls {
        /// The file.
        path: PathBuf,
        /// The module and the name in it, such as `posix.system`.
        name: String,
    },
    /// A file that is cut off or lies.
    #[error("{path} is damaged or no file of PyTorch ({reason}): take an intact copy", path = .path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What the reader met.
        reason: String,
    },
    /// Weights, but of other networks.
    #[error("{path} holds no network that dcgan has ({reason}): it knows the DCGANs of pytorch/examples and PyTorch's tutorial (main.0.weight), of the CelebA tutorial (gen.0.0.weight, disc.0.0.weight) and of tools/networks.py", path = .path.display())]
    Unknown {
        /// The file.
        path: PathBuf,
        /// What does not fit.
        reason: String,
    },
    /// Several networks, or none under the given key.
    #[error("{path} holds {found}: choose one with --key", path = .path.display())]
    Key {
        /// The file.
        path: PathBuf,
        /// The keys that there are.
        found: String,
    },
    /// Another preset than the one that was asked for.
    #[error("{path} holds a {kind} of preset {found}, not {asked}: leave --preset away, or give {found}", path = .path.display())]
    Preset {
        /// The file.
        path: PathBuf,
        /// What it is.
        kind: FileKind,
        /// Its preset.
        found: Preset,
        /// The preset that was asked for.
        asked: Preset,
    },
    /// Tensors that do not belong together.
    #[error("{path} cannot be imported: {source}", path = .path.display())]
    Model {
        /// The file.
        path: PathBuf,
        /// What does not fit.
        source: ModelError,
    },
}
