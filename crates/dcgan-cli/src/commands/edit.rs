//! `dcgan edit`: pictures along a direction.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use anyhow::{Result, anyhow, bail};
use clap::Args;
use dcgan::checkpoint::FileHeader;
use dcgan::config::ModelConfig;
use dcgan::latent::{self, Direction, SeedList};
use dcgan::sample::{LoadedGenerator, Sampler, load_generator};
use dcgan_render::figure::{Strip, draw_strips};

use crate::shared::compute::ComputeArguments;
use crate::shared::{files, output};

/// `dcgan edit`
#[derive(Debug, Args)]
#[command(after_help = EDIT_HELP)]
pub struct Edit {
    /// A run folder, a checkpoint, or a generator.safetensors
    pub run: PathBuf,

    /// The pictures to change, a row for each
    #[arg(
        long = "seed",
        visible_alias = "seeds",
        value_name = "SEEDS",
        required_unless_present = "z"
    )]
    pub seeds: Option<SeedList>,

    /// Latent vectors to change, a safetensors file with a tensor z [N, z_dim]
    #[arg(long, value_name = "FILE")]
    pub z: Option<PathBuf>,

    /// What `dcgan direction` has written: a file, or its name without .safetensors, here or in RUN
    #[arg(long, value_name = "FILE|NAME")]
    pub direction: PathBuf,

    /// From where to where, in standard deviations of the latent vectors
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

    /// The figure, a .png
    #[arg(short, long, value_name = "FILE")]
    pub out: PathBuf,

    #[command(flatten)]
    pub compute: ComputeArguments,
}

const EDIT_HELP: &str = "\
The picture in the middle of -3..3 is the one that was drawn. Beyond 4 or so nothing was ever
trained on, and pictures fall apart.

Examples:
  dcgan edit runs/celeba --seed 7 --direction smiling --strength -3..3 -o row.png
  dcgan edit runs/demo --seeds 1-5 --direction glasses.safetensors --strength 0..4 -o rows.png
  dcgan edit runs/demo --z me.safetensors --direction glasses -o me.png";

/// `--strength`: where a row begins and ends.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Strength {
    /// Of the first picture.
    pub from: f64,
    /// Of the last picture.
    pub to: f64,
}

impl FromStr for Strength {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = |part: &str| {
            let number = part.trim().parse::<f64>().ok();
            number.filter(|number| (-20.0..=20.0).contains(number))
        };
        let (from, to) = text.split_once("..").unwrap_or((text, text));
        match (number(from), number(to)) {
            (Some(from), Some(to)) => Ok(Self { from, to }),
            _ => Err("a strength looks like -3..3 or 2, within -20 to 20".to_owned()),
        }
    }
}

/// The most rows of a figure.
const MOST: usize = 64;

/// Draws the rows.
pub fn run(arguments: &Edit) -> Result<()> {
    arguments.compute.limit_threads()?;
    files::check_figure_name(&arguments.out)?;
    let device = arguments.compute.open_device()?;
    let LoadedGenerator { generator, header } = load_generator(&arguments.run, &device)?;
    let mut sampler = Sampler::new(generator);
    let model = sampler.config().clone();
    let path = direction_file(&arguments.direction, &arguments.run)?;
    let direction = Direction::read(&path, model.z_dim)?;
    tell_other_model(&path, &direction, &header);
    let vectors = vectors(arguments, &model)?;
    let strengths = strengths(arguments.strength, arguments.steps);
    let mut strips = Vec::new();
    for (row, z) in vectors.iter().enumerate() {
        let moved: Vec<_> = strengths.iter().map(|&by| direction.moved(z, by)).collect();
        let heads = strengths.iter().map(|&by| head(by));
        strips.push(Strip {
            headings: if row == 0 {
                heads.collect()
            } else {
                Vec::new()
            },
            pictures: sampler.draw(&moved),
        });
    }
    files::write_figure(&arguments.out, draw_strips(&strips))?;
    output::line(&format!(
        "{} along {} by {} to {} in {}",
        match vectors.len() {
            1 => "one picture".to_owned(),
            count => format!("{count} pictures"),
        },
        direction.origin.attribute,
        arguments.strength.from,
        arguments.strength.to,
        arguments.out.display()
    ));
    Ok(())
}

/// The file itself, or the one of that name here or in the run's folder.
fn direction_file(name: &Path, run: &Path) -> Result<PathBuf> {
    let mut with_ending = name.as_os_str().to_owned();
    with_ending.push(".safetensors");
    let with_ending = PathBuf::from(with_ending);
    let places = [
        name.to_owned(),
        with_ending.clone(),
        run.join(name),
        run.join(&with_ending),
    ];
    let found = places.into_iter().find(|path| path.is_file());
    found.ok_or_else(|| {
        anyhow!(
            "there is no direction {name}, here or in {run}: `dcgan direction {run} ATTRIBUTE \
             --data DATA -o {file}` makes one",
            name = name.display(),
            run = run.display(),
            file = match name.extension() {
                Some(_) => name.display(),
                None => with_ending.display(),
            },
        )
    })
}

/// A direction of another run is of no use, though its length may be right.
fn tell_other_model(path: &Path, direction: &Direction, header: &FileHeader) {
    let origin = &direction.origin;
    let same = origin.model == header.model
        && origin.step == header.step
        && origin.data_fingerprint == header.data.fingerprint;
    if !same {
        output::note(&format!(
            "{} was found for another generator, after {} steps; this one has made {}, and \
             {} may lie elsewhere",
            path.display(),
            origin.step,
            header.step,
            origin.attribute
        ));
    }
}

fn vectors(arguments: &Edit, model: &ModelConfig) -> Result<Vec<Vec<f32>>> {
    let too_many = |count| anyhow!("{count} pictures: take at most {MOST}");
    let mut vectors = match &arguments.z {
        Some(path) => latent::read_z(path, model.z_dim)?,
        None => Vec::new(),
    };
    if let Some(seeds) = &arguments.seeds {
        if seeds.len() > MOST as u64 {
            return Err(too_many(seeds.len()));
        }
        vectors.extend(seeds.iter().map(|seed| latent::from_seed(model, seed)));
    }
    if vectors.len() > MOST {
        bail!(too_many(vectors.len() as u64));
    }
    Ok(vectors)
}

/// A strength as people write it: −1, 0, +1.5.
fn head(strength: f64) -> String {
    let rounded = (strength * 100.0).round() / 100.0;
    match rounded {
        0.0 => "0".to_owned(),
        below if below < 0.0 => format!("−{}", -below),
        above => format!("+{above}"),
    }
}

/// From the first to the last in equal steps.
fn strengths(range: Strength, count: u64) -> Vec<f64> {
    let step = (range.to - range.from) / (count.max(2) - 1) as f64;
    let each = (0..count).map(|place| range.from + place as f64 * step);
    each.collect()
}
