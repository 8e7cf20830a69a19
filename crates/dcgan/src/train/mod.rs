//! Training: the algorithm ([`training_step`]), the loop around it ([`Trainer`]), and the
//! directory of a run ([`RunDirectory`]).
//!
//! ```text
//! step         the algorithm
//! run          the loop
//! state        what a checkpoint holds
//! schedule     when reports and checkpoints are due
//! noise, feed  what a step takes: random numbers and real pictures
//! view         pictures as the discriminator sees them
//! measured     what a step measures
//! window       the steps whose measurements have not been read back
//! critic       how the fakes compare with real pictures, and what is wrong with them
//! journal      everything that is written
//! recover      the rollback from non-finite losses or weights
//! distributed  what ranks agree on
//! saved_run    a run in its directory, to be resumed
//! setup        starting, resuming and joining a run
//! ```

mod critic;
mod distributed;
mod error;
mod feed;
#[cfg(test)]
mod fixture;
#[cfg(test)]
mod interrupted;
mod journal;
mod measured;
mod noise;
mod picture_options;
mod progress;
mod recover;
mod run;
mod saved_run;
mod schedule;
mod setup;
mod state;
mod step;
mod view;
mod window;

pub(crate) use journal::distance_panel;

pub use critic::{Advice, Condition, Health};
pub use distributed::check_same_pictures;
pub use error::TrainError;
pub use journal::{
    Best, Distance, Measure, MetricsLine, MissingLines, Repairs, Report, RunDirectory,
    SavedCheckpoint, TrainedTime, best, best_by, damaged_lines, distances, means, read_metrics,
    read_times,
};
pub use measured::{Measured, Signals, StepMetrics};
pub use picture_options::picture_options;
pub use progress::{Outcome, Progress};
pub use run::Trainer;
pub use saved_run::SavedRun;
pub(crate) use saved_run::check_none_was_saved;
pub use step::{StepNoise, Views, discriminator_step, training_step};
pub use view::View;
