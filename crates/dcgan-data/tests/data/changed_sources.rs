//! Sources that other programs change while their pictures are read again.

use std::fs;
use std::path::{Path, PathBuf};

use dcgan_data::{Augmentation, DataError, Dataset, PictureOptions};
use tempfile::TempDir;
use zip::CompressionMethod::Stored;

use super::databases::{npy, npz, write_lmdb};
use super::sources::*;
use super::support::*;

const PICTURES: usize = 40;

/// A folder with one data set of each format whose pictures can be read again one by one.
fn sources() -> (TempDir, Vec<PathBuf>) {
    let folder = tempfile::tempdir().unwrap();
    let pictures: Vec<Vec<u8>> = (0..PICTURES).map(|level| png([level as u8; 3])).collect();
    let names: Vec<String> = (0..PICTURES)
        .map(|level| format!("{level:02}.png"))
        .collect();
    let files = names.iter().zip(&pictures);
    let files: Vec<_> = files
        .map(|(name, bytes)| (name.as_str(), &bytes[..]))
        .collect();
    let values: Vec<u8> = (0..PICTURES * 48).map(|at| (at / 48) as u8).collect();
    let array = npy("|u1", &[PICTURES, 4, 4, 3], &values);
    let mut idx = vec![0, 0, 8, 3];
    for size in [PICTURES as u32, 4, 4] {
        idx.extend(size.to_be_bytes());
    }
    idx.extend((0..PICTURES * 16).map(|at| (at / 16) as u8));
    let mut written = Vec::new();
    for (name, bytes) in [
        ("a.zip", super::archives::archive(&files, Stored)),
        ("a.tar", tar_of(&files)),
        ("a.npy", array.clone()),
        ("a.npz", npz(&[("x", array)], Stored)),
        ("train-images-idx3-ubyte", idx),
    ] {
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        written.push(path);
    }
    let lmdb = folder.path().join("a_lmdb");
    fs::create_dir(&lmdb).unwrap();
    let pairs: Vec<_> = names
        .iter()
        .cloned()
        .zip(pictures.iter().cloned())
        .collect();
    write_lmdb(&lmdb, &pairs);
    written.push(lmdb.join("data.mdb"));
    (folder, written)
}

/// The data set that a file belongs to.
fn data_of(file: &Path) -> &Path {
    if file.ends_with("data.mdb") {
        file.parent().unwrap()
    } else {
        file
    }
}

/// Either a picture as it was when it was loaded, or an error that says that it is lost.
fn read_again(dataset: &Dataset, expected: &[Vec<u8>]) -> usize {
    let mut lost = 0;
    for (index, expected) in expected.iter().enumerate() {
        match dataset.picture(index, Augmentation::NONE) {
            Ok(_) => assert_eq!(&plain(dataset, index), expected),
            Err(DataError::PictureLost { .. }) => lost += 1,
            Err(other) => panic!("{other}"),
        }
    }
    lost
}

#[test]
fn a_source_that_changes_under_its_reader_never_gives_other_pictures() {
    let options = PictureOptions {
        memory_limit: 0,
        ..small()
    };
    let (_folder, files) = sources();
    for file in files {
        let whole = fs::read(&file).unwrap();
        let inverted: Vec<u8> = whole.iter().map(|byte| !byte).collect();
        let open = || fs::File::options().write(true).open(&file).unwrap();
        let renamed = || {
            let other = file.with_extension("other");
            fs::write(&other, &inverted).unwrap();
            fs::rename(other, &file).unwrap();
        };
        let changes: [(&str, &dyn Fn(), bool); 5] = [
            (
                "truncated",
                &|| open().set_len(whole.len() as u64 / 3).unwrap(),
                true,
            ),
            ("emptied", &|| open().set_len(0).unwrap(), true),
            ("inverted", &|| fs::write(&file, &inverted).unwrap(), true),
            ("replaced", &renamed, false),
            ("removed", &|| fs::remove_file(&file).unwrap(), false),
        ];
        for (how, change, is_harmful) in changes {
            fs::write(&file, &whole).unwrap();
            let dataset = load_with(data_of(&file), &options).unwrap();
            assert_eq!(dataset.in_memory(), 0, "{}", file.display());
            let expected: Vec<_> = (0..PICTURES).map(|index| plain(&dataset, index)).collect();
            change();
            let lost = read_again(&dataset, &expected);
            assert_eq!(lost > 0, is_harmful, "{how} {}", file.display());
        }
    }
}

#[test]
fn a_source_that_is_in_memory_is_not_read_again() {
    let (_folder, files) = sources();
    for file in files {
        let dataset = load_with(data_of(&file), &small()).unwrap();
        let expected: Vec<_> = (0..PICTURES).map(|index| plain(&dataset, index)).collect();
        fs::write(&file, "").unwrap();
        assert_eq!(read_again(&dataset, &expected), 0, "{}", file.display());
    }
}
