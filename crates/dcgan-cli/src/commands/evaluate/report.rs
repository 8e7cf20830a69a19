//! What `evaluate` prints.

use std::fmt::Write;

use dcgan_evaluate::{Level, Memorisation};
use serde::Serialize;

use super::sides::{Origin, Sides};

/// What `--json` prints.
#[derive(Serialize)]
pub struct Report {
    generated: Side,
    real: Side,
    image_size: usize,
    channels: usize,
    /// The seed of random choices.
    seed: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    swd: Option<Swd>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memorisation: Option<Copies>,
}

#[derive(Serialize)]
struct Side {
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

/// Distances in pixels.
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

impl Report {
    pub fn of(sides: &Sides) -> Self {
        Self {
            generated: Side::new(&sides.generated_origin, sides.generated.len()),
            real: Side::new(&sides.real_origin, sides.real.len()),
            image_size: sides.real.side(),
            channels: sides.real.channels(),
            seed: super::SEED,
            swd: None,
            memorisation: None,
        }
    }

    pub fn add_swd(&mut self, levels: &[Level]) {
        let sum: f64 = levels.iter().map(|level| level.distance).sum();
        let pictures = self.real.pictures.min(self.generated.pictures);
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
    pub fn text(&self) -> String {
        let mut text = String::new();
        for (name, side) in [("judged", &self.generated), ("real", &self.real)] {
            let _ = writeln!(text, "{name:<13} {}", side.text());
        }
        if let Some(swd) = &self.swd {
            let levels = swd.levels.iter();
            let levels: Vec<String> = levels
                .map(|level| format!("{:.2} at {} pixels", level.distance, level.side))
                .collect();
            let _ = writeln!(
                text,
                "SWD x 1000    {:.2} ({}; {} pictures a side)",
                swd.mean,
                levels.join(", "),
                swd.pictures
            );
        }
        if let Some(copies) = &self.memorisation {
            let ratio = match copies.ratio {
                Some(ratio) => {
                    format!("{ratio:.2} of the usual distance to the nearest real picture")
                }
                None => "unknown: most real pictures are identical".to_owned(),
            };
            let _ = writeln!(
                text,
                "memorisation  {ratio}; {:.1} % near copies, {:.1} % among real pictures",
                100.0 * copies.near_copies,
                100.0 * copies.near_copies_real
            );
        }
        text
    }
}

impl Side {
    fn new(origin: &Origin, pictures: usize) -> Self {
        let mut side = Self {
            path: String::new(),
            pictures,
            available: None,
            fingerprint: None,
            step: None,
            seeds: None,
            truncation: None,
        };
        match origin {
            Origin::Data {
                path,
                fingerprint,
                available,
            } => {
                side.path.clone_from(path);
                side.fingerprint = Some(fingerprint.clone());
                side.available = Some(*available);
            }
            Origin::Drawn {
                path,
                step,
                seeds,
                truncation,
            } => {
                side.path.clone_from(path);
                side.step = Some(*step);
                side.seeds = Some(seeds.clone());
                side.truncation = *truncation;
            }
        }
        side
    }

    fn text(&self) -> String {
        let Self { path, pictures, .. } = self;
        let mut text = match self.available {
            Some(available) => format!("{path}: {pictures} of {available} pictures"),
            None => format!("{path}: {pictures} pictures"),
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
