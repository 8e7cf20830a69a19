//! Arguments of the commands that read pictures.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use clap::{Args, ValueEnum};
use dcgan::checkpoint::WeightFile;
use dcgan::config::RunConfig;
use dcgan::train::RunDirectory;
use dcgan_data::{DataSource, Format};

use super::quoted::quoted;
use super::{dataset, named};

pub const PICTURES: &str = "Pictures";
const CACHE: &str = "Cache";

pub const FORMATS: &str = "\
Format of DATA [default: detected]
  folder   pictures at any depth; subdirectories are classes
  zip      an archive of pictures
  tar      an archive of pictures: .tar, .tar.gz or .tar.zst
  celeba   CelebA's directory, or its zip next to its lists
  lsun     an LMDB directory, such as bedroom_train_lmdb
  mnist    idx files of MNIST or Fashion-MNIST, gzipped or not
  cifar    CIFAR-10 or CIFAR-100, binary version, packed or unpacked
  svhn     SVHN's cropped digits: a .mat file, or their directory
  parquet  Hugging Face shards with a column of pictures
  numpy    .npy or .npz of uint8: [N,H,W], [N,H,W,C] or [N,C,H,W]
  packed   a file written by `dcgan data pack`";

/// `--crop`
#[derive(Debug, Clone, Copy, PartialEq, ValueEnum)]
pub enum Crop {
    /// The middle square.
    #[value(alias = "centre")]
    Center,
    /// A random square, a new one in each epoch.
    Random,
    /// The whole picture, squeezed into a square.
    None,
}

impl From<Crop> for dcgan_data::Crop {
    fn from(crop: Crop) -> Self {
        match crop {
            Crop::Center => Self::Center,
            Crop::Random => Self::Random,
            Crop::None => Self::None,
        }
    }
}

/// `--split`
#[derive(Debug, Clone, Copy, PartialEq, ValueEnum)]
pub enum Split {
    /// For training.
    Train,
    /// For choosing settings.
    Valid,
    /// For judging.
    Test,
    /// Everything.
    All,
}

impl From<Split> for dcgan_data::Split {
    fn from(split: Split) -> Self {
        match split {
            Split::Train => Self::Train,
            Split::Valid => Self::Valid,
            Split::Test => Self::Test,
            Split::All => Self::All,
        }
    }
}

/// Pictures for a run: others, or its own.
#[derive(Debug, Args)]
pub struct RunDataArguments {
    /// Pictures: anything that `train` accepts, or `demo` [default: those that RUN was trained on]
    #[arg(long, value_name = "DATA")]
    pub data: Option<PathBuf>,

    /// Format of DATA, of those that `dcgan train --help` lists [default: detected]
    #[arg(long, value_name = "FORMAT", value_parser = named::one_of(&Format::ALL, Format::name),
          hide_possible_values = true)]
    pub format: Option<Format>,

    /// Split of DATA: train, valid, test or all [default: train if DATA has splits, else all]
    #[arg(long, value_name = "SPLIT", hide_possible_values = true)]
    pub split: Option<Split>,
}

impl RunDataArguments {
    /// The pictures of these arguments, or else those that `run` was trained on, and their name.
    ///
    /// # Errors
    /// If nothing says what `run` was trained on, or that is no longer there.
    pub fn source(&self, run: &Path) -> Result<(DataSource, String)> {
        let split = self.split.map(Into::into);
        if let Some(data) = &self.data {
            let source = dataset::source(data, self.format, split);
            return Ok((source, data.display().to_string()));
        }
        let (config, directory) = config_of(run)?;
        let (path, own_format, own_split) = match config.data_source() {
            DataSource::Files {
                path,
                format,
                split,
            } => (path, format, split),
            demo @ DataSource::Demo { .. } => return Ok((demo, "demo".to_owned())),
        };
        let name = path.display().to_string();
        if matches!(path.try_exists(), Ok(false)) {
            let elsewhere = match directory {
                Some(directory) => format!(
                    ", or for good with `dcgan train NEW --resume {}`",
                    quoted(&directory)
                ),
                None => String::new(),
            };
            bail!(
                "{name}, which {} was trained on, does not exist any more: say where it is now with --data NEW{elsewhere}",
                run.display()
            );
        }
        let source = DataSource::Files {
            path,
            format: self.format.or(own_format),
            split: split.or(own_split),
        };
        Ok((source, name))
    }
}

/// The settings of a run, whether it is given by its directory or by a file in it, and its
/// directory; a checkpoint has them too, wherever it is.
fn config_of(run: &Path) -> Result<(RunConfig, Option<PathBuf>)> {
    let directory = match RunDirectory::open_shared(run) {
        Ok(directory) => Some(directory),
        Err(_) => RunDirectory::owner_of(run)
            .and_then(|directory| RunDirectory::open_shared(&directory).ok()),
    };
    if let Some(directory) = directory {
        return Ok((directory.read_config()?, Some(directory.path().to_owned())));
    }
    let is_weights = run
        .extension()
        .is_some_and(|ending| ending == "safetensors");
    let header = if is_weights && !run.is_dir() {
        Some(WeightFile::open(run)?.header().clone())
    } else {
        None
    };
    match header.and_then(|header| header.run) {
        Some(config) => Ok((config, None)),
        None => bail!(
            "{} does not say what it was trained on: give pictures with --data",
            run.display()
        ),
    }
}

/// Where decoded pictures are kept for the next command that needs them.
#[derive(Debug, Default, Args)]
pub struct CacheArguments {
    /// Do not read or write the cache of decoded pictures
    #[arg(long, help_heading = CACHE)]
    pub no_cache: bool,

    /// Directory of the cache [default: $DCGAN_CACHE_DIR, else the system's cache directory]
    #[arg(long, value_name = "DIR", conflicts_with = "no_cache", help_heading = CACHE)]
    pub cache_dir: Option<PathBuf>,
}

/// Parses `RRGGBB` or `#RRGGBB`.
pub fn parse_colour(text: &str) -> Result<[u8; 3], String> {
    let digits = text.strip_prefix('#').unwrap_or(text);
    match u32::from_str_radix(digits, 16) {
        // from_str_radix accepts a sign too
        Ok(colour) if digits.len() == 6 && !digits.starts_with('+') => {
            let [_, red, green, blue] = colour.to_be_bytes();
            Ok([red, green, blue])
        }
        _ => Err("expected six hexadecimal digits, such as ffffff".to_owned()),
    }
}
