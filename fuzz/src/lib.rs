//! The fuzz targets: bytes become a file of a data set, which is loaded, or a file of weights or
//! settings, which is read; or the body of a request to the studio.
//!
//! No file may make the program panic, allocate without bound or loop for ever.

pub mod requests;
pub mod seeds;
pub mod weights;

use std::fs;
use std::path::Path;
use std::sync::Once;

use dcgan_data::{Augmentation, Crop, DataSource, Dataset, Format, PictureOptions, Split};

/// A parser to fuzz.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    Picture,
    Zip,
    Tar,
    TarGz,
    TarZst,
    CelebaAttributes,
    CelebaPartition,
    Lmdb,
    Idx,
    IdxLabels,
    Cifar,
    Svhn,
    Npy,
    Npz,
    Parquet,
    Pack,
    Unnamed,
    Checkpoint,
    Weights,
    Pth,
    Config,
    Request,
}

impl Target {
    pub const ALL: [Self; 22] = [
        Self::Picture,
        Self::Zip,
        Self::Tar,
        Self::TarGz,
        Self::TarZst,
        Self::CelebaAttributes,
        Self::CelebaPartition,
        Self::Lmdb,
        Self::Idx,
        Self::IdxLabels,
        Self::Cifar,
        Self::Svhn,
        Self::Npy,
        Self::Npz,
        Self::Parquet,
        Self::Pack,
        Self::Unnamed,
        Self::Checkpoint,
        Self::Weights,
        Self::Pth,
        Self::Config,
        Self::Request,
    ];

    /// The name of its file below `fuzz_targets`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Picture => "picture",
            Self::Zip => "zip",
            Self::Tar => "tar",
            Self::TarGz => "tar_gz",
            Self::TarZst => "tar_zst",
            Self::CelebaAttributes => "celeba_attributes",
            Self::CelebaPartition => "celeba_partition",
            Self::Lmdb => "lmdb",
            Self::Idx => "idx",
            Self::IdxLabels => "idx_labels",
            Self::Cifar => "cifar",
            Self::Svhn => "svhn",
            Self::Npy => "npy",
            Self::Npz => "npz",
            Self::Parquet => "parquet",
            Self::Pack => "pack",
            Self::Unnamed => "unnamed",
            Self::Checkpoint => "checkpoint",
            Self::Weights => "weights",
            Self::Pth => "pth",
            Self::Config => "config",
            Self::Request => "request",
        }
    }

    /// The name of the file within its data set, and the format that is asked for.
    fn file(self) -> (&'static str, Option<Format>) {
        match self {
            Self::Picture => ("a.jpg", Some(Format::Folder)),
            Self::Zip => ("a.zip", Some(Format::Zip)),
            Self::Tar | Self::TarGz | Self::TarZst => ("a.tar", Some(Format::Tar)),
            Self::CelebaAttributes => ("list_attr_celeba.txt", Some(Format::CelebA)),
            Self::CelebaPartition => ("list_eval_partition.txt", Some(Format::CelebA)),
            Self::Lmdb => ("data.mdb", Some(Format::Lsun)),
            Self::Idx => ("train-images-idx3-ubyte", Some(Format::Mnist)),
            Self::IdxLabels => ("train-labels-idx1-ubyte", Some(Format::Mnist)),
            Self::Cifar => ("data_batch_1.bin", Some(Format::Cifar)),
            Self::Svhn => ("train_32x32.mat", Some(Format::Svhn)),
            Self::Npy | Self::Npz => ("a.npy", Some(Format::NumPy)),
            Self::Parquet => ("a.parquet", Some(Format::Parquet)),
            Self::Pack => ("a.pack", Some(Format::Packed)),
            Self::Unnamed => ("a", None),
            Self::Checkpoint | Self::Weights => ("a.safetensors", None),
            Self::Pth => ("a.pth", None),
            Self::Config => ("config.toml", None),
            Self::Request => ("request.json", None),
        }
    }

    /// Whether its files are weights or settings instead of a data set.
    pub fn reads_weights(self) -> bool {
        matches!(self, Self::Checkpoint | Self::Weights | Self::Pth | Self::Config)
    }

    /// Loads a data set in which one file has these bytes, or reads them as weights.
    pub fn run(self, bytes: &[u8]) {
        // The library catches panics of the `parquet` crate, but the fuzzer's hook would report
        // them. A panic that is not caught still ends the fuzzer.
        static HOOK: Once = Once::new();
        HOOK.call_once(|| std::panic::set_hook(Box::new(|_| {})));
        if self == Self::Request {
            return requests::read(bytes);
        }
        if self.reads_weights() {
            return weights::read(self, bytes);
        }
        let folder = tempfile::tempdir().expect("a temporary folder");
        let (name, format) = self.file();
        let write = |name: &str, bytes: &[u8]| {
            fs::write(folder.path().join(name), bytes).expect("a temporary file");
        };
        write(name, bytes);
        let is_folder = matches!(
            self,
            Self::Picture
                | Self::CelebaAttributes
                | Self::CelebaPartition
                | Self::Idx
                | Self::IdxLabels
        );
        if matches!(self, Self::CelebaAttributes | Self::CelebaPartition) {
            for number in 1..4 {
                write(&format!("00000{number}.jpg"), b"");
            }
        }
        if self == Self::IdxLabels {
            write("train-images-idx3-ubyte", &seeds::idx_images());
        }
        let path = if is_folder || self == Self::Cifar {
            folder.path().to_owned()
        } else {
            folder.path().join(name)
        };
        load(&path, format);
    }
}

fn load(path: &Path, format: Option<Format>) {
    let source = DataSource::Files {
        path: path.to_owned(),
        format,
        split: Some(Split::All),
    };
    let options = PictureOptions {
        image_size: 8,
        crop: Crop::Random,
        memory_limit: 64 << 20,
        ..PictureOptions::default()
    };
    let Ok(dataset) = Dataset::load(&source, &options, &|_, _| {}, &|| false) else {
        return;
    };
    for index in 0..dataset.len().min(16) {
        let _ = (dataset.name(index), dataset.facts(index));
        let _ = dataset.picture(index, Augmentation::NONE);
        for column in 0..3 {
            let attribute = dataset.attributes().and_then(|all| all.get(column));
            let _ = attribute.and_then(|attribute| attribute.of(index));
        }
    }
}
