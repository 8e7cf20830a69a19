//! What of a run is saved and when, what a disk that fails means for it, and how it goes back
//! from what is no number.

use std::time::Instant;

use burn::tensor::Tensor;

use super::metrics::{MetricsLine, MetricsLog, best};
use super::report::Drawing;
use super::{TrainError, Trainer};
use crate::checkpoint::{FileHeader, FileKind, WeightFile, save_checkpoint};
use crate::config::{Every, OnWriteError, Precision, RunConfig, SavingConfig};
use crate::gan::Gan;
use dcgan_support::trace::span;

/// How often a run goes back before it gives up.
const MOST_RETRIES: u64 = 3;

/// What is to be written after a step.
#[derive(Debug, Clone, Copy)]
pub(super) struct Due {
    /// Whether the step's number asks for a report, and not the end of the run alone.
    pub by_plan: bool,
    pub report: bool,
    pub checkpoint: bool,
}

impl Due {
    pub fn anything(self) -> bool {
        self.report || self.checkpoint
    }
}

/// When the last checkpoint was written.
#[derive(Debug)]
pub(super) struct Clock(Instant);

impl Clock {
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// Whether a checkpoint is due because of the time.
    pub fn is_due(&self, saving: &SavingConfig) -> bool {
        matches!(saving.checkpoint_every, Some(Every::Time(time)) if self.0.elapsed() >= time)
    }
}

/// Whether a checkpoint is due after `step`, with a report or without, whatever the time is.
pub(super) fn is_due(saving: &SavingConfig, step: u64, report: bool) -> bool {
    match saving.checkpoint_every {
        None => report,
        Some(Every::Steps(steps)) => step.is_multiple_of(steps),
        Some(Every::Time(_)) => false,
    }
}

/// Whether a distance is smaller than all before it.
pub(super) fn is_best(lines: &[MetricsLine], distance: Option<f32>) -> bool {
    distance.is_some_and(|new| best(lines).is_none_or(|(_, old)| new < old))
}

/// Writes what is due. `real` is the last batch.
pub(super) fn save(
    trainer: &mut Trainer,
    due: Due,
    drawing: Option<&Drawing>,
    real: Tensor<4>,
) -> Result<(), TrainError> {
    let saved = write(trainer, due, drawing, real);
    if saved.is_ok() {
        trainer.trouble = None; // the newest files hold all that earlier ones would have
    }
    tolerate(trainer, saved)
}

fn write(
    trainer: &mut Trainer,
    due: Due,
    drawing: Option<&Drawing>,
    real: Tensor<4>,
) -> Result<(), TrainError> {
    find_folder(trainer)?;
    trainer.metrics.sync()?;
    let header = FileHeader {
        schema: FileHeader::SCHEMA,
        kind: FileKind::Checkpoint,
        model: trainer.config.model.clone(),
        step: trainer.step,
        retries: trainer.retries,
        data: trainer.data.clone(),
        run: Some(trainer.config.clone()),
    };
    let (folder, lines) = (&trainer.folder, trainer.metrics.lines());
    if let Some(drawing) = drawing {
        drawing.write(folder, &trainer.gan.discriminator, real, &header, lines)?;
    }
    if !due.checkpoint {
        return Ok(());
    }
    span("checkpoint", || {
        save_checkpoint(&folder.checkpoint(header.step), &trainer.gan, &header)
    })?;
    let mut needed: Vec<u64> = best(lines).map(|(step, _)| step).into_iter().collect();
    let checkpoints = folder.list_checkpoints()?.into_iter();
    let mut planned = checkpoints
        .map(|(step, _)| step)
        .filter(|&step| step <= header.step && is_planned(&trainer.config, step));
    needed.extend(planned.next());
    folder.remove_old_checkpoints(header.step, trainer.config.saving.keep, &needed)?;
    trainer.clock = Clock::start();
    Ok(())
}

/// Makes sure that there is a folder to write to.
fn find_folder(trainer: &mut Trainer) -> Result<(), TrainError> {
    if trainer.folder.config().exists() {
        return Ok(());
    }
    match trainer.config.saving.on_write_error {
        OnWriteError::Continue => trainer.folder.make_again(&trainer.config),
        OnWriteError::Stop => Err(TrainError::Gone {
            path: trainer.folder.path().to_owned(),
            step: trainer.step,
        }),
    }
}

/// Lets a run go on that is to go on whatever the disk has against it.
pub(super) fn tolerate(
    trainer: &mut Trainer,
    written: Result<(), TrainError>,
) -> Result<(), TrainError> {
    match (written, trainer.config.saving.on_write_error) {
        (Err(error), OnWriteError::Continue) if error.is_of_the_disk() => {
            trainer.trouble = Some(error);
            Ok(())
        }
        (written, _) => written,
    }
}

/// Whether a checkpoint of this step was written by plan, not because the run was stopped
/// there: a run goes back to such steps alone, so that it goes back to the same one whether
/// it was stopped in between or not. With a time between checkpoints there is no plan of
/// steps, and any will do.
fn is_planned(config: &RunConfig, step: u64) -> bool {
    match config.saving.checkpoint_every {
        None => step.is_multiple_of(config.training.report_every),
        Some(Every::Steps(steps)) => step.is_multiple_of(steps),
        Some(Every::Time(_)) => true,
    }
}

