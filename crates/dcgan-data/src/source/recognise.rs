//! What is at a path, told by looking.

use std::io;
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use super::celeba::CelebA;
use super::folder::{self, Folder};
use super::format::{Format, Split};
use super::listing::Listing;
use super::reader::Reader;
use super::records::head;
use super::stamp::Stamp;
use super::tar::{self, Compression};
use super::zip::{self, Archive};
use super::{DataError, Opened, cifar, lsun, mat, mnist, numpy, svhn};
use crate::decode::is_picture;
use crate::pack;

/// A data set of which is known what it is and where its files are.
#[derive(Debug)]
pub(crate) struct Located {
    path: PathBuf,
    split: Option<Split>,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Folder(Folder),
    Zip,
    Tar(Compression),
    CelebA(CelebA),
    Lsun(PathBuf),
    Mnist(Vec<PathBuf>),
    Cifar(PathBuf),
    Svhn(Vec<PathBuf>),
    #[cfg(feature = "parquet")]
    Parquet(Vec<PathBuf>),
    Npy,
    Npz,
    Packed,
}

/// Finds out what is at `path`, or whether it is what `format` says.
///
/// # Errors
///
/// A [`DataError`] that says what is there instead of a data set.
pub(crate) fn locate(
    path: &Path,
    format: Option<Format>,
    split: Option<Split>,
) -> Result<Located, DataError> {
    let metadata = path.metadata().map_err(|source| {
        let path = path.to_owned();
        match source.kind() {
            io::ErrorKind::NotFound => DataError::Missing { path },
            _ => DataError::Unreadable { path, source },
        }
    })?;
    let kind = match format {
        Some(format) => as_format(path, format)?,
        None if metadata.is_dir() => in_folder(path)?,
        None if metadata.is_file() => in_file(path)?,
        None => {
            return Err(DataError::NotADataSet {
                path: path.to_owned(),
            });
        }
    };
    let located = Located {
        path: path.to_owned(),
        split,
        kind,
    };
    located.check_split()?;
    Ok(located)
}

/// What a folder is.
fn in_folder(path: &Path) -> Result<Kind, DataError> {
    if let Some(celeba) = CelebA::find(path) {
        return Ok(Kind::CelebA(celeba));
    }
    if path.join(lsun::FILE).is_file() {
        return Ok(Kind::Lsun(path.join(lsun::FILE)));
    }
    if let Some(folder) = cifar::find(path) {
        return Ok(Kind::Cifar(folder));
    }
    let folder = folder::list(path)?;
    if folder.listing.pictures.is_empty() {
        let idx = mnist::find(path);
        if !idx.is_empty() {
            return Ok(Kind::Mnist(idx));
        }
        let svhn = svhn::find(path);
        if !svhn.is_empty() {
            return Ok(Kind::Svhn(svhn));
        }
        let shards = shards_in(path);
        if !shards.is_empty() {
            return parquet(shards);
        }
        if cifar::is_python_version(path) {
            return Err(DataError::PythonCifar {
                path: path.to_owned(),
            });
        }
    }
    Ok(Kind::Folder(folder))
}

/// What a file is: by its content first, by its name second, as an archive may
/// have something before its first entry.
fn in_file(path: &Path) -> Result<Kind, DataError> {
    let head = head(path, 512)?;
    let owned = path.to_owned();
    let named = |ending: &str| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.to_lowercase().ends_with(ending)
    };
    match Compression::of(&head) {
        Compression::None => {}
        compression => return in_compressed(path, compression),
    }
    Ok(match () {
        () if zip::is_zip(&head) => in_zip(path)?,
        () if is_picture(&head) => return Err(DataError::SinglePicture { path: owned }),
        () if pack::is_pack(&head) => Kind::Packed,
        () if head.starts_with(super::npy::MAGIC) => Kind::Npy,
        () if head.starts_with(&mnist::IMAGES_MAGIC) => Kind::Mnist(vec![owned]),
        () if head.starts_with(mat::MAGIC) => Kind::Svhn(vec![owned]),
        () if head.starts_with(mat::HDF5_MAGIC) => return Err(svhn::of_another_version(path)),
        () if head.starts_with(b"PAR1") => parquet(vec![owned])?,
        () if named(lsun::FILE) => Kind::Lsun(owned),
        () if tar::is_header(&head) => in_tar(path, Compression::None),
        () if named(".zip") => {
            Archive::open(path).map_err(|_| DataError::NotAZip { path: owned })?;
            Kind::Zip
        }
        () => return Err(DataError::NotADataSet { path: owned }),
    })
}

