//! Zip archives, good and bad.

use std::io::{Cursor, Write};

use zip::CompressionMethod;
use zip::write::{SimpleFileOptions, ZipWriter};

use super::support::*;

/// An archive that holds these files.
pub fn archive(files: &[(&str, &[u8])], method: CompressionMethod) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(method);
    for (name, bytes) in files {
        zip.start_file(*name, options).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn stored(files: &[(&str, &[u8])]) -> Vec<u8> {
    archive(files, CompressionMethod::Stored)
}

#[test]
fn an_archive_is_read_like_its_folder() {
    let (red, blue) = (png([255, 0, 0]), png([0, 0, 255]));
    let files: [(&str, &[u8]); 5] = [
        ("faces/b.png", &red),
        ("faces/a.png", &blue),
        ("readme.txt", b"hello"),
        ("__MACOSX/faces/._a.png", b"?"),
        ("faces/broken.png", &red[..40]),
    ];
    let unpacked = load(folder(&files).path()).unwrap();
    for method in [CompressionMethod::Stored, CompressionMethod::Deflated] {
        // The format is detected from the content: the name does not end in .zip.
        let data = folder(&[("data", &archive(&files, method))]);
        let dataset = load(&data.path().join("data")).unwrap();
        assert_eq!(names(&dataset), ["faces/a.png", "faces/b.png"]);
        assert_eq!(dataset.skipped(), unpacked.skipped());
        assert_eq!(dataset.fingerprint(), unpacked.fingerprint());
        assert_eq!(plain(&dataset, 0), [0, 0, 255].repeat(64));
    }
}

#[test]
fn many_entries_are_read_in_parallel_without_mix_ups() {
    let entries: Vec<(String, Vec<u8>)> = (0..200)
        .map(|level| (format!("{level:03}.png"), png([level; 3])))
        .collect();
    let files: Vec<(&str, &[u8])> = entries
        .iter()
        .map(|(name, bytes)| (name.as_str(), bytes.as_slice()))
        .collect();
    let data = folder(&[("data.zip", &archive(&files, CompressionMethod::Deflated))]);
    let dataset = load(&data.path().join("data.zip")).unwrap();
    assert_eq!(dataset.len(), 200);
    for level in 0..200 {
        assert_eq!(plain(&dataset, level), [level as u8; 64]);
    }
}

#[test]
fn names_that_point_outside_are_only_names() {
    let picture = png([7; 3]);
    let zip = stored(&[("../../escaped.png", &picture), ("/root.png", &picture)]);
    let data = folder(&[("inner/data.zip", &zip)]);
    let dataset = load(&data.path().join("inner/data.zip")).unwrap();
    assert_eq!(names(&dataset), ["../../escaped.png", "/root.png"]);
    let files = std::fs::read_dir(data.path()).unwrap().count();
    assert_eq!(files, 1, "nothing was unpacked beside the archive's folder");
}

#[test]
fn a_truncated_archive_is_reported_at_any_length() {
    let zip = stored(&[("a.png", &png([7; 3])), ("b.png", &png([8; 3]))]);
    for length in [4, 30, zip.len() / 2, zip.len() - 30, zip.len() - 1] {
        let data = folder(&[("data.zip", &zip[..length])]);
        let message = failure(&data.path().join("data.zip"));
        assert!(message.contains("truncated or corrupt zip"), "{message}");
    }
}

#[test]
fn a_corrupt_entry_is_detected_by_its_checksum_and_skipped() {
    let pictures = [png([7; 3]), png([8; 3])];
    let mut zip = stored(&[("a.png", &pictures[0]), ("b.png", &pictures[1])]);
    let start = zip.windows(4).position(|bytes| bytes == b"IDAT").unwrap();
    zip[start + 6] ^= 0xff;
    let data = folder(&[("data.zip", &zip)]);
    let dataset = load(&data.path().join("data.zip")).unwrap();
    assert_eq!(names(&dataset), ["b.png"]);
    let reason = &dataset.skipped()[0].reason;
    assert!(reason.contains("corrupt in the archive"), "{reason}");
}

/// Sets the "encrypted" flag of every entry, in both of its headers.
fn flagged_as_encrypted(mut zip: Vec<u8>) -> Vec<u8> {
    for (signature, flags_at) in [(b"PK\x03\x04", 6), (b"PK\x01\x02", 8)] {
        for at in 0..zip.len() - 4 {
            if &zip[at..at + 4] == signature {
                zip[at + flags_at] |= 1;
            }
        }
    }
    zip
}

#[test]
fn an_encrypted_archive_is_reported() {
    let zip = flagged_as_encrypted(stored(&[("a.png", &png([7; 3]))]));
    let data = folder(&[("data.zip", &zip)]);
    let message = failure(&data.path().join("data.zip"));
    assert!(message.contains("is an encrypted zip"), "{message}");
}

#[test]
fn files_wrongly_named_zip_and_archives_without_pictures_have_different_errors() {
    let empty = stored(&[]);
    let texts = stored(&[("a.txt", b"a"), ("b.txt", b"b")]);
    let cases: [(&[u8], &str); 5] = [
        (b"<html>not found</html>", "is not a zip archive"),
        (b"", "is not a zip archive"),
        (&empty, "is empty"),
        (&texts, "found 2 files: 2 .txt"),
        (&png([0; 3]), "is a single picture"),
    ];
    for (bytes, expected) in cases {
        let data = folder(&[("data.zip", bytes)]);
        let message = failure(&data.path().join("data.zip"));
        assert!(message.contains(expected), "{message}");
    }
}

#[test]
fn an_archive_compressed_in_a_way_that_is_not_read_is_no_damage() {
    for (method, name) in [
        (12, "bzip2"),
        (14, "LZMA"),
        (9, "Deflate64"),
        (93, "Zstandard"),
    ] {
        let mut zip = stored(&[("a.png", &png([7; 3])), ("b.png", &png([8; 3]))]);
        set_method(&mut zip, method, 2);
        let data = folder(&[("a.zip", &zip)]);
        let message = failure(&data.path().join("a.zip"));
        assert!(
            message.contains(&format!("compressed with {name}")),
            "{message}"
        );
        assert!(
            message.contains("deflate") && !message.contains("corrupt"),
            "{message}"
        );
    }
    // One of several entries is skipped with the same reason.
    let pictures = [png([7; 3]), png([8; 3]), png([9; 3])];
    let mut zip = stored(&[
        ("a.png", &pictures[0]),
        ("b.png", &pictures[1]),
        ("c.png", &pictures[2]),
    ]);
    set_method(&mut zip, 12, 1);
    let data = folder(&[("a.zip", &zip)]);
    let dataset = load(&data.path().join("a.zip")).unwrap();
    let skipped = dataset.skipped()[0].to_string();
    assert!(
        skipped.contains("a.png: is compressed with bzip2"),
        "{skipped}"
    );
}

/// Sets the method of compression of the first entries, in both of their headers.
fn set_method(zip: &mut [u8], method: u16, entries: usize) {
    for (signature, at) in [(b"PK\x03\x04", 8), (b"PK\x01\x02", 10)] {
        let places: Vec<usize> = (0..zip.len() - 4)
            .filter(|&place| &zip[place..place + 4] == signature)
            .collect();
        for place in places.into_iter().take(entries) {
            zip[place + at..place + at + 2].copy_from_slice(&method.to_le_bytes());
        }
    }
}

/// A deflated entry of zeros.
fn bomb(megabytes: usize) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    zip.start_file("good.png", options).unwrap();
    zip.write_all(&png([7; 3])).unwrap();
    zip.start_file("bomb.png", options.compression_level(Some(1)))
        .unwrap();
    for _ in 0..megabytes {
        zip.write_all(&[0; 1 << 20]).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

#[test]
fn a_zip_bomb_is_skipped() {
    let honest = bomb(513);
    // One that states a small size, in both of its headers.
    let mut liar = bomb(3);
    let size = (3_u32 << 20).to_le_bytes();
    let places: Vec<usize> = (0..liar.len() - 4)
        .filter(|&at| liar[at..at + 4] == size)
        .collect();
    assert!(!places.is_empty());
    for at in places {
        liar[at..at + 4].copy_from_slice(&100_u32.to_le_bytes());
    }
    for (zip, expected) in [
        (honest, "is larger than 512 MiB"),
        (liar, "corrupt in the archive"),
    ] {
        let data = folder(&[("data.zip", &zip)]);
        let dataset = load(&data.path().join("data.zip")).unwrap();
        assert_eq!(names(&dataset), ["good.png"]);
        let skipped = dataset.skipped()[0].to_string();
        assert!(skipped.contains(expected), "{skipped}");
    }
}

#[test]
fn entries_of_one_name_are_counted_and_named() {
    let pictures = [png([1; 3]), png([2; 3]), png([3; 3])];
    let zip = stored(&[
        ("a.png", &pictures[0]),
        ("b.png", &pictures[1]),
        ("c.png", &pictures[2]),
    ]);
    // the library that writes archives refuses to write two entries of one name
    let mut bytes = zip.clone();
    for at in 0..bytes.len() - 5 {
        if bytes[at..].starts_with(b"b.png") {
            bytes[at] = b'a';
        }
    }
    let data = folder(&[("one.zip", &zip), ("two.zip", &bytes)]);
    assert!(
        load(&data.path().join("one.zip"))
            .unwrap()
            .remarks()
            .is_empty()
    );
    let dataset = load(&data.path().join("two.zip")).unwrap();
    assert_eq!(names(&dataset), ["a.png", "c.png"]);
    let [remark] = dataset.remarks() else {
        panic!("{:?}", dataset.remarks());
    };
    assert!(remark.contains("1 entry is left out"), "{remark}");
    assert!(remark.contains("a.png"), "{remark}");

    let tar = super::sources::tar_of(&[("a.png", &pictures[0]), ("a.png", &pictures[1])]);
    let packed = super::sources::gzipped(&tar);
    for bytes in [tar, packed] {
        let data = folder(&[("data", &bytes)]);
        let dataset = load(&data.path().join("data")).unwrap();
        assert_eq!(dataset.len(), 2);
        let remark = &dataset.remarks()[0];
        assert!(
            remark.contains("1 of the pictures have the name"),
            "{remark}"
        );
    }
}

#[test]
fn entries_that_are_no_files_are_counted_and_named_and_never_opened() {
    let picture = png([9; 3]);
    let options = |mode: u32| SimpleFileOptions::default().unix_permissions(mode);
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file("a.png", options(0o644)).unwrap();
    zip.write_all(&picture).unwrap();
    zip.add_symlink("link.png", "/etc/passwd", options(0o777))
        .unwrap();
    zip.add_symlink("m.png", "a.png", options(0o777)).unwrap();
    let zip = zip.finish().unwrap().into_inner();
    let data = folder(&[("links.zip", &zip)]);
    let dataset = load(&data.path().join("links.zip")).unwrap();
    assert_eq!(names(&dataset), ["a.png"]);
    assert!(dataset.skipped().is_empty());
    let remark = &dataset.remarks()[0];
    assert!(remark.contains("2 entries are left out"), "{remark}");
    assert!(remark.contains("the first one link.png"), "{remark}");

    let mut only = ZipWriter::new(Cursor::new(Vec::new()));
    only.add_symlink("link.png", "/etc/passwd", options(0o777))
        .unwrap();
    let only = only.finish().unwrap().into_inner();
    let data = folder(&[("only.zip", &only)]);
    let message = load(&data.path().join("only.zip")).unwrap_err().to_string();
    assert!(message.contains("1 entry is left out"), "{message}");
}

#[test]
fn arrays_of_one_name_are_counted_and_named() {
    use super::databases::{npy, npz};

    let array = |value: u8| npy("|u1", &[2, 2, 2, 3], &[value; 24]);
    let mut bytes = npz(
        &[("a", array(1)), ("b", array(2))],
        CompressionMethod::Stored,
    );
    for at in 0..bytes.len() - 5 {
        if bytes[at..].starts_with(b"b.npy") {
            bytes[at] = b'a';
        }
    }
    let data = folder(&[("two.npz", &bytes)]);
    let dataset = load(&data.path().join("two.npz")).unwrap();
    assert_eq!(dataset.len(), 2);
    let remark = &dataset.remarks()[0];
    assert!(remark.contains("1 entry is left out"), "{remark}");
    assert!(remark.contains("a.npy"), "{remark}");
}
