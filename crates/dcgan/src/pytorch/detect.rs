//! Detects a network from the names and shapes of its tensors.

use std::collections::BTreeMap;

use crate::checkpoint::FileKind;
use crate::config::{ModelConfig, ModelOptions, Preset};

/// The names and shapes of a network's tensors.
pub(super) type Shapes<'a> = BTreeMap<&'a str, &'a [usize]>;

/// The names of the first layers' weights, one of which every known network has.
pub(super) const FIRST_LAYERS: [&str; 3] = ["gen.0.0.weight", "disc.0.0.weight", "main.0.weight"];

/// The kind and configuration of a network. The width of the other network, which the tensors do
/// not show, is the preset's.
///
/// # Errors
/// If the tensors are not those of a known network, with the reason.
pub(super) fn detect(shapes: &Shapes) -> Result<(FileKind, ModelConfig), String> {
    use FileKind::{Discriminator, Generator};
    let has = |name: &str| shapes.contains_key(name);
    let (kind, preset) = if has("gen.0.0.weight") {
        (Generator, Preset::Tutorial)
    } else if has("disc.0.0.weight") {
        (Discriminator, Preset::Tutorial)
    } else if has("project.weight") {
        (Generator, Preset::Paper)
    } else if has("output.weight") {
        (Discriminator, Preset::Paper)
    } else if has("main.1.weight") && is_laptop(shapes) {
        (Generator, Preset::Laptop)
    } else if has("main.1.weight") {
        // only the generator has batch norm after its first layer
        (Generator, Preset::Pytorch)
    } else {
        (Discriminator, Preset::Pytorch)
    };
    let layers = layers(shapes);
    let side = match preset {
        Preset::Tutorial => 64,
        // every layer doubles or halves the side, except the one at 4×4 in `pytorch`
        Preset::Paper => 4 << layers.min(10),
        Preset::Pytorch | Preset::Small => 2 << layers.min(10),
        // one more layer has the picture's side
        Preset::Laptop => 1 << layers.min(10),
    };
    let model = ModelOptions::new(preset).with_image_size(side);
    let model = match kind {
        Discriminator => with_discriminator_sizes(shapes, model)?,
        Generator | FileKind::Checkpoint => with_generator_sizes(shapes, model, layers)?,
    };
    check_widest_layer(shapes, kind, preset, layers, &model)?;
    let model = model.build().map_err(|error| error.to_string())?;
    Ok((kind, model))
}

/// The most feature maps of a layer, in multiples of those of the layer at the picture.
const WIDEST: usize = 8;

/// Refuses networks that double their feature maps once more than those of pytorch/examples do, as
/// the layouts for 128 pixels that circulate.
///
/// # Errors
/// What differs.
fn check_widest_layer(
    shapes: &Shapes,
    kind: FileKind,
    preset: Preset,
    layers: usize,
    model: &ModelOptions,
) -> Result<(), String> {
    if preset != Preset::Pytorch || layers < 3 {
        return Ok(());
    }
    // the generator's first layer has the most maps, the discriminator's last but one; names count
    // batch norm and activation, except behind the discriminator's first layer
    let (name, axis, narrowest, what) = match kind {
        FileKind::Generator => ("main.0.weight".to_owned(), 1, model.ngf, "ngf"),
        _ => (
            format!("main.{}.weight", 3 * layers - 4),
            1,
            model.ndf,
            "ndf",
        ),
    };
    let Some(&found) = shapes.get(name.as_str()).and_then(|shape| shape.get(axis)) else {
        return Ok(());
    };
    let (times, expected) = (found / narrowest.max(1), narrowest * WIDEST);
    if found <= expected {
        return Ok(());
    }
    Err(format!(
        "its tensor '{name}' has {found} feature maps, {times} times {what} = {narrowest}, where the \
         networks for {size} pixels that dcgan knows have at most {expected}, {WIDEST} times {what}",
        size = model.image_size
    ))
}

/// Whether a generator ends in a 3×3 transposed convolution from its narrowest maps to colours. After
/// upsampling, in other presets, a 3×3 convolution has the colours first.
fn is_laptop(shapes: &Shapes) -> bool {
    let last = shapes.get(last_in_main(layers(shapes)).as_str());
    matches!(last, Some([_, 1 | 3, 3, 3]))
}

/// The number of convolutions in a network's `main`.
fn layers(shapes: &Shapes) -> usize {
    let kernels = shapes.iter().filter(|(name, shape)| {
        name.starts_with("main.") && name.ends_with(".weight") && shape.len() == 4
    });
    kernels.count()
}

