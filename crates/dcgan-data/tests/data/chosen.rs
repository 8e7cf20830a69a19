//! Which of the data sets in a folder is used: the one that most of it is.

use dcgan_data::{DataSource, Dataset, Format, Split};
use image::ImageFormat;

use super::archives::archive;
use super::databases::{npy, npz, write_lmdb};
use super::left_out::left_out;
use super::sources::{cifar_records, gzipped, idx, load_as, load_split, tar_of};
use super::support::*;

/// Small pictures that differ.
fn pictures(count: u8) -> Vec<(String, Vec<u8>)> {
    (0..count)
        .map(|number| (format!("{number:03}.png"), png([number, 90, 200])))
        .collect()
}

fn borrowed(files: &[(String, Vec<u8>)]) -> Vec<(&str, &[u8])> {
    files
        .iter()
        .map(|(name, bytes)| (name.as_str(), &bytes[..]))
        .collect()
}

fn zip_of(count: u8) -> Vec<u8> {
    archive(&borrowed(&pictures(count)), zip::CompressionMethod::Stored)
}

/// A folder with these files and two figures.
fn with_figures(files: &[(&str, &[u8])]) -> tempfile::TempDir {
    let figure = flat([200, 0, 0], 300, 200, ImageFormat::Jpeg);
    let mut all: Vec<(&str, &[u8])> = vec![("doc/1.jpg", &figure), ("logo.jpg", &figure)];
    all.extend(files);
    folder(&all)
}

fn assert_chosen(dataset: &Dataset, format: Format, count: usize) {
    assert_eq!((dataset.format(), dataset.len()), (Some(format), count));
    assert!(
        left_out(dataset).contains(&"2 pictures beside the data set".to_owned()),
        "{:?}",
        dataset.left_out()
    );
}

#[test]
fn data_sets_beside_a_few_figures_are_used() {
    let digits = idx(3, &[12, 8, 8], &[7; 12 * 64]);
    let labels = idx(1, &[12], &[1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 2]);
    let data = with_figures(&[
        ("data/MNIST/train-images-idx3-ubyte", &digits),
        ("data/MNIST/train-labels-idx1-ubyte", &labels),
    ]);
    let dataset = load(data.path()).unwrap();
    assert_chosen(&dataset, Format::Mnist, 12);
    assert_eq!(dataset.labels().unwrap().classes().len(), 10);
    assert_eq!(left_out(&dataset).len(), 1, "the labels are used");

    let records: Vec<(&[u8], [u8; 3])> = vec![(&[1], [8; 3]); 5];
    let batch = cifar_records(&records);
    let data = with_figures(&[("a/cifar-10-batches-bin/data_batch_1.bin", &batch)]);
    assert_chosen(&load(data.path()).unwrap(), Format::Cifar, 5);

    let array = npz(
        &[("x", npy("|u1", &[3, 8, 8], &[7; 192]))],
        zip::CompressionMethod::Stored,
    );
    let data = with_figures(&[("arrays/data.npz", &array)]);
    assert_chosen(&load(data.path()).unwrap(), Format::NumPy, 3);
}

#[test]
fn a_folder_of_pictures_beside_a_small_data_set_stays_one() {
    let mut files = pictures(5);
    files.push(("old/a.zip".to_owned(), zip_of(3)));
    files.push(("features.npy".to_owned(), npy("<f4", &[9, 4], &[0; 144])));
    let dataset = load(folder(&borrowed(&files)).path()).unwrap();
    assert_eq!((dataset.format(), dataset.len()), (Some(Format::Folder), 5));
    assert_eq!(left_out(&dataset), ["1 .npy", "1 .zip"]);
}

#[test]
fn a_damaged_data_set_beside_figures_is_reported_and_the_figures_are_not_used() {
    let data = with_figures(&[("data/a.zip", &zip_of(9)[..300])]);
    let message = failure(data.path());
    assert!(
        message.contains("a.zip is a truncated or corrupt zip"),
        "{message}"
    );
}

#[test]
fn a_folder_of_archives_is_read() {
    let (one, two) = (zip_of(4), zip_of(6));
    let data = folder(&[
        ("a/part0.zip", &one),
        ("a/part1.zip", &two),
        ("a/list.txt", b""),
    ]);
    let dataset = load(data.path()).unwrap();
    assert_eq!((dataset.format(), dataset.len()), (Some(Format::Zip), 10));
    assert_eq!(dataset.name(4).unwrap(), "a/part1.zip/000.png");
    assert_eq!(plain(&dataset, 9), [5, 90, 200].repeat(64));
    assert!(dataset.labels().is_none());
    assert_eq!(left_out(&dataset), ["1 .txt"]);
    assert_eq!(
        load_as(data.path(), Some(Format::Zip), None).unwrap().len(),
        10
    );
    // An archive beside its own content is not read twice.
    let unpacked = pictures(4);
    let mut files = vec![("train.zip".to_owned(), zip_of(40))];
    files.extend(
        unpacked
            .into_iter()
            .map(|(name, bytes)| (format!("train/{name}"), bytes)),
    );
    let dataset = load(folder(&borrowed(&files)).path()).unwrap();
    assert_eq!((dataset.format(), dataset.len()), (Some(Format::Folder), 4));
}

