//! Training: the algorithm ([`training_step`]), the loop around it ([`Trainer`]),
//! and what a run writes into its folder.

mod error;
mod loss_plot;
mod metrics;
mod picture_options;
mod report;
mod run_folder;
mod saved_run;
mod step;
mod trainer;

pub use error::TrainError;
pub use loss_plot::{LossPoint, PlotError, render as render_loss_plot};
pub use metrics::{MetricsLine, MetricsLog};
pub use picture_options::picture_options;
pub use report::Report;
pub use run_folder::RunFolder;
pub use saved_run::SavedRun;
pub use step::{StepMetrics, StepNoise, training_step};
pub use trainer::{Outcome, Step, Trainer};
