//! What a run shows while it trains: a bar if there is a terminal, and a line for each report.

use std::time::Duration;

use dcgan::config::RunConfig;
use dcgan::evaluation::Evaluation;
use dcgan::train::{Condition, Health, Progress, Report, Signals, Trainer};
use indicatif::{HumanDuration, ProgressBar, ProgressStyle};

use crate::shared::output;
use crate::words;

/// The weight of the newest step in the running means.
const NEWEST_WEIGHT: f64 = 0.05;

/// Waiting for pictures is shown if it takes a larger share of the time than this.
const MIN_WAIT_SHOWN: f64 = 0.01;

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
    /// Whether a file could not be written at the last step.
    has_write_error: bool,
    /// What was wrong at the last report.
    conditions: Vec<Condition>,
    /// The settings of the run, which say what to try.
    config: RunConfig,
}

impl Display {
    /// Prints what is about to be trained.
    pub fn new(trainer: &Trainer) -> Self {
        let config = trainer.config();
        let (model, training) = (&config.model, &config.training);
        let gan = trainer.gan();
        output::line(&format!(
            "preset {}, {}x{} pixels, {}; generator {}, discriminator {} parameters",
            model.preset,
            model.image_size,
            model.image_size,
            if model.channels == 1 {
                "grey"
            } else {
                "colour"
            },
            gan.generator.network().parameter_count(),
            gan.discriminator.network().parameter_count(),
        ));
        output::line(&format!(
            "steps {} to {}, {} per epoch, batch size {}, report every {} steps{}",
            trainer.step() + 1,
            trainer.total_steps(),
            trainer.steps_per_epoch(),
            training.batch_size,
            training.report_every,
            rank_count(trainer),
        ));
        let style = ProgressStyle::with_template("{prefix} {wide_bar} {msg}")
            .unwrap_or_else(|_| ProgressStyle::default_bar());
        let bar = ProgressBar::new(trainer.steps_per_epoch()).with_style(style);
        bar.set_message("first step");
        Self {
            bar,
            batch_size: training.batch_size as f64,
            first_step: trainer.step() + 1,
            seconds: None,
            waited: 0.0,
            losses: None,
            has_write_error: false,
            conditions: trainer.conditions().to_vec(),
            config: trainer.config().clone(),
        }
    }

    /// Moves the bar, and prints the report if there is one.
    pub fn show(&mut self, step: &Progress) {
        self.measure(step);
        let left = self.seconds.unwrap_or(0.0) * (step.total_steps - step.step) as f64;
        self.bar.set_length(step.steps_per_epoch);
        self.bar.set_position(step.step_of_epoch);
        self.bar
            .set_prefix(format!("epoch {}/{}", step.epoch, step.total_epochs));
        self.bar.set_message(format!(
            "{:.0} pictures/s{}, {:#} left{}",
            self.pictures_per_second(),
            self.wait(),
            HumanDuration(Duration::try_from_secs_f64(left).unwrap_or(Duration::MAX)),
            self.losses_text(),
        ));
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
            let line = self.line(step, report);
            self.bar.suspend(|| output::line(&line));
            self.show_health(report);
        }
        if let Some(evaluation) = &step.evaluation {
            self.show_evaluation(step.step, evaluation);
        }
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

    /// Prints measurements of the fakes, what has gone wrong since the last report and what has
    /// recovered.
    fn show_health(&mut self, report: &Report) {
        let Some(health) = &report.health else {
            return;
        };
        let line = health_line(health, report.means.signals.as_ref());
        let new = report
            .conditions
            .iter()
            .filter(|condition| !self.conditions.contains(condition));
        let over = self
            .conditions
            .iter()
            .filter(|condition| !report.conditions.contains(condition));
        self.bar.suspend(|| {
            output::line(&line);
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

    /// The share of the time spent waiting for pictures, if it is noticeable.
    fn wait(&self) -> String {
        let share = match self.seconds {
            Some(seconds) if seconds > 0.0 => (self.waited / seconds).min(1.0),
            _ => 0.0,
        };
        if share > MIN_WAIT_SHOWN {
            format!(" ({:.0}% of the time waiting for pictures)", share * 100.0)
        } else {
            String::new()
        }
    }

    fn line(&self, step: &Progress, report: &Report) -> String {
        let percent = |share: f32| (share * 100.0).round();
        format!(
            "step {}/{}, epoch {}/{}: loss D {:.3}, G {:.3}; D right on {}% of real, {}% of fake; {:.0} pictures/s{}; {}",
            step.step,
            step.total_steps,
            report.epoch,
            step.total_epochs,
            report.means.loss_d,
            report.means.loss_g,
            percent(report.means.accuracy_real),
            percent(report.means.accuracy_fake),
            self.pictures_per_second(),
            self.wait(),
            report.fake_grid.display()
        )
    }
}

/// The measurements other than the losses, on a line of their own.
fn health_line(health: &Health, signals: Option<&Signals>) -> String {
    let percent = |share: f32| (share * 100.0).round();
    let mut line = format!(
        "  fakes {}% as varied as real pictures ({}% in D's features)",
        percent(health.diversity),
        percent(health.diversity_features)
    );
    if let Some(change) = health.change {
        line += &format!(", moved by {}%", percent(change));
    }
    line += &format!(
        ", {}% of their values saturated",
        percent(health.saturated_fake)
    );
    if let Some(signals) = signals {
        line += &format!(
            "; mean logit {:.1} real, {:.1} fake; gradient D {:.2}, G {:.2}",
            signals.logit_real, signals.logit_fake, signals.gradient_d, signals.gradient_g
        );
    }
    line
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
