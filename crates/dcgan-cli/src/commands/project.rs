//! `dcgan project`: the latent vectors whose samples are nearest to given pictures.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow, bail};
use clap::Args;
use dcgan::device::Device;
use dcgan::latent::write_z;
use dcgan::model::{Discriminator, Generator};
use dcgan::sample::{Sampler, load_discriminator};
use dcgan::train::picture_options;
use dcgan_data::{PictureOptions, read_picture};
use dcgan_explore::projection::{Projection, Search, project};
use dcgan_render::image_grid::{PictureShape, picture_from_bytes, picture_from_values};
use dcgan_render::picture_file::PictureFormat;
use image::DynamicImage;

use crate::shared::compute::ComputeArguments;
use crate::shared::drawing::{
    self, DrawingArguments, Label, Product, Table, TableCell, Target, numbered,
};
use crate::shared::generator::WeightsArguments;
use crate::shared::targets::{Files, WritesFiles};
use crate::shared::{files, output, progress};
use crate::words::{self, counted};

/// `dcgan project`
#[derive(Debug, Args)]
#[command(after_help = HELP, allow_negative_numbers = true)]
#[command(mut_arg("columns", |columns| columns
    .help("Number of results to show from other starts [default: 3]")))]
#[command(mut_arg("labels", |labels| labels
    .help("Write on each picture what it is: the name of PICTURE, or found")))]
pub struct Project {
    /// A run directory or a checkpoint
    pub run: PathBuf,

    /// Pictures of any size
    #[arg(required = true, value_name = "PICTURE")]
    pub pictures: Vec<PathBuf>,

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
    pub drawing: DrawingArguments,

    #[command(flatten)]
    pub weights: WeightsArguments,

    #[command(flatten)]
    pub compute: ComputeArguments,
}

const PRODUCT: Product = Product {
    default: drawing::Default::Folder,
    ..Product::figure("project")
};

/// The files of a picture: the figure, the nearest sample and its latent vector.
fn files_of(name: &str, format: PictureFormat) -> [String; 3] {
    let ending = format.extension();
    [
        format!("{name}.{ending}"),
        format!("{name}-found.{ending}"),
        vector_file(name),
    ]
}

fn vector_file(name: &str) -> String {
    format!("{name}.safetensors")
}

/// The names of the pictures' files, without their endings. None of the files has the name of
/// another.
fn names(pictures: &[PathBuf], format: PictureFormat) -> Vec<String> {
    let mut taken = HashSet::new();
    let mut names = Vec::new();
    for picture in pictures {
        let stem = picture.file_stem().unwrap_or_default().to_string_lossy();
        let mut name = stem.clone().into_owned();
        let mut number = 2;
        while files_of(&name, format)
            .iter()
            .any(|file| taken.contains(file))
        {
            name = format!("{stem}-{number}");
            number += 1;
        }
        taken.extend(files_of(&name, format));
        names.push(name);
    }
    names
}

/// The folder of the latent vectors.
fn folder_of(target: &Target) -> PathBuf {
    match target {
        Target::Folder(folder, _) => folder.clone(),
        file => file.path().parent().unwrap_or(Path::new("")).to_owned(),
    }
}

impl WritesFiles for Project {
    fn files(&self) -> Files<'_> {
        let format = self.drawing.single_format();
        let names = names(&self.pictures, format);
        let written: HashSet<String> = names
            .iter()
            .flat_map(|name| files_of(name, format))
            .collect();
        let pictures = self.pictures.iter().map(PathBuf::as_path);
        let files = self
            .drawing
            .files(&self.run, pictures, &PRODUCT, |name| written.contains(name));
        match self.drawing.target(&self.run, &PRODUCT) {
            Ok(Target::Folder(..)) | Err(_) => files,
            Ok(file) => names.iter().fold(files, |files, name| {
                files.writing(folder_of(&file).join(vector_file(name)))
            }),
        }
    }
}

const HELP: &str = "\
Searches for the latent vector whose sample is nearest to a picture: Adam on z through the
generator, from several starts in parallel, minimising the squared distance of the pixels and of the
discriminator's activations in all layers. Pictures are resized and cropped as in training.
For face.jpg a folder, which without --out is RUN/project, gets
  face.png           the picture, the nearest sample and those from other starts, with the root mean
                     square of their pixel errors (of 255 levels)
  face-found.png     the nearest sample
  face.safetensors   its latent vector, for `dcgan interpolate --z`
A file (-o found.png) gets the figures of all pictures in one, an animation or an array the same
pictures one after the other; the latent vectors are written next to it.
A generator cannot draw what it has not learned: for a photograph unlike its training pictures it
finds something with similar colours.

Examples:
  dcgan project runs/photos face.jpg -o found/
  dcgan project runs/photos a.jpg b.jpg --starts 16 --steps 600 -o found/
  dcgan interpolate runs/photos --z found/a.safetensors,found/b.safetensors -o walk.png";

