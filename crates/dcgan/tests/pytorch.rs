//! Importing files that `tools/make_state_dicts.py` wrote with `torch.save`.

#[expect(dead_code, reason = "the parity tests use the rest")]
mod fixture;

use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use dcgan::checkpoint::{FileKind, WeightFile};
use dcgan::config::Preset;
use dcgan::pytorch::{ImportError, ImportOptions, Imported, ImportedNetwork, import};
use dcgan::sample::Sampler;
use fixture::difference;
use safetensors::SafeTensors;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

fn fixture(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/pytorch");
    folder.join(name)
}

fn read(path: &Path) -> Result<Imported, ImportError> {
    import(path, &ImportOptions::default(), &dcgan::device::cpu())
}

fn imported(name: &str) -> Imported {
    read(&fixture(name)).unwrap_or_else(|error| panic!("{error}"))
}

fn refused(name: &str) -> String {
    read(&fixture(name)).unwrap_err().to_string()
}

/// All parameters and running statistics, in order.
fn values(imported: &Imported) -> Vec<f32> {
    let network = imported.network();
    let statistics = network.batch_norms().into_iter();
    let statistics = statistics.flat_map(|one| [one.running_mean(), one.running_var()].concat());
    let parameters = network.parameters().into_iter();
    parameters
        .flat_map(dcgan::model::Parameter::values)
        .chain(statistics)
        .collect()
}

fn floats(tensors: &SafeTensors, name: &str) -> Vec<f32> {
    let (chunks, _) = tensors.tensor(name).unwrap().data().as_chunks::<4>();
    chunks
        .iter()
        .map(|chunk| f32::from_le_bytes(*chunk))
        .collect()
}

#[test]
fn generators_of_every_preset_draw_what_pytorch_draws() {
    for name in ["pytorch", "pytorch_32_grey", "tutorial", "paper_32"] {
        let bytes = fs::read(fixture(&format!("{name}.netG.drawn.safetensors"))).unwrap();
        let drawn = SafeTensors::deserialize(&bytes).unwrap();
        let Imported { network, .. } = imported(&format!("{name}.netG.pth"));
        let ImportedNetwork::Generator(generator) = network else {
            panic!("{name} is not a generator");
        };
        let (z_dim, channels) = (generator.config().z_dim, generator.config().channels);
        let plane = generator.config().image_size.pow(2);
        let vectors: Vec<_> = floats(&drawn, "z")
            .chunks(z_dim)
            .map(<[f32]>::to_vec)
            .collect();
        let found = Sampler::new(generator).values(&vectors); // [2, H, W, C]
        let truth = floats(&drawn, "pictures"); // [2, C, H, W]
        let channels_last = (0..found.len()).map(|at| {
            let (picture, rest) = (at / (plane * channels), at % (plane * channels));
            truth[(picture * channels + rest % channels) * plane + rest / channels]
        });
        let truth: Vec<f32> = channels_last.collect();
        assert!(
            difference(&found, &truth) < 1e-5,
            "{name}: {}",
            difference(&found, &truth)
        );
    }
}

#[test]
fn every_way_of_saving_gives_the_same_weights() {
    let truth = values(&imported("pytorch.netG.pth"));
    for way in [
        "data_parallel",
        "before_1_6",
        "double",
        "protocol_4",
        "parameters",
    ] {
        assert_eq!(
            values(&imported(&format!("{way}.netG.pth"))),
            truth,
            "{way}"
        );
    }
    for (way, precision) in [("half", 1e-3), ("bfloat16", 1e-2)] {
        let found = values(&imported(&format!("{way}.netG.pth")));
        assert!(difference(&found, &truth) < precision, "{way}");
    }
    let options = ImportOptions {
        key: Some("netG".to_owned()),
        ..ImportOptions::default()
    };
    let both = import(&fixture("both.pth"), &options, &dcgan::device::cpu()).unwrap();
    assert_eq!(values(&both), truth);
}

