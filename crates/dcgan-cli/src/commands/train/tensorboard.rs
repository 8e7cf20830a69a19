//! `--tensorboard`: what the training measures, for TensorBoard, in the folder `tensorboard` of the run.
//!
//! It follows the training from outside: everything in it is in the run's own files too. So a run that
//! is resumed gets what is missing from those.

use std::fs;
use std::io;
use std::path::PathBuf;

use anyhow::{Context, Result};
use dcgan::evaluation::Evaluation;
use dcgan::train::{
    Health, MetricsLine, Progress, RunDirectory, StepMetrics, Trainer, read_metrics,
};
use dcgan_export::tensorboard::EventLog;

use super::command::command_of;
use crate::shared::output;

/// Writes the event files of a run.
pub struct TensorBoard {
    directory: RunDirectory,
    log: EventLog,
    /// The configuration and the command.
    texts: [(&'static str, String); 2],
    /// The last step in it.
    last: u64,
    has_real_pictures: bool,
}

/// What a report compares, and an evaluation.
#[derive(Default)]
struct Measures {
    health: Option<Health>,
    distance: Option<f32>,
    evaluation: Option<Evaluation>,
}

/// Opens the event files of a run that is about to train, if they are asked for or are there already.
///
/// # Errors
/// If they cannot be written.
pub fn open(
    is_wanted: bool,
    trainer: &Trainer,
    directory: &RunDirectory,
) -> Result<Option<TensorBoard>> {
    let folder = directory.tensorboard();
    if !is_wanted && !folder.is_dir() {
        return Ok(None);
    }
    let opened = TensorBoard::open(folder.clone(), trainer, directory);
    opened
        .map(Some)
        .with_context(|| format!("cannot write {}", folder.display()))
}

impl TensorBoard {
    fn open(folder: PathBuf, trainer: &Trainer, directory: &RunDirectory) -> io::Result<Self> {
        let step = trainer.step();
        let (log, last) = EventLog::open(&folder, (step > 0).then_some(step))?;
        let config = trainer.config();
        let settings = config.to_toml().unwrap_or_default();
        let mut board = Self {
            directory: directory.clone(),
            log,
            texts: [
                ("config", format!("```toml\n{settings}```")),
                ("command", format!("`{}`", command_of(config))),
            ],
            last: last.unwrap_or(0),
            has_real_pictures: last.is_some(),
        };
        if last.is_none() {
            board.write_texts()?;
        }
        let lines = read_metrics(&directory.metrics()).unwrap_or_default();
        for line in lines.iter().filter(|line| line.step <= step) {
            if line.step > board.last {
                board.write_line(line)?;
            }
        }
        board.last = step;
        board.log.flush()?;
        Ok(board)
    }

    /// Writes what a step reports. `None` if that failed, which ends the event files but not the
    /// training.
    pub fn follow(mut self, progress: &Progress) -> Option<Self> {
        match self.write(progress) {
            Ok(()) => Some(self),
            Err(error) => {
                output::note(&format!(
                    "cannot write {}, so TensorBoard sees nothing after step {}: {error}",
                    self.directory.tensorboard().display(),
                    self.last
                ));
                None
            }
        }
    }

    fn write(&mut self, progress: &Progress) -> io::Result<()> {
        let Some(first) = (progress.step + 1).checked_sub(progress.read.len() as u64) else {
            return Ok(());
        };
        if !progress.read.is_empty() && first <= self.last {
            // the run was rolled back
            let kept = first - 1;
            self.log.cut_back((kept > 0).then_some(kept))?;
            if kept == 0 {
                self.write_texts()?;
            }
        }
        for (step, metrics) in (first..).zip(progress.read) {
            let mut measures = Measures::default();
            if step == progress.step {
                if progress.report.is_some() {
                    self.write_pictures(step)?;
                }
                measures = Measures {
                    health: progress.report.and_then(|report| report.health),
                    distance: progress.report.and_then(|report| report.distance),
                    evaluation: progress.evaluation,
                };
            }
            self.write_step(step, metrics, &measures)?;
        }
        self.log.flush()
    }

    fn write_line(&mut self, line: &MetricsLine) -> io::Result<()> {
        self.write_pictures(line.step)?;
        let measures = Measures {
            health: line.health,
            distance: line.distance,
            evaluation: line.evaluation,
        };
        self.write_step(line.step, &line.metrics, &measures)
    }

    /// Writes the numbers of a step, which come last: a step that has them is complete.
    fn write_step(
        &mut self,
        step: u64,
        metrics: &StepMetrics,
        measures: &Measures,
    ) -> io::Result<()> {
        let mut scalars = vec![
            ("loss/discriminator", metrics.loss_d),
            ("loss/generator", metrics.loss_g),
            ("accuracy/real", metrics.accuracy_real),
            ("accuracy/fake", metrics.accuracy_fake),
        ];
        if let Some(signals) = &metrics.signals {
            scalars.extend([
                ("logit/real", signals.logit_real),
                ("logit/fake", signals.logit_fake),
                ("gradient/discriminator", signals.gradient_d),
                ("gradient/generator", signals.gradient_g),
            ]);
        }
        if let Some(health) = &measures.health {
            scalars.extend([
                ("report/diversity", health.diversity),
                ("report/twins", health.twins),
            ]);
            let measured = [
                ("report/change", health.change),
                ("report/novelty", health.novelty),
                ("report/contrast", health.contrast),
                ("report/colours", health.colours),
            ];
            scalars.extend(
                measured
                    .map(|(tag, value)| Some((tag, value?)))
                    .into_iter()
                    .flatten(),
            );
        }
        scalars.extend(
            measures
                .distance
                .map(|distance| ("report/distance", distance)),
        );
        if let Some(evaluation) = &measures.evaluation {
            scalars.push(("evaluation/swd", evaluation.swd));
            scalars.extend(evaluation.kid.map(|kid| ("evaluation/kid", kid)));
            scalars.extend(evaluation.fid.map(|fid| ("evaluation/fid", fid)));
        }
        self.log.scalars(step, &scalars)?;
        self.last = step;
        Ok(())
    }

    /// Writes the grid of fakes of a step if there is one; that of real pictures once.
    fn write_pictures(&mut self, step: u64) -> io::Result<()> {
        let directory = &self.directory;
        if let Ok(fakes) = fs::read(directory.fake_grid(step)) {
            self.log.picture(step, "pictures/fake", fakes)?;
        }
        if !self.has_real_pictures
            && let Ok(real) = fs::read(directory.real_grid(step))
        {
            self.log.picture(step, "pictures/real", real)?;
            self.has_real_pictures = true;
        }
        Ok(())
    }

    fn write_texts(&mut self) -> io::Result<()> {
        for (tag, text) in &self.texts {
            self.log.text(0, tag, text)?;
        }
        Ok(())
    }
}
