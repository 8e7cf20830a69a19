//! Inception v3 as it was released in December 2015, whose features FID and KID are computed on.
//!
//! It is torchvision's Inception v3 with 1,008 classes, average pools that do not count the padding,
//! and a maximum in the pooling branch of its last block. Its weights come from elsewhere: pytorch-fid
//! and torch-fidelity publish the same numbers under the same names.

mod layers;
mod map;
mod resize;

use std::collections::BTreeMap;

use rayon::prelude::*;
use thiserror::Error;

use dcgan_kernels::products::times_transposed_here;

use self::layers::{Layer, layers};
use self::map::{Convolution, Map};
use crate::error::EvaluationError;
use crate::features::Features;
use crate::pictures::Pictures;

pub use self::layers::{CLASSES, FEATURES};
pub use self::resize::Resize;

/// The name of the first convolution's weight, which tells Inception's files from others.
pub const FIRST_WEIGHT: &str = "Conv2d_1a_3x3.conv.weight";

/// Width and height of the pictures that the network sees.
const SIDE: usize = 299;

/// What is added to a variance.
const EPSILON: f32 = 1e-3;

/// The classes of torchvision's network, which was trained on ImageNet anew.
const IMAGENET_CLASSES: usize = 1000;

/// How many missing names an error lists.
const LISTED: usize = 3;

/// The tensors of a batch norm.
const NORM: [&str; 4] = ["weight", "bias", "running_mean", "running_var"];

/// A tensor of a weight file.
#[derive(Debug, Clone, PartialEq)]
pub struct Weight {
    /// The length of every axis.
    pub shape: Vec<usize>,
    /// Its values, row by row.
    pub values: Vec<f32>,
}

/// Why weights are not those of the network.
#[derive(Debug, Error, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum InceptionError {
    /// Tensors are missing.
    #[error("they are not Inception's: {missing} of its tensors are missing, such as {}", .names.join(", "))]
    Missing {
        /// How many.
        missing: usize,
        /// The first of them.
        names: Vec<String>,
    },
    /// A tensor has another shape.
    #[error("they are not Inception's: {name} has the shape {found:?}, not {needed:?}")]
    Shape {
        /// The tensor.
        name: String,
        /// Its shape.
        found: Vec<usize>,
        /// What the network needs.
        needed: Vec<usize>,
    },
    /// A tensor has values that are not finite, or a negative variance.
    #[error("{name} holds numbers that no trained network has")]
    Values {
        /// The tensor.
        name: String,
    },
    /// torchvision's network.
    #[error(
        "they are torchvision's Inception v3 with {IMAGENET_CLASSES} classes, whose FID cannot be compared with any paper's"
    )]
    ImageNet,
}

/// Features and logits of pictures.
#[derive(Debug, Clone, PartialEq)]
pub struct Activations {
    /// `[pictures, 2048]`: the mean over the last maps, "pool3".
    pub features: Features,
    /// `[pictures, 1008]`: the classifier's outputs without its bias, as the Inception score uses
    /// them.
    pub logits: Features,
}

/// The network.
#[derive(Debug)]
pub struct Inception {
    convolutions: BTreeMap<String, Convolution>,
    /// `[classes, 2048]`
    classifier: Vec<f32>,
    bias: Vec<f32>,
}

impl Inception {
    /// The network with the weights of a file. Others in it, such as batch counters and auxiliary
    /// classifiers, are ignored.
    ///
    /// # Errors
    /// If weights are missing, or have other shapes or impossible values.
    pub fn new(weights: &BTreeMap<String, Weight>) -> Result<Self, InceptionError> {
        Self::with_classes(weights, CLASSES)
    }

