//! The generators that were asked for last, with the discriminators beside them.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use dcgan::config::ModelConfig;
use dcgan::latent::{DirectionOrigin, LatentDirection, principal_directions};
use dcgan::model::Discriminator;
use dcgan::sample::{Sampler, load_discriminator, load_generator};
use dcgan::train::RunDirectory;

use super::Weights;
use crate::failure::Failure;
use crate::latent::{Latent, Space};
use crate::program::Words;

/// The most generators that are kept.
const MOST_KEPT: usize = 3;

/// How many principal directions there are.
const PRINCIPAL: usize = 8;

/// The generators that were asked for last, the newest first.
pub struct Models {
    words: Words,
    kept: Vec<(Weights, Version, Model)>,
}

/// Tells whether the file of weights is still the one that was read.
type Version = (PathBuf, u64, Option<SystemTime>);

impl Models {
    /// None yet.
    pub fn new(words: Words) -> Self {
        Self {
            words,
            kept: Vec::new(),
        }
    }

    /// The model with these weights, which is read if it is not kept, or if its file has changed.
    ///
    /// # Errors
    /// If there are no such weights, or they cannot be read.
    pub fn get(&mut self, weights: &Weights) -> Result<&mut Model, Failure> {
        let version = version(weights)?;
        let known = self
            .kept
            .iter()
            .position(|(kept, as_read, _)| kept == weights && *as_read == version);
        let entry = match known {
            Some(place) => self.kept.remove(place),
            None => {
                self.kept.retain(|(kept, ..)| kept != weights);
                let model = Model::read(&weights.run, &version.0, &self.words)?;
                (weights.clone(), version, model)
            }
        };
        self.kept.insert(0, entry);
        self.kept.truncate(MOST_KEPT);
        Ok(&mut self.kept[0].2)
    }
}

fn version(weights: &Weights) -> Result<Version, Failure> {
    let folder = RunDirectory::open_shared(&weights.run)
        .map_err(|_| Failure::NotFound("the run is not there any more".to_owned()))?;
    let path = match weights.checkpoint {
        Some(step) => folder.checkpoint(step),
        None => folder.generator(),
    };
    let found = fs::metadata(&path).map_err(|_| match weights.checkpoint {
        Some(step) => Failure::NotFound(format!(
            "the run has no checkpoint of step {step} (any more)"
        )),
        None if folder.reported_steps().is_empty() => Failure::Conflict(
            "the run has no generator yet: it writes one with its first report".to_owned(),
        ),
        None => Failure::Conflict(
            "the run's generator.safetensors is not there any more: choose the weights of a step"
                .to_owned(),
        ),
    })?;
    Ok((path, found.len(), found.modified().ok()))
}

/// A generator and what belongs to it.
pub struct Model {
    run: PathBuf,
    file: PathBuf,
    words: Words,
    /// For many pictures, and for those that must be exact.
    many: Sampler,
    /// For a few, as soon as possible.
    few: Sampler,
    step: u64,
    principal: Vec<(String, LatentDirection)>,
    discriminator: Option<Discriminator>,
}

impl Model {
    fn read(run: &Path, file: &Path, words: &Words) -> Result<Self, Failure> {
        let device = dcgan::device::cpu();
        let loaded = load_generator(file, &device)
            .map_err(|error| Failure::Conflict((words.error)(&error)))?;
        let generator = loaded.generator;
        let first = generator.clone().into_folded_layers().next();
        let found = first.map_or_else(Vec::new, |first| {
            if first.c_in() > dcgan_export::page::LONGEST_WITH_DIRECTIONS {
                return Vec::new(); // they take too long to find
            }
            principal_directions(&first, PRINCIPAL)
        });
        let header = &loaded.header;
        let with_name = |(place, vector): (usize, Vec<f32>)| {
            let origin = DirectionOrigin {
                attribute: format!("principal direction {}", place + 1),
                model: header.model.clone(),
                step: header.step,
                data_fingerprint: header.data.fingerprint.clone(),
                held_out_accuracy: 0.0,
                held_out_balanced_accuracy: 0.0,
                samples: 0,
            };
            let name = format!("principal-{}", place + 1);
            (name, LatentDirection { vector, origin })
        };
        Ok(Self {
            run: run.to_owned(),
            file: file.to_owned(),
            words: *words,
            principal: found.into_iter().enumerate().map(with_name).collect(),
            few: Sampler::one_by_one(generator.clone()),
            many: Sampler::new(generator),
            step: header.step,
            discriminator: None,
        })
    }

    /// Its networks.
    pub fn config(&self) -> &ModelConfig {
        self.many.config()
    }

    /// The training step of its weights.
    pub fn step(&self) -> u64 {
        self.step
    }

    /// The coordinates of latent vectors.
    ///
    /// # Errors
    /// If one cannot be understood.
    pub fn resolve(&self, latents: &[Latent]) -> Result<Vec<Vec<f32>>, Failure> {
        let directions = self.directions();
        let space = Space {
            model: self.config(),
            directions: &directions,
        };
        space.resolve(latents)
    }

    /// The principal directions, and those that `dcgan direction` has written into the run.
    pub fn directions(&self) -> Vec<(String, LatentDirection)> {
        let mut all = self.principal.clone();
        let entries = fs::read_dir(&self.run).into_iter().flatten().flatten();
        let mut files: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
        files.sort();
        let z_dim = self.config().z_dim;
        for file in files {
            if file
                .extension()
                .is_none_or(|ending| ending != "safetensors")
            {
                continue;
            }
            // other files of weights are in the same folder
            if let (Some(name), Ok(direction)) = (
                file.file_stem().and_then(|name| name.to_str()),
                LatentDirection::read(&file, z_dim),
            ) {
                all.push((name.to_owned(), direction));
            }
        }
        all
    }

    /// The pictures of latent vectors.
    pub fn draw(&mut self, vectors: &[Vec<f32>], is_few: bool) -> Vec<image::DynamicImage> {
        let sampler = if is_few {
            &mut self.few
        } else {
            &mut self.many
        };
        sampler.draw(vectors)
    }

    /// The pixel values of latent vectors' pictures, as [`Sampler::values`].
    pub fn values(&mut self, vectors: &[Vec<f32>]) -> Vec<f32> {
        self.few.values(vectors)
    }

    /// The discriminator of the same step, which is read when it is first needed.
    ///
    /// # Errors
    /// If there is none, or it cannot be read.
    pub fn discriminator(&mut self) -> Result<&Discriminator, Failure> {
        if self.discriminator.is_none() {
            // a checkpoint has both networks; beside the newest generator is a file of its own
            let is_checkpoint = self.file.parent() != Some(&self.run);
            let path = if is_checkpoint { &self.file } else { &self.run };
            let loaded = load_discriminator(path, self.many.device());
            let loaded = loaded.map_err(|error| Failure::Conflict((self.words.error)(&error)))?;
            self.discriminator = Some(loaded);
        }
        self.discriminator
            .as_ref()
            .ok_or_else(|| Failure::Internal("the discriminator is gone".to_owned()))
    }
}
