//! The kinds of data set, and their parts.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A kind of data set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// A folder of pictures at any depth; sub-folders are classes.
    Folder,
    /// A zip archive of pictures.
    Zip,
    /// A tar archive of pictures, plain or compressed by gzip or Zstandard.
    Tar,
    /// CelebA: its folder or `img_align_celeba.zip`, with its lists beside it.
    CelebA,
    /// LSUN: an LMDB directory.
    Lsun,
    /// MNIST and Fashion-MNIST: idx files, gzipped or not.
    Mnist,
    /// CIFAR-10 and CIFAR-100: the binary version, packed or unpacked.
    Cifar,
    /// SVHN's cropped digits: its `.mat` files.
    Svhn,
    /// Parquet shards as Hugging Face has them.
    Parquet,
    /// NumPy `.npy` and `.npz`.
    NumPy,
    /// What `dcgan data pack` writes.
    Packed,
}

impl Format {
    /// All kinds.
    pub const ALL: [Self; 11] = [
        Self::Folder,
        Self::Zip,
        Self::Tar,
        Self::CelebA,
        Self::Lsun,
        Self::Mnist,
        Self::Cifar,
        Self::Svhn,
        Self::Parquet,
        Self::NumPy,
        Self::Packed,
    ];

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Folder => "folder",
            Self::Zip => "zip",
            Self::Tar => "tar",
            Self::CelebA => "celeba",
            Self::Lsun => "lsun",
            Self::Mnist => "mnist",
            Self::Cifar => "cifar",
            Self::Svhn => "svhn",
            Self::Parquet => "parquet",
            Self::NumPy => "numpy",
            Self::Packed => "packed",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Format {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|format| format.name() == name);
        found.ok_or_else(|| {
            let names = Self::ALL.map(Self::name).join(", ");
            format!("'{name}' is no format; there are {names}")
        })
    }
}

/// A part of a data set that its makers have divided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
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

impl Split {
    /// Whether pictures of `part` belong to it.
    pub(super) fn takes(self, part: Self) -> bool {
        self == Self::All || self == part
    }
}

impl fmt::Display for Split {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Train => "train",
            Self::Valid => "valid",
            Self::Test => "test",
            Self::All => "all",
        })
    }
}
