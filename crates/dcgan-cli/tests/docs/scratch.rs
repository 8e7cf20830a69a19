//! What the documentation's commands work on: small data sets of every kind, and runs.

use std::fs;
use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use flate2::Compression;
use flate2::write::GzEncoder;
use image::{DynamicImage, ImageBuffer, ImageFormat, Luma, Rgb, RgbImage};
use tempfile::TempDir;

use dcgan_evaluate::inception::CLASSES;

use crate::inception_weights::{tensors, write_pytorch_file};

/// Pictures of data sets with ten classes.
const DIGITS: u8 = 40;

/// A directory with all of it.
pub struct Scratch {
    folder: TempDir,
    cache: TempDir,
}

/// A copy to run commands in.
pub struct Folder {
    folder: TempDir,
    cache: PathBuf,
}

impl Scratch {
    pub fn new() -> Self {
        let folder = || tempfile::tempdir().expect("a temporary folder");
        let scratch = Self {
            folder: folder(),
            cache: folder(),
        };
        scratch.write_pictures();
        scratch.write_celeba();
        scratch.write_microscope();
        scratch.write_digits();
        scratch.write_lsun();
        #[cfg(feature = "parquet")]
        scratch.write(
            "celeba-hf/data/train-00000-of-00001.parquet",
            parquet_shard(),
        );
        scratch.write_weights();
        scratch.write_runs();
        scratch.write("hosts", "localhost slots=2\n");
        scratch
    }

    /// A copy of the directory. All copies share one cache of decoded pictures.
    pub fn copy(&self) -> Folder {
        let folder = tempfile::tempdir().expect("a temporary folder");
        copy(self.folder.path(), folder.path());
        Folder {
            folder,
            cache: self.cache.path().to_owned(),
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, bytes).expect("a file");
    }

