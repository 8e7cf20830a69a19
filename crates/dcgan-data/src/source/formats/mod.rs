//! The formats of data sets, one file or folder each, and the table by which they are detected.

pub(super) mod archives;
pub(super) mod celeba;
mod cifar;
pub(super) mod folder;
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

/// All formats. The first probe that accepts a file wins. Of the data sets in a folder the one with
/// the most pictures is used, and of several with as many the first.
pub(super) const PROBES: [Probe; 22] = [
    row(Format::CelebA, Folder, celeba::in_folder),
    row(Format::Lsun, Folder, lsun::in_folder),
    row(Format::Cifar, Folder, cifar::in_folder),
    row(Format::Folder, Folder, folder::with_pictures),
    row(Format::Mnist, Folder, mnist::in_folder),
    row(Format::Svhn, Folder, svhn::in_folder),
    row(Format::Parquet, Folder, parquet::in_folder),
    row(Format::Cifar, Folder, cifar::python_version),
    row(Format::Zip, Folder, archives::zips_in_folder),
    row(Format::Tar, Folder, archives::tars_in_folder),
    row(Format::NumPy, Folder, archives::numpy_in_folder),
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
        for format in Format::ALL {
            assert!(PROBES.iter().any(|row| row.format == format), "{format}");
        }
    }
}