#[test]
fn a_network_is_detected_by_its_tensors() {
    use FileKind::{Discriminator, Generator};
    for (name, kind, preset, [size, channels, z_dim, ngf, ndf]) in [
        (
            "pytorch.netG.pth",
            Generator,
            Preset::Pytorch,
            [64, 3, 4, 1, 64],
        ),
        (
            "pytorch_32_grey.netG.pth",
            Generator,
            Preset::Pytorch,
            [32, 1, 4, 3, 64],
        ),
        (
            "tutorial.netG.pth",
            Generator,
            Preset::Tutorial,
            [64, 3, 4, 1, 32],
        ),
        (
            "paper_32.netG.pth",
            Generator,
            Preset::Paper,
            [32, 3, 5, 1, 128],
        ),
        (
            "pytorch.netD.pth",
            Discriminator,
            Preset::Pytorch,
            [64, 3, 100, 64, 1],
        ),
        (
            "tutorial.netD.pth",
            Discriminator,
            Preset::Tutorial,
            [64, 1, 100, 128, 1],
        ),
        (
            "paper_32.netD.pth",
            Discriminator,
            Preset::Paper,
            [32, 3, 100, 128, 1],
        ),
    ] {
        let header = imported(name).header;
        let model = &header.model;
        assert_eq!((header.kind, model.preset), (kind, preset), "{name}");
        let sizes = [
            model.image_size,
            model.channels,
            model.z_dim,
            model.ngf,
            model.ndf,
        ];
        assert_eq!(sizes, [size, channels, z_dim, ngf, ndf], "{name}");
    }
}

#[test]
fn an_imported_network_is_saved_and_read_back() {
    let folder = tempfile::tempdir().unwrap();
    let device = dcgan::device::cpu();
    let path = folder.path().join("generator.safetensors");
    let before = imported("pytorch.netG.pth");
    before.save(&path).unwrap();
    let after = WeightFile::open(&path).unwrap().generator(&device).unwrap();
    let parameters = after.network().parameters().into_iter();
    let after: Vec<f32> = parameters
        .flat_map(dcgan::model::Parameter::values)
        .collect();
    assert_eq!(after, values(&before)[..after.len()]);
    let path = folder.path().join("discriminator.safetensors");
    imported("paper_32.netD.pth").save(&path).unwrap();
    assert!(
        WeightFile::open(&path)
            .unwrap()
            .discriminator(&device)
            .is_ok()
    );
}

#[test]
fn files_with_function_calls_or_false_claims_are_refused_with_the_reason() {
    for (name, words) in [
        ("calls_system.pth", "posix.system"),
        ("calls_system_before_1_6.pth", "posix.system"),
        ("calls_eval.pth", "__builtin__.eval"),
        ("whole_model.netG.pth", "networks.PytorchGenerator"),
        ("nan.pth", "'main.0.weight' holds NaN"),
        ("overlap.pth", "larger than the file"),
        ("compressed.pth", "larger than the file"),
        ("huge.pth", "[60000, 32768, 4, 4]"),
        ("superfluous.pth", "'main.0.bias'"),
        ("missing.pth", "'main.6.weight'"),
        ("something_else.pth", "bias, weight"),
        ("no_tensors.pth", "no tensors"),
        ("both.pth", "'netD', 'netG'"),
    ] {
        let error = refused(name);
        assert!(error.contains(words) && error.contains(name), "{error}");
    }
}

/// The entries of an archive.
fn entries(name: &str) -> Vec<(String, Vec<u8>)> {
    let mut zip = ZipArchive::new(fs::File::open(fixture(name)).unwrap()).unwrap();
    let count = zip.len();
    let entry = |index| {
        let mut entry = zip.by_index(index).unwrap();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).unwrap();
        (entry.name().unwrap().into_owned(), bytes)
    };
    (0..count).map(entry).collect()
}

