//! Data sets of every format, written by the tests.

use std::io::Write;
use std::path::Path;

use dcgan_data::{DataError, DataSource, Dataset, Format, Split};
use flate2::Compression;
use flate2::write::GzEncoder;

use super::support::*;

/// Loads small squares, with a format or a split.
pub fn load_as(
    path: &Path,
    format: Option<Format>,
    split: Option<Split>,
) -> Result<Dataset, DataError> {
    let source = DataSource::Files {
        path: path.to_owned(),
        format,
        split,
    };
    Dataset::load(&source, &small(), &|_, _| {}, &|| false)
}

pub fn load_split(path: &Path, split: Split) -> Result<Dataset, DataError> {
    load_as(path, None, Some(split))
}

pub fn gzipped(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub fn zstandard(bytes: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(bytes, ruzstd::encoding::CompressionLevel::Fastest)
}

/// The name of every picture's class.
pub fn class_names(dataset: &Dataset) -> Vec<&str> {
    let labels = dataset.labels().unwrap();
    let class = |index| {
        labels
            .of(index)
            .map_or("none", |class| &labels.classes()[class])
    };
    (0..dataset.len()).map(class).collect()
}

#[test]
fn sub_folders_are_classes_in_folders_and_archives() {
    let (red, blue) = (png([255, 0, 0]), png([0, 0, 255]));
    let files: [(&str, &[u8]); 3] = [
        ("cats/deep/1.png", &red),
        ("cats/2.png", &red),
        ("dogs/1.png", &blue),
    ];
    let data = folder(&files);
    let archive = folder(&[("data.tar", &tar_of(&files))]);
    for path in [data.path().to_owned(), archive.path().join("data.tar")] {
        let dataset = load(&path).unwrap();
        assert_eq!(class_names(&dataset), ["cats", "cats", "dogs"]);
        assert_eq!(dataset.labels().unwrap().counts(), [2, 1]);
        assert!(dataset.attributes().is_none());
    }
}

/// A tar archive of files.
pub fn tar_of(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = tar::Builder::new(Vec::new());
    for (name, bytes) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        archive.append_data(&mut header, name, *bytes).unwrap();
    }
    archive.into_inner().unwrap()
}

/// `kind` is 1 for labels and 3 for pictures; the sizes follow.
pub fn idx(kind: u8, sizes: &[u32], values: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0, 0, 8, kind];
    bytes.extend(sizes.iter().flat_map(|size| size.to_be_bytes()));
    bytes.extend(values);
    bytes
}

