//! What a run shows while it trains: a bar if there is a terminal, and a row for each report.

use std::time::Duration;

use dcgan::config::RunConfig;
use dcgan::evaluation::Evaluation;
use dcgan::train::{Condition, Progress, Report, RunDirectory, Trainer};
use dcgan_support::bytes::Bytes;
use indicatif::{HumanDuration, ProgressBar, ProgressStyle};

use crate::shared::{output, progress};
use crate::words::{self, counted, report_table};

/// The weight of the newest step in the running means.
const NEWEST_WEIGHT: f64 = 0.05;

/// Waiting for pictures is shown, instead of the losses, if it takes a larger share of the time than this.
const MIN_WAIT_SHOWN: f64 = 0.05;

/// Reports name it if it takes a larger share than this.
const MIN_WAIT_REPORTED: f64 = 0.1;

/// Steps whose time tells how long the run will take.
const STEPS_TO_TIME: u64 = 10;

/// Shows the progress of a run.
pub struct Display {
    bar: ProgressBar,
    batch_size: f64,
    first_step: u64,
    /// Running mean of the seconds of a step.
    seconds: Option<f64>,
    /// Running mean of the seconds that a step waits for its pictures.
    waited: f64,
    /// Running means of the losses of D and G, once some have been read back from the device.
    losses: Option<[f64; 2]>,
    /// Whether the heading of the reports has been printed.
    has_heading: bool,
    /// Whether a file could not be written at the last step.
    has_write_error: bool,
    /// What was wrong at the last report.
    conditions: Vec<Condition>,
    /// The settings of the run, which say what to try.
    config: RunConfig,
}

impl Display {
    /// Prints what is about to be trained.
    pub fn new(trainer: &Trainer, directory: &RunDirectory) -> Self {
        print_plan(trainer, directory);
        let style = ProgressStyle::with_template("{wide_bar} {msg}")
            .unwrap_or_else(|_| ProgressStyle::default_bar());
        let bar = progress::new(trainer.total_steps()).with_style(style);
        bar.set_position(trainer.step());
        bar.set_message("first step");
        Self {
            bar,
            batch_size: trainer.config().training.batch_size as f64,
            first_step: trainer.step() + 1,
            seconds: None,
            waited: 0.0,
            losses: None,
            has_heading: false,
            has_write_error: false,
            conditions: trainer.conditions().to_vec(),
            config: trainer.config().clone(),
        }
    }

    /// Moves the bar, and prints the report if there is one.
    pub fn show(&mut self, step: &Progress) {
        self.measure(step);
        let steps_left = step.total_steps - step.step;
        let left = self.seconds.unwrap_or(0.0) * steps_left as f64;
        self.bar.set_position(step.step);
        self.bar.set_message(format!(
            "step {}/{}, {:.0} pictures/s, {:#} left{}",
            step.step,
            step.total_steps,
            self.pictures_per_second(),
            HumanDuration(duration(left)),
            self.wait().unwrap_or_else(|| self.losses_text()),
        ));
        if step.step == self.first_step + STEPS_TO_TIME
            && let Some(seconds) = self.seconds
            && left > 60.0
        {
            let line = format!(
                "time: {seconds:.2} s a step, about {}",
                HumanDuration(duration(left))
            );
            self.bar.suspend(|| output::line(&line));
        }
        if let Some(error) = step.write_error
            && (step.report.is_some() || !self.has_write_error)
        {
            let note = format!(
                "step {}: {}; the training continues",
                step.step,
                words::line_of(error)
            );
            self.bar.suspend(|| output::note(&note));
        }
        self.has_write_error = step.write_error.is_some();
        if let Some(report) = step.report {
            self.show_report(step.step, report);
            self.show_conditions(report);
        }
        if let Some(evaluation) = &step.evaluation {
            self.show_evaluation(step.step, evaluation);
        }
    }

    /// Prints the row of a report.
    fn show_report(&mut self, step: u64, report: &Report) {
        let variety = report.health.map(|health| health.diversity);
        let row = report_table::row(step, &report.means, variety, report.distance);
        let row = format!("{row}  {:>10.0}", self.pictures_per_second());
        let is_first = !std::mem::replace(&mut self.has_heading, true);
        self.bar.suspend(|| {
            if is_first {
                output::line(&format!("{}  pictures/s", report_table::HEADING));
            }
            output::line(&row);
            if self.waited_share() > MIN_WAIT_REPORTED {
                output::line(&format!(
                    "  {:.0}% of the time was spent waiting for pictures",
                    self.waited_share() * 100.0
                ));
            }
        });
    }

