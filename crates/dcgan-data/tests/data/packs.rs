//! Packs, made explicitly and as the cache.

use std::fs;
use std::path::Path;

use dcgan_data::{
    CacheUse, Crop, DataError, DataSource, Dataset, Fingerprint, Packed, PictureOptions,
    packed_options,
};
use tempfile::TempDir;

use super::support::*;

fn pack(source: &Path, options: &PictureOptions, path: &Path) -> Result<Packed, DataError> {
    Dataset::pack(&DataSource::at(source), options, path, &|_, _| {}, &|| {
        false
    })
}

fn cached(source: &Path, cache: &Path) -> (Dataset, CacheUse) {
    let source = DataSource::at(source);
    Dataset::load_cached(&source, &small(), cache, &|_, _| {}, &|| false).unwrap()
}

/// Labelled pictures, grey and in colour, wide and tall, and a bad one.
fn mixed() -> TempDir {
    let wide = image::RgbImage::from_fn(40, 9, |x, y| image::Rgb([x as u8 * 6, y as u8, 7]));
    let wide = encoded(&wide.into(), image::ImageFormat::Png);
    let high = image::GrayImage::from_fn(9, 40, |x, y| image::Luma([(x + y * 5) as u8]));
    let high = encoded(&high.into(), image::ImageFormat::Png);
    folder(&[
        ("a/wide.png", &wide),
        ("b/high.png", &high),
        ("b/flat.png", &png([1, 2, 3])),
        ("b/broken.png", b""),
    ])
}

#[test]
fn a_pack_is_equivalent_to_its_source() {
    let data = mixed();
    let file = data.path().join("out.pack");
    for crop in [Crop::Center, Crop::Random, Crop::None] {
        let options = PictureOptions {
            crop,
            flip: true,
            ..small()
        };
        let original = load_with(data.path(), &options).unwrap();
        let packed = pack(data.path(), &options, &file).unwrap();
        assert_eq!((packed.pictures, packed.skipped.len()), (3, 1));
        let opened = load_with(&file, &options).unwrap();
        for dataset in [opened] {
            assert_eq!(names(&dataset), names(&original));
            assert_eq!(dataset.fingerprint(), original.fingerprint());
            assert_eq!(dataset.skipped(), original.skipped());
            assert_eq!(dataset.channels(), original.channels());
            assert_eq!(dataset.in_memory(), 3);
            let (labels, expected) = (dataset.labels().unwrap(), original.labels().unwrap());
            assert_eq!(labels.classes(), expected.classes());
            for index in 0..3 {
                assert_eq!(dataset.facts(index), original.facts(index));
                for picture in 0..20 {
                    let chance = dcgan_data::Augmentation::draw(&options, 5, picture, 3);
                    let picture = dataset.picture(index, chance).unwrap();
                    assert_eq!(picture, original.picture(index, chance).unwrap());
                }
            }
            assert!(dataset.name(3).is_none() && dataset.facts(3).is_none());
        }
    }
}

#[test]
fn a_pack_can_be_trained_on_in_grey() {
    let data = mixed();
    let file = data.path().join("out.pack");
    pack(data.path(), &small(), &file).unwrap();
    let grey = PictureOptions {
        channels: Some(1),
        ..small()
    };
    let (packed, original) = (
        load_with(&file, &grey).unwrap(),
        load_with(data.path(), &grey).unwrap(),
    );
    for index in 0..3 {
        assert_eq!(plain(&packed, index), plain(&original, index));
    }
}

#[test]
fn a_pack_reports_its_options_and_refuses_others() {
    let data = mixed();
    let file = data.path().join("out.pack");
    pack(data.path(), &small(), &file).unwrap();
    assert_eq!(packed_options(&file).unwrap().unwrap().image_size, 8);
    assert_eq!(packed_options(data.path()).unwrap(), None);
    let other = PictureOptions {
        image_size: 16,
        crop: Crop::None,
        ..small()
    };
    let message = load_with(&file, &other).unwrap_err().to_string();
    assert!(
        message.contains("packed with image size 8, crop center"),
        "{message}"
    );
    assert!(
        message.contains("image size 16, crop none is asked for"),
        "{message}"
    );
    let message = pack(&file, &small(), &file).unwrap_err().to_string();
    assert!(message.contains("is a pack already"), "{message}");
}