fn mnist_files() -> [(&'static str, Vec<u8>); 4] {
    let level = |level: u8| vec![level; 28 * 28];
    [
        (
            "train-images-idx3-ubyte",
            idx(
                3,
                &[3, 28, 28],
                &[level(0), level(100), level(200)].concat(),
            ),
        ),
        ("train-labels-idx1-ubyte", idx(1, &[3], &[7, 0, 2])),
        ("t10k-images-idx3-ubyte", idx(3, &[1, 28, 28], &level(50))),
        ("t10k-labels-idx1-ubyte", idx(1, &[1], &[1])),
    ]
}

#[test]
fn mnist_is_read_gzipped_or_not_with_its_labels_and_splits() {
    let files = mnist_files();
    let plain_files: Vec<(String, Vec<u8>)> = files
        .iter()
        .map(|(name, bytes)| (format!("MNIST/raw/{name}"), bytes.clone()))
        .collect();
    let packed: Vec<(String, Vec<u8>)> = files
        .iter()
        .map(|(name, bytes)| (format!("{name}.gz"), gzipped(bytes)))
        .collect();
    // torchvision leaves both.
    let both = [
        plain_files.clone(),
        files
            .iter()
            .map(|(name, bytes)| (format!("MNIST/raw/{name}.gz"), gzipped(bytes)))
            .collect(),
    ]
    .concat();
    for files in [plain_files, packed, both] {
        let files: Vec<(&str, &[u8])> = files
            .iter()
            .map(|(name, bytes)| (name.as_str(), bytes.as_slice()))
            .collect();
        let data = folder(&files);
        let train = load(data.path()).unwrap();
        assert_eq!(train.format(), Some(Format::Mnist));
        assert_eq!((train.len(), train.channels()), (3, 1));
        assert_eq!(class_names(&train), ["7", "0", "2"]);
        assert_eq!(plain(&train, 2), [200; 64]);
        assert_eq!(train.name(2).unwrap(), "train-images-idx3-ubyte/00002");
        assert_eq!(load_split(data.path(), Split::Test).unwrap().len(), 1);
        assert_eq!(load_split(data.path(), Split::All).unwrap().len(), 4);
        let message = load_split(data.path(), Split::Valid)
            .unwrap_err()
            .to_string();
        assert!(message.contains("'valid'"), "{message}");
    }
}

#[test]
fn a_single_idx_file_is_a_data_set() {
    for (name, bytes) in [
        ("t10k-images-idx3-ubyte.gz", gzipped(&mnist_files()[2].1)),
        ("whatever", mnist_files()[2].1.clone()),
    ] {
        let data = folder(&[(name, &bytes)]);
        let dataset = load(&data.path().join(name)).unwrap();
        assert_eq!((dataset.len(), dataset.format()), (1, Some(Format::Mnist)));
        assert!(dataset.labels().is_none());
    }
}

#[test]
fn inconsistent_idx_files_are_refused() {
    let level = vec![0; 28 * 28];
    type Labels = Option<Vec<u8>>;
    let cases: [(Vec<u8>, Labels, &str); 6] = [
        (
            idx(3, &[2, 28, 28], &level),
            None,
            "2 pictures do not take 800 bytes",
        ),
        (
            idx(3, &[u32::MAX; 3], &level),
            None,
            "cannot have 4294967295×4294967295",
        ),
        (idx(3, &[1, 0, 28], &level), None, "cannot have 28×0"),
        (
            gzipped(&idx(3, &[4_000_000_000, 28, 28], &level)),
            None,
            "4000000000 pictures",
        ),
        (
            idx(3, &[1, 28, 28], &level),
            Some(idx(1, &[2], &[1, 2])),
            "2 labels for 1 pictures",
        ),
        (
            idx(3, &[1, 28, 28], &level),
            Some(b"<html>".to_vec()),
            "as an idx file of labels does",
        ),
    ];
    for (images, labels, expected) in cases {
        let mut files: Vec<(&str, &[u8])> = vec![("train-images-idx3-ubyte", &images)];
        if let Some(labels) = &labels {
            files.push(("train-labels-idx1-ubyte", labels));
        }
        let message = failure(folder(&files).path());
        assert!(message.contains(expected), "{message}");
    }
    let cut = gzipped(&idx(3, &[3, 28, 28], &[0; 2000]));
    let data = folder(&[("train-images-idx3-ubyte.gz", &cut)]);
    assert!(failure(data.path()).contains("truncated or corrupt"));
}

/// Records of CIFAR: labels, then planes of red, green and blue.
pub fn cifar_records(records: &[(&[u8], [u8; 3])]) -> Vec<u8> {
    records
        .iter()
        .flat_map(|(labels, colour)| {
            let planes = colour.iter().flat_map(|&value| vec![value; 32 * 32]);
            labels.iter().copied().chain(planes).collect::<Vec<u8>>()
        })
        .collect()
}

#[test]
fn cifar_10_is_read_archived_or_not_with_its_labels_and_splits() {
    let files: [(&str, Vec<u8>); 4] = [
        (
            "cifar-10-batches-bin/data_batch_2.bin",
            cifar_records(&[(&[0], [0, 0, 255])]),
        ),
        (
            "cifar-10-batches-bin/batches.meta.txt",
            b"airplane\nautomobile\n\n".to_vec(),
        ),
        (
            "cifar-10-batches-bin/test_batch.bin",
            cifar_records(&[(&[1], [9; 3])]),
        ),
        (
            "cifar-10-batches-bin/data_batch_1.bin",
            cifar_records(&[(&[1], [255, 0, 0]), (&[0], [0, 255, 0])]),
        ),
    ];
    let files: Vec<(&str, &[u8])> = files
        .iter()
        .map(|(name, bytes)| (*name, &bytes[..]))
        .collect();
    let unpacked = folder(&files);
    let archive = folder(&[("cifar-10-binary.tar.gz", &gzipped(&tar_of(&files)))]);
    let paths = [
        unpacked.path().to_owned(),
        unpacked.path().join("cifar-10-batches-bin"),
        archive.path().join("cifar-10-binary.tar.gz"),
    ];
    let mut fingerprints = Vec::new();
    for path in paths {
        let dataset = load(&path).unwrap();
        assert_eq!(dataset.format(), Some(Format::Cifar));
        assert_eq!(
            class_names(&dataset),
            ["automobile", "airplane", "airplane"]
        );
        assert_eq!(plain(&dataset, 0), [255, 0, 0].repeat(64));
        assert_eq!(plain(&dataset, 2), [0, 0, 255].repeat(64));
        assert_eq!(load_split(&path, Split::Test).unwrap().len(), 1);
        assert_eq!(load_split(&path, Split::All).unwrap().len(), 4);
        fingerprints.push(dataset.fingerprint().clone());
    }
    fingerprints.dedup();
    assert_eq!(fingerprints.len(), 1);
}

#[test]
fn cifar_100_has_its_fine_labels() {
    let files: [(&str, &[u8]); 3] = [
        (
            "train.bin",
            &cifar_records(&[(&[9, 1], [8; 3]), (&[9, 0], [7; 3])]),
        ),
        ("test.bin", &cifar_records(&[(&[9, 0], [6; 3])])),
        ("fine_label_names.txt", b"apple\nbaby\n"),
    ];
    let data = folder(&files);
    let dataset = load(data.path()).unwrap();
    assert_eq!(class_names(&dataset), ["baby", "apple"]);
    assert_eq!(plain(&dataset, 0), [8; 64]);
}

#[test]
fn truncated_cifar_files_and_the_python_version_are_reported() {
    let whole = cifar_records(&[(&[1], [8; 3]), (&[0], [7; 3])]);
    let data = folder(&[("data_batch_1.bin", &whole[..whole.len() - 1])]);
    let message = failure(data.path());
    assert!(
        message.contains("data_batch_1.bin is a truncated or corrupt CIFAR"),
        "{message}"
    );
    let data = folder(&[("data_batch_1", b"pickle"), ("batches.meta", b"pickle")]);
    assert!(failure(data.path()).contains("binary version"));
}

#[test]
fn a_requested_format_overrides_detection() {
    let picture = png([7; 3]);
    let zip = |name| folder(&[(name, &tar_of(&[("a.png", &picture)])[..])]);
    let data = zip("data.tar");
    let path = data.path().join("data.tar");
    let dataset = load_as(&path, Some(Format::Tar), None).unwrap();
    assert_eq!(dataset.len(), 1);
    for format in [
        Format::Zip,
        Format::Parquet,
        Format::NumPy,
        Format::Packed,
        Format::Lsun,
    ] {
        let message = load_as(&path, Some(format), None).unwrap_err().to_string();
        assert!(
            message.contains("truncated or corrupt"),
            "{format}: {message}"
        );
    }
    for format in [Format::Folder, Format::CelebA] {
        let message = load_as(&path, Some(format), None).unwrap_err().to_string();
        assert!(
            message.contains(&format!("not of the format {format}")),
            "{message}"
        );
    }
    let message = load_split(&path, Split::Test).unwrap_err().to_string();
    assert!(message.contains("has no splits"), "{message}");
}
