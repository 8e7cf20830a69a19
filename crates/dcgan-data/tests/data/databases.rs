//! Data sets in databases and arrays: LMDB, NumPy, parquet.

use std::path::Path;

use dcgan_data::{Format, Split};
use heed::types::Bytes;
use heed::{CommitOrAbort, EnvOpenOptions};

use super::sources::{class_names, load_split};
use super::support::*;

/// Writes an LMDB like LSUN's: keys of hexadecimal digits, and encoded pictures.
#[allow(unsafe_code)]
pub fn write_lmdb(folder: &Path, pairs: &[(String, Vec<u8>)]) {
    std::fs::create_dir_all(folder).unwrap();
    // SAFETY: the files are new and not in use.
    let env = unsafe {
        EnvOpenOptions::new()
            .map_size(64 << 20)
            .open(folder)
            .unwrap()
    };
    let transaction = env.write_txn().unwrap();
    let written = env.create_databases_and_commit(transaction, |databases, transaction| {
        let database = databases.create_database::<Bytes, Bytes>(transaction, None)?;
        for (key, value) in pairs {
            database.put(transaction, key.as_bytes(), value)?;
        }
        Ok::<_, heed::Error>(CommitOrAbort::<_, ()>::Commit(database))
    });
    assert!(written.is_ok());
    env.prepare_for_closing().wait();
}

/// Small pictures, which fit into a page, and large ones on overflow pages.
fn pairs(count: usize) -> Vec<(String, Vec<u8>)> {
    let picture = |number: usize| {
        let side = if number.is_multiple_of(3) { 90 } else { 9 };
        let noise = image::RgbImage::from_fn(side, side, |x, y| {
            let value = (x * 7919 + y * 104_729 + number as u32 * 31) % 251;
            image::Rgb([number as u8, value as u8, (value * value % 256) as u8])
        });
        encoded(&noise.into(), image::ImageFormat::Png)
    };
    (0..count)
        .map(|number| (format!("{:040x}", number * 7919), picture(number)))
        .collect()
}

#[test]
fn an_lmdb_of_the_c_library_is_read_in_the_order_of_its_keys() {
    for count in [1, 3, 300] {
        let data = folder(&[]);
        let path = data.path().join("bedroom_train_lmdb");
        let pairs = pairs(count);
        write_lmdb(&path, &pairs);
        let as_files: Vec<(String, &[u8])> = pairs
            .iter()
            .map(|(key, value)| (format!("{key}.png"), value.as_slice()))
            .collect();
        let as_files: Vec<(&str, &[u8])> = as_files
            .iter()
            .map(|(name, bytes)| (name.as_str(), *bytes))
            .collect();
        let expected = load(folder(&as_files).path()).unwrap();
        let dataset = load(&path).unwrap();
        assert_eq!(
            (dataset.format(), dataset.len()),
            (Some(Format::Lsun), count)
        );
        assert_eq!(dataset.skipped(), []);
        for (index, (key, _)) in pairs.iter().enumerate() {
            assert_eq!(plain(&dataset, index), plain(&expected, index));
            assert_eq!(&dataset.name(index).unwrap(), key);
        }
    }
}

#[test]
fn an_invalid_or_truncated_lmdb_is_reported() {
    let data = folder(&[("none/data.mdb", &[7; 9000]), ("text/data.mdb", b"<html>")]);
    for name in ["none", "text"] {
        let message = failure(&data.path().join(name));
        assert!(message.contains("truncated or corrupt LMDB"), "{message}");
    }
    let path = data.path().join("lmdb");
    write_lmdb(&path, &pairs(60));
    let file = path.join("data.mdb");
    let whole = std::fs::read(&file).unwrap();
    for length in [100, 5000, whole.len() / 2, whole.len() - 4096] {
        std::fs::write(&file, &whole[..length]).unwrap();
        let message = failure(&path);
        assert!(
            message.contains("truncated or corrupt LMDB"),
            "{length}: {message}"
        );
    }
    write_lmdb(&data.path().join("empty"), &[]);
    assert!(failure(&data.path().join("empty")).contains("is empty"));
}

