//! `dcgan direction`: where an attribute lies in the latent space.

use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::Args;
use dcgan::checkpoint::FileHeader;
use dcgan::latent::{self, DirectionOrigin, SeedList};
use dcgan::sample::{LoadedGenerator, Sampler, load_generator};
use dcgan_explore::attributes::{AttributeClassifier, direction, effect};

use crate::shared::compute::ComputeArguments;
use crate::shared::data_arguments::CacheArguments;
use crate::shared::{attributes, output};

/// `dcgan direction`
#[derive(Debug, Args)]
#[command(after_help = DIRECTION_HELP)]
pub struct Direction {
    /// A run folder or a checkpoint
    pub run: PathBuf,

    /// An attribute (or a class) of DATA, such as Smiling
    pub attribute: String,

    /// Pictures with attributes, of the kind that RUN was trained on, or the word `demo`
    #[arg(long, value_name = "DATA")]
    pub data: PathBuf,

    /// The direction, a .safetensors
    #[arg(short, long, value_name = "FILE")]
    pub out: PathBuf,

    /// Pictures that are drawn and labelled
    #[arg(long, value_name = "N", default_value_t = 5000,
          value_parser = clap::value_parser!(u64).range(100..=1_000_000))]
    pub samples: u64,

    #[command(flatten)]
    pub cache: CacheArguments,

    #[command(flatten)]
    pub compute: ComputeArguments,
}

const DIRECTION_HELP: &str = "\
A classifier on the discriminator's features learns the attributes of DATA and labels drawn
pictures. The direction is the shortest one along which it says more of the attribute and mostly
the same of the others; what hardly ever comes without the attribute comes along. `dcgan edit`
moves pictures along it. What is printed was found on pictures drawn anew.

Examples:
  dcgan direction runs/celeba Smiling --data img_align_celeba.zip -o smiling.safetensors
  dcgan direction runs/demo Eyeglasses --data demo -o glasses.safetensors";

/// How far pictures are moved to tell what a direction does.
const STRENGTH: f64 = 3.0;

/// Pictures that are moved for that, from the first seed beyond those that it was found from.
const MOVED: u64 = 512;

/// Finds the direction, tells what it does, and writes it.
pub fn run(arguments: &Direction) -> Result<()> {
    arguments.compute.limit_threads()?;
    if arguments
        .out
        .extension()
        .is_none_or(|ending| ending != "safetensors")
    {
        bail!(
            "a direction is a .safetensors file: not {}",
            arguments.out.display()
        );
    }
    let device = arguments.compute.open_device()?;
    let LoadedGenerator { generator, header } = load_generator(&arguments.run, &device)?;
    let mut sampler = Sampler::new(generator);
    let (data, cache) = (&arguments.data, &arguments.cache);
    let classifier = attributes::learn(
        &arguments.run,
        (sampler.config(), sampler.device()),
        data,
        cache,
    )?;
    let attribute = classifier.find(&arguments.attribute)?;
    attributes::tell_accuracy(&classifier, attribute);
    let samples = attributes::label(&mut sampler, &classifier, arguments.samples)?;
    let vector = direction(&samples, &classifier, attribute)?;
    let origin = origin(&header, &classifier, attribute, arguments.samples);
    let direction = latent::Direction { vector, origin };
    let seeds = SeedList::from_first(arguments.samples, MOVED)?;
    let what = (attribute, STRENGTH);
    let effect = effect(&mut sampler, &classifier, &direction, what, &seeds);
    direction.write(&arguments.out)?;
    output::line(&format!(
        "moved by {STRENGTH} to the other side, {:.0}% of {MOVED} pictures change in {}, and {:.0}% \
         of what the classifier says of the other attributes stays",
        100.0 * effect.changed,
        classifier.names()[attribute],
        100.0 * effect.others_stayed,
    ));
    output::line(&format!("the direction is in {}", arguments.out.display()));
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
