//! How a run is: what is measured at each report, and what that means.
//!
//! ```text
//! points     pictures as points, and distances between sets of them
//! yardstick  what fakes are compared with, and the comparison
//! condition  what can be wrong, in words
//! judge      the signs of it
//! look       a look at the fakes of a report
//! ```

mod condition;
#[cfg(test)]
mod conditions;
mod judge;
mod look;
mod points;
mod yardstick;

pub use condition::Condition;
pub(super) use judge::judge;
pub(super) use look::look;
pub(super) use points::Points;
pub(super) use yardstick::{Look, Yardstick};

use serde::{Deserialize, Serialize};

/// How the fakes of a report compare with real pictures. 64 fakes of the same noise at each
/// report, and 64 real pictures, always the same ones; where nothing else is said, distances
/// are between pictures of 16×16 pixels.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Health {
    /// Share of the fakes' values that are black or white to the end: what tanh answers where
    /// it has no slope left.
    pub saturated_fake: f32,
    /// The same of the real pictures.
    pub saturated_real: f32,
    /// Mean distance between two fakes, in that between two real pictures: 1 as varied as
    /// these, 0 all the same.
    pub diversity: f32,
    /// The same in the discriminator's features.
    pub diversity_features: f32,
    /// Share of the fakes that have a twin: another fake much nearer than real pictures are
    /// to their nearest.
    pub twins: f32,
    /// Mean distance of a fake from that of the same noise at the report before, in the mean
    /// distance between two real pictures; none at the first report.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<f32>,
    /// Median distance of a fake to its nearest training picture, in that of training
    /// pictures to their nearest other one: about 1 for new pictures, 0 for copies. None
    /// where training pictures are copies of each other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub novelty: Option<f32>,
}
