//! `dcgan direction`: where an attribute lies in the latent space.

use anyhow::{Result, bail};
use dcgan::checkpoint::FileHeader;
use dcgan::latent::{Direction, DirectionOrigin, SeedList};
use dcgan::sample::Sampler;
use dcgan_explore::attributes::{AttributeClassifier, direction, effect};

use super::{attributes, device, threads};
use crate::cli;
use crate::output;

/// How far pictures are moved to tell what a direction does.
const STRENGTH: f64 = 3.0;

/// Pictures that are moved for that, from the first seed beyond those that it was found from.
const MOVED: u64 = 512;

/// Finds the direction, tells what it does, and writes it.
pub fn run(arguments: &cli::Direction) -> Result<()> {
    threads::limit(arguments.compute.threads)?;
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
    let device = device::open(&arguments.compute)?;
    let (mut sampler, header) = Sampler::load(&arguments.run, &device)?;
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
    let direction = Direction { vector, origin };
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
