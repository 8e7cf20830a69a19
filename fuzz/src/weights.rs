//! Files of weights and settings: how they are read, and good ones to start from.

use std::fs;
use std::path::Path;

use burn::tensor::Device;
use dcgan::checkpoint::{
    DataSummary, FileHeader, FileKind, WeightFile, save_checkpoint, save_discriminator, save_generator,
};
use dcgan::config::{DataConfig, EvaluationConfig, ModelOptions, Preset, RunConfig, SavingConfig, TrainingConfig};
use dcgan::gan::Gan;
use dcgan::pytorch::{self, ImportOptions};

use crate::Target;

/// Reads bytes as the file of a target.
pub fn read(target: Target, bytes: &[u8]) {
    if target == Target::Config {
        if let Ok(config) = RunConfig::from_toml(&String::from_utf8_lossy(bytes)) {
            let text = config.to_toml().expect("what was read can be written");
            assert_eq!(RunConfig::from_toml(&text), Ok(config), "{text}");
        }
        return;
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("a");
    let write = |bytes: &[u8]| fs::write(&path, bytes).expect("a temporary file");
    let device = device();
    write(bytes);
    match target {
        Target::Pth => {
            for key in [None, Some("netG")] {
                let options = ImportOptions {
                    key: key.map(str::to_owned),
                    preset: None,
                };
                let _ = pytorch::import(&path, &options, &device);
            }
        }
        _ => {
            use_all(&path, &device);
            // With only wrong checksums, nothing behind their check would be fuzzed.
            write(&with_checksum(bytes));
            use_all(&path, &device);
        }
    }
}

/// Reads everything that a weight file may hold.
fn use_all(path: &Path, device: &Device) {
    let Ok(file) = WeightFile::open(path) else {
        return;
    };
    let _ = (file.header(), file.shapes());
    let _ = file.generator(device);
    let _ = file.discriminator(device);
    let _ = file.checkpoint(device);
}

/// Corrects the checksum, if there is one.
fn with_checksum(bytes: &[u8]) -> Vec<u8> {
    let key = br#"\"checksum\":\""#;
    let mut corrected = bytes.to_vec();
    let place = bytes.windows(key.len()).position(|window| window == key);
    let digits = place.map(|place| place + key.len());
    if let Some(digits) = digits.and_then(|start| corrected.get_mut(start..start + 32)) {
        digits.fill(b'0');
    }
    let checksum = format!("{:032x}", xxhash_rust::xxh3::xxh3_128(&corrected));
    if let Some(digits) = digits.and_then(|start| corrected.get_mut(start..start + 32)) {
        digits.copy_from_slice(checksum.as_bytes());
    }
    corrected
}

fn device() -> Device {
    dcgan::device::by_name("cpu").expect("there is a cpu")
}

fn config() -> RunConfig {
    let model = ModelOptions::new(Preset::Pytorch).with_image_size(32);
    RunConfig {
                model: model.with_z_dim(2).with_ngf(1).with_ndf(1).build().expect("the smallest networks"),
        training: TrainingConfig::default(),
        data: DataConfig { flip: true, ..DataConfig::files("pictures") },
        saving: SavingConfig::default(),
        evaluation: EvaluationConfig::default(),
    }
}

/// A file of the smallest networks.
fn written(kind: FileKind) -> Vec<u8> {
    let config = config();
    let gan = Gan::new(&config.model, &config.training, &device()).expect("possible networks");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("a");
    let header = FileHeader {
        schema: FileHeader::SCHEMA,
        kind,
        model: config.model.clone(),
        step: 3,
        retries: 0,
        refused: Vec::new(),
        data: DataSummary {
            source: "pictures".to_owned(),
            pictures: 200,
            fingerprint: "0123456789abcdef".to_owned(),
        },
        run: (kind == FileKind::Checkpoint).then_some(config),
    };
    match kind {
        FileKind::Generator => save_generator(&path, &gan.generator.model, &header),
        FileKind::Discriminator => save_discriminator(&path, &gan.discriminator.model, &header),
        FileKind::Checkpoint => save_checkpoint(&path, &gan, &header),
    }
    .expect("a temporary file");
    fs::read(path).expect("a temporary file")
}

/// Good files for a target.
pub fn seeds(target: Target) -> Vec<Vec<u8>> {
    macro_rules! fixture {
        ($name:literal) => {
            include_bytes!(concat!("../../crates/dcgan/tests/fixtures/pytorch/", $name)).to_vec()
        };
    }
    match target {
        Target::Checkpoint => vec![written(FileKind::Checkpoint)],
        Target::Weights => vec![written(FileKind::Generator), written(FileKind::Discriminator)],
        Target::Pth => vec![
            fixture!("pytorch.netG.pth"),
            fixture!("before_1_6.netG.pth"),
            fixture!("protocol_4.netG.pth"),
            fixture!("half.netG.pth"),
            fixture!("parameters.netG.pth"),
            fixture!("both.pth"),
            fixture!("paper_32.netD.pth"),
            fixture!("calls_system.pth"),
        ],
        _ => vec![config().to_toml().expect("a configuration").into_bytes()],
    }
}
