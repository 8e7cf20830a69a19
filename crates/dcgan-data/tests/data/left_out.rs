//! What is not used is counted and named.

use dcgan_data::{DataError, Dataset, LeftOutReason};
use image::ImageFormat;

use super::archives::archive;
use super::sources::{gzipped, load_split, tar_of};
use super::support::*;

/// The beginning of a HEIC picture.
const HEIC: &[u8] = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic";

/// What is left out, as `count kind`.
pub fn left_out(dataset: &Dataset) -> Vec<String> {
    dataset.left_out().iter().map(ToString::to_string).collect()
}

fn jpeg() -> Vec<u8> {
    flat([9, 90, 200], 12, 12, ImageFormat::Jpeg)
}

#[test]
fn pictures_of_formats_that_are_not_read_are_counted_beside_those_that_are() {
    let data = folder(&[]);
    let write = |name: String, bytes: &[u8]| std::fs::write(data.path().join(name), bytes).unwrap();
    for number in 0..3 {
        write(format!("{number}.jpg"), &jpeg());
    }
    for number in 0..9 {
        write(format!("IMG_{number}.HEIC"), HEIC);
    }
    write("clip.mov".to_owned(), b"\0\0\0\x14ftypqt  \0\0\0\0qt  ");
    write("shot.NEF".to_owned(), b"MM\0*\0\0\0\x08");
    write("notes.txt".to_owned(), b"hello");
    let dataset = load(data.path()).unwrap();
    assert_eq!((dataset.len(), dataset.skipped().len()), (3, 0));
    assert_eq!(
        left_out(&dataset),
        ["9 HEIC", "1 raw camera", "1 video", "1 .txt"]
    );
    assert_eq!(dataset.left_out()[0].reason, LeftOutReason::UnreadFormat);
    assert_eq!(dataset.left_out()[0].names[0], "IMG_0.HEIC");
    let list = data.path().join("skipped.list");
    dataset.write_skipped(&list).unwrap();
    let list = std::fs::read_to_string(list).unwrap();
    assert_eq!(list.lines().count(), 12);
    assert!(list.contains("IMG_8.HEIC: is of a format that is not read: HEIC"));
}

#[test]
fn a_folder_of_nothing_but_heic_says_so() {
    let data = folder(&[("a.heic", HEIC), ("b.HEIC", HEIC)]);
    let error = load(data.path()).unwrap_err();
    assert!(
        error.to_string().contains("found 2 files: 2 HEIC"),
        "{error}"
    );
    assert!(
        matches!(&error, DataError::NoPictures { unread: Some(format), .. } if format == "HEIC")
    );
}

#[test]
fn heic_under_the_ending_of_a_jpeg_is_named_as_the_reason() {
    let good = jpeg();
    let data = folder(&[("a.jpg", &good), ("b.jpg", &good), ("c.jpg", HEIC)]);
    let dataset = load(data.path()).unwrap();
    assert_eq!(
        dataset.skipped()[0].to_string(),
        "c.jpg: is HEIC, which is not read: convert it"
    );
}

#[test]
fn pictures_with_unusual_endings_are_recognised_by_their_first_bytes() {
    let picture = jpeg();
    let files: Vec<(&str, &[u8])> = [
        "a",
        "b.jpg?w=600",
        "c.jpg_large",
        "d.jpg.1",
        "e.pjpeg",
        "f.heic",
    ]
    .iter()
    .map(|name| (*name, picture.as_slice()))
    .chain([("README", b"hello".as_slice()), ("list.json", b"{}")])
    .collect();
    let tar = tar_of(&files);
    let stored = zip::CompressionMethod::Stored;
    let packed = folder(&[
        ("a.zip", &archive(&files, stored)),
        ("a.tar", &tar),
        ("a.tar.gz", &gzipped(&tar)),
    ]);
    let unpacked = folder(&files);
    for path in [
        unpacked.path().to_owned(),
        packed.path().join("a.zip"),
        packed.path().join("a.tar"),
        packed.path().join("a.tar.gz"),
    ] {
        let dataset = load(&path).unwrap();
        assert_eq!(dataset.len(), 6, "{}", path.display());
        assert_eq!(left_out(&dataset), ["1 .json", "1 without an extension"]);
    }
}

#[test]
fn tiff_and_portable_anymaps_are_read_like_the_others() {
    let picture = flat([9, 90, 200], 12, 12, ImageFormat::Png);
    let files: Vec<(String, Vec<u8>)> = [ImageFormat::Tiff, ImageFormat::Pnm]
        .into_iter()
        .enumerate()
        .map(|(number, format)| {
            let bytes = flat([9, 90, 200], 12, 12, format);
            (format!("{number}.tif"), bytes)
        })
        .collect();
    let mut files: Vec<(&str, &[u8])> = files
        .iter()
        .map(|(name, bytes)| (name.as_str(), &bytes[..]))
        .collect();
    files.push(("z.png", &picture));
    let zip = archive(&files, zip::CompressionMethod::Deflated);
    let data = folder(&[("a.zip", &zip)]);
    let dataset = load(&data.path().join("a.zip")).unwrap();
    assert_eq!(dataset.len(), 3);
    for index in 0..3 {
        assert_eq!(plain(&dataset, index), [9, 90, 200].repeat(64));
    }
}