    /// As [`new`](Self::new), for torchvision's network of 1,000 classes too. It is wired like the
    /// other one, so its figures can be compared with each other and with nothing else.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn of_any_training(weights: &BTreeMap<String, Weight>) -> Result<Self, InceptionError> {
        match Self::new(weights) {
            Err(InceptionError::ImageNet) => Self::with_classes(weights, IMAGENET_CLASSES),
            result => result,
        }
    }

    fn with_classes(
        weights: &BTreeMap<String, Weight>,
        classes: usize,
    ) -> Result<Self, InceptionError> {
        check_names(weights)?;
        let found = &weights["fc.weight"].shape;
        if *found == [IMAGENET_CLASSES, FEATURES] && classes == CLASSES {
            return Err(InceptionError::ImageNet);
        }
        let classifier = checked(weights, "fc.weight", &[classes, FEATURES])?.to_vec();
        let bias = checked(weights, "fc.bias", &[classes])?.to_vec();
        let mut convolutions = BTreeMap::new();
        for layer in layers() {
            let convolution = folded(&layer, weights)?;
            convolutions.insert(layer.name, convolution);
        }
        Ok(Self {
            convolutions,
            classifier,
            bias,
        })
    }

    /// The names and shapes of the tensors that a file must have.
    pub fn shapes() -> BTreeMap<String, Vec<usize>> {
        let mut shapes = BTreeMap::new();
        for layer in layers() {
            let kernel = [layer.vertical.kernel, layer.horizontal.kernel];
            let kernel = [&[layer.outputs, layer.inputs][..], &kernel].concat();
            shapes.insert(format!("{}.conv.weight", layer.name), kernel);
            for part in NORM {
                shapes.insert(format!("{}.bn.{part}", layer.name), vec![layer.outputs]);
            }
        }
        shapes.insert("fc.weight".to_owned(), vec![CLASSES, FEATURES]);
        shapes.insert("fc.bias".to_owned(), vec![CLASSES]);
        shapes
    }

    /// The bias of the classifier, which other tools add to the logits or leave out.
    pub fn bias(&self) -> &[f32] {
        &self.bias
    }

    /// Features and logits of pictures, a picture at a time on every thread. `done` is called after
    /// each.
    ///
    /// # Errors
    /// If an activation is not finite.
    pub fn activations(
        &self,
        pictures: &Pictures,
        resize: Resize,
        done: &(dyn Fn() + Sync),
    ) -> Result<Activations, EvaluationError> {
        let classes = self.bias.len();
        let mut features = vec![0.0; pictures.len() * FEATURES];
        let mut logits = vec![0.0; pictures.len() * classes];
        features
            .par_chunks_exact_mut(FEATURES)
            .zip(logits.par_chunks_exact_mut(classes))
            .enumerate()
            .for_each(|(index, (features, logits))| {
                let bytes = pictures.picture(index);
                let map = resize.apply(bytes, pictures.side(), pictures.channels(), SIDE);
                self.run(map, features, logits);
                done();
            });
        Ok(Activations {
            features: Features::new(features, FEATURES)?,
            logits: Features::new(logits, classes)?,
        })
    }

    /// One picture in [−1, 1].
    fn run(&self, picture: Map, features: &mut [f32], logits: &mut [f32]) {
        let maps = layers::forward(&picture, &mut |name, map| {
            self.convolutions[name].apply(map)
        });
        for pixel in maps.values.chunks_exact(FEATURES) {
            for (sum, value) in features.iter_mut().zip(pixel) {
                *sum += value;
            }
        }
        let count = (maps.height * maps.width) as f32;
        features.iter_mut().for_each(|sum| *sum /= count);
        times_transposed_here(features, &self.classifier, FEATURES, logits);
    }
}

fn check_names(weights: &BTreeMap<String, Weight>) -> Result<(), InceptionError> {
    let mut missing: Vec<String> = Inception::shapes()
        .into_keys()
        .filter(|name| !weights.contains_key(name))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let count = missing.len();
    missing.truncate(LISTED);
    Err(InceptionError::Missing {
        missing: count,
        names: missing,
    })
}

fn checked<'a>(
    weights: &'a BTreeMap<String, Weight>,
    name: &str,
    shape: &[usize],
) -> Result<&'a [f32], InceptionError> {
    let weight = &weights[name];
    if weight.shape != shape || weight.values.len() != shape.iter().product::<usize>() {
        return Err(InceptionError::Shape {
            name: name.to_owned(),
            found: weight.shape.clone(),
            needed: shape.to_vec(),
        });
    }
    if weight.values.iter().any(|value| !value.is_finite()) {
        return Err(InceptionError::Values {
            name: name.to_owned(),
        });
    }
    Ok(&weight.values)
}

/// A layer's weights with its batch norm folded in, channels last.
fn folded(
    layer: &Layer,
    weights: &BTreeMap<String, Weight>,
) -> Result<Convolution, InceptionError> {
    let Layer {
        name,
        inputs,
        outputs,
        vertical,
        horizontal,
    } = layer;
    let shape = [*outputs, *inputs, vertical.kernel, horizontal.kernel];
    let kernel = checked(weights, &format!("{name}.conv.weight"), &shape)?;
    let of_norm = |part: &str| checked(weights, &format!("{name}.bn.{part}"), &[*outputs]);
    let (gain, shift) = (of_norm("weight")?, of_norm("bias")?);
    let (mean, variance) = (of_norm("running_mean")?, of_norm("running_var")?);
    if variance.iter().any(|&variance| variance < 0.0) {
        return Err(InceptionError::Values {
            name: format!("{name}.bn.running_var"),
        });
    }
    let area = vertical.kernel * horizontal.kernel;
    let (mut weight, mut bias) = (Vec::with_capacity(kernel.len()), Vec::new());
    for (output, kernel) in kernel.chunks_exact(inputs * area).enumerate() {
        let scale = gain[output] / (variance[output] + EPSILON).sqrt();
        let pairs = (0..area).flat_map(|place| (0..*inputs).map(move |input| (place, input)));
        weight.extend(pairs.map(|(place, input)| scale * kernel[input * area + place]));
        bias.push(shift[output] - mean[output] * scale);
    }
    Ok(Convolution {
        vertical: *vertical,
        horizontal: *horizontal,
        inputs: *inputs,
        weight,
        bias,
    })
}
