//! The two sides that are compared.

use anyhow::{Result, bail};
use dcgan::latent::SeedList;
use dcgan::sample::{LoadedGenerator, Sampler, generator_file};
use dcgan::train::picture_options;
use dcgan_data::{Augmentation, DataSource, Dataset, PictureOptions, epoch_order};
use dcgan_evaluate::Pictures;

use super::{DRAWING, Evaluate, SEED};
use crate::shared::{dataset, output, progress};
use crate::words::counted;

/// What is compared.
pub struct Sides {
    pub generated: Side,
    /// `None` if there are only statistics of them.
    pub real: Option<Side>,
    pub held_out: Option<Pictures>,
    /// Whether both sides are the same pictures.
    pub are_same: bool,
}

/// Pictures, and where they come from.
pub struct Side {
    pub pictures: Pictures,
    pub origin: Origin,
    /// All that the pictures depend on.
    pub identity: String,
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

/// The width and height at which pictures are compared that no run has a size for.
const IMAGE_SIZE: u32 = 64;

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
        if arguments.image_size.is_some() {
            bail!(
                "--image-size is for pictures: {} draws its own size",
                arguments.generated.display()
            );
        }
        let path = arguments.checkpoint.resolve(&arguments.generated)?;
        let device = arguments.compute.open_device()?;
        let LoadedGenerator {
            generator, header, ..
        } = arguments.weights.load(&path, &device)?;
        let mut sampler = arguments.seeds.sampler(generator)?;
        let model = sampler.config().clone();
        let seeds = match &arguments.seeds.seeds {
            Some(seeds) => seeds.clone(),
            None => SeedList::from_first(0, arguments.count)?,
        };
        let limit = seeds.len().min(usize::MAX as u64) as usize;
        // before anything is drawn, which takes longer
        let options = picture_options(&path, &model)?;
        let real = match real_source(arguments)? {
            Some((source, name)) => {
                let (real, _) = dataset::load_to_examine(&source, &options, &arguments.cache)?;
                Some(Side::read(&real, &name, limit)?)
            }
            None => None,
        };
        let held_out = held_out(arguments, &options, limit)?;
        let bytes = drawn(&mut sampler, &seeds)?;
        let origin = Origin::Drawn {
            path: path.display().to_string(),
            step: header.step,
            seeds: seeds.to_string(),
            truncation: arguments.seeds.truncation,
        };
        Ok(Self {
            generated: Side {
                pictures: Pictures::new(bytes, model.image_size, model.channels)?,
                origin,
                identity: String::new(),
            },
            real,
            held_out,
            are_same: false,
        })
    }

    /// Pictures beside real ones, or beside statistics of them.
    fn read(arguments: &Evaluate) -> Result<Self> {
        let path = &arguments.generated;
        let for_runs = [
            ("--seeds", arguments.seeds.seeds.is_some()),
            ("--truncation", arguments.seeds.truncation.is_some()),
            ("--checkpoint", arguments.checkpoint.checkpoint.is_some()),
            ("--raw", arguments.weights.raw),
        ];
        if let Some((flag, _)) = for_runs.iter().find(|(_, is_given)| *is_given) {
            bail!(
                "{} has no generator to draw from: {flag} is for runs",
                path.display()
            );
        }
        let mut options = PictureOptions {
            image_size: arguments.image_size.unwrap_or(IMAGE_SIZE),
            ..PictureOptions::default()
        };
        let limit = arguments.count as usize;
        let real = match real_source(arguments)? {
            Some((source, name)) => {
                let (real, _) = dataset::load_to_examine(&source, &options, &arguments.cache)?;
                options.channels = Some(real.channels());
                Some((Side::read(&real, &name, limit)?, real))
            }
            None => None,
        };
        let source = dataset::source(path, None, None);
        let (generated, _) = dataset::load_to_examine(&source, &options, &arguments.cache)?;
        let are_same = real.as_ref().is_some_and(|(_, real)| {
            real.fingerprint().matches(generated.fingerprint()) == Some(true)
        });
        Ok(Self {
            generated: Side::read(&generated, &path.display().to_string(), limit)?,
            real: real.map(|(side, _)| side),
            held_out: held_out(arguments, &options, limit)?,
            are_same,
        })
    }
}

/// The real pictures with their name: those of --data, or else those that the run was trained on.
/// `None` if there are statistics instead.
fn real_source(arguments: &Evaluate) -> Result<Option<(DataSource, String)>> {
    if arguments.data.data.is_none() && arguments.reads_stats() {
        return Ok(None);
    }
    arguments.data.source(&arguments.generated).map(Some)
}

fn held_out(
    arguments: &Evaluate,
    options: &PictureOptions,
    limit: usize,
) -> Result<Option<Pictures>> {
    let Some(path) = &arguments.held_out else {
        return Ok(None);
    };
    let source = dataset::source(path, None, None);
    let (dataset, _) = dataset::load_to_examine(&source, options, &arguments.cache)?;
    chosen(&dataset, limit).map(Some)
}

impl Side {
    /// At most `limit` pictures of a data set.
    fn read(dataset: &Dataset, path: &str, limit: usize) -> Result<Self> {
        if let [first, ..] = dataset.skipped() {
            output::note(&format!(
                "{path}: skipped {}, the first one {first}",
                counted(dataset.skipped().len(), "picture")
            ));
        }
        let options = dataset.options();
        Ok(Self {
            pictures: chosen(dataset, limit)?,
            identity: format!(
                "{}; {}; background {:?}; the first {limit} in the order of seed {SEED}",
                dataset.fingerprint(),
                options.crop,
                options.background
            ),
            origin: Origin::Data {
                path: path.to_owned(),
                fingerprint: dataset.fingerprint().to_string(),
                available: dataset.len(),
            },
        })
    }
}

/// At most `limit` pictures, spread over the data set at random, the same each time.
fn chosen(dataset: &Dataset, limit: usize) -> Result<Pictures> {
    let mut order = epoch_order(SEED, 0, dataset.len() as u32);
    order.truncate(limit);
    let mut bytes = Vec::new();
    for index in order {
        bytes.extend(dataset.picture(index as usize, Augmentation::NONE)?);
    }
    let pictures = Pictures::new(bytes, dataset.image_size(), dataset.channels())?;
    Ok(pictures)
}

fn drawn(sampler: &mut Sampler, seeds: &SeedList) -> Result<Vec<u8>> {
    let seeds: Vec<u64> = seeds.iter().collect();
    let bar = progress::bar(DRAWING, seeds.len());
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
