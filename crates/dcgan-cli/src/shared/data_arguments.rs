//! What the commands that read pictures are told of them.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

pub const PICTURES: &str = "Pictures";
const CACHE: &str = "Cache";

pub const FORMATS: &str = "\
What DATA is [default: found out by looking]
  folder   pictures at any depth; sub-folders are classes
  zip      an archive of pictures
  tar      the same as .tar, .tar.gz or .tar.zst
  celeba   CelebA's folder or img_align_celeba.zip, with its lists beside it
  lsun     an LMDB directory, such as bedroom_train_lmdb
  mnist    idx files of MNIST or Fashion-MNIST, gzipped or not
  cifar    CIFAR-10 or CIFAR-100, the binary version, packed or unpacked
  svhn     SVHN's cropped digits: train_32x32.mat and test_32x32.mat, or their folder
  parquet  shards of Hugging Face with a column of pictures
  numpy    .npy or .npz of uint8, [N,H,W], [N,H,W,C] or [N,C,H,W]
  packed   what `dcgan data pack` has written";

/// `--crop`
#[derive(Debug, Clone, Copy, PartialEq, ValueEnum)]
pub enum Crop {
    /// The middle square.
    Center,
    /// A square at a random place, anew in each epoch.
    Random,
    /// The whole picture, squeezed to a square.
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
    /// What to train on.
    Train,
    /// What to choose settings by.
    Valid,
    /// What to judge by.
    Test,
    /// All of it.
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

/// Where decoded pictures are kept for the next time.
#[derive(Debug, Default, Args)]
pub struct CacheArguments {
    /// Decode the pictures anew, and keep nothing on disk
    #[arg(long, help_heading = CACHE)]
    pub no_cache: bool,

    /// Folder for decoded pictures [default: $DCGAN_CACHE_DIR, or the system's for caches]
    #[arg(long, value_name = "DIR", conflicts_with = "no_cache", help_heading = CACHE)]
    pub cache_dir: Option<PathBuf>,
}

pub fn parse_colour(text: &str) -> Result<[u8; 3], String> {
    let digits = text.strip_prefix('#').unwrap_or(text);
    match u32::from_str_radix(digits, 16) {
        // from_str_radix would take a sign too
        Ok(colour) if digits.len() == 6 && !digits.starts_with('+') => {
            let [_, red, green, blue] = colour.to_be_bytes();
            Ok([red, green, blue])
        }
        _ => Err("a colour is six hexadecimal digits, such as ffffff".to_owned()),
    }
}