/// How many results of other starts the figure shows if --columns does not say otherwise.
const RUNNERS_UP: usize = 3;

/// A picture to search for.
struct SearchedPicture {
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
    let drawing = &arguments.drawing;
    let target = drawing.target(&arguments.run, &PRODUCT)?;
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
    let mut table = Table {
        headings: ["picture", "found", "from other starts"]
            .map(String::from)
            .to_vec(),
        rows: Vec::new(),
    };
    let side = projector.generator.config().image_size;
    let count = targets.len() as u64 * u64::from(arguments.starts);
    drawing.check_fits_in_memory(&target, &PRODUCT, count, side)?;
    let folder = folder_of(&target);
    progress::cover(targets.iter().map(|picture| (&*picture.name, 1.0)));
    files::in_folder(&folder, || {
        for picture in &targets {
            let found = projector.search(picture);
            let row = projector.row(picture, &found);
            let vector = folder.join(vector_file(&picture.name));
            write_z(&vector, &[found[0].z.clone()])?;
            if let Target::Folder(_, format) = target {
                projector.write(&folder, picture, row, format)?;
            } else {
                table.rows.push(row);
            }
            report(picture, &found, &vector);
        }
        if !table.rows.is_empty() {
            let (pictures, arrange) = table.into_parts();
            let singles = numbered(&PRODUCT, drawing.single_format(), pictures);
            drawing.write(&target, &PRODUCT, singles.len() as u64, singles, arrange)?;
        }
        Ok(())
    })?;
    drawing.report(
        &target,
        &format!(
            "{} and the nearest samples",
            counted(targets.len(), "picture")
        ),
    );
    Ok(())
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
fn targets(arguments: &Project, options: &PictureOptions) -> Result<Vec<SearchedPicture>> {
    let names = names(&arguments.pictures, arguments.drawing.single_format()).into_iter();
    names
        .zip(&arguments.pictures)
        .map(|(name, path)| {
            let bytes = read_picture(path, options)?;
            Ok(SearchedPicture { name, bytes })
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
    fn search(&self, target: &SearchedPicture) -> Vec<Projection> {
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

    /// The picture, the nearest sample, and those from other starts, of which the first are shown.
    fn row(&mut self, target: &SearchedPicture, found: &[Projection]) -> Vec<Vec<TableCell>> {
        let model = self.generator.config();
        let shape = PictureShape::square(model.image_size, model.channels);
        let runners_up = self.arguments.drawing.columns;
        let runners_up = runners_up.map_or(RUNNERS_UP, |columns| columns as usize);
        let shown = &found[..found.len().min(1 + runners_up)];
        let vectors: Vec<_> = shown.iter().map(|found| found.z.clone()).collect();
        let values = self.sampler.values(&vectors);
        let mut cells: Vec<TableCell> = values
            .chunks(shape.values())
            .zip(shown)
            .map(|(values, found)| TableCell {
                picture: picture_from_values(values, shape),
                caption: Some(format!("error {:.1}", levels(found))),
                label: Some(Label::Text("found".to_owned())),
            })
            .collect();
        let runners_up = cells.split_off(1);
        let picture = TableCell {
            picture: picture_from_bytes(target.bytes.clone(), shape),
            caption: None,
            label: Some(Label::Text(target.name.clone())),
        };
        vec![vec![picture], cells, runners_up]
    }

    /// Writes the figure and the nearest sample.
    fn write(
        &self,
        folder: &Path,
        target: &SearchedPicture,
        row: Vec<Vec<TableCell>>,
        format: PictureFormat,
    ) -> Result<()> {
        let drawing = &self.arguments.drawing;
        let files = files_of(&target.name, format);
        let [figure, sample, _] = files.map(|file| Target::Picture(folder.join(file), format));
        let nearest = (row[1][0].picture.clone(), row[1][0].label.clone());
        let table = Table {
            headings: ["picture", "found", "from other starts"]
                .map(String::from)
                .to_vec(),
            rows: vec![row],
        };
        let (pictures, arrange) = table.into_parts();
        let singles = numbered(&PRODUCT, format, pictures);
        drawing.write(&figure, &PRODUCT, singles.len() as u64, singles, arrange)?;
        let alone = |pictures: Vec<DynamicImage>| pictures[0].to_rgb8();
        drawing.write(
            &sample,
            &PRODUCT,
            1,
            numbered(&PRODUCT, format, [nearest]),
            alone,
        )
    }
}

fn report(target: &SearchedPicture, found: &[Projection], vector: &Path) {
    let (nearest, furthest) = (&found[0], &found[found.len() - 1]);
    output::line(&format!(
        "{}: pixel error {:.1} of 255 levels (root mean square), {:.1} from the worst of {} \
         starts; z in {}",
        target.name,
        levels(nearest),
        levels(furthest),
        found.len(),
        vector.display()
    ));
}

/// The root mean square of the pixel errors, in levels of 0 to 255.
fn levels(found: &Projection) -> f64 {
    127.5 * f64::from(found.pixel_error).sqrt()
}
