//! `dcgan compare`: several runs side by side.

mod entry;
mod row;
mod table;

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use clap::Args;
use dcgan::latent::SeedList;
use dcgan::train::Measure;
use dcgan_render::picture_file::PictureFormat;
use dcgan_render::plot::comparison::{self, RunCurve};

use self::entry::Entry;
use crate::shared::compute::ComputeArguments;
use crate::shared::drawing::{
    self, DrawingArguments, Label, Product, SeedArguments, Table, TableCell, Target, numbered, open,
};
use crate::shared::generator::WeightsArguments;
use crate::shared::targets::{Files, WritesFiles};
use crate::shared::{files, output};

/// `dcgan compare`
#[derive(Debug, Args)]
#[command(after_help = HELP)]
#[command(mut_arg("out", |out| out.help("Where to draw, as in other commands that draw; a folder \
    gets the plot and the pictures [default: comparison]")))]
#[command(mut_arg("seeds", |seeds| seeds
    .help("Seeds of the pictures that each run draws, at most 64 [default: 0-7]")))]
pub struct Compare {
    /// The directories of two or more runs; they may still be training
    #[arg(value_name = "RUN", required = true, num_args = 2..)]
    pub runs: Vec<PathBuf>,

    /// Print a table in Markdown, with the commands that repeat the runs
    #[arg(long, conflicts_with = "json")]
    pub markdown: bool,

    /// Print one JSON object
    #[arg(long)]
    pub json: bool,

    #[command(flatten)]
    pub seeds: SeedArguments,

    #[command(flatten)]
    pub drawing: DrawingArguments,

    #[command(flatten)]
    pub compute: ComputeArguments,
}

/// In the current directory, as it belongs to no run.
const PRODUCT: Product = Product {
    default: drawing::Default::Folder,
    ..Product::figure("comparison").with_columns()
};

const HELP: &str = "\
Runs are compared by what they measured while they trained: KID if all of them have it, else SWD,
from `train --evaluate-every`. Runs that differ in nothing but --seed are one row, with the mean and
the standard deviation. The plot shows the distance over steps and over time; the pictures are those
of the newest weights, the same seeds in each column; a row with more than --columns is continued
below. Both go into a folder, which without --out is comparison/; -o FILE.png writes the pictures to
that file and the plot to FILE-plot.png.

Diversity is that of the fakes relative to real pictures. Novelty is their distance to the nearest
training picture, relative to that between training pictures: near 0 for copies.

Examples:
  dcgan compare runs/photos runs/demo
  dcgan compare runs/photos runs/demo --markdown";

/// The most pictures of a run.
const MOST_SEEDS: u64 = 64;

/// The seeds that are drawn if --seeds does not say otherwise.
const SEEDS: u64 = 8;

/// Where the plot and the pictures go.
fn places(target: &Target) -> (PathBuf, Target) {
    match target {
        Target::Folder(folder, format) => {
            let pictures = folder.join(format!("pictures.{}", format.extension()));
            (
                folder.join(format!("plot.{}", format.extension())),
                Target::Picture(pictures, *format),
            )
        }
        file => {
            let mut name = file.path().file_stem().unwrap_or_default().to_owned();
            name.push("-plot.png");
            (file.path().with_file_name(name), file.clone())
        }
    }
}

impl WritesFiles for Compare {
    fn files(&self) -> Files<'_> {
        let nowhere = Path::new(""); // --out is not in one of the runs
        let runs = self.runs.iter().map(PathBuf::as_path);
        let files = Files::new(self.drawing.replace, runs);
        let Ok(target) = self.drawing.target(nowhere, &PRODUCT) else {
            return files; // refused by the command
        };
        let (plot, pictures) = places(&target);
        match &target {
            Target::Folder(folder, _) => files.writing_in(folder, |name| {
                [&*plot, pictures.path()].contains(&&*folder.join(name))
            }),
            _ => files.writing(plot).writing(pictures.path()),
        }
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
    let seeds = match &arguments.seeds.seeds {
        Some(seeds) => seeds.clone(),
        None => SeedList::from_first(0, SEEDS)?,
    };
    if seeds.len() > MOST_SEEDS {
        bail!(
            "--seeds names {} pictures of each run: give at most {MOST_SEEDS}",
            seeds.len()
        );
    }
    let seeds: Vec<u64> = seeds.iter().collect();
    let target = arguments.drawing.target(Path::new(""), &PRODUCT)?;
    let (plot, pictures) = places(&target);
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
    let folder = plot.parent().unwrap_or(Path::new(""));
    files::in_folder(folder, || {
        draw_plot(arguments, &entries, measure, &plot)?;
        draw_pictures(arguments, &entries, &seeds, &pictures)
    })?;
    if arguments.drawing.open {
        open(pictures.path());
    }
    Ok(())
}

fn draw_plot(arguments: &Compare, entries: &[Entry], measure: Measure, path: &Path) -> Result<()> {
    let curves: Vec<RunCurve> = entries.iter().map(|entry| entry.curve(measure)).collect();
    let title = format!("{} (lower is better)", entry::name_of(measure));
    let plot = comparison::render(&title, &curves);
    let format = PictureFormat::from_path(path).unwrap_or(PictureFormat::Png);
    files::write_picture(path, &plot.into(), format)?;
    arguments.say_where("Plot", path);
    Ok(())
}

/// The same seeds of each run, a row for each; rows that are too long are continued below.
fn draw_pictures(
    arguments: &Compare,
    entries: &[Entry],
    seeds: &[u64],
    target: &Target,
) -> Result<()> {
    let device = arguments.compute.open_device()?;
    let drawing = &arguments.drawing;
    let columns = drawing
        .columns
        .map_or(usize::MAX, |columns| columns as usize);
    let mut runs = Vec::new();
    for entry in entries {
        if !entry.has_weights() {
            output::note(&format!(
                "{} has no report yet, so there are no pictures of it",
                entry.name
            ));
            continue;
        }
        let loaded = WeightsArguments::AVERAGED.load(&entry.path, &device)?;
        let mut sampler = arguments.seeds.sampler(loaded.generator)?;
        let side = sampler.config().image_size;
        let count = (seeds.len() * entries.len()) as u64;
        drawing.check_fits_in_memory(target, &PRODUCT, count, side)?;
        let pictures = sampler.pictures(seeds.iter().copied());
        runs.push((entry, pictures.into_iter().zip(seeds).collect::<Vec<_>>()));
    }
    if runs.is_empty() {
        return Ok(());
    }
    let mut rows = Vec::new();
    for first in (0..seeds.len()).step_by(columns.min(seeds.len())) {
        for (entry, pictures) in &runs {
            let shown = pictures.iter().skip(first).take(columns);
            let cell =
                |(place, (picture, seed)): (usize, &(image::DynamicImage, &u64))| TableCell {
                    picture: picture.clone(),
                    caption: Some(match place {
                        0 => entry.name.clone(), // with its seed it would seldom fit
                        _ => format!("seed {seed}"),
                    }),
                    label: Some(Label::Seed(**seed)),
                };
            rows.push(vec![shown.enumerate().map(cell).collect()]);
        }
    }
    let table = Table {
        headings: vec![String::new()],
        rows,
    };
    let (pictures, arrange) = table.into_parts();
    let singles = numbered(&PRODUCT, drawing.single_format(), pictures);
    drawing.write(target, &PRODUCT, singles.len() as u64, singles, arrange)?;
    arguments.say_where("Pictures", target.path());
    Ok(())
}