/// Shards as WebDataset has them: a picture and a JSON file for each sample.
fn shard(first: u8, count: u8) -> Vec<u8> {
    let files: Vec<(String, Vec<u8>)> = (first..first + count)
        .flat_map(|number| {
            [
                (format!("{number:05}.png"), png([number, 9, 9])),
                (format!("{number:05}.json"), b"{}".to_vec()),
            ]
        })
        .collect();
    tar_of(&borrowed(&files))
}

#[test]
fn tar_shards_are_read_plain_and_compressed() {
    let (one, two) = (shard(0, 5), shard(5, 5));
    for second in [two.clone(), gzipped(&two)] {
        let data = folder(&[("00000.tar", &one), ("00001.tar", &second)]);
        let dataset = load(data.path()).unwrap();
        assert_eq!((dataset.format(), dataset.len()), (Some(Format::Tar), 10));
        for index in 0..10 {
            assert_eq!(plain(&dataset, index), [index as u8, 9, 9].repeat(64));
        }
        assert_eq!(left_out(&dataset), ["10 .json"]);
    }
}

#[test]
fn lsun_is_found_in_the_folder_above_and_as_a_single_file() {
    let pairs = |count: u8| -> Vec<(String, Vec<u8>)> { pictures(count) };
    let data = folder(&[]);
    write_lmdb(&data.path().join("lsun/bedroom_train_lmdb"), &pairs(5));
    write_lmdb(&data.path().join("lsun/bedroom_val_lmdb"), &pairs(2));
    let dataset = load(data.path()).unwrap();
    assert_eq!((dataset.format(), dataset.len()), (Some(Format::Lsun), 5));
    assert_eq!(left_out(&dataset), ["1 of the split valid"]);
    assert_eq!(load_split(data.path(), Split::All).unwrap().len(), 7);
    std::fs::copy(
        data.path().join("lsun/bedroom_train_lmdb/data.mdb"),
        data.path().join("train.lmdb"),
    )
    .unwrap();
    assert_eq!(load(&data.path().join("train.lmdb")).unwrap().len(), 5);
}

#[test]
fn data_sets_in_archives_are_named_with_what_to_do() {
    let stored = zip::CompressionMethod::Stored;
    let figure = png([1; 3]);
    for (name, what) in [
        ("bedroom_train_lmdb/data.mdb", "an LMDB database"),
        ("MNIST/raw/train-images-idx3-ubyte", "idx files"),
        ("photos/inner.zip", "another archive"),
        ("data/train.parquet", "parquet files"),
    ] {
        let content = vec![7; 9000];
        for files in [
            vec![(name, &content[..])],
            vec![("logo.png", &figure[..]), (name, &content)],
        ] {
            let data = folder(&[
                ("a.zip", &archive(&files, stored)),
                ("a.tar", &tar_of(&files)),
            ]);
            for archive in ["a.zip", "a.tar"] {
                let message = failure(&data.path().join(archive));
                assert!(
                    message.contains(what) && message.contains("unpack it"),
                    "{message}"
                );
            }
        }
    }
    let python = tar_of(&[("cifar-10-batches-py/data_batch_1", b"pickle".as_slice())]);
    let data = folder(&[("cifar-10-python.tar.gz", &gzipped(&python))]);
    for path in [
        data.path().to_owned(),
        data.path().join("cifar-10-python.tar.gz"),
    ] {
        let message = failure(&path);
        assert!(message.contains("-binary.tar.gz"), "{message}");
    }
}

