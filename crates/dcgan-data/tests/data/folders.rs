//! Folders of pictures, and folders without any.

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use dcgan_data::{DataError, DataSource, Dataset, PictureOptions};

use super::support::*;

#[test]
fn pictures_are_found_at_any_depth_in_order_of_their_names() {
    let (red, blue) = (png([255, 0, 0]), png([0, 0, 255]));
    let files: [(&str, &[u8]); 8] = [
        ("b.png", &red),
        ("a/z/deep.PNG", &blue),
        ("a.png", &blue),
        ("notes.txt", b"hello"),
        (".hidden.png", &red),
        ("__MACOSX/a.png", &red),
        (".cache/a.png", &red),
        ("Thumbs.db", b"?"),
    ];
    let dataset = load(folder(&files).path()).unwrap();
    assert_eq!(names(&dataset), ["a.png", "a/z/deep.PNG", "b.png"]);
    assert_eq!((dataset.len(), dataset.skipped().len()), (3, 0));
    assert_eq!(plain(&dataset, 2), [255, 0, 0].repeat(64));
}

#[test]
fn a_folder_of_bad_pictures_is_refused_with_the_first_reasons() {
    let good = png([1, 2, 3]);
    let files: [(&str, &[u8]); 5] = [
        ("good.png", &good),
        ("fine.png", &good),
        ("empty.jpg", b""),
        ("page.jpg", b"<html>"),
        ("text.png", b"not a picture at all"),
    ];
    let message = failure(folder(&files).path());
    assert!(message.contains("3 of 5 pictures"), "{message}");
    assert!(message.contains("empty.jpg: is an empty file"), "{message}");
}

#[test]
fn up_to_half_bad_pictures_are_skipped_and_listed_with_reasons() {
    let good = png([1, 2, 3]);
    let files: [(&str, &[u8]); 4] = [
        ("a.png", &good),
        ("b.jpg", b""),
        ("c.png", &good),
        ("d.png", b"text"),
    ];
    let data = folder(&files);
    let dataset = load(data.path()).unwrap();
    assert_eq!(names(&dataset), ["a.png", "c.png"]);
    let list = data.path().join("skipped.txt");
    dataset.write_skipped(&list).unwrap();
    assert_eq!(
        fs::read_to_string(list).unwrap(),
        "b.jpg: is an empty file\nd.png: is not a picture but text\n"
    );
}

#[test]
fn a_list_that_cannot_be_written_is_reported_by_its_path() {
    let data = folder(&[("a.png", &png([0; 3]))]);
    let dataset = load(data.path()).unwrap();
    let path = data.path().join("no such folder/skipped.txt");
    let message = dataset.write_skipped(&path).unwrap_err().to_string();
    assert!(message.contains("no such folder"), "{message}");
}

#[test]
fn each_kind_of_missing_data_has_its_own_message() {
    let files: [(&str, &[u8]); 3] = [("a.txt", b""), ("b/c.txt", b""), ("d.csv", b"")];
    let data = folder(&files);
    let message = failure(data.path());
    assert!(message.contains("no pictures in"), "{message}");
    assert!(
        message.contains("found 3 files: 2 .txt, 1 .csv"),
        "{message}"
    );
    assert!(message.contains(".jpg"), "{message}");

    let message = failure(folder(&[]).path());
    assert!(message.contains("is empty"), "{message}");

    let message = failure(Path::new("no/such/place"));
    assert!(
        message.contains("no/such/place does not exist"),
        "{message}"
    );

    let message = failure(&data.path().join("a.txt"));
    assert!(message.contains("neither a folder nor a zip"), "{message}");

    let page = folder(&[("one.jpg", &b"<!DOCTYPE html><title>404</title>"[..])]);
    let message = failure(&page.path().join("one.jpg"));
    assert!(
        message.contains("one.jpg is not a picture but an HTML or XML page"),
        "{message}"
    );

    let picture = folder(&[("one.dat", &png([0; 3]))]);
    let message = failure(&picture.path().join("one.dat"));
    assert!(message.contains("is a single picture"), "{message}");
}

