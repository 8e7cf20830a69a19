//! The settings of evaluation. They do not affect what a run learns.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::Every;

/// How a run is evaluated while it trains.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EvaluationConfig {
    /// When the fakes are evaluated; `None` for never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub every: Option<Every>,
    /// A file of Inception's weights, for FID and KID besides the sliced Wasserstein distance.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inception: Option<PathBuf>,
}

impl EvaluationConfig {
    /// Whether it holds nothing.
    pub(super) fn is_off(&self) -> bool {
        *self == Self::default()
    }
}
