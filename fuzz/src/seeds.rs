//! Small good files of every kind, for the fuzzers to start from.

use std::io::{Cursor, Write};
use std::sync::Arc;

use dcgan_data::{Crop, DataSource, Dataset, PictureOptions};
use flate2::write::{GzEncoder, ZlibEncoder};
use heed::types::Bytes;
use heed::{CommitOrAbort, EnvOpenOptions};
use image::{ImageFormat, RgbImage};
use parquet::data_type::{ByteArray, ByteArrayType, Int64Type};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;

use crate::{Target, weights};

fn png(level: u8) -> Vec<u8> {
    let picture = RgbImage::from_fn(9, 9, |x, y| image::Rgb([level, x as u8 * 20, y as u8 * 20]));
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, ImageFormat::Png).expect("a PNG in memory");
    bytes.into_inner()
}

fn jpeg() -> Vec<u8> {
    include_bytes!("../../crates/dcgan-data/tests/fixtures/pictures/baseline.jpg").to_vec()
}

fn tar() -> Vec<u8> {
    let mut archive = tar::Builder::new(Vec::new());
    let long = format!("{}/c.png", "long".repeat(40));
    for (level, name) in [(1, "a/1.png"), (2, "b/2.png"), (3, long.as_str())] {
        let bytes = png(level);
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        archive.append_data(&mut header, name, bytes.as_slice()).expect("a tar in memory");
    }
    archive.into_inner().expect("a tar in memory")
}

fn zip(files: &[(&str, Vec<u8>)], method: zip::CompressionMethod) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default().compression_method(method);
    for (name, bytes) in files {
        zip.start_file(*name, options).expect("a zip in memory");
        zip.write_all(bytes).expect("a zip in memory");
    }
    zip.finish().expect("a zip in memory").into_inner()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).expect("gzip in memory");
    encoder.finish().expect("gzip in memory")
}

/// Two pictures in MNIST's format.
pub fn idx_images() -> Vec<u8> {
    let mut bytes = vec![0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 28, 0, 0, 0, 28];
    bytes.extend((0..2 * 28 * 28).map(|index| index as u8));
    bytes
}

fn npy(kind: &str, shape: &str, values: &[u8]) -> Vec<u8> {
    let header = format!("{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}\n");
    let mut bytes = b"\x93NUMPY\x01\0".to_vec();
    bytes.extend((header.len() as u16).to_le_bytes());
    bytes.extend(header.as_bytes());
    bytes.extend(values);
    bytes
}

/// An element of a MATLAB file, padded to a multiple of 8 bytes.
fn element(kind: u32, bytes: &[u8]) -> Vec<u8> {
    let mut element = [kind.to_le_bytes(), (bytes.len() as u32).to_le_bytes()].concat();
    element.extend(bytes);
    element.resize(element.len().next_multiple_of(8), 0);
    element
}

/// Two digits in SVHN's format.
fn svhn(compressed: bool) -> Vec<u8> {
    let mut file = format!("{:<124}", "MATLAB 5.0 MAT-file").into_bytes();
    file.extend([0, 1, b'I', b'M']);
    for (name, shape, values) in [
        ("X", &[8, 8, 3, 2][..], &[7; 384][..]),
        ("y", &[2, 1], &[10, 3]),
    ] {
        let shape: Vec<u8> = shape.iter().flat_map(|side: &i32| side.to_le_bytes()).collect();
        let parts = [
            element(6, &[9, 0, 0, 0, 0, 0, 0, 0]),
            element(5, &shape),
            element(1, name.as_bytes()),
            element(2, values),
        ];
        let array = element(14, &parts.concat());
        if !compressed {
            file.extend(array);
            continue;
        }
        let mut encoder = ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(&array).expect("zlib in memory");
        let packed = encoder.finish().expect("zlib in memory");
        file.extend([15_u32.to_le_bytes(), (packed.len() as u32).to_le_bytes()].concat());
        file.extend(packed);
    }
    file
}

fn lmdb() -> Vec<u8> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    // SAFETY: the files are new and not in use.
    let env = unsafe { EnvOpenOptions::new().map_size(1 << 20).open(folder.path()) };
    let env = env.expect("an LMDB");
    let transaction = env.write_txn().expect("a transaction");
    let written = env.create_databases_and_commit(transaction, |databases, transaction| {
        let database = databases.create_database::<Bytes, Bytes>(transaction, None)?;
        for level in 0..40_u8 {
            let value = if level == 7 { png(7).repeat(12) } else { png(level) };
            database.put(transaction, &[b'0', level], &value)?;
        }
        Ok::<_, heed::Error>(CommitOrAbort::<_, ()>::Commit(database))
    });
    assert!(written.is_ok(), "an LMDB");
    std::fs::read(folder.path().join("data.mdb")).expect("an LMDB")
}