/// Imports an archive of these entries.
fn read_zip(
    entries: &[(String, Vec<u8>)],
    method: CompressionMethod,
) -> Result<Imported, ImportError> {
    let file = tempfile::NamedTempFile::new().unwrap();
    let mut zip = ZipWriter::new(&file);
    for (name, bytes) in entries {
        let options = SimpleFileOptions::default().compression_method(method);
        zip.start_file(name.as_str(), options).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap();
    read(file.path())
}

fn error_for_pickle(pickle: Vec<u8>) -> String {
    let mut entries = entries("pytorch.netG.pth");
    let place = entries
        .iter()
        .position(|(name, _)| name.ends_with("data.pkl"));
    entries[place.unwrap()].1 = pickle;
    read_zip(&entries, CompressionMethod::Stored)
        .unwrap_err()
        .to_string()
}

#[test]
fn hostile_pickles_exhaust_neither_memory_nor_the_stack() {
    let nested = |open: &[u8], times: usize, close: &[u8]| {
        [
            b"\x80\x02",
            &open.repeat(times)[..],
            &close.repeat(times),
            b".",
        ]
        .concat()
    };
    // lists in lists, tuples in tuples, marks without an end
    error_for_pickle(nested(b"]", 300_000, b"a"));
    error_for_pickle(nested(b"N", 1, &b"\x85".repeat(900_000)));
    error_for_pickle(nested(b"(", 900_000, b""));
    // a dictionary that doubles with each instruction
    error_for_pickle([&b"\x80\x02]q\0"[..], &b"(h\0h\0eq\0".repeat(60), b"."].concat());
    // strings longer than the file, and a pickle that unpacks to 2 MiB
    error_for_pickle(b"\x80\x02X\xff\xff\xff\x7fabc.".to_vec());
    let error = error_for_pickle([b"\x80\x02", &b"N".repeat(2 << 20)[..], b"."].concat());
    assert!(error.contains("larger than 1 MiB"), "{error}");
}

#[test]
fn names_in_an_archive_are_not_used_as_paths() {
    let whole = entries("pytorch.netG.pth");
    let elsewhere = |prefix: &str| -> Vec<_> {
        let renamed = whole.iter().map(|(name, bytes)| {
            let (_, rest) = name.split_once('/').unwrap();
            (format!("{prefix}/{rest}"), bytes.clone())
        });
        renamed.collect()
    };
    for prefix in ["/tmp/dcgan-absolute", "../../dcgan-above", "C:\\dcgan"] {
        let network = read_zip(&elsewhere(prefix), CompressionMethod::Stored);
        assert_eq!(
            values(&network.unwrap()),
            values(&imported("pytorch.netG.pth"))
        );
        assert!(!Path::new(prefix).exists(), "{prefix}");
    }
    let twice = [whole.clone(), elsewhere("another")].concat();
    let error = read_zip(&twice, CompressionMethod::Stored)
        .unwrap_err()
        .to_string();
    assert!(error.contains("more than one data.pkl"), "{error}");
}

#[test]
fn corrupt_files_are_refused_or_read_without_a_panic() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("damaged.pth");
    let (mut accepted, mut refused) = (0, 0);
    let mut try_one = |bytes: &[u8]| {
        fs::write(&path, bytes).unwrap();
        match read(&path) {
            Ok(_) => accepted += 1,
            Err(_) => refused += 1,
        }
    };
    for name in ["pytorch_32_grey.netG.pth", "before_1_6.netG.pth"] {
        let whole = fs::read(fixture(name)).unwrap();
        for place in (0..whole.len()).step_by(11) {
            let mut changed = whole.clone();
            changed[place] ^= 1 << (place % 8);
            try_one(&changed);
        }
        for length in (0..whole.len()).step_by(53) {
            try_one(&whole[..length]);
        }
    }
    assert!(refused > 1000, "{refused}");
    println!(
        "{} damaged files: {refused} refused, {accepted} read",
        refused + accepted
    );
}
