//! Whole runs: their files, resuming them, and sampling from them.

#[path = "fixture/device.rs"]
mod device;

use std::fs;
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::Arc;

use dcgan::checkpoint::{DataSummary, WeightFile};
use dcgan::config::{
    DataConfig, EvaluationConfig, Length, ModelOptions, Preset, RunConfig, SavingConfig,
    TrainingOptions,
};
use dcgan::sample::{LoadedGenerator, Sampler, load_generator};
use dcgan::train::{Outcome, RunDirectory, SavedRun, TrainError, Trainer};
use dcgan_data::{DataSource, Dataset, PictureOptions};
use device::device;
use tempfile::TempDir;

fn config(steps: u64) -> RunConfig {
    RunConfig {
        model: ModelOptions::new(Preset::Small)
            .with_ngf(4)
            .with_ndf(4)
            .with_z_dim(8)
            .build()
            .unwrap(),
        training: TrainingOptions {
            length: Length::Steps(steps),
            batch_size: 8,
            report_every: 3,
            ..TrainingOptions::default()
        }
        .build()
        .unwrap(),
        data: DataConfig {
            flip: true,
            ..DataConfig::drawn_faces(20)
        },
        saving: SavingConfig::default(),
        evaluation: EvaluationConfig::default(),
    }
}

fn faces() -> (Arc<Dataset>, DataSummary) {
    let source = DataSource::Demo { count: 20, seed: 0 };
    let options = PictureOptions {
        flip: true,
        ..PictureOptions::default()
    };
    let dataset = Dataset::load(&source, &options, &|_, _| (), &|| false).unwrap();
    let summary = DataSummary {
        source: "drawn faces".to_owned(),
        pictures: 20,
        fingerprint: dataset.fingerprint().to_string(),
    };
    (Arc::new(dataset), summary)
}

fn start(path: &Path, config: RunConfig) -> Result<Trainer, TrainError> {
    let device = device();
    let (dataset, summary) = faces();
    Trainer::start(
        config,
        RunDirectory::create(path)?,
        dataset,
        summary,
        device,
    )
}

fn saved(path: &Path) -> SavedRun {
    let device = device();
    SavedRun::open(RunDirectory::open(path).unwrap(), &device).unwrap()
}

fn resume(path: &Path, steps: Option<u64>) -> Result<Trainer, TrainError> {
    let mut saved = saved(path);
    if let Some(steps) = steps {
        let options = TrainingOptions {
            length: Length::Steps(steps),
            ..saved.config.training.into_options()
        };
        saved.config.training = options.build().unwrap();
    }
    saved.check_incomplete()?;
    let (dataset, summary) = faces();
    assert!(!saved.has_other_pictures(&summary));
    Trainer::resume(saved, dataset, summary)
}

fn run(trainer: &mut Trainer) -> Outcome {
    trainer.run(&|| false, &mut |_| ()).unwrap()
}

fn finished(steps: u64) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let mut trainer = start(&folder.path().join("run"), config(steps)).unwrap();
    assert_eq!(run(&mut trainer), Outcome::Complete);
    folder
}

/// A NumPy array of 20 pictures, more than fit into memory, and a run on it.
fn start_on_file(path: &Path, file: &Path, config: RunConfig) -> Trainer {
    let (dataset, summary) = read_file(file);
    let directory = RunDirectory::create(path).unwrap();
    Trainer::start(config, directory, dataset, summary, device()).unwrap()
}

fn read_file(file: &Path) -> (Arc<Dataset>, DataSummary) {
    let options = PictureOptions {
        flip: true,
        memory_limit: 0,
        ..PictureOptions::default()
    };
    let dataset = Dataset::load(&DataSource::at(file), &options, &|_, _| (), &|| false).unwrap();
    assert_eq!(dataset.in_memory(), 0);
    let summary = DataSummary::new("pictures.npy", &dataset);
    (Arc::new(dataset), summary)
}

fn array() -> Vec<u8> {
    let header = "{'descr': '|u1', 'fortran_order': False, 'shape': (20, 16, 16, 3), }";
    let header = format!("{header:<117}\n");
    let values: Vec<u8> = (0..20 * 768_u32).map(|at| (at * 7 / 5) as u8).collect();
    let magic = &b"\x93NUMPY\x01\x00\x76\x00"[..];
    [magic, header.as_bytes(), &values].concat()
}

