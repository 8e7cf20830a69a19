//! When reports and checkpoints are due.

use dcgan_data::BatchPosition;

use crate::config::{Every, RunConfig};

/// The plan of a run, by the numbers of its steps.
#[derive(Debug, Clone)]
pub(super) struct Schedule {
    total_steps: u64,
    steps_per_epoch: u64,
    batches_per_epoch: u64,
    batches_per_step: u64,
    report_every: u64,
    checkpoint_every: Option<Every>,
    evaluate_every: Option<Every>,
    learning_rate_decay: f64,
}

/// What is requested after a step, apart from the schedule.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Requests {
    /// The run is to stop.
    pub stop: bool,
    /// The time between two checkpoints has passed.
    pub checkpoint: bool,
    /// The time between two evaluations has passed.
    pub evaluation: bool,
}

/// What is to be done after a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Due {
    pub report: bool,
    /// Whether the report belongs to the schedule, rather than only to the end of the run.
    pub scheduled_report: bool,
    pub checkpoint: bool,
    pub evaluation: bool,
}

impl Due {
    pub fn anything(self) -> bool {
        self.report || self.checkpoint || self.evaluation
    }
}

impl Schedule {
    /// The schedule of a run on this number of pictures.
    pub fn new(config: &RunConfig, pictures: u64) -> Self {
        let training = &config.training;
        let batches_per_epoch = (pictures / training.batch_size as u64).max(1);
        let batches_per_step = u64::from(training.d_steps);
        let steps_per_epoch = (batches_per_epoch / batches_per_step).max(1);
        Self {
            total_steps: training.length.total_steps(steps_per_epoch),
            steps_per_epoch,
            batches_per_epoch,
            batches_per_step,
            report_every: training.report_every,
            checkpoint_every: config.saving.checkpoint_every,
            evaluate_every: config.evaluation.every,
            learning_rate_decay: training.learning_rate_decay,
        }
    }

    /// What the learning rates are multiplied by in the step after `step`: 1, and in the last part
    /// of a training with a decay less and less.
    pub fn learning_rate_factor(&self, step: u64) -> f64 {
        let left = (self.total_steps - step.min(self.total_steps)) as f64;
        let decaying = self.learning_rate_decay * self.total_steps as f64;
        if left < decaying {
            left / decaying
        } else {
            1.0
        }
    }

    /// The number of the last step.
    pub fn total_steps(&self) -> u64 {
        self.total_steps
    }

    /// Steps in an epoch; it leaves out pictures that do not fill a batch.
    pub fn steps_per_epoch(&self) -> u64 {
        self.steps_per_epoch
    }

    /// The number of the last epoch.
    pub fn total_epochs(&self) -> u64 {
        self.total_steps.div_ceil(self.steps_per_epoch)
    }

    /// The epoch of a step, from 1.
    pub fn epoch_of(&self, step: u64) -> u64 {
        step.saturating_sub(1) / self.steps_per_epoch + 1
    }

    /// The number of a step in its epoch, from 1.
    pub fn step_of_epoch(&self, step: u64) -> u64 {
        step.saturating_sub(1) % self.steps_per_epoch + 1
    }

    /// The first batch of the step after `step`.
    pub fn batch_after(&self, step: u64) -> BatchPosition {
        let batch = step.saturating_mul(self.batches_per_step);
        BatchPosition {
            epoch: batch / self.batches_per_epoch,
            index: batch % self.batches_per_epoch,
        }
    }

    /// What is due after `step`.
    pub fn due(&self, step: u64, requests: Requests) -> Due {
        let ends = requests.stop || step == self.total_steps;
        let scheduled_report = step.is_multiple_of(self.report_every);
        let report = scheduled_report || ends;
        let scheduled_checkpoint = match self.checkpoint_every {
            None => report,
            Some(Every::Steps(steps)) => step.is_multiple_of(steps),
            Some(Every::Time(_)) => false,
        };
        Due {
            report,
            scheduled_report,
            checkpoint: ends || requests.checkpoint || scheduled_checkpoint,
            evaluation: match self.evaluate_every {
                Some(Every::Steps(steps)) => step.is_multiple_of(steps),
                Some(Every::Time(_)) => requests.evaluation,
                None => false,
            },
        }
    }

