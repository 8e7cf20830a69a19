//! How the fakes of a report are.

use serde::{Deserialize, Serialize};

/// How the fakes of a report compare with real pictures.
///
/// 64 fakes of the same latent vectors at each report are compared with 64 real pictures, always
/// the same ones. Unless stated otherwise, distances are between pictures scaled to 16×16 pixels.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Health {
    /// Share of the fakes' values that are fully black or white, where tanh has no slope.
    pub saturated_fake: f32,
    /// The same share of the real pictures' values.
    pub saturated_real: f32,
    /// Mean distance between two fakes, relative to that between two real pictures: 1 if they
    /// are as varied, 0 if all are the same.
    pub diversity: f32,
    /// The same in the discriminator's features.
    pub diversity_features: f32,
    /// Share of the fakes that have a twin: another fake much nearer than real pictures are to
    /// their nearest neighbours.
    pub twins: f32,
    /// Mean distance of a fake from that of the same latent vector at the previous report,
    /// relative to the mean distance between two real pictures; `None` at the first report.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<f32>,
    /// Median distance of a fake to its nearest training picture, relative to that between
    /// training pictures and their nearest neighbours: about 1 for new pictures, 0 for copies.
    /// `None` if most training pictures are copies of each other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub novelty: Option<f32>,
    /// Mean contrast within a fake, relative to that within a real picture: the standard deviation of
    /// its pixels from its mean colour. Plain squares have 0, and so has fine noise, which 16×16 pixels
    /// do not show. `None` if the real pictures are plain, and in runs of earlier versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contrast: Option<f32>,
    /// Share of the real pictures whose colours the fakes have: coverage (Naeem et al. 2020, 5
    /// neighbours) of the colours, without brightness, at each of 4×4 places of a picture, relative to
    /// that by other real pictures, and of those places the mean of the four where it is smallest; about
    /// 1 for fakes with the colours of the real pictures. `None` in runs of earlier versions, and on few
    /// pictures.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub colours: Option<f32>,
}
