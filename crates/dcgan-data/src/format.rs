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

/// Every format and its name, in the order in which they are listed to users.
const NAMES: [(Format, &str); 11] = [
    (Format::Folder, "folder"),
    (Format::Zip, "zip"),
    (Format::Tar, "tar"),
    (Format::CelebA, "celeba"),
    (Format::Lsun, "lsun"),
    (Format::Mnist, "mnist"),
    (Format::Cifar, "cifar"),
    (Format::Svhn, "svhn"),
    (Format::Parquet, "parquet"),
    (Format::NumPy, "numpy"),
    (Format::Packed, "packed"),
];

impl Format {
    /// All formats.
    pub fn all() -> impl Iterator<Item = Self> {
        NAMES.iter().map(|(format, _)| *format)
    }

    /// The name on the command line and in configuration files.
    pub fn name(self) -> &'static str {
        let entry = NAMES.iter().find(|(format, _)| *format == self);
        entry.map_or("", |(_, name)| name)
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
        let entry = NAMES.iter().find(|(_, known)| *known == name);
        entry.map(|(format, _)| *format).ok_or_else(|| {
            let names: Vec<&str> = NAMES.iter().map(|(_, name)| *name).collect();
            format!("unknown format '{name}'; known are {}", names.join(", "))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_is_stored_under_its_name() {
        for format in Format::all() {
            let stored = serde_json::to_string(&format).unwrap();
            assert_eq!(stored, format!("\"{format}\""));
            assert_eq!(format.name().parse(), Ok(format));
        }
        // A new variant must be added to `NAMES`: here the compiler asks for it.
        let is_listed = |format| match format {
            Format::Folder | Format::Zip | Format::Tar | Format::CelebA | Format::Lsun => true,
            Format::Mnist | Format::Cifar | Format::Svhn | Format::Parquet => true,
            Format::NumPy | Format::Packed => true,
        };
        assert_eq!(
            Format::all().filter(|&format| is_listed(format)).count(),
            11
        );
    }
}
