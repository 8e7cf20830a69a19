//! `dcgan edit`: pictures along a direction.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use anyhow::{Result, anyhow, bail};
use clap::Args;
use dcgan::checkpoint::FileHeader;
use dcgan::config::ModelConfig;
use dcgan::latent::{self, LatentDirection, SeedList};
use dcgan::sample::{LoadedGenerator, Sampler};
use dcgan_render::figure::{Strip, draw_strips};

use crate::shared::compute::ComputeArguments;
use crate::shared::generator::WeightsArguments;
use crate::shared::targets::{Files, Replace, WritesFiles};
use crate::shared::{files, output};

/// `dcgan edit`
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub struct Edit {
    /// A run directory, a checkpoint or a generator.safetensors
    pub run: PathBuf,

    /// The pictures to change, one row for each
    #[arg(
        long = "seed",
        visible_alias = "seeds",
        value_name = "SEEDS",
        required_unless_present = "z"
    )]
    pub seeds: Option<SeedList>,

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

    /// Pictures in a row
    #[arg(long, value_name = "N", default_value_t = 7,
          value_parser = clap::value_parser!(u64).range(1..=64))]
    pub steps: u64,

    /// Write the figure to this .png file
    #[arg(short, long, value_name = "FILE")]
    pub out: PathBuf,

    #[command(flatten)]
    pub weights: WeightsArguments,

    #[command(flatten)]
    pub compute: ComputeArguments,

    #[command(flatten)]
    pub replace: Replace,
}

impl WritesFiles for Edit {
    fn files(&self) -> Files<'_> {
        Files::new(
            self.replace,
            [&*self.run, &self.direction]
                .into_iter()
                .chain(self.z.as_deref()),
        )
        .writing(&self.out)
    }
}

const HELP: &str = "\
The middle of -3..3 is the picture itself. Beyond a strength of about 4, pictures fall apart, as
the generator was hardly trained on such latent vectors.

Examples:
  dcgan edit runs/celeba --seed 7 --direction smiling --strength -3..3 -o row.png
  dcgan edit runs/demo --seeds 1-5 --direction glasses.safetensors --strength 0..4 -o rows.png
  dcgan edit runs/demo --z me.safetensors --direction glasses -o me.png";

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
    files::check_figure_name(&arguments.out)?;
    let device = arguments.compute.open_device()?;
    let LoadedGenerator {
        generator, header, ..
    } = arguments.weights.load(&arguments.run, &device)?;
    let mut sampler = Sampler::new(generator);
    let path = find_direction_file(&arguments.direction, &arguments.run)?;
    let direction = LatentDirection::read(&path, sampler.config().z_dim)?;
    note_other_generator(&path, &direction, &header);
    let vectors = vectors(arguments, sampler.config())?;
    let strengths = arguments.strength.spaced(arguments.steps);
    let mut strips = Vec::new();
    for z in &vectors {
        let moved: Vec<_> = strengths
            .iter()
            .map(|&strength| direction.moved(z, strength))
            .collect();
        strips.push(Strip {
            headings: Vec::new(),
            pictures: sampler.draw(&moved),
        });
    }
    if let Some(first) = strips.first_mut() {
        first.headings = strengths.iter().map(|&strength| signed(strength)).collect();
    }
    files::write_figure(&arguments.out, draw_strips(&strips))?;
    output::line(&format!(
        "{} along {} by {} to {} in {}",
        match vectors.len() {
            1 => "1 picture".to_owned(),
            count => format!("{count} pictures"),
        },
        direction.origin.attribute,
        arguments.strength.from,
        arguments.strength.to,
        arguments.out.display()
    ));
    Ok(())
}

/// The file itself, or the one of this name in the working directory or the run directory.
fn find_direction_file(name: &Path, run: &Path) -> Result<PathBuf> {
    let mut with_extension = name.as_os_str().to_owned();
    with_extension.push(".safetensors");
    let with_extension = PathBuf::from(with_extension);
    let candidates = [
        name.to_owned(),
        with_extension.clone(),
        run.join(name),
        run.join(&with_extension),
    ];
    let found = candidates
        .into_iter()
        .find(|path| path.exists() && !path.is_dir());
    found.ok_or_else(|| {
        let file = if name.extension().is_some() {
            name
        } else {
            &with_extension
        };
        anyhow!(
            "there is no direction {name}, here or in {run}; `dcgan direction {run} ATTRIBUTE \
             --data DATA -o {file}` creates it",
            name = name.display(),
            run = run.display(),
            file = file.display(),
        )
    })
}

/// A direction means little to another generator, even if it has the right length.
fn note_other_generator(path: &Path, direction: &LatentDirection, header: &FileHeader) {
    let origin = &direction.origin;
    let same = origin.model == header.model
        && origin.step == header.step
        && origin.data_fingerprint == header.data.fingerprint;
    if !same {
        output::note(&format!(
            "{} was found for another generator at step {}, and this one is at step {}; {} may lie \
             in another direction",
            path.display(),
            origin.step,
            header.step,
            origin.attribute
        ));
    }
}

fn vectors(arguments: &Edit, model: &ModelConfig) -> Result<Vec<Vec<f32>>> {
    let mut vectors = match &arguments.z {
        Some(path) => latent::read_z(path, model.z_dim)?,
        None => Vec::new(),
    };
    let seeds = arguments.seeds.as_ref();
    let count = seeds
        .map_or(0, SeedList::len)
        .saturating_add(vectors.len() as u64);
    if count > MAX_ROWS as u64 {
        bail!("{count} pictures do not fit in the figure; give at most {MAX_ROWS}");
    }
    let seeds = seeds.into_iter().flat_map(SeedList::iter);
    vectors.extend(seeds.map(|seed| latent::from_seed(model, seed)));
    Ok(vectors)
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
