//! Whatever is in a file: pictures, a clear error or a counted skip.

use std::path::Path;

use dcgan_data::{Augmentation, Dataset};
use proptest::prelude::*;
use proptest::sample::Index;

use super::databases::{npy, npz};
use super::sources::{cifar_records, gzipped, idx, tar_of, zstandard};
use super::support::*;

/// How bytes are damaged.
#[derive(Clone, Debug)]
enum Damage {
    Set(Index, u8),
    Insert(Index, Vec<u8>),
    Remove(Index, usize),
    Cut(Index),
    Number(Index, u64),
}

fn damage() -> impl Strategy<Value = Damage> {
    let edges = prop::sample::select(vec![0, 1, 0x7fff_ffff, 0xffff_ffff, u64::MAX / 2, u64::MAX]);
    prop_oneof![
        (any::<Index>(), any::<u8>()).prop_map(|(at, value)| Damage::Set(at, value)),
        (any::<Index>(), prop::collection::vec(any::<u8>(), 1..40))
            .prop_map(|(at, bytes)| Damage::Insert(at, bytes)),
        (any::<Index>(), 1..200_usize).prop_map(|(at, count)| Damage::Remove(at, count)),
        any::<Index>().prop_map(Damage::Cut),
        (any::<Index>(), edges).prop_map(|(at, number)| Damage::Number(at, number)),
    ]
}

fn apply(bytes: &mut Vec<u8>, damage: &Damage) {
    let place = |at: &Index| at.index(bytes.len().max(1)).min(bytes.len());
    match damage {
        Damage::Set(at, value) => {
            let at = place(at);
            if let Some(byte) = bytes.get_mut(at) {
                *byte = *value;
            }
        }
        Damage::Insert(at, inserted) => {
            let at = place(at);
            bytes.splice(at..at, inserted.iter().copied());
        }
        Damage::Remove(at, count) => {
            let at = place(at);
            bytes.drain(at..(at + count).min(bytes.len()));
        }
        Damage::Cut(at) => bytes.truncate(place(at)),
        Damage::Number(at, number) => {
            let at = place(at);
            for (byte, value) in bytes.iter_mut().skip(at).zip(number.to_le_bytes()) {
                *byte = value;
            }
        }
    }
}

/// Good files of every kind that is one file.
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

/// Looks at all of a data set, if it is one.
fn look(path: &Path) {
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
    fn no_damage_does_harm(which in any::<Index>(), damages in prop::collection::vec(damage(), 1..5)) {
        let files = good_files();
        let (name, mut bytes) = files[which.index(files.len())].clone();
        for damage in &damages {
            apply(&mut bytes, damage);
        }
        let data = folder(&[(name, &bytes), ("000001.jpg", &png([1; 3]))]);
        look(&data.path().join(name));
        look(data.path());
    }

    #[test]
    fn no_text_is_a_list_that_does_harm(text in "[-0-9a-z .,\r\n]{0,80}") {
        let data = folder(&[("list_attr_celeba.txt", text.as_bytes()), ("1.jpg", b"")]);
        look(data.path());
    }

    #[test]
    fn arrays_of_any_size_come_back_as_they_were(
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
        let laid_out = pictures.iter().flat_map(|picture| match planar {
            true => (0..length).map(|at| picture[at % plane * channels + at / plane]).collect(),
            false => picture.clone(),
        });
        let laid_out: Vec<u8> = laid_out.collect();
        let shape = match planar {
            true => [count, channels, side, side],
            false => [count, side, side, channels],
        };
        // Where both ends can be channels, the last is taken.
        prop_assume!(!planar || ![1, 3, 4].contains(&side));
        let data = folder(&[("a.npy", &npy("|u1", &shape, &laid_out))]);
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
