//! The figures as text and as JSON, with all that they depend on.

use std::fmt::Write;
use std::path::Path;

use dcgan_evaluate::{
    K_DENSITY, K_PRECISION, Level, MeanAndDeviation, Memorisation, Reach, SPLITS, SUBSET_SIZE,
    SUBSETS,
};
use serde::Serialize;

use super::inception::{FeatureNetwork, Resize, identity};
use super::metric::Metric;
use super::sides::{Origin, Side, Sides};
use crate::words::counted;

/// What `--json` prints.
#[derive(Serialize)]
pub struct Report {
    generated: SideReport,
    #[serde(skip_serializing_if = "Option::is_none")]
    real: Option<SideReport>,
    image_size: usize,
    channels: usize,
    /// The seed of random choices.
    seed: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    inception: Option<Network>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fid: Option<Fid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kid: Option<Spread>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inception_score: Option<Spread>,
    #[serde(skip_serializing_if = "Option::is_none")]
    precision: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    recall: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    density: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    coverage: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    swd: Option<Swd>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memorisation: Option<Copies>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memorisation_in_features: Option<Copies>,
}

#[derive(Serialize)]
struct SideReport {
    path: String,
    pictures: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    available: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fingerprint: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    step: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    seeds: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    truncation: Option<f64>,
}

/// The network whose features are compared.
#[derive(Serialize)]
struct Network {
    path: String,
    sha256: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    source_sha256: Option<String>,
    is_published: bool,
    resize: Resize,
    #[serde(skip)]
    identity: String,
}

#[derive(Serialize)]
struct Fid {
    distance: f64,
    /// The file of the real statistics.
    #[serde(skip_serializing_if = "Option::is_none")]
    stats: Option<String>,
}

/// A mean and a standard deviation.
#[derive(Serialize)]
pub struct Spread {
    mean: f64,
    deviation: f64,
}

/// Times 1000, as in the paper.
#[derive(Serialize)]
struct Swd {
    pictures: usize,
    levels: Vec<SwdLevel>,
    mean: f64,
}

#[derive(Serialize)]
struct SwdLevel {
    side: usize,
    distance: f64,
}

/// Distances to the nearest real picture.
#[derive(Serialize)]
pub struct Copies {
    generated: f64,
    real: f64,
    ratio: Option<f64>,
    near_copies: f64,
    near_copies_real: f64,
}

impl From<Memorisation> for Copies {
    fn from(found: Memorisation) -> Self {
        Self {
            generated: found.generated,
            real: found.real,
            ratio: found.ratio(),
            near_copies: found.near_copies,
            near_copies_real: found.near_copies_real,
        }
    }
}

impl From<MeanAndDeviation> for Spread {
    fn from(spread: MeanAndDeviation) -> Self {
        Self {
            mean: spread.mean,
            deviation: spread.deviation,
        }
    }
}

impl Report {
    pub fn new(sides: &Sides) -> Self {
        let pictures = &sides.generated.pictures;
        Self {
            generated: SideReport::new(&sides.generated),
            real: sides.real.as_ref().map(SideReport::new),
            image_size: pictures.side(),
            channels: pictures.channels(),
            seed: super::SEED,
            inception: None,
            fid: None,
            kid: None,
            inception_score: None,
            precision: None,
            recall: None,
            density: None,
            coverage: None,
            swd: None,
            memorisation: None,
            memorisation_in_features: None,
        }
    }

    /// Whether it has no figure.
    pub fn is_empty(&self) -> bool {
        let shares = [self.precision, self.recall, self.density, self.coverage];
        let copies = [&self.memorisation, &self.memorisation_in_features];
        self.fid.is_none()
            && self.kid.is_none()
            && self.inception_score.is_none()
            && self.swd.is_none()
            && shares.iter().all(Option::is_none)
            && copies.iter().all(|found| found.is_none())
    }

    pub fn add_network(&mut self, network: &FeatureNetwork) {
        let file = &network.file;
        self.inception = Some(Network {
            path: network.path.display().to_string(),
            sha256: file.sha256.clone(),
            source_sha256: file.source_sha256.clone(),
            is_published: file.is_known(),
            resize: network.resize,
            identity: identity(file),
        });
    }

    /// `stats` is the file that was compared with.
    pub fn add_fid(&mut self, distance: f64, stats: Option<&Path>) {
        self.fid = Some(Fid {
            distance,
            stats: stats.map(|path| path.display().to_string()),
        });
    }

    pub fn add_reach(&mut self, found: &Reach, is_wanted: impl Fn(Metric) -> bool) {
        let value = |metric, value| is_wanted(metric).then_some(value);
        self.precision = value(Metric::Precision, found.precision);
        self.recall = value(Metric::Recall, found.recall);
        self.density = value(Metric::Density, found.density);
        self.coverage = value(Metric::Coverage, found.coverage);
    }