    fn dcgan(&self, arguments: &str) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dcgan"));
        command
            .args(arguments.split(' '))
            .current_dir(self.folder.path())
            .env("DCGAN_CACHE_DIR", self.cache.path())
            .stdin(Stdio::null());
        let output = command.output().expect("the program runs");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "dcgan {arguments}: {stderr}");
    }

    /// `photos/`, `photos.zip`, `flowers/`, and single pictures.
    fn write_pictures(&self) {
        self.dcgan("demo-data photos -n 24");
        let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for number in 1..=24 {
            let name = format!("{number:06}.png");
            let picture = fs::read(self.path("photos").join(&name));
            zip.start_file(name, zip::write::SimpleFileOptions::default())
                .expect("a zip");
            zip.write_all(&picture.expect("a face")).expect("a zip");
        }
        self.write("photos.zip", zip.finish().expect("a zip").into_inner());
        for (class, first) in [("rose", 0), ("tulip", 100)] {
            for number in 0..8 {
                let picture = encoded(&colourful(first + number), ImageFormat::Png);
                self.write(&format!("flowers/train/{class}/{number}.png"), &picture);
                self.write(&format!("flowers/test/{class}/{number}.png"), &picture);
            }
        }
        for (number, name) in [(1, "me"), (2, "face"), (3, "a"), (4, "b")] {
            let picture = encoded(&colourful(number), ImageFormat::Jpeg);
            self.write(&format!("{name}.jpg"), picture);
        }
    }

    /// CelebA as an archive with its lists, in a folder of its own and in the current one.
    fn write_celeba(&self) {
        self.dcgan("demo-data faces-of-celeba -n 100");
        let attributes = fs::read(self.path("faces-of-celeba/list_attr_celeba.txt"));
        let attributes = attributes.expect("the list of attributes");
        let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
        let mut partition = String::new();
        for number in 1..=100 {
            let name = format!("{number:06}");
            let face = image::open(self.path(&format!("faces-of-celeba/{name}.png")));
            let options = zip::write::SimpleFileOptions::default();
            zip.start_file(format!("img_align_celeba/{name}.jpg"), options)
                .expect("a zip");
            let jpeg = encoded(&face.expect("a face").to_rgb8(), ImageFormat::Jpeg);
            zip.write_all(&jpeg).expect("a zip");
            let split = if number <= 80 { 0 } else { 1 + number % 2 };
            partition += &format!("{name}.jpg {split}\n");
        }
        let zip = zip.finish().expect("a zip").into_inner();
        let attributes = String::from_utf8(attributes)
            .expect("text")
            .replace(".png", ".jpg");
        for folder in ["", "celeba/"] {
            self.write(&format!("{folder}img_align_celeba.zip"), &zip);
            self.write(&format!("{folder}list_attr_celeba.txt"), &attributes);
            self.write(&format!("{folder}list_eval_partition.txt"), &partition);
        }
        fs::remove_dir_all(self.path("faces-of-celeba")).expect("no more faces");
    }

    /// `microscope/`: pictures of 12 bits in 16.
    fn write_microscope(&self) {
        for number in 0..20_u16 {
            let picture = ImageBuffer::from_fn(64, 64, |x, y| {
                let is_disc =
                    x.abs_diff(32).pow(2) + y.abs_diff(20 + u32::from(number)).pow(2) < 200;
                Luma([if is_disc { 1500 + 10 * number } else { 700 }])
            });
            let mut bytes = Cursor::new(Vec::new());
            DynamicImage::ImageLuma16(picture)
                .write_to(&mut bytes, ImageFormat::Png)
                .expect("a PNG in memory");
            self.write(&format!("microscope/{number}.png"), bytes.into_inner());
        }
    }

    /// `mnist/`, `svhn/` and CIFAR-10's archive.
    fn write_digits(&self) {
        let count = [0, 0, 0, DIGITS];
        let mut images = [[0, 0, 8, 3], count, [0, 0, 0, 28], [0, 0, 0, 28]].concat();
        images.extend((0..usize::from(DIGITS) * 28 * 28).map(|value| (value % 251) as u8));
        let mut labels = [[0, 0, 8, 1], count].concat();
        labels.extend((0..DIGITS).map(|number| number % 10));
        for split in ["train", "t10k"] {
            self.write(
                &format!("mnist/{split}-images-idx3-ubyte.gz"),
                gzipped(&images),
            );
            self.write(
                &format!("mnist/{split}-labels-idx1-ubyte.gz"),
                gzipped(&labels),
            );
        }
        for split in ["train", "test"] {
            self.write(&format!("svhn/{split}_32x32.mat"), svhn());
        }
        let records = (0..DIGITS).flat_map(|number| {
            let picture = (0..3072).map(move |value| (value % 200) as u8 ^ number);
            std::iter::once(number % 10).chain(picture)
        });
        let records: Vec<u8> = records.collect();
        let mut archive = tar::Builder::new(Vec::new());
        for name in ["data_batch_1", "test_batch"] {
            let mut header = tar::Header::new_gnu();
            header.set_size(records.len() as u64);
            let name = format!("cifar-10-batches-bin/{name}.bin");
            archive
                .append_data(&mut header, name, &records[..])
                .expect("a tar");
        }
        let archive = archive.into_inner().expect("a tar");
        self.write("cifar-10-binary.tar.gz", gzipped(&archive));
    }

    /// `bedroom_train_lmdb/`
    #[expect(unsafe_code, reason = "a database is mapped into memory")]
    fn write_lsun(&self) {
        use heed::types::Bytes;
        use heed::{CommitOrAbort, EnvOpenOptions};

        let folder = self.path("bedroom_train_lmdb");
        fs::create_dir(&folder).expect("a folder");
        // SAFETY: the files are new, and nothing else knows them.
        let env = unsafe { EnvOpenOptions::new().map_size(1 << 20).open(folder) };
        let env = env.expect("an LMDB");
        let transaction = env.write_txn().expect("a transaction");
        let written = env.create_databases_and_commit(transaction, |databases, transaction| {
            let database = databases.create_database::<Bytes, Bytes>(transaction, None)?;
            for number in 0..16 {
                let picture = encoded(&colourful(number), ImageFormat::Png);
                database.put(transaction, &[number], &picture)?;
            }
            Ok::<_, heed::Error>(CommitOrAbort::<_, ()>::Commit(database))
        });
        assert!(written.is_ok(), "an LMDB");
    }

    /// Files that PyTorch saved.
    fn write_weights(&self) {
        let fixtures =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../dcgan/tests/fixtures/pytorch");
        for (fixture, name) in [
            ("pytorch.netG.pth", "netG.pth"),
            ("both.pth", "weights.pth"),
        ] {
            fs::copy(fixtures.join(fixture), self.path(name)).expect("a file of PyTorch");
        }
        let inception = self.path("pt_inception-2015-12-05-6726825d.pth");
        write_pytorch_file(&inception, &tensors(CLASSES));
    }

    /// `runs/photos`, and runs whose networks know what a smile is.
    fn write_runs(&self) {
        let sizes = "--ngf 4 --ndf 4 --z-dim 48 --batch-size 8 --steps 4 --threads 1";
        self.dcgan(&format!(
            "train photos --preset pytorch {sizes} --ema --out runs/photos"
        ));
        let trained =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../dcgan-explore/tests/fixtures/faces32");
        self.dcgan(&format!(
            "train demo -n 24 --preset pytorch {sizes} --ema --out runs/demo"
        ));
        copy(&trained, &self.path("runs/demo"));
        for run in ["runs/celeba", "runs/faces"] {
            copy(&self.path("runs/photos"), &self.path(run));
            copy(&trained, &self.path(run));
        }
        for run in [
            "runs/wide",
            "runs/plain",
            "runs/ema",
            "runs/tutorial",
            "runs/pytorch",
            "runs/pytorch-48",
        ] {
            copy(&self.path("runs/photos"), &self.path(run));
        }
        let checkpoints = self.path("runs/demo/checkpoints");
        fs::copy(
            checkpoints.join("step-000004.safetensors"),
            checkpoints.join("step-000500.safetensors"),
        )
        .expect("a checkpoint");
        self.dcgan("project runs/photos me.jpg face.jpg --starts 2 --steps 2 --out vectors");
        for (vector, name) in [("me", "me"), ("face", "you")] {
            let vector = self.path(&format!("vectors/{vector}.safetensors"));
            fs::rename(vector, self.path(&format!("{name}.safetensors"))).expect("a vector");
        }
        fs::remove_dir_all(self.path("vectors")).expect("no more vectors");
    }
}

