//! `dcgan edit`: pictures along a direction.

use std::path::PathBuf;
use std::str::FromStr;

use anyhow::{Result, bail};
use clap::Args;
use dcgan::latent::{self, LatentDirection, SeedList};
use dcgan::sample::{LoadedGenerator, Sampler};
use dcgan_render::figure::{Strip, draw_strips};
use image::{DynamicImage, RgbImage};

use crate::shared::compute::ComputeArguments;
use crate::shared::direction;
use crate::shared::drawing::{DrawingArguments, Label, Product, SeedArguments, numbered};
use crate::shared::generator::WeightsArguments;
use crate::shared::targets::{Files, WritesFiles};
use crate::words::counted;

/// `dcgan edit`
#[derive(Debug, Args)]
#[command(after_help = HELP)]
#[command(mut_arg("seeds", |seeds| seeds.alias("seed").required_unless_present("z")
    .help("Seeds of the pictures to change, one row for each")))]
pub struct Edit {
    /// A run directory, a checkpoint or a generator.safetensors
    pub run: PathBuf,

    /// Latent vectors to change: a safetensors file with a tensor z [N, z_dim]
    #[arg(long, value_name = "FILE")]
    pub z: Option<PathBuf>,

    /// A file written by `dcgan direction`, or its name without .safetensors, here or in RUN
    #[arg(long, value_name = "FILE|NAME")]
    pub direction: PathBuf,

    /// How far to move, in standard deviations of the latent vectors
    #[arg(
        long,
        value_name = "FROM..TO",
        default_value = "-3..3",
        allow_hyphen_values = true
    )]
    pub strength: Strength,

    /// Pictures from one end to the other
    #[arg(long, alias = "steps", value_name = "N", default_value_t = 7,
          value_parser = clap::value_parser!(u64).range(1..=64))]
    pub frames: u64,

    #[command(flatten)]
    pub seeds: SeedArguments,

    #[command(flatten)]
    pub drawing: DrawingArguments,

    #[command(flatten)]
    pub weights: WeightsArguments,

    #[command(flatten)]
    pub compute: ComputeArguments,
}

const PRODUCT: Product = Product::figure("edit").with_columns();

impl WritesFiles for Edit {
    fn files(&self) -> Files<'_> {
        let format = self.drawing.single_format();
        // a name alone is looked for when the command begins
        let direction = self.direction.exists().then_some(&*self.direction);
        let inputs = self.z.as_deref().into_iter().chain(direction);
        self.drawing.files(&self.run, inputs, &PRODUCT, |name| {
            PRODUCT.is_single(name, format)
        })
    }
}

const HELP: &str = "\
The middle of -3..3 is the picture itself. Beyond a strength of about 4, pictures fall apart, as
the generator was hardly trained on such latent vectors. A row with more than --columns pictures is
continued below. Without --out the figure is RUN/edit.png.

Examples:
  dcgan edit runs/celeba --seeds 7 --direction smiling --strength -3..3 -o row.png
  dcgan edit runs/demo --seeds 1-5 --direction glasses.safetensors --strength 0..4 -o rows.png
  dcgan edit runs/demo --z me.safetensors --direction glasses --frames 40 -o me.gif";

/// `--strength`: a range, or a single value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Strength {
    /// Of the first picture of a row.
    pub from: f64,
    /// Of the last picture.
    pub to: f64,
}

impl FromStr for Strength {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parse = |number: &str| {
            let number = number.trim().parse::<f64>().ok();
            number.filter(|number| (-20.0..=20.0).contains(number))
        };
        let (from, to) = text.split_once("..").unwrap_or((text, text));
        match (parse(from), parse(to)) {
            (Some(from), Some(to)) => Ok(Self { from, to }),
            _ => Err("a strength looks like -3..3 or 2, within -20 to 20".to_owned()),
        }
    }
}

impl Strength {
    /// `count` equally spaced values from the first to the last.
    fn spaced(self, count: u64) -> Vec<f64> {
        let step = (self.to - self.from) / (count.max(2) - 1) as f64;
        (0..count)
            .map(|place| self.from + place as f64 * step)
            .collect()
    }
}

const MAX_ROWS: usize = 64;