#[test]
fn no_damage_to_an_lmdb_causes_a_panic() {
    let data = folder(&[]);
    write_lmdb(data.path(), &pairs(30));
    let file = data.path().join("data.mdb");
    let whole = std::fs::read(&file).unwrap();
    for at in (0..whole.len()).step_by(97).chain(0..200) {
        let mut damaged = whole.clone();
        damaged[at] ^= 0xff;
        std::fs::write(&file, &damaged).unwrap();
        // An error, skipped pictures or good ones, but no panic.
        let _ = load(data.path());
    }
}

/// A `.npy` file of version 1.
pub fn npy(kind: &str, shape: &[usize], values: &[u8]) -> Vec<u8> {
    let shape: String = shape.iter().map(|length| format!("{length}, ")).collect();
    let header =
        format!("{{'descr': '{kind}', 'fortran_order': False, 'shape': ({shape}), }}          \n");
    let mut bytes = b"\x93NUMPY\x01\0".to_vec();
    bytes.extend((header.len() as u16).to_le_bytes());
    bytes.extend(header.as_bytes());
    bytes.extend(values);
    bytes
}

#[test]
fn numpy_arrays_of_all_shapes_are_read() {
    let interleaved = [9, 8, 7].repeat(64);
    let planar: Vec<u8> = [9, 8, 7].iter().flat_map(|&value| [value; 64]).collect();
    let with_alpha = [0, 0, 0, 0].repeat(64);
    let cases: [(&[usize], Vec<u8>, Vec<u8>); 5] = [
        (&[2, 8, 8, 3], interleaved.repeat(2), interleaved.clone()),
        (&[2, 3, 8, 8], planar.repeat(2), interleaved),
        (&[2, 8, 8], vec![5; 128], vec![5; 64]),
        (&[2, 8, 8, 1], vec![6; 128], vec![6; 64]),
        // The white background.
        (&[2, 8, 8, 4], with_alpha.repeat(2), vec![255; 64]),
    ];
    for (shape, values, expected) in cases {
        let data = folder(&[("images.npy", &npy("|u1", shape, &values))]);
        let dataset = load(&data.path().join("images.npy")).unwrap();
        assert_eq!((dataset.format(), dataset.len()), (Some(Format::NumPy), 2));
        assert_eq!(plain(&dataset, 1), expected, "{shape:?}");
    }
}

#[test]
fn numpy_arrays_of_other_things_are_refused_with_what_is_expected() {
    let cases: [(Vec<u8>, &str); 8] = [
        (npy("<f4", &[1, 8, 8], &[0; 256]), "(255 * x).round()"),
        (npy("<u2", &[1, 8, 8], &[0; 128]), "x.astype('uint8')"),
        (npy("|b1", &[1, 8, 8], &[0; 64]), "255 * x.astype('uint8')"),
        (npy("|u1", &[64], &[0; 64]), "[N,H,W]"),
        (npy("|u1", &[0, 8, 8], &[]), "holds no pictures"),
        (npy("|u1", &[2, 8, 8], &[0; 100]), "is truncated"),
        (npy("|u1", &[usize::MAX, 8, 8], &[0; 100]), "is truncated"),
        (npy("|u1", &[1, 1 << 40, 1 << 40], &[0; 100]), "[N,H,W]"),
    ];
    for (bytes, expected) in cases {
        let data = folder(&[("a.npy", &bytes)]);
        let message = failure(&data.path().join("a.npy"));
        assert!(message.contains(expected), "{message}");
    }
}

pub fn npz(arrays: &[(&str, Vec<u8>)], method: zip::CompressionMethod) -> Vec<u8> {
    let names: Vec<String> = arrays
        .iter()
        .map(|(name, _)| format!("{name}.npy"))
        .collect();
    let files: Vec<(&str, &[u8])> = names
        .iter()
        .zip(arrays)
        .map(|(name, (_, bytes))| (name.as_str(), &bytes[..]))
        .collect();
    super::archives::archive(&files, method)
}