#[test]
fn a_pack_of_the_first_schema_loads_but_its_fingerprint_cannot_be_compared() {
    let old = load(&fixture("packs/schema-1.pack")).unwrap();
    let (blue, red) = (
        fixture_bytes("transform/odd_crop_offset.png"),
        fixture_bytes("pictures/orientation_6.png"),
    );
    let data = folder(&[("blue/b.png", &blue), ("red/a.png", &red)]);
    let new = load(data.path()).unwrap();
    assert_eq!(names(&old), names(&new));
    for index in 0..2 {
        assert_eq!(plain(&old, index), plain(&new, index));
    }
    assert_eq!(old.labels().unwrap().classes(), ["blue", "red"]);
    let known = Fingerprint::from_text(OLD_FINGERPRINT);
    assert_eq!(old.fingerprint().matches(&known), Some(true));
    assert_eq!(new.fingerprint().matches(&known), None);
}

/// What a run on `schema-1.pack` stored.
const OLD_FINGERPRINT: &str = "603e1b0126188b02";

#[test]
fn a_pack_of_a_newer_schema_is_refused() {
    let data = mixed();
    let file = data.path().join("out.pack");
    pack(data.path(), &small(), &file).unwrap();
    let mut bytes = fs::read(&file).unwrap();
    let schema = b"\"schema\":4";
    let at = bytes
        .windows(schema.len())
        .position(|window| window == schema)
        .unwrap();
    bytes[at + schema.len() - 1] = b'9';
    fs::write(&file, bytes).unwrap();
    let error = load(&file).unwrap_err();
    assert!(
        matches!(error, DataError::PackTooNew { schema: 9, .. }),
        "{error}"
    );
}

#[test]
fn no_damage_to_a_pack_causes_a_panic() {
    let data = mixed();
    let file = data.path().join("out.pack");
    pack(data.path(), &small(), &file).unwrap();
    let whole = fs::read(&file).unwrap();
    for length in 0..whole.len() {
        let cut = data.path().join("cut.pack");
        fs::write(&cut, &whole[..length]).unwrap();
        assert!(load(&cut).is_err(), "{length} of {} bytes", whole.len());
    }
    for at in 8..whole.len() {
        let damaged = data.path().join(format!("damaged-{at}"));
        let mut bytes = whole.clone();
        bytes[at] ^= 0xff;
        fs::write(&damaged, bytes).unwrap();
        if let Ok(dataset) = load(&damaged) {
            for index in 0..dataset.len() {
                let _ = (dataset.name(index), dataset.facts(index));
                let _ = dataset.picture(index, dcgan_data::Augmentation::NONE);
            }
        }
    }
}

#[test]
fn a_failed_pack_leaves_the_old_file() {
    let data = mixed();
    let file = data.path().join("out.pack");
    pack(data.path(), &small(), &file).unwrap();
    let before = fs::read(&file).unwrap();
    let bad = folder(&[("a.png", b""), ("b.png", b"")]);
    assert!(matches!(
        pack(bad.path(), &small(), &file),
        Err(DataError::MostlyBad { .. })
    ));
    assert!(fs::read(&file).unwrap() == before);
    let nowhere = data.path().join("no/such/folder/out.pack");
    let message = pack(data.path(), &small(), &nowhere)
        .unwrap_err()
        .to_string();
    assert!(message.contains("out.pack"), "{message}");
}

#[test]
fn the_cache_is_made_once_and_reused() {
    let (data, cache) = (mixed(), folder(&[]));
    let (first, made) = cached(data.path(), cache.path());
    let (second, reused) = cached(data.path(), cache.path());
    let (CacheUse::Made(one), CacheUse::Reused(other)) = (made, reused) else {
        panic!("not made and then reused");
    };
    assert_eq!(one, other);
    assert_eq!(first.fingerprint(), second.fingerprint());
    assert_eq!(
        second.fingerprint(),
        load(data.path()).unwrap().fingerprint()
    );
    assert_eq!(fs::read_dir(cache.path()).unwrap().count(), 1);
}

