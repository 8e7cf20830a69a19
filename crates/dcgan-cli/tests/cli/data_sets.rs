//! Training on data sets of every format, as downloaded.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::support::{Place, assert_names, colourful, parquet, png};

fn gzipped(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn tar_of(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut archive = tar::Builder::new(Vec::new());
    for (name, bytes) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        archive
            .append_data(&mut header, name, bytes.as_slice())
            .unwrap();
    }
    archive.into_inner().unwrap()
}

fn pictures() -> Vec<(String, Vec<u8>)> {
    let picture = |number: u8| png(&colourful(number).into());
    (0..8)
        .map(|number| (format!("{number}.png"), picture(number)))
        .collect()
}

#[test]
fn tar_archives_train_like_their_folder() {
    let place = Place::new();
    place.write_pictures("data", 8);
    let tar = tar_of(&pictures());
    place.write("a.tar", &tar);
    place.write("b.tar.gz", gzipped(&tar));
    let level = ruzstd::encoding::CompressionLevel::Fastest;
    place.write(
        "c.tar.zst",
        ruzstd::encoding::compress_to_vec(&tar[..], level),
    );
    place.train("data --out run --steps 2").succeeded();
    for (archive, cache) in [("a.tar", ""), ("b.tar.gz", "--no-cache"), ("c.tar.zst", "")] {
        place
            .train(&format!("{archive} --out {archive}-run --steps 2 {cache}"))
            .succeeded();
        place.assert_same("run/metrics.jsonl", &format!("{archive}-run/metrics.jsonl"));
    }
}

#[test]
fn celeba_trains_on_its_training_split() {
    let place = Place::new();
    place
        .run("demo-data celeba/img_align_celeba -n 20")
        .succeeded();
    let lists = |name: &str| format!("celeba/{name}");
    std::fs::rename(
        place.path("celeba/img_align_celeba/list_attr_celeba.txt"),
        place.path(&lists("list_attr_celeba.txt")),
    )
    .unwrap();
    let part = |number: u32| if number < 12 { 0 } else { 1 + number % 2 };
    let partition: String = (1..=20)
        .map(|number| format!("{number:06}.jpg {}\r\n", part(number)))
        .collect();
    place.write(&lists("list_eval_partition.txt"), partition);
    for (split, pictures) in [
        ("", 11),
        ("--split valid", 5),
        ("--split test", 4),
        ("--split all", 20),
    ] {
        let run = format!("run{pictures}");
        place
            .train(&format!("celeba --out {run} --steps 1 {split}"))
            .succeeded();
        assert_names(
            &place.run(&format!("info {run}")).stdout,
            &[&format!("{pictures} pictures")],
        );
    }
    assert_names(&place.text("run4/config.toml"), &["split = \"test\""]);
    place
        .run("train --resume run4 --steps 2 --threads 1")
        .succeeded();
    assert_names(&place.run("info run4").stdout, &["4 pictures"]);
    let line = place.fails("train celeba/img_align_celeba --format folder --split test --out new");
    assert_names(&line, &["'test'", "--split"]);
}

#[test]
fn mnist_trains_gzipped() {
    let place = Place::new();
    let mut images = vec![0, 0, 8, 3, 0, 0, 0, 10, 0, 0, 0, 28, 0, 0, 0, 28];
    images.extend((0..10 * 28 * 28).map(|value: u32| (value % 251) as u8));
    let mut labels = vec![0, 0, 8, 1, 0, 0, 0, 10];
    labels.extend(0..10);
    place.write("mnist/train-images-idx3-ubyte.gz", gzipped(&images));
    place.write("mnist/train-labels-idx1-ubyte.gz", gzipped(&labels));
    let answer = place.train("mnist --out run --steps 1").succeeded();
    assert_names(&answer.stdout, &["grey"]);
    let check = place.run("data check mnist --no-preview").succeeded();
    assert_names(
        &check.stdout,
        &["mnist", "pictures     10", "labels       10", "7 1"],
    );
    assert!(
        !check.stdout.contains("--flip"),
        "digits must not be mirrored: {}",
        check.stdout
    );
}

#[test]
fn cifar_trains_from_its_archive() {
    let place = Place::new();
    let records: Vec<u8> = (0..8_u8)
        .flat_map(|label| [vec![label], vec![label * 30; 3072]].concat())
        .collect();
    let files = [("cifar-10-batches-bin/data_batch_1.bin".to_owned(), records)];
    place.write("cifar-10-binary.tar.gz", gzipped(&tar_of(&files)));
    place
        .train("cifar-10-binary.tar.gz --out run --steps 1")
        .succeeded();
    assert_names(&place.run("info run").stdout, &["8 pictures"]);
}

#[test]
fn numpy_arrays_train() {
    let place = Place::new();
    let header = "{'descr': '|u1', 'fortran_order': False, 'shape': (8, 20, 20, 3), }\n";
    let mut bytes = b"\x93NUMPY\x01\0".to_vec();
    bytes.extend((header.len() as u16).to_le_bytes());
    bytes.extend(header.as_bytes());
    bytes.extend((0..8).flat_map(|number| colourful(number).into_raw()));
    place.write("images.npy", &bytes);
    place.write_pictures("data", 8);
    place.train("images.npy --out run --steps 2").succeeded();
    place.train("data --out folder --steps 2").succeeded();
    place.assert_same("run/metrics.jsonl", "folder/metrics.jsonl");
}

#[test]
fn an_lmdb_of_lsun_trains() {
    let place = Place::new();
    let folder = place.path("bedroom_train_lmdb");
    std::fs::create_dir(&folder).unwrap();
    write_lmdb(&folder);
    place
        .train("bedroom_train_lmdb --out run --steps 1")
        .succeeded();
    assert_names(&place.run("info run").stdout, &["8 pictures"]);
}

#[allow(unsafe_code)]
fn write_lmdb(folder: &std::path::Path) {
    use heed::types::Bytes;
    use heed::{CommitOrAbort, EnvOpenOptions};

    // SAFETY: the files are new and not in use.
    let env = unsafe {
        EnvOpenOptions::new()
            .map_size(1 << 20)
            .open(folder)
            .unwrap()
    };
    let transaction = env.write_txn().unwrap();
    let written = env.create_databases_and_commit(transaction, |databases, transaction| {
        let database = databases.create_database::<Bytes, Bytes>(transaction, None)?;
        for (name, bytes) in pictures() {
            database.put(transaction, name.as_bytes(), &bytes)?;
        }
        Ok::<_, heed::Error>(CommitOrAbort::<_, ()>::Commit(database))
    });
    assert!(written.is_ok());
}

#[test]
fn parquet_shards_train() {
    let place = Place::new();
    let shard = parquet(pictures().into_iter().map(|(_, bytes)| bytes));
    place.write("hub/data/train-00000-of-00001.parquet", shard);
    place.train("hub --out run --steps 1").succeeded();
    assert_names(&place.run("info run").stdout, &["8 pictures"]);
    let line = place.fails("train hub --split test --out new");
    assert_names(&line, &["hub", "'test'"]);
}

#[test]
fn an_unknown_format_is_refused_with_a_list_of_formats() {
    let place = Place::with_faces();
    let line = place.fails("train faces --format jpeg --out run");
    assert_names(&line, &["jpeg", "folder", "celeba", "parquet"]);
    let line = place.fails("train faces --format mnist --out run");
    assert_names(&line, &["faces", "mnist", "idx3"]);
}
