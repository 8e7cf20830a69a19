//! Tar archives, plain and compressed.

use dcgan_data::Format;

use super::sources::*;
use super::support::*;

#[test]
fn tar_archives_are_read_like_their_folder_with_any_compression() {
    let pictures = [png([1; 3]), png([2; 3]), png([3; 3])];
    let long = format!("{}/c.png", "very-long-folder-name".repeat(8));
    // Not in the order of their names, and with a bad picture among them.
    let files: [(&str, &[u8]); 5] = [
        (&long, &pictures[2]),
        ("b.png", &pictures[1]),
        ("broken.png", &pictures[0][..30]),
        ("notes.txt", b"hello"),
        ("a.png", &pictures[0]),
    ];
    let unpacked = load(folder(&files).path()).unwrap();
    assert_eq!(unpacked.len(), 3);
    let tar = tar_of(&files);
    for bytes in [tar.clone(), gzipped(&tar), zstandard(&tar)] {
        // The format is detected from the content.
        let data = folder(&[("data", &bytes)]);
        let dataset = load(&data.path().join("data")).unwrap();
        assert_eq!(dataset.format(), Some(Format::Tar));
        assert_eq!(names(&dataset), names(&unpacked));
        assert_eq!(dataset.fingerprint(), unpacked.fingerprint());
        assert_eq!(dataset.skipped(), unpacked.skipped());
        assert_eq!(plain(&dataset, 1), plain(&unpacked, 1));
    }
}

#[test]
fn a_zstandard_archive_may_have_several_frames() {
    let files: [(&str, &[u8]); 2] = [("a.png", &png([1; 3])), ("b.png", &png([2; 3]))];
    let tar = tar_of(&files);
    let (one, other) = tar.split_at(700);
    let data = folder(&[("data.tar.zst", &[zstandard(one), zstandard(other)].concat())]);
    assert_eq!(load(&data.path().join("data.tar.zst")).unwrap().len(), 2);
}

#[test]
fn truncated_tar_archives_are_reported() {
    let pictures: Vec<Vec<u8>> = (0..40).map(|level| png([level; 3])).collect();
    let names: Vec<String> = (0..40).map(|level| format!("{level}.png")).collect();
    let files: Vec<(&str, &[u8])> = names
        .iter()
        .zip(&pictures)
        .map(|(name, bytes)| (name.as_str(), bytes.as_slice()))
        .collect();
    let tar = tar_of(&files);
    for (bytes, kind) in [
        (tar.clone(), "tar archive"),
        (gzipped(&tar), "tar.gz archive"),
        (zstandard(&tar), "tar.zst archive"),
    ] {
        // Truncate within a file, not between two.
        let cut = &bytes[..bytes.len() / 2 / 1024 * 1024 + 520];
        let data = folder(&[("data", cut)]);
        let message = failure(&data.path().join("data"));
        assert!(
            message.contains(&format!("truncated or corrupt {kind}")),
            "{message}"
        );
    }
}

#[test]
fn names_in_tar_archives_that_point_outside_are_only_names() {
    let picture = png([7; 3]);
    let mut archive = tar::Builder::new(Vec::new());
    for name in ["../../escaped.png", "/root.png"] {
        let mut header = tar::Header::new_gnu();
        header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_size(picture.len() as u64);
        header.set_cksum();
        archive.append(&header, picture.as_slice()).unwrap();
    }
    let data = folder(&[("inner/data.tgz", &gzipped(&archive.into_inner().unwrap()))]);
    let dataset = load(&data.path().join("inner/data.tgz")).unwrap();
    assert_eq!(names(&dataset), ["../../escaped.png", "/root.png"]);
    assert_eq!(std::fs::read_dir(data.path()).unwrap().count(), 1);
}

#[test]
fn a_compression_bomb_is_refused() {
    // Frames of zeros, each of 128 MiB in a few kilobytes, after a good file.
    let picture = png([7; 3]);
    let tar = tar_of(&[("good.png", &picture)]);
    let frame = zstandard(&vec![0; 128 << 20]);
    let mut header = tar::Header::new_gnu();
    header.set_path("bomb.png").unwrap();
    header.set_size(1 << 40);
    header.set_cksum();
    let start = zstandard(&[&tar[..1024], header.as_bytes()].concat());
    let bytes = [start, frame.repeat(9)].concat();
    let data = folder(&[("data.tar.zst", &bytes)]);
    let message = failure(&data.path().join("data.tar.zst"));
    assert!(
        message.contains("unpacks to more than 1000 times"),
        "{message}"
    );
}

#[test]
fn entries_that_are_no_files_are_counted_and_named_and_never_opened() {
    let picture = png([9; 3]);
    let mut archive = tar::Builder::new(Vec::new());
    let mut append = |kind: tar::EntryType, name: &str, content: &[u8]| {
        let mut header = tar::Header::new_gnu();
        header.set_path(name).unwrap();
        header.set_entry_type(kind);
        header.set_size(content.len() as u64);
        if matches!(kind, tar::EntryType::Link | tar::EntryType::Symlink) {
            header.set_link_name("/etc/passwd").unwrap();
        }
        header.set_cksum();
        archive.append(&header, content).unwrap();
    };
    append(tar::EntryType::Regular, "a.png", &picture);
    append(tar::EntryType::Directory, "folder", b"");
    append(tar::EntryType::Link, "z.png", b"");
    append(tar::EntryType::Symlink, "y.png", b"");
    append(tar::EntryType::Char, "null.png", b"");
    append(tar::EntryType::Block, "disk.png", b"");
    append(tar::EntryType::Fifo, "pipe.png", b"");
    append(tar::EntryType::GNUSparse, "holes.png", &picture);
    let pax = b"22 GNU.sparse.major=1\n28 GNU.sparse.name=more.png\n";
    append(tar::EntryType::XHeader, "pax", pax);
    append(
        tar::EntryType::Regular,
        "GNUSparseFile.1/more.png",
        &picture,
    );
    append(tar::EntryType::Regular, "b.png", &picture);
    let tar = archive.into_inner().unwrap();
    for bytes in [tar.clone(), gzipped(&tar)] {
        let data = folder(&[("data", &bytes)]);
        let dataset = load(&data.path().join("data")).unwrap();
        assert_eq!(names(&dataset), ["a.png", "b.png"]);
        assert!(dataset.skipped().is_empty());
        let [remark] = dataset.remarks() else {
            panic!("{:?}", dataset.remarks());
        };
        assert!(remark.contains("7 entries are left out"), "{remark}");
        assert!(remark.contains("the first one z.png"), "{remark}");
    }
}

#[test]
fn a_sparse_file_with_a_long_map_of_holes_is_named_as_the_reason() {
    let mut header = tar::Header::new_gnu();
    header.set_path("holes.png").unwrap();
    header.set_entry_type(tar::EntryType::GNUSparse);
    header.as_gnu_mut().unwrap().isextended = [1];
    header.set_size(0);
    header.set_cksum();
    let tar = tar_of(&[("a.png", &png([1; 3]))]);
    let bytes = [&header.as_bytes()[..], &[0; 512], &tar].concat();
    let data = folder(&[("data.tar", &bytes)]);
    let message = failure(&data.path().join("data.tar"));
    assert!(message.contains("more than four holes"), "{message}");
    assert!(message.contains("--sparse"), "{message}");
    assert!(!message.contains("corrupt"), "{message}");
}
