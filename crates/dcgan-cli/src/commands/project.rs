//! `dcgan project`: the latent vectors whose pictures are nearest to given ones.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow, bail};
use clap::Args;
use dcgan::config::ModelConfig;
use dcgan::latent::write_z;
use dcgan::model::{Discriminator, Generator};
use dcgan::sample::{Sampler, load_discriminator, load_generator};
use dcgan::train::picture_options;
use dcgan_data::{PictureOptions, read_picture};
use dcgan_explore::projection::{Projection, Search, project};
use dcgan_render::figure::{Cell, PictureTable};
use dcgan_render::image_grid::{PictureShape, picture_from_bytes, picture_from_values};
use dcgan_render::picture_file::PictureFormat;
use indicatif::{ProgressBar, ProgressStyle};

use crate::shared::compute::ComputeArguments;
use crate::shared::{files, output};

/// `dcgan project`
#[derive(Debug, Args)]
#[command(after_help = HELP, allow_negative_numbers = true)]
pub struct Project {
    /// A run folder or a checkpoint
    pub run: PathBuf,

    /// Pictures of any size
    #[arg(required = true, value_name = "PICTURE")]
    pub pictures: Vec<PathBuf>,

    /// The folder for what is found
    #[arg(short, long, value_name = "DIR")]
    pub out: PathBuf,

    /// Latent vectors to start from, side by side
    #[arg(long, value_name = "N", default_value_t = 8,
          value_parser = clap::value_parser!(u32).range(1..=256))]
    pub starts: u32,

    /// Steps of Adam from each
    #[arg(long, value_name = "N", default_value_t = 300,
          value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub steps: u32,

    /// Weight of the distance in the discriminator's layers beside that of the pixels; 0 does
    /// without a discriminator
    #[arg(long, value_name = "WEIGHT", default_value_t = 0.1)]
    pub feature_weight: f64,

    /// Which starts
    #[arg(long, value_name = "SEED", default_value_t = 0)]
    pub seed: u64,

    #[command(flatten)]
    pub compute: ComputeArguments,
}

const HELP: &str = "\
Searches the latent vector whose picture is nearest: Adam on z through the generator, from several
starts side by side, over the squared distance of the pixels and of the discriminator's answers in
all layers. The picture is resized and cropped as the run's were. For face.jpg the folder gets
  face.png           the picture, the nearest found, what other starts have found, and how far
                     their pixels lie from the picture's (root mean square, of 255 levels)
  face-found.png     the nearest alone
  face.safetensors   its latent vector, for `dcgan interpolate --z`
What a generator has not learned it cannot draw: of a photograph that is like none of its training
pictures it finds something of the same colours.

Examples:
  dcgan project runs/photos face.jpg -o found/
  dcgan project runs/photos a.jpg b.jpg --starts 16 --steps 600 -o found/
  dcgan interpolate runs/photos --z found/a.safetensors,found/b.safetensors -o walk.png";

/// Ends of other starts that the figure shows.
const RUNNERS_UP: usize = 3;

/// Values of a picture, `[image_size, image_size, channels]`.
type Picture = Vec<u8>;

/// Searches for every picture, and writes what was found.
pub fn run(arguments: &Project) -> Result<()> {
    arguments.compute.limit_threads()?;
    if !(0.0..=1000.0).contains(&arguments.feature_weight) {
        bail!(
            "--feature-weight {}: give 0 to 1000",
            arguments.feature_weight
        );
    }
    let device = arguments.compute.open_device()?;
    let generator = load_generator(&arguments.run, &device)?.generator;
    let discriminator = match arguments.feature_weight > 0.0 {
        true => Some(
            load_discriminator(&arguments.run, &device).map_err(|error| {
                anyhow!("{error}; --feature-weight 0 does without a discriminator")
            })?,
        ),
        false => None,
    };
    // all of them before the first search: it takes its time
    let options = picture_options(&arguments.run, generator.config())?;
    let targets = targets(arguments, &options)?;
    files::create_folder(&arguments.out)?;
    let mut projector = Projector {
        arguments,
        sampler: Sampler::new(generator.clone()),
        generator,
        discriminator,
    };
    for (name, target) in &targets {
        let found = projector.search(name, target);
        projector.write(name, target, &found)?;
        tell(arguments, name, &found);
    }
    Ok(())
}

