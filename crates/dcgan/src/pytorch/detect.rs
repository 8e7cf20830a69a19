//! Which network some weights are, by their names and shapes.

use std::collections::BTreeMap;

use crate::checkpoint::FileKind;
use crate::config::{ModelConfig, ModelOptions, Preset};

/// Names and shapes of a network's tensors.
pub(super) type Shapes<'a> = BTreeMap<&'a str, &'a [usize]>;

/// A name that one of the networks' first layers has.
pub(super) const FIRST_LAYERS: [&str; 3] = ["gen.0.0.weight", "disc.0.0.weight", "main.0.weight"];

/// Which half of which preset it is, and how it is built. The width of the other half, which
/// nothing tells, is the preset's.
///
/// # Errors
/// What does not fit, in words.
pub(super) fn detect(shapes: &Shapes) -> Result<(FileKind, ModelConfig), String> {
    use FileKind::{Discriminator, Generator};
    let has = |name: &str| shapes.contains_key(name);
    let (kind, preset) = match () {
        () if has("gen.0.0.weight") => (Generator, Preset::Tutorial),
        () if has("disc.0.0.weight") => (Discriminator, Preset::Tutorial),
        () if has("project.weight") => (Generator, Preset::Paper),
        () if has("output.weight") => (Discriminator, Preset::Paper),
        // batch norm behind the first layer, which only the generator has
        () if has("main.1.weight") => (Generator, Preset::Pytorch),
        () => (Discriminator, Preset::Pytorch),
    };
    let layers = layers(shapes);
    let side = match preset {
        Preset::Tutorial => 64,
        // the layers that double or halve the side, and in `pytorch` the one at 4×4
        Preset::Paper => 4 << layers.min(10),
        Preset::Pytorch | Preset::Small => 2 << layers.min(10),
    };
    let model = ModelOptions::new(preset).with_image_size(side);
    let model = match kind {
        Discriminator => of_discriminator(shapes, model)?,
        Generator | FileKind::Checkpoint => of_generator(shapes, model, layers)?,
    };
    let model = model.build().map_err(|error| error.to_string())?;
    Ok((kind, model))
}

/// The convolutions of a network's `main`.
fn layers(shapes: &Shapes) -> usize {
    let kernels = shapes.iter().filter(|(name, shape)| {
        name.starts_with("main.") && name.ends_with(".weight") && shape.len() == 4
    });
    kernels.count()
}

fn of_generator(
    shapes: &Shapes,
    model: ModelOptions,
    layers: usize,
) -> Result<ModelOptions, String> {
    let (first, axis, last) = match model.preset {
        Preset::Tutorial => ("gen.0.0.weight", 0, "gen.4.0.weight".to_owned()),
        Preset::Paper => ("project.weight", 1, main(layers)),
        Preset::Pytorch | Preset::Small => ("main.0.weight", 0, main(layers)),
    };
    Ok(model
        .with_z_dim(size(shapes, first, axis)?)
        .with_ngf(size(shapes, &last, 0)?)
        .with_channels(size(shapes, &last, 1)?))
}

/// The last of so many transposed convolutions, each with batch norm and activation behind it.
fn main(layers: usize) -> String {
    format!("main.{}.weight", 3 * layers.saturating_sub(1))
}

fn of_discriminator(shapes: &Shapes, model: ModelOptions) -> Result<ModelOptions, String> {
    let first = match model.preset {
        Preset::Tutorial => "disc.0.0.weight",
        Preset::Paper | Preset::Pytorch | Preset::Small => "main.0.weight",
    };
    Ok(model
        .with_ndf(size(shapes, first, 0)?)
        .with_channels(size(shapes, first, 1)?))
}

fn size(shapes: &Shapes, name: &str, axis: usize) -> Result<usize, String> {
    let shape = shapes
        .get(name)
        .ok_or_else(|| format!("tensor '{name}' is missing"))?;
    let size = shape.get(axis).copied();
    size.ok_or_else(|| format!("tensor '{name}' is {shape:?}, which no layer has"))
}
