//! `dcgan compare`: several runs side by side.

mod entry;
mod row;
mod table;

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use clap::Args;
use dcgan::latent::SeedList;
use dcgan::sample::Sampler;
use dcgan::train::Measure;
use dcgan_render::figure::{Cell, PictureTable};
use dcgan_render::picture_file::PictureFormat;
use dcgan_render::plot::comparison::{self, RunCurve};

use self::entry::Entry;
use crate::shared::compute::ComputeArguments;
use crate::shared::generator::WeightsArguments;
use crate::shared::targets::{Files, Replace, WritesFiles};
use crate::shared::{files, output};

/// `dcgan compare`
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub struct Compare {
    /// The directories of two or more runs; they may still be training
    #[arg(value_name = "RUN", required = true, num_args = 2..)]
    pub runs: Vec<PathBuf>,

    /// Directory for the plot and the pictures
    #[arg(short, long, value_name = "DIR", default_value = "comparison")]
    pub out: PathBuf,

    /// Seeds of the pictures that each run draws, at most 16
    #[arg(long, value_name = "SEEDS", default_value = "0-7")]
    pub seeds: SeedList,

    /// Print a table in Markdown, with the commands that repeat the runs
    #[arg(long, conflicts_with = "json")]
    pub markdown: bool,

    /// Print one JSON object
    #[arg(long)]
    pub json: bool,

    #[command(flatten)]
    pub compute: ComputeArguments,

    #[command(flatten)]
    pub replace: Replace,
}

const HELP: &str = "\
Runs are compared by what they measured while they trained: KID if all of them have it, else SWD,
from `train --evaluate-every`. Runs that differ in nothing but --seed are one row, with the mean and
the standard deviation. The plot shows the distance over steps and over time; the pictures are those
of the newest weights, the same seeds in each column.

Diversity is that of the fakes relative to real pictures. Novelty is their distance to the nearest
training picture, relative to that between training pictures: near 0 for copies.

Examples:
  dcgan compare runs/photos runs/demo
  dcgan compare runs/photos runs/demo --markdown";

/// The most pictures of a run.
const MOST_SEEDS: u64 = 16;

const PLOT: &str = "plot.png";
const PICTURES: &str = "pictures.png";

impl WritesFiles for Compare {
    fn files(&self) -> Files<'_> {
        let runs = self.runs.iter().map(PathBuf::as_path);
        Files::new(self.replace, runs)
            .writing_in(&self.out, |name| name == PLOT || name == PICTURES)
    }
}

impl Compare {
    /// Says where a file is. Standard output holds nothing but the table if that is for another
    /// program.
    fn say_where(&self, what: &str, path: &Path) {
        let line = format!("{what}: {}", path.display());
        if self.json || self.markdown {
            output::note(&line);
        } else {
            output::line(&line);
        }
    }
}

pub fn run(arguments: &Compare) -> Result<()> {
    arguments.compute.limit_threads()?;
    if arguments.seeds.len() > MOST_SEEDS {
        bail!(
            "--seeds names {} pictures of each run: give at most {MOST_SEEDS}",
            arguments.seeds.len()
        );
    }
    let mut entries = Vec::new();
    for path in &arguments.runs {
        entries.push(Entry::read(path)?);
    }
    let measure = entry::common_measure(&entries)?;
    let rows = row::rows(&entries, measure)?;
    if arguments.json {
        output::json(&table::json(&rows, measure)?);
    } else if arguments.markdown {
        output::lines(table::markdown(&rows, measure));
    } else {
        output::lines(table::lines(&rows, measure));
    }
    files::in_folder(&arguments.out, || {
        draw_plot(arguments, &entries, measure)?;
        draw_pictures(arguments, &entries)
    })
}

fn draw_plot(arguments: &Compare, entries: &[Entry], measure: Measure) -> Result<()> {
    let curves: Vec<RunCurve> = entries.iter().map(|entry| entry.curve(measure)).collect();
    let title = format!("{} (lower is better)", entry::name_of(measure));
    let plot = comparison::render(&title, &curves);
    let path = arguments.out.join(PLOT);
    files::write_picture(&path, &plot.into(), PictureFormat::Png)?;
    arguments.say_where("Plot", &path);
    Ok(())
}

/// The same seeds of each run, a row for each.
fn draw_pictures(arguments: &Compare, entries: &[Entry]) -> Result<()> {
    let device = arguments.compute.open_device()?;
    let seeds: Vec<u64> = arguments.seeds.iter().collect();
    let mut rows = Vec::new();
    for entry in entries {
        if !entry.has_weights() {
            output::note(&format!(
                "{} has no report yet, so there are no pictures of it",
                entry.name
            ));
            continue;
        }
        let mut sampler = Sampler::new(
            WeightsArguments::AVERAGED
                .load(&entry.path, &device)?
                .generator,
        );
        let pictures = sampler.pictures(seeds.iter().copied());
        let cell = |(place, (picture, seed)): (usize, (_, &u64))| Cell {
            picture,
            caption: Some(match place {
                0 => format!("{} · seed {seed}", entry.name),
                _ => format!("seed {seed}"),
            }),
        };
        rows.push(vec![
            pictures
                .into_iter()
                .zip(&seeds)
                .enumerate()
                .map(cell)
                .collect(),
        ]);
    }
    if rows.is_empty() {
        return Ok(());
    }
    let table = PictureTable {
        headings: vec![String::new()],
        rows,
    };
    let path = arguments.out.join(PICTURES);
    files::write_picture(&path, &table.draw().into(), PictureFormat::Png)?;
    arguments.say_where("Pictures", &path);
    Ok(())
}
