//! `dcgan project`: the latent vectors whose samples are nearest to given pictures.

use std::collections::HashSet;
use std::path::PathBuf;

use anyhow::{Result, anyhow, bail};
use clap::Args;
use dcgan::device::Device;
use dcgan::latent::write_z;
use dcgan::model::{Discriminator, Generator};
use dcgan::sample::{Sampler, load_discriminator};
use dcgan::train::picture_options;
use dcgan_data::{PictureOptions, read_picture};
use dcgan_explore::projection::{Projection, Search, project};
use dcgan_render::figure::{Cell, PictureTable};
use dcgan_render::image_grid::{PictureShape, picture_from_bytes, picture_from_values};
use dcgan_render::picture_file::PictureFormat;

use crate::shared::compute::ComputeArguments;
use crate::shared::generator::WeightsArguments;
use crate::shared::targets::{Files, Replace, WritesFiles};
use crate::shared::{files, output, progress};
use crate::words;

/// `dcgan project`
#[derive(Debug, Args)]
#[command(after_help = HELP, allow_negative_numbers = true)]
pub struct Project {
    /// A run directory or a checkpoint
    pub run: PathBuf,

    /// Pictures of any size
    #[arg(required = true, value_name = "PICTURE")]
    pub pictures: Vec<PathBuf>,

    /// Write the results to this directory
    #[arg(short, long, value_name = "DIR")]
    pub out: PathBuf,

    /// Number of latent vectors to start from, in parallel
    #[arg(long, value_name = "N", default_value_t = 8,
          value_parser = clap::value_parser!(u32).range(1..=256))]
    pub starts: u32,

    /// Adam's steps from each start
    #[arg(long, value_name = "N", default_value_t = 300,
          value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub steps: u32,

    /// Weight of the discriminator's activations relative to the pixels; with 0 no discriminator is
    /// needed
    #[arg(long, value_name = "WEIGHT", default_value_t = 0.1)]
    pub feature_weight: f64,

    /// Seed of the starts
    #[arg(long, value_name = "SEED", default_value_t = 0)]
    pub seed: u64,

    #[command(flatten)]
    pub weights: WeightsArguments,

    #[command(flatten)]
    pub compute: ComputeArguments,

    #[command(flatten)]
    pub replace: Replace,
}

/// What the names of a picture's files end in: the figure, the nearest sample and its latent vector.
const ENDINGS: [&str; 3] = [".png", "-found.png", ".safetensors"];

/// The names of the pictures' files, without their endings. None of the files has the name of
/// another.
fn names(pictures: &[PathBuf]) -> Vec<String> {
    let mut taken = HashSet::new();
    let mut names = Vec::new();
    for picture in pictures {
        let stem = picture.file_stem().unwrap_or_default().to_string_lossy();
        let mut name = stem.clone().into_owned();
        let mut number = 2;
        while files_of(&name).any(|file| taken.contains(&file)) {
            name = format!("{stem}-{number}");
            number += 1;
        }
        taken.extend(files_of(&name));
        names.push(name);
    }
    names
}

fn files_of(name: &str) -> impl Iterator<Item = String> {
    ENDINGS.iter().map(move |ending| format!("{name}{ending}"))
}

impl WritesFiles for Project {
    fn files(&self) -> Files<'_> {
        let names = names(&self.pictures);
        let written: HashSet<String> = names.iter().flat_map(|name| files_of(name)).collect();
        Files::new(
            self.replace,
            self.pictures
                .iter()
                .map(PathBuf::as_path)
                .chain([&*self.run]),
        )
        .writing_in(&self.out, |name| written.contains(name))
    }
}

const HELP: &str = "\
Searches for the latent vector whose sample is nearest to a picture: Adam on z through the
generator, from several starts in parallel, minimising the squared distance of the pixels and of the
discriminator's activations in all layers. Pictures are resized and cropped as in training.
For face.jpg the directory gets
  face.png           the picture, the nearest sample and those from other starts, with the root mean
                     square of their pixel errors (of 255 levels)
  face-found.png     the nearest sample
  face.safetensors   its latent vector, for `dcgan interpolate --z`
A generator cannot draw what it has not learned: for a photograph unlike its training pictures it
finds something with similar colours.

Examples:
  dcgan project runs/photos face.jpg -o found/
  dcgan project runs/photos a.jpg b.jpg --starts 16 --steps 600 -o found/
  dcgan interpolate runs/photos --z found/a.safetensors,found/b.safetensors -o walk.png";

/// How many results of other starts the figure shows.
const RUNNERS_UP: usize = 3;

/// A picture to search for.
struct Target {
    /// The name of its output files.
    name: String,
    /// `[image_size, image_size, channels]`
    bytes: Vec<u8>,
}

