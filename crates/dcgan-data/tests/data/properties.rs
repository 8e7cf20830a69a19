//! Any file yields pictures, a clear error or a counted skip.

use std::path::Path;

use dcgan_data::{Augmentation, Dataset};
use proptest::prelude::*;
use proptest::sample::Index;

use super::databases::{npy, npz};
use super::mutation::{Random, mutate};
use super::sources::{cifar_records, gzipped, idx, tar_of, zstandard};
use super::support::*;

/// Good files of every format that is a single file.
fn good_files() -> Vec<(&'static str, Vec<u8>)> {
    let pictures = [png([1; 3]), png([2; 3])];
    let files: [(&str, &[u8]); 2] = [("a/1.png", &pictures[0]), ("b/2.png", &pictures[1])];
    let tar = tar_of(&files);
    let arrays = [
        ("x_train", npy("|u1", &[2, 8, 8], &[7; 128])),
        ("y_train", npy("<i4", &[2], &[0; 8])),
    ];
    let stored = zip::CompressionMethod::Stored;
    let cifar = cifar_records(&[(&[1], [8; 3]), (&[0], [7; 3])]);
    let attributes = "2\r\nSmiling Young \r\n000001.jpg -1  1\r\n000002.jpg  1  1\r\n";
    vec![
        ("a.zip", super::archives::archive(&files, stored)),
        (
            "a.zip",
            super::archives::archive(&files, zip::CompressionMethod::Deflated),
        ),
        ("a.tar", tar.clone()),
        ("a.tar.gz", gzipped(&tar)),
        ("a.tar.zst", zstandard(&tar)),
        (
            "train-images-idx3-ubyte",
            idx(3, &[2, 28, 28], &[7; 2 * 28 * 28]),
        ),
        (
            "train-images-idx3-ubyte.gz",
            gzipped(&idx(3, &[2, 28, 28], &[7; 2 * 28 * 28])),
        ),
        ("data_batch_1.bin", cifar),
        ("train_32x32.mat", super::svhn::good_file()),
        ("a.npy", npy("|u1", &[2, 8, 8, 3], &[7; 384])),
        ("a.npz", npz(&arrays, stored)),
        ("a.npz", npz(&arrays, zip::CompressionMethod::Deflated)),
        ("list_attr_celeba.txt", attributes.into()),
        (
            "list_eval_partition.txt",
            b"000001.jpg 0\r\n000002.jpg 1\r\n".to_vec(),
        ),
    ]
}

/// Reads everything of a data set, if it is one.
fn read(path: &Path) {
    let Ok(dataset) = load(path) else {
        return;
    };
    for index in 0..dataset.len().min(10) {
        let _ = (dataset.name(index), dataset.facts(index));
        let _ = dataset.picture(index, Augmentation::NONE);
    }
    let _ = dataset.labels().map(|labels| labels.counts());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn no_mutation_causes_a_panic(which in any::<Index>(), seed in any::<u64>(), mutations in 1..5) {
        let files = good_files();
        let others: Vec<Vec<u8>> = files.iter().map(|(_, bytes)| bytes.clone()).collect();
        let (name, mut bytes) = files[which.index(files.len())].clone();
        let mut random = Random::new(seed);
        for _ in 0..mutations {
            mutate(&mut bytes, &others, &mut random);
        }
        let data = folder(&[(name, &bytes), ("000001.jpg", &png([1; 3]))]);
        read(&data.path().join(name));
        read(data.path());
    }

    #[test]
    fn no_list_causes_a_panic(text in "[-0-9a-z .,\r\n]{0,80}") {
        let data = folder(&[("list_attr_celeba.txt", text.as_bytes()), ("1.jpg", b"")]);
        read(data.path());
    }

    #[test]
    fn arrays_of_any_size_are_read_back(
        side in 1_usize..20,
        count in 1_usize..5,
        channels in prop::sample::select(vec![1_usize, 3]),
        planar in any::<bool>(),
        seed in any::<u8>(),
    ) {
        let length = side * side * channels;
        let value = |at: usize| (at * 31 + usize::from(seed)) as u8;
        let pictures: Vec<Vec<u8>> =
            (0..count).map(|number| (0..length).map(|at| value(number * length + at)).collect()).collect();
        let plane = side * side;
        let stored = |picture: &Vec<u8>| -> Vec<u8> {
            if planar {
                (0..length).map(|at| picture[at % plane * channels + at / plane]).collect()
            } else {
                picture.clone()
            }
        };
        let values: Vec<u8> = pictures.iter().flat_map(stored).collect();
        let shape = if planar {
            [count, channels, side, side]
        } else {
            [count, side, side, channels]
        };
        // If both the first and the last axis could be channels, the last one is used.
        prop_assume!(!planar || ![1, 3, 4].contains(&side));
        let data = folder(&[("a.npy", &npy("|u1", &shape, &values))]);
        let options = dcgan_data::PictureOptions {
            image_size: side as u32,
            channels: Some(channels),
            ..small()
        };
        let dataset: Dataset = load_with(&data.path().join("a.npy"), &options).unwrap();
        prop_assert_eq!(dataset.len(), count);
        for (index, picture) in pictures.iter().enumerate() {
            prop_assert_eq!(&plain(&dataset, index), picture);
        }
    }
}
