//! What is measured, and what that needs.

use std::path::Path;

use anyhow::{Result, bail};
use clap::ValueEnum;
use dcgan_evaluate::Statistics;
use dcgan_evaluate::inception::FEATURES;

use super::Evaluate;
use super::inception::{FeatureNetwork, needs_inception};

/// `--metrics`
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Metric {
    /// Fréchet Inception distance.
    Fid,
    /// Kernel Inception distance, 100 subsets of at most 1,000 pictures.
    Kid,
    /// Inception score of the judged pictures, in 10 parts.
    Is,
    /// Share of the judged pictures that are like real ones, k = 3.
    Precision,
    /// Share of the real pictures that are like judged ones, k = 3.
    Recall,
    /// How many real pictures a judged one is like, k = 5.
    Density,
    /// Share of the real pictures that a judged one is like, k = 5.
    Coverage,
    /// Sliced Wasserstein distance on the levels of a Laplacian pyramid.
    Swd,
    /// Distance to the nearest training picture, and the share of near copies.
    Memorisation,
}

/// The metrics of balls around features, which are computed together.
pub const REACH: [Metric; 4] = [
    Metric::Precision,
    Metric::Recall,
    Metric::Density,
    Metric::Coverage,
];

impl Metric {
    /// Its name on the command line.
    pub fn name(self) -> String {
        let value = self.to_possible_value();
        value.map_or_else(String::new, |value| value.get_name().to_owned())
    }

    /// Whether it compares features of Inception.
    fn needs_inception(self) -> bool {
        !matches!(self, Self::Swd | Self::Memorisation)
    }

    /// Whether it compares with pictures, rather than with statistics or nothing.
    fn needs_real_pictures(self) -> bool {
        !matches!(self, Self::Fid | Self::Is)
    }
}

/// What is to be measured.
pub struct Wanted {
    pub metrics: Vec<Metric>,
    /// Whether the user named them. Others are left out if there are too few pictures.
    pub are_named: bool,
    /// `None` if no metric needs it.
    pub network: Option<FeatureNetwork>,
    /// The statistics that FID compares with, instead of those of pictures.
    pub statistics: Option<Statistics>,
}

impl Wanted {
    pub fn has(&self, metric: Metric) -> bool {
        self.metrics.contains(&metric)
    }

    pub fn has_any(&self, metrics: &[Metric]) -> bool {
        metrics.iter().any(|&metric| self.has(metric))
    }
}

/// What the arguments ask for, or else all that is possible. Loads Inception if it is needed.
///
/// # Errors
/// If a named metric cannot be measured, or Inception's file cannot be used.
pub fn wanted(arguments: &Evaluate) -> Result<Wanted> {
    let has_real_pictures = arguments.data.data.is_some() || !arguments.reads_stats();
    let are_named = !arguments.metrics.is_empty();
    let candidates = if are_named {
        &arguments.metrics[..]
    } else {
        Metric::value_variants()
    };
    let needs_network = candidates.iter().any(|metric| metric.needs_inception());
    let network = if needs_network {
        FeatureNetwork::find(&arguments.inception, &arguments.cache)?
    } else {
        if arguments.inception.inception.is_some() {
            bail!(
                "--inception is for metrics on features, and --metrics names none: omit one of them"
            );
        }
        None
    };
    let mut metrics = Vec::new();
    for &metric in candidates {
        let misses_network = metric.needs_inception() && network.is_none();
        let misses_pictures = metric.needs_real_pictures() && !has_real_pictures;
        if are_named || (metric == Metric::Fid && arguments.stats.is_some()) {
            if misses_network {
                return needs_inception(&metric.name(), &arguments.cache);
            }
            if misses_pictures {
                bail!(
                    "{} compares with pictures, and --stats holds none: give --data too",
                    metric.name()
                );
            }
        }
        if !misses_network && !misses_pictures {
            metrics.push(metric);
        }
    }
    let statistics = match &arguments.stats {
        Some(path) if arguments.reads_stats() => Some(read_statistics(path)?),
        _ => None,
    };
    Ok(Wanted {
        metrics,
        are_named,
        network,
        statistics,
    })
}

/// Statistics of Inception's features.
fn read_statistics(path: &Path) -> Result<Statistics> {
    let statistics = Statistics::read(path)?;
    if statistics.width() != FEATURES {
        bail!(
            "{} holds statistics of {} features, and Inception has {FEATURES}: they are of another network",
            path.display(),
            statistics.width()
        );
    }
    Ok(statistics)
}