#[test]
fn a_source_that_changes_while_it_is_read_again_stops_the_run_saved_and_resumable() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("pictures.npy");
    let config = RunConfig {
        data: DataConfig {
            flip: true,
            ..DataConfig::files(&file)
        },
        ..config(60)
    };
    fs::write(&file, array()).unwrap();
    let whole = folder.path().join("whole/run");
    run(&mut start_on_file(&whole, &file, config.clone()));
    let change_with: [(&str, &dyn Fn()); 3] = [
        ("truncated", &|| {
            let open = fs::File::options().write(true).open(&file).unwrap();
            open.set_len(4000).unwrap();
        }),
        ("emptied", &|| fs::write(&file, "").unwrap()),
        ("overwritten", &|| fs::write(&file, [9; 20_000]).unwrap()),
    ];
    for (how, change) in change_with {
        fs::write(&file, array()).unwrap();
        let parts = folder.path().join(how).join("run");
        let mut trainer = start_on_file(&parts, &file, config.clone());
        let error = trainer
            .run(&|| false, &mut |step| {
                if step.step == 7 {
                    change();
                }
            })
            .unwrap_err();
        let step = trainer.step();
        drop(trainer);
        let said = error.to_string();
        assert!(
            said.contains(&format!("stopped at step {step}, with everything saved")),
            "{said}"
        );
        fs::write(&file, array()).unwrap();
        let (dataset, summary) = read_file(&file);
        let saved = saved(&parts);
        assert_eq!(saved.step(), step, "{how}");
        run(&mut Trainer::resume(saved, dataset, summary).unwrap());
        let whole = folder.path().join("whole");
        for name in ["metrics.jsonl", "generator.safetensors"] {
            same_file(&whole, &folder.path().join(how), name);
        }
    }
}

fn same_file(one: &Path, other: &Path, name: &str) {
    let [one, other] = [one, other].map(|folder| fs::read(folder.join("run").join(name)).unwrap());
    assert!(one == other, "{name} differs");
}

#[test]
fn a_resumed_run_equals_an_uninterrupted_one_bit_for_bit() {
    let whole = finished(7);
    let parts = tempfile::tempdir().unwrap();
    let path = parts.path().join("run");
    let mut trainer = start(&path, config(7)).unwrap();
    let stop_at_4 = std::cell::Cell::new(false);
    let outcome = trainer
        .run(&|| stop_at_4.get(), &mut |step| {
            stop_at_4.set(step.step == 3);
        })
        .unwrap();
    assert_eq!(outcome, Outcome::Stopped);
    assert_eq!(trainer.step(), 4);
    drop(trainer);
    assert_eq!(run(&mut resume(&path, None).unwrap()), Outcome::Complete);
    for name in [
        "metrics.jsonl",
        "generator.safetensors",
        "discriminator.safetensors",
        "checkpoints/step-000007.safetensors",
        "samples/step-000007.png",
        "config.toml",
    ] {
        same_file(whole.path(), parts.path(), name);
    }
}

#[test]
fn a_run_from_its_settings_alone_equals_one_from_its_parts() {
    let parts = finished(5);
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("run");
    let mut trainer = Trainer::create(config(3), &path, &device()).unwrap();
    assert_eq!(trainer.run_to_end().unwrap(), Outcome::Complete);
    drop(trainer);
    assert!(matches!(
        Trainer::open(&path, &device()),
        Err(TrainError::Complete { step: 3, .. })
    ));
    let mut saved = saved(&path);
    let options = TrainingOptions {
        length: Length::Steps(5),
        ..saved.config.training.into_options()
    };
    saved.config.training = options.build().unwrap();
    let mut trainer = saved.resume().unwrap();
    assert_eq!(trainer.run_to_end().unwrap(), Outcome::Complete);
    for name in ["generator.safetensors", "metrics.jsonl", "config.toml"] {
        same_file(parts.path(), directory.path(), name);
    }
}

#[test]
fn a_batch_larger_than_the_data_set_is_reduced_to_it() {
    let directory = tempfile::tempdir().unwrap();
    let mut config = config(1);
    let options = TrainingOptions {
        batch_size: 64,
        ..config.training.into_options()
    };
    config.training = options.build().unwrap();
    let trainer = Trainer::create(config, directory.path().join("run"), &device()).unwrap();
    assert_eq!(trainer.config().training.batch_size, 20);
}

#[test]
fn a_complete_run_resumes_only_with_more_steps() {
    let folder = finished(3);
    let path = folder.path().join("run");
    let error = resume(&path, None).err().unwrap().to_string();
    assert!(error.contains("complete at step 3"), "{error}");
    let mut trainer = resume(&path, Some(5)).unwrap();
    assert_eq!(run(&mut trainer), Outcome::Complete);
    let lines = fs::read_to_string(path.join("metrics.jsonl")).unwrap();
    assert_eq!(lines.lines().count(), 5);
}

#[test]
fn a_damaged_newest_checkpoint_is_named_and_the_previous_one_is_used() {
    let folder = finished(6);
    let path = folder.path().join("run");
    let newest = path.join("checkpoints/step-000006.safetensors");
    let bytes = fs::read(&newest).unwrap();
    fs::write(&newest, &bytes[..bytes.len() / 2]).unwrap();
    let saved = saved(&path);
    assert_eq!(saved.step(), 3);
    assert!(saved.unreadable[0].to_string().contains("step-000006"));
    assert_eq!(
        fs::read(&newest).unwrap().len(),
        bytes.len() / 2,
        "it is left alone"
    );
}

