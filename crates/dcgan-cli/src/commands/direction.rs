//! `dcgan direction`: where an attribute lies in the latent space.

use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::Args;
use dcgan::checkpoint::FileHeader;
use dcgan::latent::{DirectionOrigin, LatentDirection, SeedList};
use dcgan::sample::{LoadedGenerator, Sampler};
use dcgan_explore::attributes::{AttributeClassifier, find_direction, measure_effect};

use crate::shared::compute::ComputeArguments;
use crate::shared::data_arguments::CacheArguments;
use crate::shared::generator::WeightsArguments;
use crate::shared::targets::{Files, Replace, WritesFiles};
use crate::shared::{attributes, output};

/// `dcgan direction`
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub struct Direction {
    /// A run directory or a checkpoint
    pub run: PathBuf,

    /// An attribute or a class of DATA, such as Smiling
    pub attribute: String,

    /// Pictures with attributes, of the kind that RUN was trained on, or `demo`
    #[arg(long, value_name = "DATA")]
    pub data: PathBuf,

    /// Write the direction to this .safetensors file
    #[arg(short, long, value_name = "FILE")]
    pub out: PathBuf,

    /// Number of samples to draw and label
    #[arg(long, value_name = "N", default_value_t = 5000,
          value_parser = clap::value_parser!(u64).range(100..=1_000_000))]
    pub samples: u64,

    #[command(flatten)]
    pub cache: CacheArguments,

    #[command(flatten)]
    pub weights: WeightsArguments,

    #[command(flatten)]
    pub compute: ComputeArguments,

    #[command(flatten)]
    pub replace: Replace,
}

impl WritesFiles for Direction {
    fn files(&self) -> Files<'_> {
        Files::new(self.replace, [&*self.run, &self.data]).writing(&self.out)
    }
}

const HELP: &str = "\
A classifier on the discriminator's features learns the attributes of DATA and labels samples of
the generator. The direction is the shortest one that adds the attribute and mostly keeps the
others; attributes that rarely occur without it change as well. `dcgan edit` moves pictures along
it. The printed numbers are measured on other samples.

Examples:
  dcgan direction runs/celeba Smiling --data img_align_celeba.zip -o smiling.safetensors
  dcgan direction runs/demo Eyeglasses --data demo -o glasses.safetensors";

/// How far samples are moved to measure a direction's effect, in standard deviations.
const STRENGTH: f64 = 3.0;

/// How many samples are moved. Their seeds follow those that the direction is found from.
const MOVED: u64 = 512;

pub fn run(arguments: &Direction) -> Result<()> {
    arguments.compute.limit_threads()?;
    let out = &arguments.out;
    if out.extension().is_none_or(|name| name != "safetensors") {
        bail!("a direction is a .safetensors file, not {}", out.display());
    }
    let device = arguments.compute.open_device()?;
    let LoadedGenerator {
        generator, header, ..
    } = arguments.weights.load(&arguments.run, &device)?;
    let mut sampler = Sampler::new(generator);
    let classifier =
        attributes::learn(&arguments.run, &sampler, &arguments.data, &arguments.cache)?;
    let attribute = classifier.find(&arguments.attribute)?;
    attributes::report_accuracy(&classifier, attribute);
    let samples = attributes::label_samples(&mut sampler, &classifier, arguments.samples)?;
    let direction = LatentDirection {
        vector: find_direction(&samples, &classifier, attribute)?,
        origin: origin(&header, &classifier, attribute, arguments.samples),
    };
    let seeds = SeedList::from_first(arguments.samples, MOVED)?;
    let effect = measure_effect(
        &mut sampler,
        &classifier,
        &direction,
        attribute,
        STRENGTH,
        &seeds,
    );
    direction.write(out)?;
    output::line(&format!(
        "moved by {STRENGTH}, {:.0}% of {MOVED} samples change in {}, and {:.0}% of their other \
         attributes stay the same",
        100.0 * effect.changed,
        classifier.names()[attribute],
        100.0 * effect.others_unchanged,
    ));
    output::line(&format!("direction written to {}", out.display()));
    Ok(())
}

fn origin(
    header: &FileHeader,
    classifier: &AttributeClassifier,
    attribute: usize,
    samples: u64,
) -> DirectionOrigin {
    let held_out = classifier.held_out(attribute);
    DirectionOrigin {
        attribute: classifier.names()[attribute].clone(),
        model: header.model.clone(),
        step: header.step,
        data_fingerprint: header.data.fingerprint.clone(),
        held_out_accuracy: held_out.accuracy(),
        held_out_balanced_accuracy: held_out.balanced_accuracy(),
        samples,
    }
}