#[test]
fn hidden_pictures_and_runs_are_counted() {
    let picture = jpeg();
    let data = folder(&[
        ("a.jpg", &picture),
        (".b.jpg", &picture),
        (".trash/c.jpg", &picture),
        (".git/d.jpg", &picture),
        ("._a.jpg", b"macOS"),
        ("runs/one/config.toml", b""),
        ("runs/one/metrics.jsonl", b""),
        ("runs/one/samples/step-1.png", &picture),
    ]);
    let dataset = load(data.path()).unwrap();
    assert_eq!(names(&dataset), ["a.jpg"]);
    let mut found = left_out(&dataset);
    found.sort();
    assert_eq!(
        found,
        [
            "1 hidden folder",
            "1 hidden picture",
            "1 run of this program"
        ]
    );
    let message = failure(&data.path().join("runs/one"));
    assert!(message.contains("is a run of this program"), "{message}");
}

#[test]
fn what_this_program_drew_is_left_out_and_never_alone_a_data_set() {
    let picture = png([7, 8, 9]);
    let drawn = dcgan_support::picture_mark::mark(picture.clone());
    let face = dcgan_support::picture_mark::mark_data(picture.clone());
    let data = folder(&[
        ("a.png", &picture),
        ("face.png", &face),
        ("grid.png", &drawn),
        ("photos-preview.png", &drawn),
    ]);
    let dataset = load(data.path()).unwrap();
    assert_eq!(names(&dataset), ["a.png", "face.png"]);
    assert_eq!(left_out(&dataset), ["2 pictures that this program drew"]);
    let data = folder(&[("a.png", &drawn), ("b.png", &drawn)]);
    let error = load(data.path()).unwrap_err();
    assert!(
        matches!(error, DataError::OwnOutput { pictures: 2, .. }),
        "{error}"
    );
    let options = dcgan_data::PictureOptions {
        own_pictures: true,
        ..small()
    };
    assert_eq!(load_with(data.path(), &options).unwrap().len(), 2);
}

#[test]
fn what_is_left_out_is_known_without_decoding_and_in_packs() {
    let picture = png([7, 8, 9]);
    let data = folder(&[("a.png", &picture), ("b.heic", HEIC)]);
    let cache = folder(&[]);
    let source = dcgan_data::DataSource::at(data.path());
    let load = || {
        Dataset::load_cached(&source, &small(), cache.path(), &|_, _| {}, &|| false)
            .unwrap()
            .0
    };
    assert_eq!(left_out(&load()), ["1 HEIC"]);
    std::fs::write(data.path().join("c.heic"), HEIC).unwrap();
    assert_eq!(left_out(&load()), ["2 HEIC"]);
    let pack = cache.path().join("a.pack");
    let packed = Dataset::pack(&source, &small(), &pack, &|_, _| {}, &|| false).unwrap();
    assert_eq!(packed.left_out[0].count, 2);
    let dataset = load_with(&pack, &small()).unwrap();
    assert_eq!(left_out(&dataset), ["2 HEIC"]);
}

#[test]
fn pointers_of_git_lfs_are_named_with_the_command_that_helps() {
    let pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:abc\nsize 12345\n";
    let files: [(&str, &[u8]); 2] = [("0.png", pointer), ("1.png", pointer)];
    let message = failure(folder(&files).path());
    assert!(message.contains("git lfs pull"), "{message}");
    for name in [
        "a.zip",
        "a.parquet",
        "train-images-idx3-ubyte",
        "data.mdb",
        "a.tar",
        "a.npz",
    ] {
        let data = folder(&[(name, pointer)]);
        let message = failure(&data.path().join(name));
        assert!(message.contains("git lfs pull"), "{name}: {message}");
    }
    let data = folder(&[
        ("data/train.parquet", pointer),
        ("assets/a.png", &png([1; 3])),
    ]);
    let message = failure(data.path());
    assert!(message.contains("git lfs pull"), "{message}");
}

#[test]
fn files_of_other_splits_are_counted() {
    let digits = super::sources::idx(3, &[1, 8, 8], &[7; 64]);
    let data = folder(&[
        ("train-images-idx3-ubyte", &digits),
        ("t10k-images-idx3-ubyte", &digits),
    ]);
    let dataset = load(data.path()).unwrap();
    assert_eq!(left_out(&dataset), ["1 of the split test"]);
    let all = load_split(data.path(), dcgan_data::Split::All).unwrap();
    assert!(all.left_out().is_empty());
}
