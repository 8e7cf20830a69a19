//! The formats of data sets, one file or folder each, and the table by which they are detected.

mod celeba;
mod cifar;
mod folder;
mod lsun;
mod mnist;
mod numpy;
mod packed;
mod parquet;
mod svhn;
mod tar;
mod zip;

use super::place::Place;
use super::place::PlaceKind::{self, File, Folder};
use super::probe::{Probe, Probed};
use crate::format::Format;

/// All formats, in the order in which they are tried: the first probe that accepts a place wins.
pub(super) const PROBES: [Probe; 20] = [
    // Data sets with pictures that would pass for a plain folder.
    row(Format::CelebA, Folder, celeba::in_folder),
    row(Format::Lsun, Folder, lsun::in_folder),
    row(Format::Cifar, Folder, cifar::in_folder),
    // A folder with a picture in it, whatever else is there.
    row(Format::Folder, Folder, folder::with_pictures),
    row(Format::Mnist, Folder, mnist::in_folder),
    row(Format::Svhn, Folder, svhn::in_folder),
    row(Format::Parquet, Folder, parquet::in_folder),
    row(Format::Cifar, Folder, cifar::python_version),
    // Any other folder: its own error says what is in it.
    row(Format::Folder, Folder, folder::without_pictures),
    // Data sets in archives that would pass for an archive of pictures.
    row(Format::CelebA, File, celeba::in_file),
    row(Format::NumPy, File, numpy::in_file),
    row(Format::Zip, File, zip::in_file),
    row(Format::Packed, File, packed::in_file),
    row(Format::Mnist, File, mnist::in_file),
    row(Format::Svhn, File, svhn::in_file),
    row(Format::Parquet, File, parquet::in_file),
    row(Format::Lsun, File, lsun::in_file),
    row(Format::Cifar, File, cifar::in_file),
    row(Format::Tar, File, tar::in_file),
    // A zip archive may have something before its first entry.
    row(Format::Zip, File, zip::by_name),
];

const fn row(format: Format, kind: PlaceKind, probe: fn(&Place) -> Probed) -> Probe {
    Probe {
        format,
        kind,
        probe,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_has_a_probe() {
        for format in Format::all() {
            assert!(PROBES.iter().any(|row| row.format == format), "{format}");
        }
    }
}