pub fn run(arguments: &Edit) -> Result<()> {
    arguments.compute.limit_threads()?;
    let drawing = &arguments.drawing;
    let target = drawing.target(&arguments.run, &PRODUCT)?;
    let path = direction::find(&arguments.direction, &arguments.run)?;
    let device = arguments.compute.open_device()?;
    let LoadedGenerator {
        generator, header, ..
    } = arguments.weights.load(&arguments.run, &device)?;
    let mut sampler = arguments.seeds.sampler(generator)?;
    let found = LatentDirection::read(&path, sampler.config().z_dim)?;
    direction::note_other_generator(&path, &found, &header);
    let rows = rows(arguments, &sampler)?;
    let strengths = arguments.strength.spaced(arguments.frames);
    let count = rows.len() as u64 * arguments.frames;
    drawing.check_fits_in_memory(&target, &PRODUCT, count, sampler.config().image_size)?;
    let mut pictures = Vec::new();
    for row in &rows {
        let moved: Vec<_> = strengths
            .iter()
            .map(|&strength| found.moved(&row.z, strength))
            .collect();
        let drawn = sampler.draw(&moved).into_iter();
        pictures.extend(drawn.map(|picture| (picture, row.seed.map(Label::Seed))));
    }
    let singles = numbered(&PRODUCT, drawing.single_format(), pictures);
    let columns = drawing
        .columns
        .map_or(usize::MAX, |columns| columns as usize);
    drawing.write(&target, &PRODUCT, count, singles, |pictures| {
        figure(&strengths, columns, &rows, &pictures)
    })?;
    drawing.report(
        &target,
        &format!(
            "{} along {} by {} to {}",
            counted(rows.len(), "picture"),
            found.origin.attribute,
            arguments.strength.from,
            arguments.strength.to,
        ),
    );
    Ok(())
}

/// Rows of pictures with these strengths, at most `columns` side by side.
fn figure(strengths: &[f64], columns: usize, rows: &[Row], pictures: &[DynamicImage]) -> RgbImage {
    let headings: Vec<String> = strengths.iter().map(|&strength| signed(strength)).collect();
    let mut strips = Vec::new();
    let is_broken = columns < strengths.len();
    let mut is_first = true;
    for (row, Row { seed, .. }) in pictures.chunks(strengths.len()).zip(rows) {
        // below the first picture of a row
        let mut captions: Vec<String> = seed.iter().map(|seed| format!("seed {seed}")).collect();
        for (pictures, headings) in row.chunks(columns).zip(headings.chunks(columns)) {
            let has_headings = is_first || is_broken;
            strips.push(Strip {
                headings: if has_headings {
                    headings.to_vec()
                } else {
                    Vec::new()
                },
                pictures: pictures.to_vec(),
                captions: std::mem::take(&mut captions),
            });
        }
        is_first = false;
    }
    draw_strips(&strips)
}

/// A latent vector, and its seed if it has one.
struct Row {
    z: Vec<f32>,
    seed: Option<u64>,
}

fn rows(arguments: &Edit, sampler: &Sampler) -> Result<Vec<Row>> {
    let vectors = match &arguments.z {
        Some(path) => latent::read_z(path, sampler.config().z_dim)?,
        None => Vec::new(),
    };
    let seeds = arguments.seeds.seeds.as_ref();
    let count = seeds
        .map_or(0, SeedList::len)
        .saturating_add(vectors.len() as u64);
    if count > MAX_ROWS as u64 {
        bail!("{count} pictures do not fit in the figure; give at most {MAX_ROWS}");
    }
    let mut rows: Vec<Row> = vectors.into_iter().map(|z| Row { z, seed: None }).collect();
    let seeds = seeds.into_iter().flat_map(SeedList::iter);
    rows.extend(seeds.map(|seed| Row {
        z: sampler.latent(seed),
        seed: Some(seed),
    }));
    Ok(rows)
}

/// A strength with its sign, as in −1, 0 and +1.5.
fn signed(strength: f64) -> String {
    let rounded = (strength * 100.0).round() / 100.0;
    if rounded == 0.0 {
        "0".to_owned()
    } else if rounded < 0.0 {
        format!("−{}", -rounded)
    } else {
        format!("+{rounded}")
    }
}