#[test]
fn numpy_archives_have_labels_and_splits() {
    let level = |levels: &[u8]| {
        levels
            .iter()
            .flat_map(|&level| [level; 64])
            .collect::<Vec<u8>>()
    };
    let keras = [
        ("x_train", npy("|u1", &[2, 8, 8], &level(&[10, 20]))),
        ("y_train", npy("|u1", &[2], &[1, 0])),
        ("x_test", npy("|u1", &[1, 8, 8], &level(&[30]))),
        ("y_test", npy("|u1", &[1], &[1])),
    ];
    let medmnist = [
        ("train_images", npy("|u1", &[2, 8, 8], &level(&[10, 20]))),
        (
            "train_labels",
            npy(
                "<i8",
                &[2, 1],
                &[1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
            ),
        ),
        ("test_images", npy("|u1", &[1, 8, 8], &level(&[30]))),
    ];
    for method in [
        zip::CompressionMethod::Stored,
        zip::CompressionMethod::Deflated,
    ] {
        for arrays in [&keras[..], &medmnist[..]] {
            let data = folder(&[("data.npz", &npz(arrays, method))]);
            let path = data.path().join("data.npz");
            let dataset = load(&path).unwrap();
            assert_eq!(dataset.format(), Some(Format::NumPy));
            assert_eq!(class_names(&dataset), ["1", "0"]);
            assert_eq!(plain(&dataset, 1), [20; 64]);
            let test = load_split(&path, Split::Test).unwrap();
            assert_eq!(plain(&test, 0), [30; 64]);
            assert_eq!(load_split(&path, Split::All).unwrap().len(), 3);
            assert!(load_split(&path, Split::Valid).is_err());
        }
    }
}

#[cfg(feature = "parquet")]
pub mod parquet {
    use std::sync::Arc;

    use dcgan_data::Split;
    use parquet::basic::Compression;
    use parquet::data_type::{BoolType, ByteArray, ByteArrayType, Int64Type};
    use parquet::file::metadata::KeyValue;
    use parquet::file::properties::WriterProperties;
    use parquet::file::writer::SerializedFileWriter;
    use parquet::schema::parser::parse_message_type;

    use crate::sources::{class_names, load_split};
    use crate::support::*;

    const SCHEMA: &str = "message schema {
        OPTIONAL GROUP image { OPTIONAL BYTE_ARRAY bytes; OPTIONAL BYTE_ARRAY path (UTF8); }
        OPTIONAL INT64 label; OPTIONAL INT64 celeb_id; OPTIONAL BOOLEAN Smiling;
        OPTIONAL INT64 Young; OPTIONAL INT64 width;
    }";

    /// A row: the picture, its label, and the person in it.
    type Row = (Option<Vec<u8>>, i64, i64);

    /// A shard as `datasets` writes it, in row groups of two.
    fn shard(rows: &[Row], compression: Compression) -> Vec<u8> {
        let names = r#"{"info": {"features": {"image": {"_type": "Image"},
            "label": {"names": ["cat", "dog"], "_type": "ClassLabel"}}}}"#;
        let pair = KeyValue::new("huggingface".to_owned(), names.to_owned());
        let properties = WriterProperties::builder()
            .set_compression(compression)
            .set_key_value_metadata(Some(vec![pair]))
            .build();
        let schema = Arc::new(parse_message_type(SCHEMA).unwrap());
        let mut writer =
            SerializedFileWriter::new(Vec::new(), schema, Arc::new(properties)).unwrap();
        for rows in rows.chunks(2) {
            let mut group = writer.next_row_group().unwrap();
            let bytes: Vec<ByteArray> = rows
                .iter()
                .filter_map(|row| row.0.clone().map(ByteArray::from))
                .collect();
            let there: Vec<i16> = rows
                .iter()
                .map(|row| if row.0.is_some() { 2 } else { 1 })
                .collect();
            let mut column = group.next_column().unwrap().unwrap();
            column
                .typed::<ByteArrayType>()
                .write_batch(&bytes, Some(&there), None)
                .unwrap();
            column.close().unwrap();
            let paths: Vec<ByteArray> = rows
                .iter()
                .map(|row| ByteArray::from(format!("{:06}.jpg", row.2).into_bytes()))
                .collect();
            let mut column = group.next_column().unwrap().unwrap();
            column
                .typed::<ByteArrayType>()
                .write_batch(&paths, Some(&vec![2; rows.len()]), None)
                .unwrap();
            column.close().unwrap();
            let all = vec![1; rows.len()];
            for (index, number) in [|row: &Row| row.1, |row: &Row| row.2]
                .into_iter()
                .enumerate()
            {
                let values: Vec<i64> = rows.iter().map(number).collect();
                let mut column = group.next_column().unwrap().unwrap();
                column
                    .typed::<Int64Type>()
                    .write_batch(&values, Some(&all), None)
                    .unwrap();
                column.close().unwrap();
                assert!(index < 2);
            }
            let smiling: Vec<bool> = rows.iter().map(|row| row.1 == 1).collect();
            let mut column = group.next_column().unwrap().unwrap();
            column
                .typed::<BoolType>()
                .write_batch(&smiling, Some(&all), None)
                .unwrap();
            column.close().unwrap();
            for number in [|row: &Row| 1 - 2 * row.1, |row: &Row| row.2 * 100] {
                let values: Vec<i64> = rows.iter().map(number).collect();
                let mut column = group.next_column().unwrap().unwrap();
                column
                    .typed::<Int64Type>()
                    .write_batch(&values, Some(&all), None)
                    .unwrap();
                column.close().unwrap();
            }
            group.close().unwrap();
        }
        writer.into_inner().unwrap()
    }

    /// A shard of some pictures.
    pub fn small_shard(count: u8) -> Vec<u8> {
        let rows: Vec<Row> = (0..count)
            .map(|level| (Some(png([level; 3])), 1, 7))
            .collect();
        shard(&rows, Compression::UNCOMPRESSED)
    }

    /// A table without pictures.
    pub fn captions() -> Vec<u8> {
        let schema = "message schema { REQUIRED BYTE_ARRAY url (UTF8); REQUIRED BYTE_ARRAY caption (UTF8); }";
        let schema = Arc::new(parse_message_type(schema).unwrap());
        let mut writer = SerializedFileWriter::new(Vec::new(), schema, Default::default()).unwrap();
        let mut group = writer.next_row_group().unwrap();
        while let Some(mut column) = group.next_column().unwrap() {
            let values = [ByteArray::from("http://example.org/a.jpg")];
            column
                .typed::<ByteArrayType>()
                .write_batch(&values, None, None)
                .unwrap();
            column.close().unwrap();
        }
        group.close().unwrap();
        writer.into_inner().unwrap()
    }

    /// A shard with a list of pictures in each row, and labels from 10 on.
    pub fn list_shard(rows: &[Vec<Vec<u8>>]) -> Vec<u8> {
        let schema = "message schema {
            OPTIONAL GROUP images (LIST) { REPEATED GROUP list { OPTIONAL GROUP element {
                OPTIONAL BYTE_ARRAY bytes; } } }
            REQUIRED INT64 label; }";
        let schema = Arc::new(parse_message_type(schema).unwrap());
        let mut writer = SerializedFileWriter::new(Vec::new(), schema, Default::default()).unwrap();
        let mut group = writer.next_row_group().unwrap();
        let (mut values, mut present, mut repeated) = (Vec::new(), Vec::new(), Vec::new());
        for row in rows {
            if row.is_empty() {
                present.push(1);
                repeated.push(0);
            }
            for (place, picture) in row.iter().enumerate() {
                values.push(ByteArray::from(picture.clone()));
                present.push(4);
                repeated.push(i16::from(place > 0));
            }
        }
        let mut column = group.next_column().unwrap().unwrap();
        column
            .typed::<ByteArrayType>()
            .write_batch(&values, Some(&present), Some(&repeated))
            .unwrap();
        column.close().unwrap();
        let labels: Vec<i64> = (0..rows.len() as i64).map(|row| row + 10).collect();
        let mut column = group.next_column().unwrap().unwrap();
        column
            .typed::<Int64Type>()
            .write_batch(&labels, None, None)
            .unwrap();
        column.close().unwrap();
        group.close().unwrap();
        writer.into_inner().unwrap()
    }

    #[test]
    fn rows_of_nothing_but_paths_are_named_as_the_reason() {
        let rows: Vec<Row> = (0..4).map(|person| (None, 1, person)).collect();
        let data = folder(&[("a.parquet", &shard(&rows, Compression::SNAPPY))]);
        let message = failure(data.path());
        assert!(
            message.contains("only the paths of their files"),
            "{message}"
        );
        assert!(!message.contains("download"), "{message}");
    }

    #[test]
    fn hugging_face_shards_have_labels_attributes_and_splits() {
        let rows: [Row; 5] = [
            (Some(png([10; 3])), 1, 7),
            (Some(png([20; 3])), 0, 8),
            (None, 0, 9),
            (Some(png([30; 3])), 1, 7),
            (Some(png([40; 3])[..30].to_vec()), 1, 6),
        ];
        for compression in [Compression::SNAPPY, Compression::UNCOMPRESSED] {
            let files: [(&str, &[u8]); 3] = [
                (
                    "data/train-00000-of-00002.parquet",
                    &shard(&rows[..3], compression),
                ),
                (
                    "data/train-00001-of-00002.parquet",
                    &shard(&rows[3..], compression),
                ),
                (
                    "data/test-00000-of-00001.parquet",
                    &shard(&rows[1..2], compression),
                ),
            ];
            let data = folder(&files);
            let dataset = load(data.path()).unwrap();
            assert_eq!(names(&dataset), ["000007.jpg", "000008.jpg", "000007.jpg"]);
            assert_eq!(class_names(&dataset), ["dog", "cat", "dog"]);
            assert_eq!(plain(&dataset, 2), [30; 64]);
            let attributes = dataset.attributes().unwrap();
            assert_eq!(attributes.names(), ["Smiling", "Young"]);
            assert_eq!(attributes.by_name("Smiling").unwrap().count(), 2);
            assert_eq!(attributes.by_name("Young").unwrap().of(1), Some(true));
            assert_eq!(dataset.facts(1).unwrap().identity, Some(8));
            let skipped: Vec<String> = dataset.skipped().iter().map(ToString::to_string).collect();
            assert!(
                skipped[0].starts_with("000006.jpg: is truncated"),
                "{skipped:?}"
            );
            assert_eq!(skipped[1], "000009.jpg: has no bytes in its row");
            assert_eq!(load_split(data.path(), Split::Test).unwrap().len(), 1);
            let one = data.path().join("data/test-00000-of-00001.parquet");
            assert_eq!(load(&one).unwrap().len(), 1);
        }
    }

    #[test]
    fn truncated_shards_and_those_without_pictures_are_reported() {
        let whole = shard(&[(Some(png([10; 3])), 1, 7)], Compression::SNAPPY);
        for length in [4, 20, whole.len() / 2, whole.len() - 1] {
            let data = folder(&[("a.parquet", &whole[..length])]);
            let message = failure(data.path());
            assert!(
                message.contains("truncated or corrupt parquet"),
                "{message}"
            );
        }
        let schema = parse_message_type("message schema { REQUIRED INT64 a; }").unwrap();
        let writer =
            SerializedFileWriter::new(Vec::new(), Arc::new(schema), Default::default()).unwrap();
        let data = folder(&[("a.parquet", &writer.into_inner().unwrap())]);
        let message = failure(data.path());
        assert!(message.contains("no column of pictures"), "{message}");
    }

    #[test]
    fn no_damage_to_a_shard_causes_a_panic() {
        let rows: Vec<Row> = (0..6).map(|level| (Some(png([level; 3])), 1, 7)).collect();
        let whole = shard(&rows, Compression::SNAPPY);
        for at in (0..whole.len()).step_by(11) {
            let mut damaged = whole.clone();
            damaged[at] ^= 0xff;
            let data = folder(&[("a.parquet", &damaged)]);
            let _ = load(data.path());
        }
    }
}
