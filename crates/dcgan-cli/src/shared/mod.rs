//! What several commands share.

pub mod attributes;
pub mod checkpoint;
pub mod compute;
pub mod cores;
pub mod data_arguments;
pub mod dataset;
pub mod direction;
pub mod drawing;
pub mod early;
pub mod files;
pub mod generator;
pub mod interrupt;
pub mod launch;
pub mod limits;
pub mod made_by_us;
pub mod named;
pub mod origin;
pub mod output;
pub mod panics;
pub mod progress;
pub mod progress_log;
pub mod quoted;
pub mod similar;
pub mod targets;
pub mod version;
