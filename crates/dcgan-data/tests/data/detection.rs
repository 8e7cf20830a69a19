//! Which format is detected where several are present.

use std::path::{Path, PathBuf};

use dcgan_data::{Format, Split};
use tempfile::TempDir;

use super::archives::archive;
use super::databases::{npy, npz, write_lmdb};
use super::sources::{cifar_records, gzipped, idx, load_as, tar_of, zstandard};
use super::support::*;

/// A file of a data set.
struct File {
    name: &'static str,
    bytes: Vec<u8>,
}

/// A folder of a single format.
struct Example {
    format: Format,
    files: Vec<File>,
}

/// Folders of every format that is a folder, in order of priority.
fn folders() -> Vec<Example> {
    let example = |format, files: Vec<(&'static str, Vec<u8>)>| Example {
        format,
        files: files
            .into_iter()
            .map(|(name, bytes)| File { name, bytes })
            .collect(),
    };
    let lmdb = folder(&[]);
    write_lmdb(lmdb.path(), &[("key".to_owned(), png([1; 3]))]);
    let lmdb = std::fs::read(lmdb.path().join("data.mdb")).unwrap();
    vec![
        example(
            Format::CelebA,
            vec![
                ("list_attr_celeba.txt", b"1\nSmiling\n1.png 1\n".to_vec()),
                ("1.png", png([1; 3])),
            ],
        ),
        example(Format::Lsun, vec![("data.mdb", lmdb)]),
        example(
            Format::Cifar,
            vec![("data_batch_1.bin", cifar_records(&[(&[1], [8; 3])]))],
        ),
        example(Format::Folder, vec![("1.png", png([1; 3]))]),
        example(
            Format::Mnist,
            vec![("train-images-idx3-ubyte", idx(3, &[1, 8, 8], &[7; 64]))],
        ),
        example(
            Format::Svhn,
            vec![("train_32x32.mat", super::svhn::good_file())],
        ),
        #[cfg(feature = "parquet")]
        example(
            Format::Parquet,
            vec![("train-0.parquet", super::databases::parquet::small_shard(1))],
        ),
    ]
}

fn write(examples: &[&Example]) -> TempDir {
    let files = examples.iter().flat_map(|example| &example.files);
    let files: Vec<(&str, &[u8])> = files.map(|file| (file.name, &file.bytes[..])).collect();
    folder(&files)
}

#[test]
fn of_two_formats_in_one_folder_the_one_with_more_pictures_is_detected_or_the_first() {
    let examples = folders();
    for (place, first) in examples.iter().enumerate() {
        for second in &examples[place..] {
            let data = write(&[first, second]);
            let dataset = load(data.path()).unwrap();
            // The example of SVHN has two pictures, and so more than the others. CelebA's lists
            // decide whatever else is there.
            let has_most = second.format == Format::Svhn && first.format != Format::CelebA;
            let expected = if has_most { second } else { first };
            assert_eq!(
                dataset.format(),
                Some(expected.format),
                "{} and {}",
                first.format,
                second.format
            );
        }
    }
}

#[test]
fn a_format_that_is_asked_for_is_found_among_all_others() {
    let examples = folders();
    let data = write(&examples.iter().collect::<Vec<_>>());
    for example in &examples {
        let dataset = load_as(data.path(), Some(example.format), None).unwrap();
        assert_eq!(dataset.format(), Some(example.format));
    }
}