impl Folder {
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn cache(&self) -> &Path {
        &self.cache
    }
}

/// Copies the content of a folder into another one.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).expect("a copy");
        }
    }
}

/// A picture that no other number has.
fn colourful(number: u8) -> RgbImage {
    RgbImage::from_fn(40, 40, |x, y| {
        Rgb([number.wrapping_mul(37), (x * 6) as u8, (y * 6) as u8])
    })
}

fn encoded(picture: &RgbImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    let picture = DynamicImage::from(picture.clone());
    picture
        .write_to(&mut bytes, format)
        .expect("a picture in memory");
    bytes.into_inner()
}

fn gzipped(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).expect("gzip in memory");
    encoder.finish().expect("gzip in memory")
}

/// A MATLAB file with digits and their labels, 1 to 10.
fn svhn() -> Vec<u8> {
    let count = i32::from(DIGITS);
    let pixels: Vec<u8> = (0..32 * 32 * 3 * count)
        .map(|value| (value % 253) as u8)
        .collect();
    let labels: Vec<u8> = (0..DIGITS).map(|number| number % 10 + 1).collect();
    let mut file = format!("{:<124}", "MATLAB 5.0 MAT-file").into_bytes();
    file.extend([0, 1, b'I', b'M']);
    for (name, shape, values) in [
        ("X", &[32, 32, 3, count][..], &pixels),
        ("y", &[count, 1], &labels),
    ] {
        let shape: Vec<u8> = shape.iter().flat_map(|side| side.to_le_bytes()).collect();
        let parts = [
            element(6, &[9, 0, 0, 0, 0, 0, 0, 0]),
            element(5, &shape),
            element(1, name.as_bytes()),
            element(2, values),
        ];
        file.extend(element(14, &parts.concat()));
    }
    file
}

/// An element of a MATLAB file, filled up to a multiple of 8 bytes.
fn element(kind: u32, bytes: &[u8]) -> Vec<u8> {
    let mut element = [kind.to_le_bytes(), (bytes.len() as u32).to_le_bytes()].concat();
    element.extend(bytes);
    element.resize(element.len().next_multiple_of(8), 0);
    element
}

/// A shard with a column of pictures.
#[cfg(feature = "parquet")]
fn parquet_shard() -> Vec<u8> {
    use parquet::data_type::{ByteArray, ByteArrayType};
    use parquet::file::writer::SerializedFileWriter;
    use parquet::schema::parser::parse_message_type;

    let schema = "message schema { OPTIONAL GROUP image { OPTIONAL BYTE_ARRAY bytes; } }";
    let schema = parse_message_type(schema).expect("a schema").into();
    let mut writer =
        SerializedFileWriter::new(Vec::new(), schema, Default::default()).expect("a shard");
    let mut group = writer.next_row_group().expect("a row group");
    let pictures: Vec<ByteArray> = (0..16)
        .map(|number| ByteArray::from(encoded(&colourful(number), ImageFormat::Png)))
        .collect();
    let mut column = group.next_column().expect("a column").expect("a column");
    let levels = vec![2; pictures.len()];
    column
        .typed::<ByteArrayType>()
        .write_batch(&pictures, Some(&levels), None)
        .expect("values");
    column.close().expect("a column");
    group.close().expect("a row group");
    writer.into_inner().expect("a shard")
}