#[cfg(unix)]
#[test]
fn links_are_followed_except_cycles_and_broken_ones() {
    use std::os::unix::fs::symlink;
    let elsewhere = folder(&[("x.png", &png([5; 3]))]);
    let data = folder(&[("a.png", &png([5; 3]))]);
    symlink(elsewhere.path(), data.path().join("linked")).unwrap();
    symlink(data.path(), data.path().join("circle")).unwrap();
    symlink("nowhere", data.path().join("broken.png")).unwrap();
    symlink("nowhere", data.path().join("broken.txt")).unwrap();

    let dataset = load(data.path()).unwrap();
    assert_eq!(names(&dataset), ["a.png", "linked/x.png"]);
    assert_eq!(dataset.skipped().len(), 1);
    assert_eq!(dataset.skipped()[0].name, "broken.png");
}

#[test]
fn every_picture_is_reported_once_while_loading() {
    let picture = png([9; 3]);
    let data = folder(&[("a.png", &picture), ("b.png", &picture), ("c.png", b"")]);
    let (calls, highest) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let progress = |done, total| {
        assert_eq!(total, 3);
        calls.fetch_add(1, Ordering::Relaxed);
        highest.fetch_max(done, Ordering::Relaxed);
    };
    let source = DataSource::at(data.path());
    Dataset::load(&source, &small(), &progress, &|| false).unwrap();
    assert_eq!((calls.into_inner(), highest.into_inner()), (3, 3));
}

#[test]
fn loading_stops_when_asked_to() {
    let data = folder(&[("a.png", &png([9; 3]))]);
    let source = DataSource::at(data.path());
    let result = Dataset::load(&source, &small(), &|_, _| {}, &|| true);
    assert!(matches!(result, Err(DataError::Interrupted)));
}

#[test]
fn the_fingerprint_differs_for_changed_data_but_not_for_moved_data() {
    let (one, other) = (png([1; 3]), png([2; 3]));
    let original = folder(&[("a.png", &one), ("b.png", &other)]);
    let moved = folder(&[("a.png", &one), ("b.png", &other)]);
    let swapped = folder(&[("a.png", &other), ("b.png", &one)]);
    let renamed = folder(&[("a.png", &one), ("c.png", &other)]);
    let fewer = folder(&[("a.png", &one)]);
    let fingerprint = |data: &tempfile::TempDir| load(data.path()).unwrap().fingerprint().clone();

    let expected = fingerprint(&original);
    assert_eq!(fingerprint(&moved), expected);
    for changed in [&swapped, &renamed, &fewer] {
        assert_ne!(fingerprint(changed), expected);
    }
}

#[test]
fn a_picture_outside_memory_that_changes_after_loading_is_an_error() {
    let data = folder(&[("a.png", &png([1; 3])), ("b.png", &png([2; 3]))]);
    let options = PictureOptions {
        memory_limit: 0,
        ..small()
    };
    let dataset = load_with(data.path(), &options).unwrap();
    assert_eq!(dataset.in_memory(), 0);
    assert_eq!(plain(&dataset, 0), [1; 64]);

    fs::write(data.path().join("a.png"), png([3; 3])).unwrap();
    fs::remove_file(data.path().join("b.png")).unwrap();
    for index in [0, 1] {
        let error = dataset
            .picture(index, dcgan_data::Augmentation::NONE)
            .unwrap_err();
        assert!(matches!(error, DataError::PictureLost { .. }), "{error}");
    }
}

#[test]
fn invalid_options_are_refused() {
    let data = folder(&[("a.png", &png([9; 3]))]);
    let no_size = PictureOptions {
        image_size: 0,
        ..small()
    };
    let two_channels = PictureOptions {
        channels: Some(2),
        ..small()
    };
    for options in [no_size, two_channels] {
        let result = load_with(data.path(), &options);
        assert!(matches!(
            result,
            Err(DataError::ImageSize(0) | DataError::Channels(2))
        ));
    }
}

#[test]
fn drawn_faces_need_no_files_and_depend_on_their_seed() {
    let draw = |count, seed| {
        let source = DataSource::Demo { count, seed };
        Dataset::load(&source, &small(), &|_, _| {}, &|| false)
    };
    let (faces, same, others) = (draw(5, 1), draw(5, 1), draw(5, 2));
    let (faces, same, others) = (faces.unwrap(), same.unwrap(), others.unwrap());
    assert_eq!((faces.len(), faces.channels()), (5, 3));
    assert_eq!(plain(&faces, 4), plain(&same, 4));
    assert_ne!(plain(&faces, 4), plain(&others, 4));
    assert_eq!(faces.fingerprint(), same.fingerprint());
    assert_ne!(faces.fingerprint(), others.fingerprint());
    assert!(draw(0, 1).is_err());
}
