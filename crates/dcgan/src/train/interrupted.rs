//! Runs that roll back, stopped or killed after every step: they end as if nothing had happened.

use std::cell::Cell;
use std::fs;
use std::panic::{self, AssertUnwindSafe};
use std::path::Path;

use super::{Outcome, RunDirectory, SavedRun, TrainError, Trainer, fixture, read_metrics};
use crate::config::{
    Augment, Every, ModelOptions, Preset, RunConfig, SavingOptions, TrainingOptions,
};
use crate::device;

/// After which step of which attempt the weights become NaN.
type Poison = &'static [(u64, u64)];

/// How a session ends.
#[derive(Debug, Clone, Copy)]
enum End {
    /// By a signal during this many steps from its start.
    Stop(u64),
    /// Without saving anything, after this many steps.
    Kill(u64),
    Never,
}

/// The side of the pictures: small, since there are many runs.
const SIDE: usize = 32;

fn config(checkpoint_every: Option<Every>) -> RunConfig {
    let saving = SavingOptions {
        checkpoint_every,
        keep: 1,
        ..SavingOptions::default()
    };
    let base = fixture::config(); // nine steps, with reports every third
    // everything that has a state or random numbers of its own
    let training = TrainingOptions {
        ema: Some(40),
        learning_rate_decay: 0.5,
        gradient_penalty: Some(1.0),
        augment: Augment::Full,
        instance_noise: 0.1,
        ..base.training.clone().into_options()
    };
    let model = ModelOptions::new(Preset::Laptop)
        .with_image_size(SIDE)
        .with_ngf(2)
        .with_ndf(2)
        .with_z_dim(4)
        .with_spectral_norm();
    RunConfig {
        saving: saving.build().unwrap(),
        training: training.build().unwrap(),
        model: model.build().unwrap(),
        ..base
    }
}

/// A new run, or the next session of one.
fn open(path: &Path, config: &RunConfig, poison: Poison) -> Trainer {
    let mut trainer = if path.exists() {
        let directory = RunDirectory::open(path).unwrap();
        let saved = SavedRun::open(directory, &device::of_tests()).unwrap();
        let (faces, summary) = fixture::faces_of_size(SIDE as u32);
        Trainer::resume(saved, faces, summary).unwrap()
    } else {
        fixture::start(path, config.clone())
    };
    trainer.poison = poison.to_vec();
    trainer
}

/// Trains for one session; `None` if it was killed.
fn session(
    path: &Path,
    config: &RunConfig,
    poison: Poison,
    end: End,
) -> Option<Result<Outcome, TrainError>> {
    let mut trainer = open(path, config, poison);
    let made = Cell::new(0);
    let stop = || {
        made.set(made.get() + 1);
        matches!(end, End::Stop(steps) if made.get() >= steps)
    };
    let train = || {
        trainer.run(&stop, &mut |_| {
            if matches!(end, End::Kill(steps) if made.get() >= steps) {
                panic::resume_unwind(Box::new("killed"));
            }
        })
    };
    panic::catch_unwind(AssertUnwindSafe(train)).ok()
}

fn finish(path: &Path, config: &RunConfig, poison: Poison) {
    let outcome = session(path, config, poison, End::Never).unwrap();
    assert_eq!(outcome.unwrap(), Outcome::Complete);
}

fn assert_same_end(whole: &Path, parts: &Path, what: &str) {
    for name in [
        "config.toml",
        "metrics.jsonl",
        "losses.png",
        "generator.safetensors",
        "discriminator.safetensors",
        "checkpoints/step-000009.safetensors",
        "samples/step-000003.png",
        "samples/step-000006.png",
        "samples/step-000009.png",
    ] {
        let [one, other] = [whole, parts].map(|path| fs::read(path.join(name)).unwrap());
        // plots have the run's name
        assert!(one == other, "{what}: {name} differs");
    }
}

/// What rolls back: when checkpoints are written, and when weights become NaN.
const CASES: [(Option<Every>, Poison); 5] = [
    (None, &[(4, 0)]),
    (Some(Every::Steps(2)), &[(5, 0)]),
    (Some(Every::Steps(100)), &[(7, 0)]), // back to the first weights
    (None, &[(4, 0), (4, 1)]),
    (Some(Every::Steps(4)), &[(6, 0), (8, 1)]),
];

