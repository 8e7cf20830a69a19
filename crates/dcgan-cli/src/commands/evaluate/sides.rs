//! The two sides that are compared.

use std::path::Path;

use anyhow::{Result, bail};
use dcgan::latent;
use dcgan::latent::SeedList;
use dcgan::sample::{LoadedGenerator, Sampler, generator_file, load_generator};
use dcgan_data::{Augmentation, DataSource, Dataset, PictureOptions, epoch_order};
use dcgan_evaluate::Pictures;

use super::Evaluate;
use crate::shared::{dataset, progress};

/// Pictures of both sides, and where they come from.
pub struct Sides {
    pub real: Pictures,
    pub generated: Pictures,
    pub held_out: Option<Pictures>,
    pub real_origin: Origin,
    pub generated_origin: Origin,
    /// Whether both sides are the same pictures.
    pub are_same: bool,
}

/// Where pictures come from: all that a figure depends on.
pub enum Origin {
    Data {
        path: String,
        fingerprint: String,
        available: usize,
    },
    Drawn {
        path: String,
        step: u64,
        seeds: String,
        truncation: Option<f64>,
    },
}

/// Pictures that are drawn at once.
const CHUNK: usize = 64;

impl Sides {
    pub fn load(arguments: &Evaluate) -> Result<Self> {
        let path = &arguments.generated;
        let is_weights = path
            .extension()
            .is_some_and(|extension| extension == "safetensors");
        if is_weights || (path.is_dir() && generator_file(path).is_ok()) {
            Self::draw(arguments)
        } else {
            Self::read(arguments)
        }
    }

    /// A generator's pictures beside real ones, prepared as in its training.
    fn draw(arguments: &Evaluate) -> Result<Self> {
        let path = &arguments.generated;
        if arguments.image_size.is_some() {
            bail!(
                "--image-size is for pictures: {} draws its own size",
                path.display()
            );
        }
        if let Some(limit) = arguments.truncation
            && !latent::TRUNCATION.contains(&limit)
        {
            let (least, most) = latent::TRUNCATION.into_inner();
            bail!("--truncation {limit} is out of range: give {least} to {most}, such as 0.7");
        }
        let device = arguments.compute.open_device()?;
        let LoadedGenerator { generator, header } = load_generator(path, &device)?;
        let mut sampler = Sampler::new(generator);
        if let Some(limit) = arguments.truncation {
            sampler = sampler.with_truncation(limit)?;
        }
        let model = sampler.config().clone();
        let source = dataset::source(
            &arguments.data,
            arguments.format,
            arguments.split.map(Into::into),
        );
        let load =
            |source: &DataSource| dataset::load_for_run(path, &model, source, &arguments.cache);
        let (real, _) = load(&source)?;
        let held_out = match &arguments.held_out {
            Some(path) => Some(load(&dataset::source(path, None, None))?.0),
            None => None,
        };
        let seeds = match &arguments.seeds {
            Some(seeds) => seeds.clone(),
            None => SeedList::from_first(0, arguments.count)?,
        };
        let limit = seeds.len().min(usize::MAX as u64) as usize;
        let bytes = drawn(&mut sampler, &seeds)?;
        Ok(Self {
            generated: Pictures::new(bytes, model.image_size, model.channels)?,
            are_same: false,
            real_origin: origin(&arguments.data, &real),
            generated_origin: Origin::Drawn {
                path: path.display().to_string(),
                step: header.step,
                seeds: seeds.to_string(),
                truncation: arguments.truncation,
            },
            real: chosen(&real, limit)?,
            held_out: held_out
                .map(|held_out| chosen(&held_out, limit))
                .transpose()?,
        })
    }

    /// Two data sets.
    fn read(arguments: &Evaluate) -> Result<Self> {
        if arguments.seeds.is_some() || arguments.truncation.is_some() {
            bail!(
                "{} has no generator to draw from: --seeds and --truncation are for runs",
                arguments.generated.display()
            );
        }
        let mut options = PictureOptions {
            image_size: arguments.image_size.unwrap_or(64),
            ..PictureOptions::default()
        };
        let load = |source: &DataSource, options: &PictureOptions| {
            dataset::load(source, options, &arguments.cache)
        };
        let source = dataset::source(
            &arguments.data,
            arguments.format,
            arguments.split.map(Into::into),
        );
        let (real, _) = load(&source, &options)?;
        options.channels = Some(real.channels());
        let (generated, _) = load(&dataset::source(&arguments.generated, None, None), &options)?;
        let held_out = match &arguments.held_out {
            Some(path) => Some(load(&dataset::source(path, None, None), &options)?.0),
            None => None,
        };
        let limit = arguments.count as usize;
        Ok(Self {
            are_same: real.fingerprint().matches(generated.fingerprint()) == Some(true),
            real_origin: origin(&arguments.data, &real),
            generated_origin: origin(&arguments.generated, &generated),
            real: chosen(&real, limit)?,
            generated: chosen(&generated, limit)?,
            held_out: held_out
                .map(|held_out| chosen(&held_out, limit))
                .transpose()?,
        })
    }
}

fn origin(path: &Path, dataset: &Dataset) -> Origin {
    Origin::Data {
        path: path.display().to_string(),
        fingerprint: dataset.fingerprint().to_string(),
        available: dataset.len(),
    }
}

/// At most `limit` pictures, spread over the data set at random, the same each time.
fn chosen(dataset: &Dataset, limit: usize) -> Result<Pictures> {
    let mut order = epoch_order(0, 0, dataset.len() as u32);
    order.truncate(limit);
    let mut bytes = Vec::new();
    for index in order {
        bytes.extend(dataset.picture(index as usize, Augmentation::NONE)?);
    }
    Ok(Pictures::new(
        bytes,
        dataset.image_size(),
        dataset.channels(),
    )?)
}

fn drawn(sampler: &mut Sampler, seeds: &SeedList) -> Result<Vec<u8>> {
    let seeds: Vec<u64> = seeds.iter().collect();
    let bar = progress::bar("drawing pictures", seeds.len());
    let mut bytes = Vec::new();
    for chunk in seeds.chunks(CHUNK) {
        for picture in sampler.pictures(chunk.iter().copied()) {
            bytes.extend_from_slice(picture.as_bytes());
        }
        bar.inc(chunk.len() as u64);
    }
    bar.finish_and_clear();
    Ok(bytes)
}