fn in_zip(path: &Path) -> Result<Kind, DataError> {
    if let Some(celeba) = CelebA::find(path) {
        return Ok(Kind::CelebA(celeba));
    }
    match numpy::is_npz(&Archive::open(path)?) {
        true => Ok(Kind::Npz),
        false => Ok(Kind::Zip),
    }
}

fn in_compressed(path: &Path, compression: Compression) -> Result<Kind, DataError> {
    let head = tar::unpacked_head(path, compression);
    match () {
        () if head.starts_with(&mnist::IMAGES_MAGIC) => Ok(Kind::Mnist(vec![path.to_owned()])),
        () if tar::is_header(&head) => Ok(in_tar(path, compression)),
        () if head.len() < 512 => {
            let reason = "it ends before its first file, or is damaged";
            Err(DataError::damaged(path, compression.archive(), &reason))
        }
        () => Err(DataError::NotADataSet {
            path: path.to_owned(),
        }),
    }
}

fn in_tar(path: &Path, compression: Compression) -> Kind {
    match cifar::find(path) {
        Some(path) => Kind::Cifar(path),
        None => Kind::Tar(compression),
    }
}

/// The parquet files below a folder, in order.
fn shards_in(path: &Path) -> Vec<PathBuf> {
    let walk = WalkDir::new(path).follow_links(true).sort_by_file_name();
    let files = walk.into_iter().filter_map(Result::ok);
    files
        .filter(|entry| entry.file_type().is_file())
        .map(walkdir::DirEntry::into_path)
        .filter(|path| path.extension().is_some_and(|ending| ending == "parquet"))
        .collect()
}

#[cfg(feature = "parquet")]
fn parquet(shards: Vec<PathBuf>) -> Result<Kind, DataError> {
    Ok(Kind::Parquet(shards))
}

#[cfg(not(feature = "parquet"))]
fn parquet(shards: Vec<PathBuf>) -> Result<Kind, DataError> {
    let path = shards.into_iter().next().unwrap_or_default();
    Err(DataError::WithoutParquet { path })
}

/// Takes a path as what it is said to be.
fn as_format(path: &Path, format: Format) -> Result<Kind, DataError> {
    let not = |reason: &str| DataError::NotOfFormat {
        path: path.to_owned(),
        format,
        reason: reason.to_owned(),
    };
    let is_folder = path.is_dir();
    Ok(match format {
        Format::Folder if is_folder => Kind::Folder(folder::list(path)?),
        Format::Folder => return Err(not("it is no folder")),
        Format::Zip | Format::Tar | Format::NumPy | Format::Packed if is_folder => {
            return Err(not("it is a folder"));
        }
        Format::Zip => Kind::Zip,
        Format::Tar => Kind::Tar(Compression::of(&head(path, 4)?)),
        Format::CelebA => Kind::CelebA(
            CelebA::beside(path)
                .ok_or_else(|| not("list_attr_celeba.txt is not beside it: download it too"))?,
        ),
        Format::Lsun if is_folder => match path.join(lsun::FILE) {
            file if file.is_file() => Kind::Lsun(file),
            _ => return Err(not("there is no data.mdb in it")),
        },
        Format::Lsun => Kind::Lsun(path.to_owned()),
        Format::Mnist => match mnist::find(path) {
            files if files.is_empty() => return Err(not("there is no …images-idx3-ubyte in it")),
            files => Kind::Mnist(files),
        },
        Format::Cifar => match cifar::find(path) {
            Some(path) => Kind::Cifar(path),
            None if cifar::is_python_version(path) => {
                return Err(DataError::PythonCifar {
                    path: path.to_owned(),
                });
            }
            None => return Err(not("there is no data_batch_1.bin or train.bin in it")),
        },
        Format::Svhn => match svhn::find(path) {
            files if files.is_empty() => return Err(not("there is no train_32x32.mat in it")),
            files => Kind::Svhn(files),
        },
        Format::Parquet if is_folder => match shards_in(path) {
            shards if shards.is_empty() => return Err(not("there is no .parquet file in it")),
            shards => parquet(shards)?,
        },
        Format::Parquet => parquet(vec![path.to_owned()])?,
        Format::NumPy if zip::is_zip(&head(path, 4)?) => Kind::Npz,
        Format::NumPy => Kind::Npy,
        Format::Packed => Kind::Packed,
    })
}