    pub fn add_swd(&mut self, levels: &[Level]) {
        let sum: f64 = levels.iter().map(|level| level.distance).sum();
        let real = self.real.as_ref().map_or(usize::MAX, |real| real.pictures);
        let pictures = real.min(self.generated.pictures);
        self.swd = Some(Swd {
            pictures: pictures.min(dcgan_evaluate::MOST_PICTURES),
            mean: sum / levels.len() as f64,
            levels: levels
                .iter()
                .map(|&Level { side, distance }| SwdLevel { side, distance })
                .collect(),
        });
    }

    /// For people.
    pub fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        let mut row = |name: &str, value: String| {
            lines.push(format!("{name:<13} {value}"));
        };
        row("judged", self.generated.text());
        if let Some(real) = &self.real {
            row("real", real.text());
        }
        if let Some(network) = &self.inception {
            row("Inception", network.text());
        }
        if let Some(fid) = &self.fid {
            let beside = match &fid.stats {
                Some(path) => format!(" beside the statistics in {path}"),
                None => String::new(),
            };
            row("FID", format!("{:.3}{beside}", fid.distance));
        }
        if let Some(kid) = &self.kid {
            let how = format!("{SUBSETS} subsets of at most {SUBSET_SIZE} pictures");
            row(
                "KID",
                format!("{:.6} ± {:.6} ({how})", kid.mean, kid.deviation),
            );
        }
        if let Some(score) = &self.inception_score {
            let how = format!("{SPLITS} parts, logits without bias");
            row(
                "IS",
                format!("{:.3} ± {:.3} ({how})", score.mean, score.deviation),
            );
        }
        for (name, value, k) in [
            ("precision", self.precision, K_PRECISION),
            ("recall", self.recall, K_PRECISION),
            ("density", self.density, K_DENSITY),
            ("coverage", self.coverage, K_DENSITY),
        ] {
            if let Some(value) = value {
                row(
                    name,
                    format!("{value:.4} (k = {k}, on Inception's features)"),
                );
            }
        }
        if let Some(swd) = &self.swd {
            row("SWD x 1000", swd.text());
        }
        let in_pixels = self.memorisation.as_ref();
        let in_features = self.memorisation_in_features.as_ref();
        for (copies, on) in [(in_pixels, "in pixels"), (in_features, "in features")] {
            if let Some(copies) = copies {
                row("memorisation", format!("{on}: {}", copies.text()));
            }
        }
        lines
    }
}

impl Network {
    fn text(&self) -> String {
        let resize = match self.resize {
            Resize::Bilinear => "resized bilinearly, as pytorch-fid",
            Resize::Clean => "resized bicubically with anti-aliasing, as clean-fid",
        };
        let source = match &self.source_sha256 {
            Some(source) => format!(", made from a file of sha256 {source}"),
            None => String::new(),
        };
        format!(
            "{}, sha256 {}{source} ({}); {resize}",
            self.path, self.sha256, self.identity
        )
    }
}

impl Swd {
    fn text(&self) -> String {
        let levels = self.levels.iter();
        let levels: Vec<String> = levels
            .map(|level| format!("{:.2} at {} pixels", level.distance, level.side))
            .collect();
        format!(
            "{:.2} ({}; {} pictures a side)",
            self.mean,
            levels.join(", "),
            self.pictures
        )
    }
}

impl Copies {
    fn text(&self) -> String {
        let ratio = match self.ratio {
            Some(ratio) => format!("{ratio:.2} of the usual distance to the nearest real picture"),
            None => "unknown: most real pictures are identical".to_owned(),
        };
        format!(
            "{ratio}; {:.1} % near copies, {:.1} % among real pictures",
            100.0 * self.near_copies,
            100.0 * self.near_copies_real
        )
    }
}

impl SideReport {
    fn new(side: &Side) -> Self {
        let mut report = Self {
            path: String::new(),
            pictures: side.pictures.len(),
            available: None,
            fingerprint: None,
            step: None,
            seeds: None,
            truncation: None,
        };
        match &side.origin {
            Origin::Data {
                path,
                fingerprint,
                available,
            } => {
                report.path.clone_from(path);
                report.fingerprint = Some(fingerprint.clone());
                report.available = Some(*available);
            }
            Origin::Drawn {
                path,
                step,
                seeds,
                truncation,
            } => {
                report.path.clone_from(path);
                report.step = Some(*step);
                report.seeds = Some(seeds.clone());
                report.truncation = *truncation;
            }
        }
        report
    }

    fn text(&self) -> String {
        let Self { path, pictures, .. } = self;
        let mut text = match self.available {
            Some(available) => format!("{path}: {pictures} of {}", counted(available, "picture")),
            None => format!("{path}: {}", counted(*pictures, "picture")),
        };
        if let Some(fingerprint) = &self.fingerprint {
            let _ = write!(text, ", {fingerprint}");
        }
        if let Some(step) = self.step {
            let _ = write!(text, ", step {step}");
        }
        if let Some(seeds) = &self.seeds {
            let _ = write!(text, ", seeds {seeds}");
        }
        if let Some(limit) = self.truncation {
            let _ = write!(text, ", truncation {limit}");
        }
        text
    }
}