fn with_generator_sizes(
    shapes: &Shapes,
    model: ModelOptions,
    layers: usize,
) -> Result<ModelOptions, String> {
    let (first, axis, last) = match model.preset {
        Preset::Tutorial => ("gen.0.0.weight", 0, "gen.4.0.weight".to_owned()),
        Preset::Paper => ("project.weight", 1, last_in_main(layers)),
        Preset::Pytorch | Preset::Small | Preset::Laptop => {
            ("main.0.weight", 0, last_in_main(layers))
        }
    };
    Ok(model
        .with_z_dim(size(shapes, first, axis)?)
        .with_ngf(size(shapes, &last, 0)?)
        .with_channels(size(shapes, &last, 1)?))
}

/// The weight of the last of `layers` transposed convolutions in `main`. Batch norm and activation
/// follow each of the others.
fn last_in_main(layers: usize) -> String {
    format!("main.{}.weight", 3 * layers.saturating_sub(1))
}

fn with_discriminator_sizes(shapes: &Shapes, model: ModelOptions) -> Result<ModelOptions, String> {
    let first = match model.preset {
        Preset::Tutorial => "disc.0.0.weight",
        Preset::Paper | Preset::Pytorch | Preset::Small | Preset::Laptop => "main.0.weight",
    };
    Ok(model
        .with_ndf(size(shapes, first, 0)?)
        .with_channels(size(shapes, first, 1)?)
        .with_d_bias(shapes.contains_key("main.0.bias")))
}

fn size(shapes: &Shapes, name: &str, axis: usize) -> Result<usize, String> {
    let shape = shapes
        .get(name)
        .ok_or_else(|| format!("tensor '{name}' is missing"))?;
    let size = shape.get(axis).copied();
    size.ok_or_else(|| format!("tensor '{name}' has the shape {shape:?}, which no layer has"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device;
    use crate::model::{Discriminator, Generator};

    #[test]
    fn a_generator_of_preset_laptop_is_detected_at_every_size() {
        for size in [32, 64, 128] {
            let model = ModelOptions::new(Preset::Laptop)
                .with_image_size(size)
                .with_channels(1)
                .with_ngf(2)
                .with_z_dim(5);
            let model = model.build().unwrap();
            let generator = Generator::new(&model, 0, &device::of_tests()).unwrap();
            let parameters = generator.network().parameters();
            let shapes = parameters.iter().map(|one| (one.name(), one.shape()));
            let found = detect(&shapes.collect()).unwrap();
            assert_eq!(found, (FileKind::Generator, model));
        }
    }

    #[test]
    fn a_bias_of_a_discriminators_first_layer_is_detected() {
        for d_bias in [false, true] {
            let model = ModelOptions::new(Preset::Pytorch)
                .with_image_size(32)
                .with_ndf(2)
                .with_d_bias(d_bias)
                .build()
                .unwrap();
            let discriminator = Discriminator::new(&model, 0, &device::of_tests()).unwrap();
            let parameters = discriminator.network().parameters();
            let shapes = parameters.iter().map(|one| (one.name(), one.shape()));
            let found = detect(&shapes.collect()).unwrap();
            assert_eq!(found, (FileKind::Discriminator, model));
        }
    }

    #[test]
    fn a_layout_that_doubles_once_more_is_refused_with_what_differs() {
        // nz, ngf·16, …, ngf, 3 and the other way round, as the layouts for 128 pixels have it
        let widths = [100, 64, 32, 16, 8, 4, 3];
        let generator: Vec<(String, Vec<usize>)> = (0..6)
            .map(|layer| {
                let shape = vec![widths[layer], widths[layer + 1], 4, 4];
                (format!("main.{}.weight", 3 * layer), shape)
            })
            .chain([("main.1.weight".to_owned(), vec![64])])
            .collect();
        let widths = [3, 4, 8, 16, 32, 64, 1];
        let discriminator: Vec<(String, Vec<usize>)> = (0..6)
            .map(|layer| {
                let shape = vec![widths[layer + 1], widths[layer], 4, 4];
                let number = if layer == 0 { 0 } else { 3 * layer - 1 };
                (format!("main.{number}.weight"), shape)
            })
            .collect();
        for (tensors, what) in [(generator, "ngf"), (discriminator, "ndf")] {
            let shapes: Shapes = tensors
                .iter()
                .map(|(name, shape)| (name.as_str(), &shape[..]))
                .collect();
            let reason = detect(&shapes).unwrap_err();
            assert!(
                reason.contains(&format!("64 feature maps, 16 times {what} = 4"))
                    && reason.contains("128 pixels"),
                "{reason}"
            );
        }
    }
}
