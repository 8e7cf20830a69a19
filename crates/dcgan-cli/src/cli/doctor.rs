//! The command line of `dcgan doctor`.

use std::path::PathBuf;

use clap::Args;

/// `dcgan doctor`
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub struct Doctor {
    /// A run folder; the run may be training
    pub run: PathBuf,

    /// The plot, a .png [default: doctor.png in the run folder]
    #[arg(short, long, value_name = "FILE")]
    pub out: Option<PathBuf>,

    /// Everything as JSON
    #[arg(long)]
    pub json: bool,
}

const HELP: &str = "\
What is looked for at each report of a training:
  discriminator wins   right about more than 99% of real and fake, and sure of it, for 200 steps
  collapse             the fakes are all alike, in two reports one after the other
  partial collapse     more than half of them have a twin, or they vary by less than 30%
  frozen               the same latent vectors give the same pictures as 20 or more steps before
  oscillation          the generator's loss swings far above and far below, thrice in 200 steps
  diverged             losses above 50
  NaN or infinite      steps were refused, and the run went back to a checkpoint
  copies               fakes are half as far from training pictures as these from each other
  too little data      fewer than 1,000 training pictures
A generator that has not drawn different pictures yet has 1,000 steps for it. What is measured
lies in metrics.jsonl.

Examples:
  dcgan doctor runs/photos
  dcgan doctor runs/photos --json -o how-it-went.png";
