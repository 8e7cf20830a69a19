//! `dcgan direction`: where an attribute lies in the latent space.

use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::Args;
use dcgan::checkpoint::FileHeader;
use dcgan::latent::{DirectionOrigin, LatentDirection, SeedList};
use dcgan::sample::{LoadedGenerator, Sampler};
use dcgan_explore::attributes::{AttributeClassifier, find_direction, measure_effect};

use crate::shared::compute::ComputeArguments;
use crate::shared::data_arguments::{CacheArguments, RunDataArguments};
use crate::shared::generator::WeightsArguments;
use crate::shared::targets::{Files, Replace, WritesFiles, default_folder};
use crate::shared::{attributes, output, progress};

/// `dcgan direction`
#[derive(Debug, Args)]
#[command(after_help = HELP)]
#[command(mut_args(attributes::describe_data))]
pub struct Direction {
    /// A run directory or a checkpoint
    pub run: PathBuf,

    /// As --attribute
    #[arg(hide = true, value_name = "ATTRIBUTE", conflicts_with = "attribute")]
    pub positional_attribute: Option<String>,

    /// An attribute or a class of DATA, such as Smiling
    #[arg(
        long,
        value_name = "NAME",
        required_unless_present = "positional_attribute"
    )]
    pub attribute: Option<String>,

    #[command(flatten)]
    pub data: RunDataArguments,

    /// Write the direction to this .safetensors file [default: RUN/NAME.safetensors, where `dcgan
    /// edit` finds it]
    #[arg(short, long, value_name = "FILE")]
    pub out: Option<PathBuf>,

    /// Number of samples to draw and label
    #[arg(short = 'n', long, alias = "samples", value_name = "N", default_value_t = 5000,
          value_parser = clap::value_parser!(u64).range(100..=1_000_000))]
    pub count: u64,

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
        Files::new(self.replace, self.data.data.as_deref())
            .with_run(&self.run)
            .writing(self.out())
    }
}

impl Direction {
    /// The attribute that is asked for.
    fn name(&self) -> &str {
        let given = self.attribute.as_ref();
        given
            .or(self.positional_attribute.as_ref())
            .map_or("", String::as_str)
    }

    /// Where the direction goes.
    fn out(&self) -> PathBuf {
        if let Some(out) = &self.out {
            return out.clone();
        }
        let is_plain = |letter: &char| letter.is_alphanumeric() || "-_".contains(*letter);
        let name: String = self
            .name()
            .to_lowercase()
            .chars()
            .filter(is_plain)
            .collect();
        default_folder(&self.run).join(format!("{name}.safetensors"))
    }
}

const HELP: &str = "\
A classifier on the discriminator's features learns the attributes of DATA and labels samples of
the generator. The direction is the shortest one that adds the attribute and mostly keeps the
others; attributes that rarely occur without it change as well. `dcgan edit` moves pictures along
it. The printed numbers are measured on other samples.

Examples:
  dcgan direction runs/demo --attribute Eyeglasses -o glasses.safetensors
  dcgan direction runs/celeba --attribute Smiling --data img_align_celeba.zip";

/// How far samples are moved to measure a direction's effect, in standard deviations.
const STRENGTH: f64 = 3.0;

/// How many samples are moved. Their seeds follow those that the direction is found from.
const MOVED: u64 = 512;

pub fn run(arguments: &Direction) -> Result<()> {
    arguments.compute.limit_threads()?;
    let out = arguments.out();
    if out.extension().is_none_or(|name| name != "safetensors") {
        bail!("a direction is a .safetensors file, not {}", out.display());
    }
    find(arguments)?.write(&out)?;
    output::line(&format!("direction written to {}", out.display()));
    Ok(())
}

/// Finds the direction, and reports how well it works.
///
/// # Errors
/// If the pictures cannot be used, do not have the attribute, or the samples do not.
pub fn find(arguments: &Direction) -> Result<LatentDirection> {
    let name = arguments.name();
    let (source, _) = arguments.data.source(&arguments.run)?;
    attributes::check_name(name, &source)?;
    progress::cover(attributes::tasks(&source, arguments.count));
    let device = arguments.compute.open_device()?;
    let LoadedGenerator {
        generator, header, ..
    } = arguments.weights.load(&arguments.run, &device)?;
    let mut sampler = Sampler::new(generator);
    let classifier = attributes::learn(&arguments.run, &sampler, &source, &arguments.cache)?;
    let attribute = classifier.find(name)?;
    attributes::report_accuracy(&classifier, attribute);
    let seeds = SeedList::from_first(0, arguments.count)?;
    let samples = attributes::label_samples(&mut sampler, &classifier, &seeds);
    let direction = LatentDirection {
        vector: find_direction(&samples, &classifier, attribute)?,
        origin: origin(&header, &classifier, attribute, arguments.count),
    };
    let seeds = SeedList::from_first(arguments.count, MOVED)?;
    let effect = measure_effect(
        &mut sampler,
        &classifier,
        &direction,
        attribute,
        STRENGTH,
        &seeds,
    );
    output::line(&format!(
        "moved by {STRENGTH}, {:.0}% of {MOVED} samples change in {}, and {:.0}% of their other \
         attributes stay the same",
        100.0 * effect.changed,
        classifier.names()[attribute],
        100.0 * effect.others_unchanged,
    ));
    Ok(direction)
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