/// The pictures at the generator's size, and names for their files.
fn targets(arguments: &Project, options: &PictureOptions) -> Result<Vec<(String, Picture)>> {
    let mut taken = HashSet::new();
    let named = arguments.pictures.iter().map(|path| {
        let picture = read_picture(path, options)?;
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        let more = (2..).map(|number| format!("{stem}-{number}"));
        let mut names = [stem.clone().into_owned()].into_iter().chain(more);
        let name = names.find(|name| !taken.contains(name)).unwrap_or_default();
        taken.insert(name.clone());
        Ok((name, picture))
    });
    named.collect()
}

struct Projector<'a> {
    arguments: &'a Project,
    generator: Generator,
    discriminator: Option<Discriminator>,
    sampler: Sampler,
}

impl Projector<'_> {
    fn model(&self) -> &ModelConfig {
        self.generator.config()
    }

    fn search(&self, name: &str, target: &Picture) -> Vec<Projection> {
        let search = Search {
            starts: self.arguments.starts as usize,
            steps: self.arguments.steps as usize,
            feature_weight: self.arguments.feature_weight,
            seed: self.arguments.seed,
            ..Search::default()
        };
        let values: Vec<f32> = target.iter().map(|&b| f32::from(b) / 127.5 - 1.0).collect();
        let style = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len}, {eta} left");
        let bar = ProgressBar::new(search.steps as u64)
            .with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
            .with_message(name.to_owned());
        let progress = |done| bar.set_position(done as u64);
        let discriminator = self.discriminator.as_ref();
        let found = project(&self.generator, discriminator, &values, &search, &progress);
        bar.finish_and_clear();
        found
    }

    /// The figure, the nearest picture, and its latent vector.
    fn write(&mut self, name: &str, target: &Picture, found: &[Projection]) -> Result<()> {
        let model = self.model();
        let shape = PictureShape::square(model.image_size, model.channels);
        let shown = &found[..found.len().min(1 + RUNNERS_UP)];
        let vectors: Vec<_> = shown.iter().map(|found| found.z.clone()).collect();
        let values = self.sampler.values(&vectors);
        let drawn = values.chunks(shape.values());
        let cells = drawn.zip(shown).map(|(values, found)| Cell {
            picture: picture_from_values(values, shape),
            caption: Some(format!("{:.1}", levels(found))),
        });
        let mut cells: Vec<Cell> = cells.collect();
        let runners_up = cells.split_off(1);
        let nearest = cells[0].picture.clone();
        let target = Cell {
            picture: picture_from_bytes(target.clone(), shape),
            caption: None,
        };
        let heads = ["picture", "found", "from other starts"].map(String::from);
        let table = PictureTable {
            headings: heads.to_vec(),
            rows: vec![vec![vec![target], cells, runners_up]],
        };
        files::write_figure(&self.file(&format!("{name}.png")), table.draw())?;
        let path = self.file(&format!("{name}-found.png"));
        files::write_picture(&path, &nearest, PictureFormat::Png)?;
        Ok(write_z(&self.file(&z_file(name)), &vectors[..1])?)
    }

    fn file(&self, name: &str) -> PathBuf {
        self.arguments.out.join(name)
    }
}

fn z_file(name: &str) -> String {
    format!("{name}.safetensors")
}

/// How far pixels lie from the picture's, as a root mean square in levels of 0 to 255.
fn levels(found: &Projection) -> f64 {
    127.5 * f64::from(found.pixel_error).sqrt()
}

fn tell(arguments: &Project, name: &str, found: &[Projection]) {
    let (nearest, furthest) = (&found[0], &found[found.len() - 1]);
    let z: &Path = &arguments.out.join(z_file(name));
    output::line(&format!(
        "{name}: pixels {:.1} of 255 levels from the picture's (root mean square), {:.1} from the \
         worst of {} starts; z in {}",
        levels(nearest),
        levels(furthest),
        found.len(),
        z.display()
    ));
}