#[test]
fn celeba_is_found_with_its_lists_in_its_archive_and_around_it() {
    let names: Vec<String> = (1..=30).map(|number| format!("{number:06}.jpg")).collect();
    let mut attributes = "image_id,Smiling,Male\n".to_owned();
    let mut partition = "image_id,partition\n".to_owned();
    for (index, name) in names.iter().enumerate() {
        attributes += &format!("{name},{},1\n", if index % 2 == 0 { 1 } else { -1 });
        partition += &format!("{name},{}\n", index / 10);
    }
    let picture = png([7; 3]);
    let mut files: Vec<(String, Vec<u8>)> = names
        .iter()
        .map(|name| {
            (
                format!("img_align_celeba/img_align_celeba/{name}"),
                picture.clone(),
            )
        })
        .collect();
    let lists = [
        ("list_attr_celeba.csv", attributes),
        ("list_eval_partition.csv", partition),
    ];
    files.extend(
        lists
            .iter()
            .map(|(name, text)| ((*name).to_owned(), text.clone().into_bytes())),
    );
    let zip = archive(&borrowed(&files), zip::CompressionMethod::Deflated);
    let packed = folder(&[("archive.zip", &zip)]);

    // The official layout, and lists above a folder of any name.
    let pictures = |place: &str| -> Vec<(String, Vec<u8>)> {
        names
            .iter()
            .map(|name| (format!("{place}/{name}"), picture.clone()))
            .collect()
    };
    let mut official = pictures("Img/img_align_celeba");
    official.push((
        "Anno/list_attr_celeba.csv".to_owned(),
        lists[0].1.clone().into_bytes(),
    ));
    official.push((
        "Eval/list_eval_partition.csv".to_owned(),
        lists[1].1.clone().into_bytes(),
    ));
    let official = folder(&borrowed(&official));
    let mut above = pictures("faces");
    above.extend(
        lists
            .iter()
            .map(|(name, text)| ((*name).to_owned(), text.clone().into_bytes())),
    );
    let above = folder(&borrowed(&above));
    let mut deeper = pictures("data/celeba/img_align_celeba");
    deeper.extend(
        lists
            .iter()
            .map(|(name, text)| (format!("data/celeba/{name}"), text.clone().into_bytes())),
    );
    let deeper = folder(&borrowed(&deeper));
    for path in [
        packed.path().join("archive.zip"),
        packed.path().to_owned(),
        above.path().join("faces"),
        deeper.path().to_owned(),
        deeper.path().join("data"),
    ] {
        let dataset = load(&path).unwrap();
        assert_eq!(
            (dataset.format(), dataset.len()),
            (Some(Format::CelebA), 10),
            "{}",
            path.display()
        );
        assert_eq!(dataset.attributes().unwrap().names(), ["Smiling", "Male"]);
        assert_eq!(
            left_out(&dataset),
            ["10 of the split test", "10 of the split valid"],
            "{}",
            path.display()
        );
        assert!(dataset.skipped().is_empty());
    }
    let dataset = load(official.path()).unwrap();
    assert_eq!(
        (dataset.format(), dataset.len()),
        (Some(Format::CelebA), 10)
    );
    assert_eq!(dataset.attributes().unwrap().names().len(), 2);

    // Lists of few pictures say nothing about the many beside them.
    std::fs::write(deeper.path().join("other.png"), &picture).unwrap();
    let dataset = load(deeper.path()).unwrap();
    assert_eq!(dataset.format(), Some(Format::CelebA));
    assert!(left_out(&dataset).iter().any(|line| line.starts_with("1 ")));
    for number in 0..31 {
        let path = deeper.path().join(format!("other{number}.png"));
        std::fs::write(path, &picture).unwrap();
    }
    let dataset = load(deeper.path()).unwrap();
    assert_eq!(
        (dataset.format(), dataset.len()),
        (Some(Format::Folder), 62)
    );
}

#[test]
fn the_cache_notices_another_data_set_in_the_folder() {
    let data = folder(&borrowed(&pictures(3)));
    let cache = folder(&[]);
    let load = || {
        let source = DataSource::at(data.path());
        Dataset::load_cached(&source, &small(), cache.path(), &|_, _| {}, &|| false)
            .unwrap()
            .0
    };
    assert_eq!(load().format(), Some(Format::Folder));
    std::fs::write(data.path().join("more.zip"), zip_of(9)).unwrap();
    let dataset = load();
    assert_eq!((dataset.format(), dataset.len()), (Some(Format::Zip), 9));
}

#[cfg(feature = "parquet")]
mod parquet {
    use super::*;
    use crate::databases::parquet::{captions, list_shard, small_shard};

    #[test]
    fn parquet_beside_figures_is_used() {
        let data = with_figures(&[
            ("data/train-0.parquet", &small_shard(5)),
            ("data/train-1.parquet", &small_shard(6)),
        ]);
        assert_chosen(&load(data.path()).unwrap(), Format::Parquet, 11);
    }

    #[test]
    fn lists_of_pictures_are_read() {
        let rows = [
            vec![png([1; 3])],
            vec![],
            vec![png([2; 3]), png([3; 3])],
            vec![png([4; 3])],
        ];
        let data = folder(&[("train.parquet", &list_shard(&rows))]);
        let dataset = load(data.path()).unwrap();
        assert_eq!(
            names(&dataset),
            ["train/00000", "train/00002", "train/00002-1", "train/00003"]
        );
        for index in 0..4 {
            assert_eq!(plain(&dataset, index), [index as u8 + 1; 64]);
        }
        assert_eq!(load_one_label(&dataset), ["10", "12", "12", "13"]);
    }

    /// The classes of the pictures.
    fn load_one_label(dataset: &Dataset) -> Vec<&str> {
        crate::sources::class_names(dataset)
    }

    #[test]
    fn captions_beside_shards_are_no_data_set() {
        let data = folder(&[("00000.parquet", &captions()), ("00000.tar", &shard(0, 10))]);
        let dataset = load(data.path()).unwrap();
        assert_eq!((dataset.format(), dataset.len()), (Some(Format::Tar), 10));
        assert_eq!(left_out(&dataset), ["10 .json", "1 .parquet"]);
        let data = folder(&[("00000.parquet", &captions())]);
        let message = failure(data.path());
        assert!(
            message.contains("no column of pictures") && message.contains("url"),
            "{message}"
        );
        assert!(!message.contains("truncated"), "{message}");
        let data = folder(&[("a.parquet", &captions()), ("b.parquet", &small_shard(2))]);
        assert_eq!(load(data.path()).unwrap().len(), 2);
    }
}
