//! Arguments of the commands that read pictures.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

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