fn parquet() -> Vec<u8> {
    let schema = "message schema {
        OPTIONAL GROUP image { OPTIONAL BYTE_ARRAY bytes; } OPTIONAL INT64 label; }";
    let schema = Arc::new(parse_message_type(schema).expect("a schema"));
    let mut writer =
        SerializedFileWriter::new(Vec::new(), schema, Default::default()).expect("a shard");
    let mut group = writer.next_row_group().expect("a row group");
    let bytes: Vec<ByteArray> = (0..3).map(|level| ByteArray::from(png(level))).collect();
    let mut column = group.next_column().expect("a column").expect("a column");
    column.typed::<ByteArrayType>().write_batch(&bytes, Some(&[2; 3]), None).expect("values");
    column.close().expect("a column");
    let mut column = group.next_column().expect("a column").expect("a column");
    column.typed::<Int64Type>().write_batch(&[0, 1, 0], Some(&[1; 3]), None).expect("values");
    column.close().expect("a column");
    group.close().expect("a row group");
    writer.into_inner().expect("a shard")
}

fn pack() -> Vec<u8> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let archive = folder.path().join("a.tar");
    std::fs::write(&archive, tar()).expect("a temporary file");
    let options = PictureOptions {
        image_size: 8,
        crop: Crop::Random,
        ..PictureOptions::default()
    };
    let file = folder.path().join("a.pack");
    Dataset::pack(&DataSource::at(&archive), &options, &file, &|_, _| {}, &|| false)
        .expect("a pack");
    std::fs::read(file).expect("a pack")
}

impl Target {
    /// Good files for the parser.
    pub fn seeds(self) -> Vec<Vec<u8>> {
        use zip::CompressionMethod::{Deflated, Stored};
        let pictures = || vec![("a/1.png", png(1)), ("b/2.png", png(2))];
        let arrays = || {
            vec![
                ("x_train.npy", npy("|u1", "(2, 8, 8)", &[7; 128])),
                ("y_train.npy", npy("<i8", "(2,)", &[0; 16])),
            ]
        };
        let cifar = || [&[1][..], &[7; 3072], &[0], &[9; 3072]].concat();
        match self {
            Self::Picture => vec![png(1), jpeg()],
            Self::Zip => vec![zip(&pictures(), Stored), zip(&pictures(), Deflated)],
            Self::Tar => vec![tar()],
            Self::TarGz => vec![gzip(&tar())],
            Self::TarZst => {
                let level = ruzstd::encoding::CompressionLevel::Fastest;
                vec![ruzstd::encoding::compress_to_vec(&tar()[..], level)]
            }
            Self::CelebaAttributes => vec![
                b"3\r\nSmiling Young \r\n000001.jpg -1  1\r\n000002.jpg  1  1\r\n000003.jpg -1 -1\r\n".to_vec(),
                b"image_id,Smiling\n000001.jpg,1\n".to_vec(),
            ],
            Self::CelebaPartition => vec![b"000001.jpg 0\r\n000002.jpg 1\r\n000003.jpg 2\r\n".to_vec()],
            Self::Lmdb => vec![lmdb()],
            Self::Idx => vec![idx_images(), gzip(&idx_images())],
            Self::IdxLabels => vec![b"\0\0\x08\x01\0\0\0\x02\x01\x07".to_vec()],
            Self::Cifar => vec![cifar()],
            Self::Svhn => vec![svhn(false), svhn(true)],
            Self::Npy => vec![
                npy("|u1", "(2, 8, 8)", &[7; 128]),
                npy("|u1", "(2, 3, 8, 8)", &[7; 384]),
            ],
            Self::Npz => vec![zip(&arrays(), Stored), zip(&arrays(), Deflated)],
            Self::Parquet => vec![parquet()],
            Self::Pack => vec![pack()],
            Self::Unnamed => {
                let others = Self::ALL.into_iter();
                let others = others.filter(|one| *one != Self::Unnamed && !one.reads_weights());
                others.flat_map(Self::seeds).collect()
            }
            Self::Checkpoint | Self::Weights | Self::Pth | Self::Config => weights::seeds(self),
            Self::Request => crate::requests::seeds(),
        }
    }
}
