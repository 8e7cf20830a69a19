//! The rollback from losses or weights that are NaN or infinite.

use burn::tensor::Device;

use super::TrainError;
use super::journal::RootJournal;
use super::schedule::Schedule;
use super::state::State;
use crate::checkpoint::WeightFile;
use crate::config::Precision;

/// How often a run is rolled back before it gives up.
const MAX_RETRIES: u64 = 3;

/// The state of the newest scheduled checkpoint before step `bad`, or the initial one, with other
/// noise from there on. The journal is brought back to it.
///
/// # Errors
/// If the run was rolled back too often, or a file cannot be read or written.
pub(super) fn roll_back(
    bad: u64,
    retries: u64,
    journal: &mut RootJournal,
    schedule: &Schedule,
    device: &Device,
) -> Result<State, TrainError> {
    if retries >= MAX_RETRIES {
        return Err(journal.give_up(bad));
    }
    let state = State {
        retries: retries + 1,
        ..newest_good(bad, journal, schedule, device)?
    };
    journal.roll_back_to(&state, bad, device)?;
    Ok(state)
}

/// The state of the newest scheduled checkpoint before `step` that is intact and finite, or the
/// initial state.
fn newest_good(
    step: u64,
    journal: &RootJournal,
    schedule: &Schedule,
    device: &Device,
) -> Result<State, TrainError> {
    let config = journal.config();
    for saved in journal.directory().list_checkpoints()? {
        if saved.step >= step || !schedule.allows_rollback_to(saved.step) {
            continue;
        }
        let file = WeightFile::open(&saved.path).and_then(|file| file.checkpoint(device));
        if let Ok(checkpoint) = file
            && checkpoint.gan.is_finite()
            && config.continues(&checkpoint.run)
        {
            let gan = if config.training.precision == Precision::F32 {
                checkpoint.gan.in_f32() // the checkpoint may be from another device's f16
            } else {
                checkpoint.gan
            };
            return Ok(State {
                gan,
                step: saved.step,
                retries: checkpoint.header.retries,
            });
        }
    }
    State::initial(config, device)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;
    use crate::config::{Every, SavingOptions};
    use crate::device;
    use crate::model::to_host;
    use crate::train::{
        MetricsLine, Outcome, RunDirectory, SavedRun, Trainer, fixture, read_metrics,
    };

    fn start(path: &Path) -> Trainer {
        fixture::start(path, fixture::config())
    }

    fn resume(path: &Path) -> Trainer {
        let directory = RunDirectory::open(path).unwrap();
        let saved = SavedRun::open(directory, &device::of_tests()).unwrap();
        let (faces, summary) = fixture::faces();
        Trainer::resume(saved, faces, summary).unwrap()
    }

    fn run_to(trainer: &mut Trainer, step: u64) -> Result<Outcome, TrainError> {
        let made = std::cell::Cell::new(trainer.step());
        let stop = || made.replace(made.get() + 1) + 1 >= step;
        trainer.run(&stop, &mut |_| ())
    }

    fn poison(trainer: &mut Trainer) {
        let network = trainer.state_mut().gan.generator.network_mut();
        for parameter in network.parameters_mut() {
            parameter.set_values(vec![f32::NAN; parameter.len()]);
        }
    }

    fn metrics(path: &Path) -> Vec<MetricsLine> {
        read_metrics(&path.join("metrics.jsonl")).unwrap()
    }

    #[test]
    fn nan_weights_are_never_saved_and_other_noise_avoids_them() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run");
        let mut trainer = start(&path);
        run_to(&mut trainer, 4).unwrap();
        poison(&mut trainer);
        assert_eq!(
            trainer.run(&|| false, &mut |_| ()).unwrap(),
            Outcome::Complete
        );

        let lines = metrics(&path);
        let steps: Vec<u64> = lines.iter().map(|line| line.step).collect();
        assert_eq!(steps, [1, 2, 3, 4, 5, 6, 7, 8, 9]);
        // back to the scheduled checkpoint, not to the one of the stop
        assert_eq!(lines[3].refused, [5]);
        assert!(trainer.state_mut().gan.is_finite());

        let whole = tempfile::tempdir().unwrap();
        let whole = whole.path().join("run");
        start(&whole).run(&|| false, &mut |_| ()).unwrap();
        let undisturbed = metrics(&whole);
        assert_eq!(lines[..3], undisturbed[..3]);
        assert_ne!(
            lines[3].metrics, undisturbed[3].metrics,
            "the same noise again"
        );
    }

    #[test]
    fn a_run_that_was_rolled_back_resumes_bit_for_bit() {
        let folder = tempfile::tempdir().unwrap();
        let [whole, parts] = ["whole", "parts"].map(|name| folder.path().join(name));
        for path in [&whole, &parts] {
            let mut trainer = start(path);
            run_to(&mut trainer, 4).unwrap();
            poison(&mut trainer);
            if path == &whole {
                trainer.run(&|| false, &mut |_| ()).unwrap();
            } else {
                run_to(&mut trainer, 9).unwrap(); // five steps, the first of which is refused
            }
        }
        let mut trainer = resume(&parts);
        assert!((4..9).contains(&trainer.step()) && trainer.state_mut().retries == 1);
        trainer.run(&|| false, &mut |_| ()).unwrap();
        for name in [
            "metrics.jsonl",
            "checkpoints/step-000009.safetensors",
            "samples/step-000009.png",
        ] {
            let [one, other] = [&whole, &parts].map(|path| fs::read(path.join(name)).unwrap());
            assert!(one == other, "{name} differs");
        }
    }

    #[test]
    fn weights_are_checked_before_they_are_written_even_if_the_losses_are_finite() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run");
        let mut trainer = start(&path);
        run_to(&mut trainer, 5).unwrap();
        // no loss depends on the moments
        let adam = &mut trainer.state_mut().gan.discriminator.adam;
        let poisoned = adam.moments().iter().map(|moments| {
            let [first, second] = moments
                .clone()
                .map(|moment| to_host(moment.mul_scalar(f32::INFINITY)));
            (first, second)
        });
        let poisoned = poisoned.collect();
        adam.restore(adam.steps(), poisoned);
        assert!(!trainer.state_mut().gan.is_finite());
        trainer.run(&|| false, &mut |_| ()).unwrap();
        let device = device::of_tests();
        let directory = RunDirectory::open_shared(&path).unwrap();
        for checkpoint in directory.list_checkpoints().unwrap() {
            let file = WeightFile::open(&checkpoint.path).unwrap();
            assert!(file.checkpoint(&device).unwrap().gan.is_finite());
        }
    }

    #[test]
    fn reports_after_a_rollback_average_over_the_steps_since_the_report_before() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run");
        let mut config = fixture::config(); // reports every third step
        config.saving = SavingOptions {
            checkpoint_every: Some(Every::Steps(100)),
            ..SavingOptions::default()
        }
        .build()
        .unwrap();
        let mut trainer = fixture::start(&path, config);
        run_to(&mut trainer, 7).unwrap();
        poison(&mut trainer);
        let mut reports = Vec::new();
        trainer
            .run(&|| false, &mut |step| reports.extend(step.report.cloned()))
            .unwrap();

        let lines = metrics(&path);
        assert_eq!(lines[0].refused, [8]); // it went back to the first weights
        let steps: Vec<u64> = reports.iter().map(|report| report.step).collect();
        assert_eq!(steps, [3, 6, 9]);
        for report in reports {
            let end = report.step as usize;
            let losses = lines[end - 3..end].iter().map(|line| line.metrics.loss_d);
            let mean = losses.map(f64::from).sum::<f64>() / 3.0;
            assert_eq!(report.means.loss_d, mean as f32, "step {end}");
        }
    }
}