pub fn run(arguments: &Project) -> Result<()> {
    arguments.compute.limit_threads()?;
    if !(0.0..=1000.0).contains(&arguments.feature_weight) {
        bail!(
            "--feature-weight {}: give 0 to 1000",
            arguments.feature_weight
        );
    }
    let device = arguments.compute.open_device()?;
    let generator = arguments.weights.load(&arguments.run, &device)?.generator;
    let discriminator = discriminator(arguments, &device)?;
    // read all of them before the first search, which takes long
    let options = picture_options(&arguments.run, generator.config())?;
    let targets = targets(arguments, &options)?;
    let mut projector = Projector {
        arguments,
        sampler: Sampler::new(generator.clone()),
        generator,
        discriminator,
    };
    files::in_folder(&arguments.out, || {
        for target in &targets {
            let found = projector.search(target);
            projector.write(target, &found)?;
            projector.report(target, &found);
        }
        Ok(())
    })
}

fn discriminator(arguments: &Project, device: &Device) -> Result<Option<Discriminator>> {
    if arguments.feature_weight == 0.0 {
        return Ok(None);
    }
    let loaded = load_discriminator(&arguments.run, device);
    let discriminator = loaded.map_err(|error| {
        let line = words::line(&error.into());
        anyhow!("{line}; --feature-weight 0 needs no discriminator")
    })?;
    Ok(Some(discriminator))
}

/// The pictures at the generator's size.
fn targets(arguments: &Project, options: &PictureOptions) -> Result<Vec<Target>> {
    let names = names(&arguments.pictures).into_iter();
    names
        .zip(&arguments.pictures)
        .map(|(name, path)| {
            let bytes = read_picture(path, options)?;
            Ok(Target { name, bytes })
        })
        .collect()
}

struct Projector<'a> {
    arguments: &'a Project,
    generator: Generator,
    discriminator: Option<Discriminator>,
    sampler: Sampler,
}

impl Projector<'_> {
    fn search(&self, target: &Target) -> Vec<Projection> {
        let search = Search {
            starts: self.arguments.starts as usize,
            steps: self.arguments.steps as usize,
            feature_weight: self.arguments.feature_weight,
            seed: self.arguments.seed,
            ..Search::default()
        };
        let values: Vec<f32> = target
            .bytes
            .iter()
            .map(|&byte| f32::from(byte) / 127.5 - 1.0)
            .collect();
        let bar = progress::bar(&target.name, search.steps);
        let discriminator = self.discriminator.as_ref();
        let found = project(&self.generator, discriminator, &values, &search, &|done| {
            bar.set_position(done as u64);
        });
        bar.finish_and_clear();
        found
    }

    /// Writes the figure, the nearest sample and its latent vector.
    fn write(&mut self, target: &Target, found: &[Projection]) -> Result<()> {
        let model = self.generator.config();
        let shape = PictureShape::square(model.image_size, model.channels);
        let shown = &found[..found.len().min(1 + RUNNERS_UP)];
        let vectors: Vec<_> = shown.iter().map(|found| found.z.clone()).collect();
        let values = self.sampler.values(&vectors);
        let mut cells: Vec<Cell> = values
            .chunks(shape.values())
            .zip(shown)
            .map(|(values, found)| Cell {
                picture: picture_from_values(values, shape),
                caption: Some(format!("{:.1}", levels(found))),
            })
            .collect();
        let runners_up = cells.split_off(1);
        let nearest = cells[0].picture.clone();
        let picture = Cell {
            picture: picture_from_bytes(target.bytes.clone(), shape),
            caption: None,
        };
        let table = PictureTable {
            headings: ["picture", "found", "from other starts"]
                .map(String::from)
                .to_vec(),
            rows: vec![vec![vec![picture], cells, runners_up]],
        };
        let file = |ending| self.arguments.out.join(format!("{}{ending}", target.name));
        let [figure, sample, vector] = ENDINGS.map(file);
        files::write_figure(&figure, table.draw())?;
        files::write_picture(&sample, &nearest, PictureFormat::Png)?;
        write_z(&vector, &vectors[..1])?;
        Ok(())
    }

    fn report(&self, target: &Target, found: &[Projection]) {
        let name = &target.name;
        let (nearest, furthest) = (&found[0], &found[found.len() - 1]);
        let z = self.arguments.out.join(format!("{name}.safetensors"));
        output::line(&format!(
            "{name}: pixel error {:.1} of 255 levels (root mean square), {:.1} from the worst of \
             {} starts; z in {}",
            levels(nearest),
            levels(furthest),
            found.len(),
            z.display()
        ));
    }
}

/// The root mean square of the pixel errors, in levels of 0 to 255.
fn levels(found: &Projection) -> f64 {
    127.5 * f64::from(found.pixel_error).sqrt()
}
