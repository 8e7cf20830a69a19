//! Ranks that differ. Each test runs another test of this file under mpirun.

use std::env;
use std::path::Path;
use std::process::{Command, Output};
use std::thread;
use std::time::Duration;

use crate::config::TrainingOptions;
use crate::device;
use crate::ranks::{FailurePolicy, Ranks, RanksError};
use crate::train::{Outcome, TrainError, Trainer, fixture, read_metrics};

/// Passes the run directory to the ranks.
const RUN_DIRECTORY: &str = "DCGAN_TEST_RUN_DIRECTORY";

/// Runs a test of this file on `count` ranks; `None` without mpirun.
fn as_ranks(test: &str, count: usize, folder: &Path) -> Option<Output> {
    let program = env::current_exe().expect("this program");
    let output = Command::new("mpirun")
        .args(["--oversubscribe", "-n", &count.to_string()])
        .arg(program)
        .args(["--ignored", "--exact", "--nocapture", test])
        .env(RUN_DIRECTORY, folder)
        .env("OMPI_ALLOW_RUN_AS_ROOT", "1")
        .env("OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1")
        .env("RAYON_NUM_THREADS", "1")
        .output();
    if output.is_err() {
        let required = env::var("DCGAN_REQUIRE").unwrap_or_default();
        let is_required = required
            .split(',')
            .any(|name| name == "mpi" || name == "all");
        assert!(
            !is_required,
            "DCGAN_REQUIRE holds mpi, but there is no mpirun"
        );
        println!("skipped: there is no mpirun");
    }
    output.ok()
}

/// This rank's trainer.
fn trainer(ranks: &Ranks) -> Trainer {
    let mut config = fixture::config();
    config.training = TrainingOptions {
        batch_size: 8,
        ..config.training.into_options()
    }
    .build()
    .unwrap();
    let trainer = if ranks.is_root() {
        fixture::start(Path::new(&env::var(RUN_DIRECTORY).unwrap()), config)
    } else {
        let (faces, _) = fixture::faces();
        Trainer::join(config, faces, device::of_tests()).unwrap()
    };
    trainer.with_ranks(ranks.clone()).unwrap()
}

fn start() -> Ranks {
    Ranks::start(FailurePolicy {
        timeout: Duration::from_secs(60),
        on_failure: |error| eprintln!("error: {error}"),
    })
    .unwrap()
}

/// Trains four steps, disturbs the weights of rank 1, and trains on.
fn train_with_rank_1_disturbed(disturb: impl Fn(&mut Vec<f32>)) {
    let ranks = start();
    let mut trainer = trainer(&ranks);
    let made = std::cell::Cell::new(0);
    let after_four = || made.replace(made.get() + 1) == 3;
    assert_eq!(
        trainer.run(&after_four, &mut |_| ()).unwrap(),
        Outcome::Stopped
    );
    if ranks.rank() == 1 {
        let network = trainer.state_mut().gan.generator.network_mut();
        for parameter in network.parameters_mut() {
            let mut values = parameter.values();
            disturb(&mut values);
            parameter.set_values(values);
        }
    }
    match trainer.run(&|| false, &mut |_| ()) {
        Err(error @ TrainError::RankDiffers { .. }) => {
            eprintln!("error: {error}");
            ranks.abort();
        }
        // rank 0 reports the difference and aborts this process
        Err(TrainError::Ranks(RanksError::ReportedByRoot)) => {
            thread::sleep(Duration::from_secs(10));
        }
        outcome => assert_eq!(outcome.unwrap(), Outcome::Complete),
    }
    ranks.finish();
}

#[test]
#[ignore = "run by the test below"]
fn one_bit_differs() {
    train_with_rank_1_disturbed(|values| {
        values[0] = f32::from_bits(values[0].to_bits() ^ 1);
    });
}

#[test]
fn a_rank_whose_weights_differ_in_one_bit_is_named_and_ends_the_run() {
    let folder = tempfile::tempdir().unwrap();
    let run = folder.path().join("run");
    let name = "train::distributed::tests::one_bit_differs";
    let Some(output) = as_ranks(name, 3, &run) else {
        return;
    };
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success(), "{stderr}");
    let errors: Vec<_> = stderr
        .lines()
        .filter(|l| l.starts_with("error: "))
        .collect();
    assert_eq!(errors.len(), 1, "{stderr}");
    for word in ["rank 1 (", "differ", "step 6"] {
        assert!(errors[0].contains(word), "{word}: {stderr}");
    }
    // nothing is written of the report at which it is detected
    let steps = read_metrics(&run.join("metrics.jsonl")).unwrap().len();
    assert_eq!(steps, 5);
}

#[test]
#[ignore = "run by the test below"]
fn one_rank_has_nan_weights() {
    train_with_rank_1_disturbed(|values| values.fill(f32::NAN));
}

#[test]
fn nan_weights_on_one_rank_roll_back_all_ranks() {
    let folder = tempfile::tempdir().unwrap();
    let run = folder.path().join("run");
    let name = "train::distributed::tests::one_rank_has_nan_weights";
    let Some(output) = as_ranks(name, 2, &run) else {
        return;
    };
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let lines = read_metrics(&run.join("metrics.jsonl")).unwrap();
    let steps: Vec<u64> = lines.iter().map(|line| line.step).collect();
    assert_eq!(steps, [1, 2, 3, 4, 5, 6, 7, 8, 9]);
    assert_eq!(lines[3].refused, [5]);
}
