//! The names of the data set formats.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The format of a data set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// A folder of pictures at any depth; sub-folders are classes.
    Folder,
    /// A zip archive of pictures.
    Zip,
    /// A tar archive of pictures, plain or compressed with gzip or Zstandard.
    Tar,
    /// CelebA: its folder or `img_align_celeba.zip`, with its lists next to it.
    CelebA,
    /// LSUN: an LMDB directory.
    Lsun,
    /// MNIST and Fashion-MNIST: idx files, gzipped or not.
    Mnist,
    /// CIFAR-10 and CIFAR-100: the binary version, as an archive or unpacked.
    Cifar,
    /// SVHN's cropped digits: its `.mat` files.
    Svhn,
    /// Parquet shards as published on Hugging Face.
    Parquet,
    /// NumPy `.npy` and `.npz`.
    NumPy,
    /// A pack, as [`Dataset::pack`](crate::Dataset::pack) writes it.
    Packed,
}

impl Format {
    /// All formats, in the order in which they are listed to users.
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

    /// The name on the command line and in configuration files.
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
            format!("unknown format '{name}'; known are {names}")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_is_stored_under_its_name() {
        for format in Format::ALL {
            let stored = serde_json::to_string(&format).unwrap();
            assert_eq!(stored, format!("\"{format}\""));
            assert_eq!(format.name().parse(), Ok(format));
        }
        // A new variant must be added to `ALL`: here the compiler asks for it.
        let is_listed = |format| match format {
            Format::Folder | Format::Zip | Format::Tar | Format::CelebA | Format::Lsun => true,
            Format::Mnist | Format::Cifar | Format::Svhn | Format::Parquet => true,
            Format::NumPy | Format::Packed => true,
        };
        let listed = Format::ALL.into_iter().filter(|&format| is_listed(format));
        assert_eq!(listed.count(), 11);
    }
}
