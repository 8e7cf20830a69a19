//! Inception's weights and its features of pictures.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use clap::{Args, ValueEnum};
use dcgan::evaluation::{
    INCEPTION_FILE_NAMES, InceptionFile, KNOWN_SHA256, LoadInception, cache_features,
    cached_features,
};
use dcgan_evaluate::inception::{self, Activations};
use dcgan_evaluate::{Features, Pictures};
use serde::Serialize;

use super::{ON_JUDGED, ON_REAL};
use crate::shared::data_arguments::CacheArguments;
use crate::shared::{dataset, output, progress};

/// Where pytorch-fid's authors publish the weights.
const PUBLISHED_AT: &str = "https://github.com/mseitzer/pytorch-fid/releases/tag/fid_weights";

/// Which Inception, and what it sees.
#[derive(Debug, Args)]
pub struct InceptionArguments {
    /// Weights of Inception: the .pth of pytorch-fid or torch-fidelity, or the .safetensors that
    /// `dcgan import` makes of it [default: one of these in the cache directory]
    #[arg(long, value_name = "FILE")]
    pub inception: Option<PathBuf>,

    /// Accept torchvision's Inception too, whose figures compare with each other only
    #[arg(long)]
    pub any_inception: bool,

    /// How pictures become 299x299 for Inception
    #[arg(long, value_enum, default_value_t = Resize::Bilinear)]
    pub resize: Resize,
}

/// `--resize`
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Resize {
    /// As pytorch-fid: bilinear, without anti-aliasing.
    Bilinear,
    /// As clean-fid: bicubic, with anti-aliasing.
    Clean,
}

impl From<Resize> for inception::Resize {
    fn from(resize: Resize) -> Self {
        match resize {
            Resize::Bilinear => Self::Bilinear,
            Resize::Clean => Self::Clean,
        }
    }
}

/// The network, and what its figures depend on.
pub struct FeatureNetwork {
    pub file: InceptionFile,
    pub path: PathBuf,
    pub resize: Resize,
    cache: Option<PathBuf>,
}

impl FeatureNetwork {
    /// Loads the network from the file that the arguments name, or else from the cache folder.
    /// `None` if there is no file.
    pub fn find(arguments: &InceptionArguments, cache: &CacheArguments) -> Result<Option<Self>> {
        let folder = dataset::cache_folder(cache);
        let given = arguments.inception.clone();
        let Some(path) = given.or_else(|| file_in(folder.as_deref()?)) else {
            return Ok(None);
        };
        let accept = if arguments.any_inception {
            LoadInception::Any
        } else {
            LoadInception::Published
        };
        Ok(Some(Self {
            file: InceptionFile::load(&path, accept)?,
            path,
            resize: arguments.resize,
            cache: folder,
        }))
    }

    /// Features and logits of drawn pictures.
    pub fn activations(&self, pictures: &Pictures) -> Result<Activations> {
        let bar = progress::bar(ON_JUDGED, pictures.len());
        let network = &self.file.network;
        let found = network.activations(pictures, self.resize.into(), &|| bar.inc(1))?;
        bar.finish_and_clear();
        Ok(found)
    }

    /// Features of real pictures, which `identity` identifies, from the cache if they are in it.
    pub fn features(&self, pictures: &Pictures, identity: &str) -> Result<Features> {
        let key = format!(
            "{identity}; {} pictures; {}; inception {}; {:?}",
            pictures.len(),
            pictures.shape(),
            self.file.sha256,
            self.resize
        );
        let cached = self.cache.as_deref();
        if let Some(features) = cached.and_then(|folder| cached_features(folder, &key)) {
            return Ok(features);
        }
        let bar = progress::bar(ON_REAL, pictures.len());
        let network = &self.file.network;
        let found = network.activations(pictures, self.resize.into(), &|| bar.inc(1))?;
        bar.finish_and_clear();
        if let Some(folder) = &self.cache
            && let Err(error) = cache_features(folder, &key, &found.features)
        {
            output::note(&format!(
                "the features of the real pictures are not cached: {error}; --no-cache or --cache-dir avoids this"
            ));
        }
        Ok(found.features)
    }
}

/// One of the published files, or a copy, in the cache folder.
fn file_in(folder: &Path) -> Option<PathBuf> {
    let mut paths = INCEPTION_FILE_NAMES.iter().map(|name| folder.join(name));
    paths.find(|path| path.is_file())
}

/// Refuses a figure that needs the network.
pub fn needs_inception<T>(metric: &str, cache: &CacheArguments) -> Result<T> {
    let name = INCEPTION_FILE_NAMES[0];
    let place = match dataset::cache_folder(cache) {
        Some(folder) => format!(", or put it at {}", folder.join(name).display()),
        None => String::new(),
    };
    bail!(
        "{metric} needs the weights of Inception, which are not part of this program: \
         download {name} from {PUBLISHED_AT}, and give it with --inception FILE{place}"
    );
}

/// Whether these are the weights that papers use, in words.
pub fn identity(file: &InceptionFile) -> String {
    if file.is_known() {
        "the published weights of 2015-12-05".to_owned()
    } else {
        format!(
            "not the published weights, whose SHA-256 begins with {KNOWN_SHA256}: figures compare with this file's only"
        )
    }
}