#[test]
fn a_run_that_rolls_back_may_be_stopped_or_killed_after_any_step() {
    let mut count = 0;
    for (every, poison) in CASES {
        let folder = tempfile::tempdir().unwrap();
        let config = config(every);
        let whole = folder.path().join("whole/run");
        finish(&whole, &config, poison);
        let lines = read_metrics(&whole.join("metrics.jsonl")).unwrap();
        let refused: usize = lines.iter().map(|line| line.refused.len()).sum();
        assert_eq!(refused, poison.len());

        for steps in 1..=16 {
            for end in [End::Stop(steps), End::Kill(steps)] {
                let what = format!("{every:?} {poison:?} {end:?}");
                let path = folder.path().join(&what).join("run");
                let _ = session(&path, &config, poison, end);
                // it may be killed just after its last step
                if !path.join("checkpoints/step-000009.safetensors").exists() {
                    finish(&path, &config, poison);
                }
                assert_same_end(&whole, &path, &what);
                count += 1;
            }
        }
    }
    println!("{count} interruptions");
}

#[test]
fn a_run_that_is_stopped_after_every_single_step_advances() {
    for (every, poison) in CASES {
        let folder = tempfile::tempdir().unwrap();
        let config = config(every);
        let whole = folder.path().join("whole/run");
        finish(&whole, &config, poison);
        let parts = folder.path().join("parts/run");
        let sessions = (1..100).find(|_| {
            let outcome = session(&parts, &config, poison, End::Stop(1));
            outcome.unwrap().unwrap() == Outcome::Complete
        });
        assert!(sessions.is_some(), "{every:?} {poison:?} never ended");
        assert_same_end(&whole, &parts, &format!("{every:?} {poison:?}"));
    }
}

#[test]
fn a_run_that_gives_up_does_so_with_the_same_words_however_it_is_stopped() {
    const ALWAYS: Poison = &[(4, 0), (5, 1), (4, 2), (5, 3)];
    let folder = tempfile::tempdir().unwrap();
    let config = config(None);
    let whole = folder.path().join("whole");
    let outcome = session(&whole, &config, ALWAYS, End::Never).unwrap();
    let expected = outcome.unwrap_err().to_string();
    let parts = folder.path().join("parts");
    let found = (1..100).find_map(|_| session(&parts, &config, ALWAYS, End::Stop(1))?.err());
    assert_eq!(found.unwrap().to_string(), expected);
    let again = session(&whole, &config, ALWAYS, End::Never).unwrap();
    assert_eq!(again.unwrap_err().to_string(), expected);
}

/// Copies the files of a folder.
fn copy_files(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, to.join(path.file_name().unwrap())).unwrap();
    }
}

#[test]
fn a_rollback_sets_aside_what_is_newer_and_a_run_never_resumes_from_it() {
    const POISON: Poison = &[(5, 0)];
    let folder = tempfile::tempdir().unwrap();
    let config = config(None);
    let whole = folder.path().join("whole/run");
    finish(&whole, &config, POISON);
    let parts = folder.path().join("parts/run");
    for steps in [4, 2] {
        // step 4, and then step 5 with the rollback
        session(&parts, &config, POISON, End::Stop(steps));
    }
    let abandoned = parts.join("abandoned/1");
    for name in [
        "checkpoints/step-000004.safetensors",
        "samples/step-000004.png",
        "samples/step-000004-real.png",
    ] {
        assert!(abandoned.join(name).is_file(), "{name}");
        assert!(!parts.join(name).exists(), "{name}");
    }
    let steps = |path: &Path| -> Vec<u64> {
        let lines = read_metrics(&path.join("metrics.jsonl")).unwrap();
        lines.iter().map(|line| line.step).collect()
    };
    assert_eq!(steps(&abandoned), [4, 5]);
    assert_eq!(steps(&parts), [1, 2, 3]);
    // as if the run had been killed before they were moved
    copy_files(&abandoned.join("checkpoints"), &parts.join("checkpoints"));
    assert_eq!(open(&parts, &config, POISON).step(), 3);
    finish(&parts, &config, POISON);
    assert_same_end(&whole, &parts, "with abandoned checkpoints");
}