#[test]
fn a_changed_source_invalidates_the_cache() {
    let (data, cache) = (mixed(), folder(&[]));
    let fingerprint = |expected: fn(&CacheUse) -> bool| {
        let (dataset, cache) = cached(data.path(), cache.path());
        assert!(expected(&cache), "{cache:?}");
        dataset.fingerprint().clone()
    };
    let made = |cache: &CacheUse| matches!(cache, CacheUse::Made(_));
    let first = fingerprint(made);
    fs::write(data.path().join("b/new.png"), png([9; 3])).unwrap();
    let more = fingerprint(made);
    fs::write(data.path().join("b/new.png"), flat_larger()).unwrap();
    let other = fingerprint(made);
    fs::remove_file(data.path().join("b/new.png")).unwrap();
    assert_eq!(fingerprint(made), first);
    assert!(first != more && more != other);
    assert_eq!(
        fingerprint(|cache| matches!(cache, CacheUse::Reused(_))),
        first
    );
    assert_eq!(fs::read_dir(cache.path()).unwrap().count(), 1);
}

fn flat_larger() -> Vec<u8> {
    flat([8; 3], 30, 30, image::ImageFormat::Png)
}

#[test]
fn a_corrupt_cache_is_rebuilt() {
    let (data, cache) = (mixed(), folder(&[]));
    let (_, CacheUse::Made(path)) = cached(data.path(), cache.path()) else {
        panic!("no cache was made");
    };
    let whole = fs::read(&path).unwrap();
    fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    let (dataset, again) = cached(data.path(), cache.path());
    assert_eq!(dataset.len(), 3);
    let CacheUse::Remade {
        path: remade,
        reason,
    } = again
    else {
        panic!("{again:?}");
    };
    assert_eq!(remade, path);
    assert!(reason.contains("its end is missing"), "{reason}");
}

#[test]
fn without_a_writable_cache_the_source_is_loaded() {
    let data = mixed();
    let taken = data.path().join("a/wide.png");
    let (dataset, cache) = cached(data.path(), &taken);
    assert_eq!(dataset.len(), 3);
    assert!(matches!(cache, CacheUse::Refused { .. }), "{cache:?}");
}

#[test]
fn processes_that_start_at_the_same_time_get_the_same_data() {
    let (data, cache) = (mixed(), folder(&[]));
    let fingerprints: Vec<Fingerprint> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8)
            .map(|_| scope.spawn(|| cached(data.path(), cache.path()).0.fingerprint().clone()))
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect()
    });
    let expected = load(data.path()).unwrap().fingerprint().clone();
    assert_eq!(fingerprints, vec![expected; 8]);
    assert_eq!(
        fs::read_dir(cache.path()).unwrap().count(),
        1,
        "no temporary file is left"
    );
}

#[test]
fn old_temporary_files_of_killed_programs_are_removed() {
    let (data, cache) = (mixed(), folder(&[]));
    let [old, new] = ["old", "new"].map(|age| cache.path().join(format!(".unfinished-{age}")));
    for path in [&old, &new] {
        fs::write(path, "dcganPK1 and half of the pictures").unwrap();
    }
    let long_ago = std::time::SystemTime::now() - std::time::Duration::from_secs(3 * 86_400);
    fs::File::options()
        .write(true)
        .open(&old)
        .unwrap()
        .set_modified(long_ago)
        .unwrap();
    cached(data.path(), cache.path());
    assert!(!old.exists() && new.exists());
}

#[test]
fn a_stream_that_does_not_fit_into_memory_needs_the_cache() {
    let picture = png([7; 3]);
    let tar = super::sources::gzipped(&super::sources::tar_of(&[
        ("a.png", &picture),
        ("b.png", &picture),
    ]));
    let (data, cache) = (folder(&[("data.tar.gz", &tar)]), folder(&[]));
    let path = data.path().join("data.tar.gz");
    let options = PictureOptions {
        memory_limit: 100,
        ..small()
    };
    let error = load_with(&path, &options).unwrap_err();
    assert!(matches!(error, DataError::NeedsCache { .. }), "{error}");
    let source = DataSource::at(&path);
    let loaded = Dataset::load_cached(&source, &options, cache.path(), &|_, _| {}, &|| false);
    assert_eq!(loaded.unwrap().0.len(), 2);
}

#[test]
fn an_interrupted_pack_leaves_no_file() {
    let (data, cache) = (mixed(), folder(&[]));
    let source = DataSource::at(data.path());
    let stopped = Dataset::load_cached(&source, &small(), cache.path(), &|_, _| {}, &|| true);
    assert!(matches!(stopped, Err(DataError::Interrupted)));
    assert_eq!(fs::read_dir(cache.path()).unwrap().count(), 0);
}