#[test]
fn a_run_that_ended_before_its_first_checkpoint_starts_again() {
    let whole = finished(2);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run");
    drop(start(&path, config(2)).unwrap());
    assert_eq!(run(&mut resume(&path, None).unwrap()), Outcome::Complete);
    same_file(whole.path(), folder.path(), "generator.safetensors");
}

#[test]
fn a_second_run_in_the_same_directory_is_refused() {
    let folder = finished(1);
    let path = folder.path().join("run");
    let error = start(&path, config(1)).err().unwrap();
    assert!(
        matches!(&error, TrainError::HoldsARun(of) if *of == path),
        "{error}"
    );
}

#[test]
fn a_picture_does_not_depend_on_its_batch() {
    let folder = finished(3);
    let device = device();
    let LoadedGenerator {
        generator, header, ..
    } = load_generator(&folder.path().join("run"), &device).unwrap();
    let mut sampler = Sampler::new(generator);
    assert_eq!(header.step, 3);
    let together = sampler.pictures(100..164);
    for place in [0, 1, 17, 63] {
        let alone = sampler.pictures([100 + place as u64]);
        assert!(
            alone[0] == together[place],
            "picture {place} depends on its batch"
        );
    }
}

#[test]
fn a_checkpoint_draws_what_its_generator_file_draws() {
    let folder = finished(3);
    let device = device();
    let path = folder.path().join("run");
    let draw = |name: &str| {
        Sampler::load(&path.join(name), &device)
            .unwrap()
            .pictures(0..4)
    };
    assert!(draw("checkpoints/step-000003.safetensors") == draw("generator.safetensors"));
}

#[test]
fn truncated_files_and_changed_headers_are_errors_not_panics() {
    let folder = finished(1);
    let path = folder
        .path()
        .join("run/checkpoints/step-000001.safetensors");
    let bytes = fs::read(&path).unwrap();
    let device = device();
    let damaged = folder.path().join("damaged.safetensors");
    for length in (0..bytes.len()).step_by(bytes.len() / 97) {
        fs::write(&damaged, &bytes[..length]).unwrap();
        assert!(
            WeightFile::open(&damaged).is_err(),
            "{length} bytes were accepted"
        );
    }
    // a byte of the header at a time: an error, or a file that still makes sense
    for place in (0..2000).step_by(13) {
        let mut changed = bytes.clone();
        changed[place] ^= 0x55;
        fs::write(&damaged, &changed).unwrap();
        let _ = WeightFile::open(&damaged).and_then(|file| file.checkpoint(&device));
    }
}

#[test]
fn an_unknown_schema_is_named() {
    let folder = finished(1);
    let path = folder.path().join("run/generator.safetensors");
    let mut bytes = fs::read(&path).unwrap();
    let text = b"\\\"schema\\\":2";
    let place = bytes
        .windows(text.len())
        .position(|window| window == text)
        .unwrap();
    bytes[place + text.len() - 1] = b'9';
    fs::write(&path, &bytes).unwrap();
    let error = WeightFile::open(&path).err().unwrap().to_string();
    assert!(
        error.contains("schema 9") && error.contains("generator.safetensors"),
        "{error}"
    );
}

#[test]
fn no_flipped_byte_of_a_checkpoint_and_no_truncation_is_accepted() {
    let folder = finished(1);
    let path = folder
        .path()
        .join("run/checkpoints/step-000001.safetensors");
    let whole = fs::read(&path).unwrap();
    let file = fs::File::options().write(true).open(&path).unwrap();
    let put = |place: usize, byte: u8| {
        let mut file = &file;
        file.seek(SeekFrom::Start(place as u64)).unwrap();
        file.write_all(&[byte]).unwrap();
    };
    let (mut flips, mut cuts) = (0, 0);
    // every byte of the header, then every 97th, and the last one
    let head = 8 + u64::from_le_bytes(whole[..8].try_into().unwrap()) as usize;
    let tensors = (head..whole.len()).step_by(97);
    for place in (0..head).chain(tensors).chain([whole.len() - 1]) {
        put(place, whole[place] ^ (1 << (place % 8)));
        assert!(WeightFile::open(&path).is_err(), "byte {place}");
        put(place, whole[place]);
        flips += 1;
    }
    assert!(WeightFile::open(&path).is_ok());
    for length in (0..whole.len()).rev().step_by(101) {
        file.set_len(length as u64).unwrap();
        assert!(WeightFile::open(&path).is_err(), "{length} bytes");
        cuts += 1;
    }
    println!("{flips} flipped bytes and {cuts} truncations found");
}