/// Back to the newest checkpoint, or to the beginning, from where the noise is another.
pub(super) fn go_back(trainer: &mut Trainer) -> Result<(), TrainError> {
    let step = trainer.step;
    if trainer.retries >= MOST_RETRIES {
        let earlier = trainer.metrics.lines().iter();
        let mut refused: Vec<u64> = earlier.flat_map(|line| line.refused.clone()).collect();
        refused.append(&mut trainer.refused);
        let error = TrainError::NotFinite { step, refused };
        // for those who look at the run later; that it is told now matters more
        let _ = std::fs::write(trainer.folder.failure(), format!("{error}\n"));
        return Err(error);
    }
    (trainer.gan, trainer.step) = newest_good(trainer)?;
    trainer.retries += 1;
    // what the lines tell that are cut off now is told by the next one
    let lines = trainer.metrics.lines().iter();
    let cut_off = lines.filter(|line| line.step > trainer.step);
    let mut refused: Vec<u64> = cut_off.flat_map(|line| line.refused.clone()).collect();
    refused.append(&mut trainer.refused);
    refused.push(step);
    trainer.refused = refused;
    trainer.metrics = MetricsLog::open(&trainer.folder.metrics(), trainer.step)?;
    Ok(())
}

/// The networks of the newest checkpoint by plan that verifies, or the first ones.
fn newest_good(trainer: &Trainer) -> Result<(Gan, u64), TrainError> {
    let config = &trainer.config;
    for (step, path) in trainer.folder.list_checkpoints()? {
        if step >= trainer.step || !is_planned(config, step) {
            continue;
        }
        let file = WeightFile::open(&path).and_then(|file| file.checkpoint(&trainer.device));
        if let Ok(checkpoint) = file
            && checkpoint.gan.is_finite()
        {
            let gan = if config.training.precision == Precision::F32 {
                checkpoint.gan.in_f32() // the checkpoint may be from another device's f16
            } else {
                checkpoint.gan
            };
            return Ok((gan, step));
        }
    }
    let first = Gan::new(&config.model, &config.training, &trainer.device)?;
    Ok((first, 0))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::super::{Outcome, RunFolder, SavedRun, fixture};
    use super::*;
    use crate::config::SavingOptions;
    use crate::device;

    fn start(path: &Path) -> Trainer {
        fixture::start(path, fixture::config())
    }

    fn resume(path: &Path) -> Trainer {
        let saved = SavedRun::open(RunFolder::open(path).unwrap(), &device::of_tests()).unwrap();
        let (faces, summary) = fixture::faces();
        Trainer::resume(saved, faces, summary).unwrap().0
    }

    fn run_to(trainer: &mut Trainer, step: u64) -> Result<Outcome, TrainError> {
        let made = std::cell::Cell::new(trainer.step());
        let stop = || made.replace(made.get() + 1) + 1 >= step;
        trainer.run(&stop, &mut |_| ())
    }

    fn poison(trainer: &mut Trainer) {
        let network = trainer.gan.generator.network_mut();
        for parameter in network.parameters_mut() {
            parameter.set_values(vec![f32::NAN; parameter.len()]);
        }
    }

    fn metrics(path: &Path) -> Vec<MetricsLine> {
        let text = fs::read_to_string(path.join("metrics.jsonl")).unwrap();
        let lines = text.lines().map(|line| serde_json::from_str(line).unwrap());
        lines.collect()
    }

    #[test]
    fn what_is_no_number_is_never_saved_and_other_noise_leads_past_it() {
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
        // back to the checkpoint by plan, not to where it was stopped
        assert_eq!(lines[3].refused, [5]);
        assert!(trainer.gan.is_finite());

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
    fn a_run_that_went_back_is_resumed_bit_for_bit() {
        let folder = tempfile::tempdir().unwrap();
        let [whole, parts] = ["whole", "parts"].map(|name| folder.path().join(name));
        for path in [&whole, &parts] {
            let mut trainer = start(path);
            run_to(&mut trainer, 4).unwrap();
            poison(&mut trainer);
            match path == &parts {
                false => drop(trainer.run(&|| false, &mut |_| ()).unwrap()),
                true => drop(run_to(&mut trainer, 9).unwrap()), // 4 to 7: 5 was refused
            }
        }
        let mut trainer = resume(&parts);
        assert!((4..9).contains(&trainer.step()) && trainer.retries == 1);
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
    fn weights_are_looked_at_before_they_are_written_even_if_the_losses_are_numbers() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run");
        let mut trainer = start(&path);
        run_to(&mut trainer, 5).unwrap();
        // no loss depends on the running statistics
        let network = trainer.gan.generator.network_mut();
        let mut poisoned = trainer.gan.discriminator_adam.moments().to_vec();
        assert!(!network.batch_norms().is_empty());
        for moments in &mut poisoned {
            *moments = moments
                .clone()
                .map(|moment| moment.mul_scalar(f32::INFINITY));
        }
        let host = |moment: &Tensor<1>| crate::model::to_host(moment.clone());
        let poisoned = poisoned.iter().map(|[one, two]| (host(one), host(two)));
        let steps = trainer.gan.discriminator_adam.steps();
        trainer
            .gan
            .discriminator_adam
            .restore(steps, poisoned.collect());
        assert!(!trainer.gan.is_finite());
        trainer.run(&|| false, &mut |_| ()).unwrap();
        let device = device::of_tests();
        for (_, checkpoint) in trainer.folder.list_checkpoints().unwrap() {
            let file = WeightFile::open(&checkpoint).unwrap();
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
