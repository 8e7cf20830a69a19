//! Training: the algorithm ([`training_step`]), the loop around it ([`Trainer`]),
//! and what a run writes into its folder.

mod averaging;
mod distributed;
mod error;
mod feed;
#[cfg(test)]
mod fixture;
mod health;
mod measured;
mod metrics;
mod noise;
mod pending;
mod picture_options;
mod progress;
mod report;
mod run_folder;
mod run_lock;
mod saved_run;
mod saving;
mod setup;
mod step;
mod together;
mod trainer;

pub(crate) use distributed::Buckets;
pub use error::TrainError;
pub use health::{Condition, Health};
pub use measured::{Measured, Signals, StepMetrics};
pub use metrics::{MetricsLine, MetricsLog, best, read as read_metrics};
pub use picture_options::picture_options;
pub use progress::{Outcome, Step};
pub use report::{Report, means};
pub use run_folder::RunFolder;
pub use saved_run::SavedRun;
pub use step::{StepNoise, training_step};
pub use together::check_same_pictures;
pub use trainer::Trainer;