#[test]
fn a_folder_says_why_it_is_not_of_the_format_asked_for() {
    let data = folder(&[("a.txt", b"")]);
    for (format, reason) in [
        (Format::CelebA, "list_attr_celeba.txt is not next to it"),
        (Format::Lsun, "there is no data.mdb in it"),
        (Format::Cifar, "there is no data_batch_1.bin or train.bin"),
        (Format::Mnist, "there is no …images-idx3-ubyte in it"),
        (Format::Svhn, "there is no train_32x32.mat in it"),
        (Format::Parquet, "there is no .parquet file in it"),
        (Format::Zip, "there is no zip archive in it"),
        (Format::Tar, "there is no tar archive in it"),
        (Format::NumPy, "there is no .npy or .npz file in it"),
        (Format::Packed, "it is a folder"),
    ] {
        let message = load_as(data.path(), Some(format), None)
            .unwrap_err()
            .to_string();
        assert!(
            message.contains(&format!("not of the format {format}: {reason}")),
            "{message}"
        );
    }
    let file = data.path().join("a.txt");
    let message = load_as(&file, Some(Format::Folder), None)
        .unwrap_err()
        .to_string();
    assert!(message.contains("it is not a folder"), "{message}");
}

#[test]
fn a_file_is_detected_by_its_content_and_not_by_its_name() {
    let picture = png([1; 3]);
    let files: [(&str, &[u8]); 1] = [("a.png", &picture)];
    let tar = tar_of(&files);
    let digits = idx(3, &[1, 8, 8], &[7; 64]);
    let stored = zip::CompressionMethod::Stored;
    let array = npy("|u1", &[1, 8, 8], &[7; 64]);
    let cifar = tar_of(&[(
        "cifar-10-batches-bin/data_batch_1.bin",
        &cifar_records(&[(&[1], [8; 3])]),
    )]);
    let zip = archive(&files, stored);
    // As a self-extracting archive has it.
    let with_prefix = [b"#!/bin/sh\n", &zip[..]].concat();
    for (format, name, bytes) in [
        (Format::Zip, "data.tar", zip),
        (Format::Zip, "data.zip", with_prefix),
        (Format::Tar, "data.zip", tar.clone()),
        (Format::Tar, "data", gzipped(&tar)),
        (Format::Tar, "data", zstandard(&tar)),
        (Format::Cifar, "data.tar", cifar.clone()),
        (Format::Cifar, "data", gzipped(&cifar)),
        (Format::Mnist, "data.npy", digits.clone()),
        (Format::Mnist, "data.tar", gzipped(&digits)),
        (Format::NumPy, "data.zip", array.clone()),
        (Format::NumPy, "data.zip", npz(&[("x", array)], stored)),
        (Format::Svhn, "data", super::svhn::good_file()),
    ] {
        let data = folder(&[(name, &bytes)]);
        let dataset = load(&data.path().join(name)).unwrap();
        assert_eq!(dataset.format(), Some(format), "{name}");
    }
}

#[test]
fn celeba_is_detected_by_its_lists_next_to_its_archive() {
    let zip = archive(&[("1.png", &png([1; 3]))], zip::CompressionMethod::Stored);
    let list: &[u8] = b"1\nSmiling\n1.png 1\n";
    let data = folder(&[
        ("img_align_celeba.zip", &zip),
        ("other.zip", &zip),
        ("list_attr_celeba.txt", list),
    ]);
    let path = |name: &str| -> PathBuf { data.path().join(name) };
    let format = |path: &Path, format| load_as(path, format, None).unwrap().format();
    let celeba = Some(Format::CelebA);
    assert_eq!(format(&path("img_align_celeba.zip"), None), celeba);
    assert_eq!(format(&path("other.zip"), None), Some(Format::Zip));
    assert_eq!(format(&path("other.zip"), celeba), celeba);
    assert_eq!(format(data.path(), None), celeba);
}

#[test]
fn a_split_of_data_without_splits_is_refused() {
    let data = folder(&[("a.png", &png([1; 3]))]);
    let message = load_as(data.path(), None, Some(Split::Valid))
        .unwrap_err()
        .to_string();
    assert!(message.contains("'valid'"), "{message}");
    assert!(
        message.contains("data of format folder has no splits"),
        "{message}"
    );
    assert!(load_as(data.path(), None, Some(Split::All)).is_ok());
}
