//! Thousands of damaged pictures: each is read or skipped with a reason.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use dcgan_data::{Augmentation, DataError, Skipped};

use super::damage::{damaged, good_pictures};
use super::mutation::Random;
use super::support::*;

const PICTURES: usize = 10_000;
const IN_A_FOLDER: usize = 2_500;

fn fixtures() -> Vec<Vec<u8>> {
    let files = fs::read_dir(fixture("pictures")).unwrap();
    let mut paths: Vec<_> = files.map(|file| file.unwrap().path()).collect();
    paths.sort();
    paths.iter().map(|path| fs::read(path).unwrap()).collect()
}

/// The number of a folder's pictures that are read, and the others.
fn read(folder: &Path) -> (usize, Vec<Skipped>) {
    match load(folder) {
        Ok(dataset) => {
            for index in 0..dataset.len() {
                let pixels = dataset.picture(index, Augmentation::NONE).unwrap();
                assert_eq!(pixels.len(), 8 * 8 * dataset.channels());
            }
            (dataset.len(), dataset.skipped().to_vec())
        }
        Err(DataError::MostlyBad { total, skipped, .. }) => (total - skipped.len(), skipped),
        Err(other) => panic!("{other}"),
    }
}

#[test]
fn ten_thousand_damaged_pictures_are_read_or_skipped_with_a_reason() {
    let good = good_pictures(fixtures());
    let mut random = Random::new(1);
    let (mut pictures, mut reasons) = (0, BTreeMap::<String, usize>::new());
    for _ in 0..PICTURES / IN_A_FOLDER {
        let folder = tempfile::tempdir().unwrap();
        for number in 0..IN_A_FOLDER {
            let bytes = damaged(&good, &mut random);
            fs::write(folder.path().join(format!("{number:05}.png")), bytes).unwrap();
        }
        let (read, skipped) = read(folder.path());
        assert_eq!(read + skipped.len(), IN_A_FOLDER);
        pictures += read;
        for one in skipped {
            assert!(
                !one.reason.trim().is_empty() && !one.reason.contains('\n'),
                "{one:?}"
            );
            let kind = one.reason.split([':', '×']).next().unwrap_or_default();
            *reasons.entry(kind.to_owned()).or_default() += 1;
        }
    }
    let left_out: usize = reasons.values().sum();
    assert_eq!(pictures + left_out, PICTURES);
    assert!(
        pictures > PICTURES / 50 && left_out > PICTURES / 2,
        "{pictures} {left_out}"
    );
    println!("{PICTURES} damaged pictures: {pictures} read, {left_out} skipped: {reasons:#?}");
}
