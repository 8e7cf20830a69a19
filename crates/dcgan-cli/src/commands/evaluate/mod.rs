//! `dcgan evaluate`: how good pictures are, in figures.

mod inception;
mod measure;
mod metric;
mod reduced;
mod report;
mod sides;

use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::Args;

use self::inception::InceptionArguments;
pub use self::metric::Metric;
use self::report::Report;
use self::sides::Sides;
use crate::shared::checkpoint::CheckpointArguments;
use crate::shared::compute::ComputeArguments;
use crate::shared::data_arguments::{CacheArguments, RunDataArguments};
use crate::shared::drawing::SeedArguments;
use crate::shared::generator::WeightsArguments;
use crate::shared::targets::{Files, Replace, WritesFiles};
use crate::shared::{dataset, output, progress};

/// `dcgan evaluate`
#[derive(Debug, Args)]
#[command(after_help = HELP)]
#[command(mut_arg("seeds", |seeds| seeds.conflicts_with("count")
    .help("Seeds of the drawn pictures, such as 0-4999, instead of the first N")))]
#[command(mut_arg("data", |data| data.help(
    "The real pictures: anything that `train` accepts, or `demo` [default: those that RUN was trained on]")))]
pub struct Evaluate {
    /// What is judged: a run directory, a checkpoint, a generator.safetensors, or pictures
    #[arg(value_name = "RUN|PICTURES")]
    pub generated: PathBuf,

    #[command(flatten)]
    pub data: RunDataArguments,

    /// The most pictures of either side
    #[arg(short = 'n', long = "count", value_name = "N", default_value_t = 10_000,
          value_parser = clap::value_parser!(u64).range(2..=1_000_000))]
    pub count: u64,

    #[command(flatten)]
    pub seeds: SeedArguments,

    #[command(flatten)]
    pub checkpoint: CheckpointArguments,

    /// Width and height at which PICTURES are compared [default: 64; a run has its own]
    #[arg(long, value_name = "N")]
    pub image_size: Option<u32>,

    /// What is measured, separated by commas [default: all that is possible with the weights and
    /// pictures at hand]
    #[arg(long, value_enum, value_delimiter = ',')]
    pub metrics: Vec<Metric>,

    #[command(flatten)]
    pub inception: InceptionArguments,

    /// pytorch-fid's statistics of real pictures: if the file exists, FID compares with it;
    /// otherwise the statistics of DATA are written to it
    #[arg(long, value_name = "FILE.npz")]
    pub stats: Option<PathBuf>,

    /// Real pictures that were not trained on, for comparison with copies
    #[arg(long, value_name = "DATA")]
    pub held_out: Option<PathBuf>,

    /// Print one JSON object
    #[arg(long)]
    pub json: bool,

    #[command(flatten)]
    pub cache: CacheArguments,

    #[command(flatten)]
    pub weights: WeightsArguments,

    #[command(flatten)]
    pub compute: ComputeArguments,
}

const HELP: &str = "\
fid, kid, is, precision, recall, density and coverage compare features of Inception, whose weights
are not part of this program: --inception gives them. The figures are those of pytorch-fid and
torch-fidelity. Lower is better for fid and kid, higher for the others. fid needs 2,048 pictures a
side and means little below 10,000; kid can be compared for any number.

swd is the sliced Wasserstein distance between small patches of both sides, times 1000, at every
level of a Laplacian pyramid (Karras et al. 2018): the finest level compares texture, the coarsest
structure. Lower is better. It depends on N: compare figures with the same N only.

memorisation is the median distance of drawn pictures to their nearest real one, in pixels and in
Inception's features, relative to that of real pictures that are not among them (--held-out), or
else of each real picture to its nearest other: about 1 for new pictures, near 0 for copies.

Examples:
  dcgan evaluate runs/photos
  dcgan evaluate runs/photos --data photos/ --inception pt_inception-2015-12-05-6726825d.pth
  dcgan evaluate runs/demo --checkpoint best --data demo -n 2048 --json
  dcgan evaluate flowers/ --data photos/ --image-size 32";

/// The seed of all random choices: figures can be compared.
const SEED: u64 = 0;

impl Evaluate {
    /// Whether --stats names a file to be read, rather than one to be written.
    fn reads_stats(&self) -> bool {
        self.stats.as_ref().is_some_and(|path| path.exists())
    }
}

impl WritesFiles for Evaluate {
    fn files(&self) -> Files<'_> {
        let others = [&self.data.data, &self.held_out, &self.inception.inception];
        let inputs = others.into_iter().flatten().map(PathBuf::as_path);
        let files = Files::new(Replace { force: false }, inputs).with_run(&self.generated);
        match &self.stats {
            Some(path) if !path.exists() => files.writing(path),
            _ => files,
        }
    }
}

/// The names of the tasks, as progress bars show them.
const DRAWING: &str = "drawing pictures";
const ON_JUDGED: &str = "Inception on judged pictures";
const ON_REAL: &str = "Inception on real pictures";
const COMPARING: &str = "comparing pictures";

/// The tasks, with about how long they take, relative to drawing: see [`progress::cover`].
fn tasks(with_inception: bool) -> Vec<(&'static str, f64)> {
    let mut tasks = vec![(dataset::READING, 0.3), (DRAWING, 1.0)];
    if with_inception {
        tasks.extend([(ON_JUDGED, 20.0), (ON_REAL, 20.0)]);
    }
    tasks.push((COMPARING, 1.0));
    tasks
}

pub fn run(arguments: &Evaluate) -> Result<()> {
    arguments.compute.limit_threads()?;
    let report = report(arguments)?;
    if arguments.json {
        output::json(&serde_json::to_string_pretty(&report)?);
    } else {
        output::lines(report.lines());
    }
    Ok(())
}

/// Measures what the arguments ask for.
///
/// # Errors
/// If it cannot be measured, or a file cannot be read or written.
pub fn report(arguments: &Evaluate) -> Result<Report> {
    let is_asked = |metric| arguments.metrics.contains(&metric);
    if arguments.stats.is_some() && !arguments.metrics.is_empty() && !is_asked(Metric::Fid) {
        bail!("--stats is for fid, which --metrics does not name: omit one of them");
    }
    let wanted = metric::wanted(arguments)?;
    progress::cover(tasks(wanted.network.is_some()));
    let sides = Sides::load(arguments)?;
    let mut report = Report::new(&sides);
    measure::measure(arguments, &wanted, &sides, &mut report)?;
    if report.is_empty() {
        bail!("nothing could be measured: there are too few pictures; give more, or a larger -n");
    }
    if sides.are_same {
        output::note(
            "both sides are the same pictures: these are the figures of a set against itself",
        );
    }
    Ok(report)
}