    /// The step of the scheduled report before `step`; 0 if there is none.
    pub fn report_before(&self, step: u64) -> u64 {
        (step - 1) / self.report_every * self.report_every
    }

    /// Whether a run may roll back to its checkpoint of `step`: only to scheduled ones, so that it
    /// goes to the same one whether it was stopped in between or not. With a time between
    /// checkpoints no steps are scheduled, and any will do.
    pub fn allows_rollback_to(&self, step: u64) -> bool {
        match self.checkpoint_every {
            None => step.is_multiple_of(self.report_every),
            Some(Every::Steps(steps)) => step.is_multiple_of(steps),
            Some(Every::Time(_)) => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::config::{Length, SavingOptions, TrainingOptions};
    use crate::train::fixture;

    /// Batches of 4, a report every third step.
    fn schedule(length: Length, checkpoint_every: Option<Every>, pictures: u64) -> Schedule {
        let mut config = fixture::config();
        let training = config.training.into_options();
        config.training = TrainingOptions { length, ..training }.build().unwrap();
        let saving = SavingOptions {
            checkpoint_every,
            ..SavingOptions::default()
        };
        config.saving = saving.build().unwrap();
        Schedule::new(&config, pictures)
    }

    /// The steps of 1 to 9 that have a report and a checkpoint.
    fn due(checkpoint_every: Option<Every>) -> (Vec<u64>, Vec<u64>) {
        let schedule = schedule(Length::Steps(8), checkpoint_every, 8);
        let due = |step| schedule.due(step, Requests::default());
        (
            (1..=8).filter(|&step| due(step).report).collect(),
            (1..=8).filter(|&step| due(step).checkpoint).collect(),
        )
    }

    #[test]
    fn checkpoints_follow_reports_unless_they_have_an_interval_of_their_own() {
        assert_eq!(due(None), (vec![3, 6, 8], vec![3, 6, 8]));
        let every_four = Some(Every::Steps(4));
        assert_eq!(due(every_four), (vec![3, 6, 8], vec![4, 8]));
        let every_hour = Some(Every::Time(Duration::from_secs(3600)));
        assert_eq!(due(every_hour), (vec![3, 6, 8], vec![8]));
    }

    #[test]
    fn a_stop_is_reported_and_saved_but_is_no_scheduled_report() {
        let schedule = schedule(Length::Steps(8), Some(Every::Steps(4)), 8);
        let stop = Requests {
            stop: true,
            ..Requests::default()
        };
        let saved = Due {
            report: true,
            scheduled_report: false,
            checkpoint: true,
            evaluation: false,
        };
        assert_eq!(schedule.due(5, stop), saved);
        let time_is_up = Requests {
            checkpoint: true,
            ..Requests::default()
        };
        let due = schedule.due(5, time_is_up);
        assert!(due.checkpoint && !due.report);
    }

    #[test]
    fn epochs_leave_out_pictures_that_do_not_fill_a_batch() {
        let schedule = schedule(Length::Epochs(3), None, 11);
        assert_eq!((schedule.steps_per_epoch(), schedule.total_steps()), (2, 6));
        let epochs: Vec<u64> = (1..=6).map(|step| schedule.epoch_of(step)).collect();
        assert_eq!(epochs, [1, 1, 2, 2, 3, 3]);
        let steps: Vec<u64> = (1..=6).map(|step| schedule.step_of_epoch(step)).collect();
        assert_eq!(steps, [1, 2, 1, 2, 1, 2]);
        let position = BatchPosition { epoch: 2, index: 1 };
        assert_eq!(schedule.batch_after(5), position);
    }

    #[test]
    fn a_rollback_leads_to_scheduled_checkpoints_only() {
        let steps = |every| -> Vec<u64> {
            let schedule = schedule(Length::Steps(8), every, 8);
            (1..=8)
                .filter(|&step| schedule.allows_rollback_to(step))
                .collect()
        };
        assert_eq!(steps(None), [3, 6]);
        assert_eq!(steps(Some(Every::Steps(4))), [4, 8]);
        let any = steps(Some(Every::Time(Duration::from_secs(60))));
        assert_eq!(any.len(), 8);
    }
}