    /// Prints the figures of an evaluation.
    fn show_evaluation(&self, step: u64, evaluation: &Evaluation) {
        let mut figures = vec![format!("SWD x 1000 {:.2}", evaluation.swd)];
        figures.extend(evaluation.kid.map(|kid| format!("KID {kid:.5}")));
        figures.extend(evaluation.fid.map(|fid| format!("FID {fid:.2}")));
        let line = format!(
            "  evaluation at step {step}: {} ({} pictures a side)",
            figures.join(", "),
            evaluation.pictures
        );
        self.bar.suspend(|| output::line(&line));
    }

    /// Prints what has gone wrong since the last report and what has recovered.
    fn show_conditions(&mut self, report: &Report) {
        if report.health.is_none() {
            return;
        }
        let new = report
            .conditions
            .iter()
            .filter(|condition| !self.conditions.contains(condition));
        let over = self
            .conditions
            .iter()
            .filter(|condition| !report.conditions.contains(condition));
        self.bar.suspend(|| {
            for &condition in new {
                let advice = condition.advice(&self.config);
                let line = words::health::line(condition, &advice);
                output::line(&format!("  problem: {line}."));
            }
            for condition in over {
                output::line(&format!("  solved: {}.", condition.name()));
            }
        });
        self.conditions.clone_from(&report.conditions);
    }

    /// Removes the bar.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }

    fn measure(&mut self, step: &Progress) {
        let running = |mean: f64, newest: f64| mean + NEWEST_WEIGHT * (newest - mean);
        for metrics in step.read {
            let newest = [metrics.loss_d, metrics.loss_g].map(f64::from);
            self.losses = Some(match self.losses {
                None => newest,
                Some([d, g]) => [running(d, newest[0]), running(g, newest[1])],
            });
        }
        if !step.read.is_empty() {
            let seconds = step.took.as_secs_f64() / step.read.len() as f64;
            self.seconds = Some(self.seconds.map_or(seconds, |mean| running(mean, seconds)));
        }
        // the first batch is not prepared in the background
        if step.step > self.first_step {
            self.waited = running(self.waited, step.waited.as_secs_f64());
        }
    }

    fn losses_text(&self) -> String {
        match self.losses {
            Some([d, g]) => format!(", loss D {d:.3} G {g:.3}"),
            None => String::new(),
        }
    }

    fn pictures_per_second(&self) -> f64 {
        match self.seconds {
            Some(seconds) if seconds > 0.0 => self.batch_size / seconds,
            _ => 0.0,
        }
    }

    /// The share of the time spent waiting for pictures.
    fn waited_share(&self) -> f64 {
        match self.seconds {
            Some(seconds) if seconds > 0.0 => (self.waited / seconds).min(1.0),
            _ => 0.0,
        }
    }

    /// The same in words, if it is noticeable.
    fn wait(&self) -> Option<String> {
        let share = self.waited_share();
        (share > MIN_WAIT_SHOWN).then(|| format!(", {:.0}% waiting for pictures", share * 100.0))
    }
}

/// Prints the networks, the length and the files of a run.
fn print_plan(trainer: &Trainer, directory: &RunDirectory) {
    let config = trainer.config();
    let (model, training) = (&config.model, &config.training);
    let gan = trainer.gan();
    let colours = match model.channels {
        1 => "grey",
        _ => "colour",
    };
    output::line(&format!(
        "preset {}, {}x{}, {colours}; parameters: generator {}, discriminator {}",
        model.preset,
        model.image_size,
        model.image_size,
        gan.generator.network().parameter_count(),
        gan.discriminator.network().parameter_count(),
    ));
    output::line(&format!(
        "steps {} to {}, {} per epoch, batch size {}, report every {}{}",
        trainer.step() + 1,
        trainer.total_steps(),
        trainer.steps_per_epoch(),
        training.batch_size,
        counted(training.report_every, "step"),
        rank_count(trainer),
    ));
    output::line(&format!(
        "run {}: pictures of each report in samples/; {} of {} each",
        directory.path().display(),
        // and the best one
        counted(config.saving.keep as u64 + 1, "checkpoint"),
        Bytes(gan.checkpoint_bytes()),
    ));
}

fn duration(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX)
}

/// The number of ranks, if there are several.
fn rank_count(trainer: &Trainer) -> String {
    let ranks = trainer.ranks();
    if ranks.is_alone() {
        String::new()
    } else {
        format!(", {} ranks", ranks.count())
    }
}
