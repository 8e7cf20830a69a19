//! Everything that a run writes: its directory with `config.toml`, `metrics.jsonl`, reports and
//! checkpoints.
//!
//! ```text
//! root               what rank 0 has written, and what it writes next
//! run_directory      the names of the files
//! saved_checkpoints  which there are, and which go
//! owner              which run a file belongs to
//! lock               one process per run
//! metrics            `metrics.jsonl`
//! times              `times.jsonl`
//! abandoned          what a rollback sets aside
//! drawing            grids of pictures, the plot of the losses, and weight files
//! repairs            what a resumed run finds changed
//! report             what a report says
//! ```

mod abandoned;
mod drawing;
mod listing;
mod lock;
mod metrics;
mod owner;
mod repairs;
mod report;
mod root;
mod run_directory;
mod saved_checkpoints;
mod times;

pub(super) use drawing::Drawing;
pub(crate) use drawing::distance_panel;
pub use metrics::{
    Best, Distance, Measure, MetricsLine, best, best_by, damaged_lines, distances,
    read as read_metrics,
};
pub use repairs::{MissingLines, Repairs};
pub use report::{Report, means};
pub(super) use root::RootJournal;
pub use run_directory::RunDirectory;
pub use saved_checkpoints::SavedCheckpoint;
pub use times::{TrainedTime, read as read_times};

/// What a rank writes.
pub(super) enum Journal {
    /// Rank 0 writes everything.
    Root(Box<RootJournal>),
    /// Other ranks write nothing.
    Silent,
}