impl Located {
    pub fn format(&self) -> Format {
        match &self.kind {
            Kind::Folder(_) => Format::Folder,
            Kind::Zip => Format::Zip,
            Kind::Tar(_) => Format::Tar,
            Kind::CelebA(_) => Format::CelebA,
            Kind::Lsun(_) => Format::Lsun,
            Kind::Mnist(_) => Format::Mnist,
            Kind::Cifar(_) => Format::Cifar,
            Kind::Svhn(_) => Format::Svhn,
            #[cfg(feature = "parquet")]
            Kind::Parquet(_) => Format::Parquet,
            Kind::Npy | Kind::Npz => Format::NumPy,
            Kind::Packed => Format::Packed,
        }
    }

    /// Refuses a split of what has none.
    fn check_split(&self) -> Result<(), DataError> {
        let without = matches!(
            self.kind,
            Kind::Folder(_) | Kind::Zip | Kind::Tar(_) | Kind::Lsun(_) | Kind::Npy | Kind::Packed
        );
        match self.split {
            Some(split) if without && split != Split::All => Err(DataError::NoSplit {
                path: self.path.clone(),
                split,
                reason: format!("a source of format {} has no parts", self.format()),
            }),
            _ => Ok(()),
        }
    }

    /// A number that changes when a file does: a hash of all names, sizes and times.
    ///
    /// # Errors
    ///
    /// A folder that cannot be listed.
    pub fn stamp(&self) -> Result<u64, DataError> {
        let files = |files: &[PathBuf]| {
            files
                .iter()
                .fold(Stamp::new(), |stamp, file| stamp.file(file))
                .value()
        };
        Ok(match &self.kind {
            Kind::Folder(folder) => folder.stamp.value(),
            Kind::Zip | Kind::Tar(_) | Kind::Npy | Kind::Npz | Kind::Packed => {
                Stamp::new().file(&self.path).value()
            }
            Kind::CelebA(celeba) => celeba.stamp()?,
            Kind::Lsun(file) => Stamp::new().file(file).value(),
            Kind::Mnist(images) => {
                let labels = images.iter().filter_map(|file| mnist::labels_of(file));
                files(&images.iter().cloned().chain(labels).collect::<Vec<_>>())
            }
            Kind::Cifar(path) => files(&cifar::files(path)),
            Kind::Svhn(mats) => files(mats),
            #[cfg(feature = "parquet")]
            Kind::Parquet(shards) => files(shards),
        })
    }

    /// Reads the lists and tables of contents.
    ///
    /// # Errors
    ///
    /// A [`DataError`] for what is empty, cut off, damaged or not what it should be.
    pub fn open(self) -> Result<Opened, DataError> {
        let Self { path, split, kind } = self;
        match kind {
            Kind::Folder(folder) => {
                let listing = check(&path, folder.listing)?;
                Ok(Opened::of_files(listing, |places| {
                    folder::reader(folder.paths, places)
                }))
            }
            Kind::Zip => {
                let archive = Archive::open(&path)?;
                let listing = check(&path, archive.list(&path)?)?;
                Ok(Opened::of_files(listing, |places| {
                    Reader::Zip(archive, places)
                }))
            }
            Kind::Tar(compression) => tar::open_archive(&path, compression),
            Kind::CelebA(celeba) => celeba.open(split),
            Kind::Lsun(file) => lsun::open(&file),
            Kind::Mnist(files) => mnist::open(&path, &files, split),
            Kind::Cifar(path) => cifar::open(&path, split),
            Kind::Svhn(files) => svhn::open(&path, &files, split),
            #[cfg(feature = "parquet")]
            Kind::Parquet(shards) => {
                super::parquet::open(&super::parquet::shards_of(&path, shards, split)?)
            }
            Kind::Npy => numpy::open_npy(&path),
            Kind::Npz => numpy::open_npz(&path, split),
            Kind::Packed => Err(DataError::NotADataSet { path }),
        }
    }
}

/// Refuses a listing without pictures.
pub(super) fn check<Place>(
    path: &Path,
    listing: Listing<Place>,
) -> Result<Listing<Place>, DataError> {
    let path = path.to_owned();
    if listing.is_empty() {
        return Err(DataError::Empty { path });
    }
    if listing.pictures.is_empty() && listing.skipped.is_empty() {
        let seen = listing.others_seen();
        return Err(DataError::NoPictures { path, seen });
    }
    Ok(listing)
}
