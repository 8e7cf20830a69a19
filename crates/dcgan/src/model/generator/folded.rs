//! A generator for drawing alone: batch norm is folded into the weights, and these are laid out for
//! the kernels once.

use dcgan_kernels::batch_norm::{self, Statistics};
use dcgan_kernels::{ConvTranspose2dShape, Nhwc, PreparedConvTranspose2d, Window, upsampling};
use rayon::prelude::*;

use super::super::BatchNorm;
use super::super::block::{Block, LayerKind};
use super::{Generator, LayerSize, TO_4X4};
use crate::config::ModelConfig;
use crate::device::in_cpu_thread_pool;
use crate::ops;

/// A generator in inference mode for batches of one size, on the CPU.
///
/// In inference mode, batch norm scales and shifts each channel, so it becomes part of the weights
/// before it. Which kernels compute a layer depends on the batch size, and they round differently:
/// a picture is bit for bit the same only in batches of one size.
#[derive(Debug)]
pub struct FoldedGenerator {
    config: ModelConfig,
    batch_size: usize,
    /// All layers but the last.
    hidden: Vec<PreparedConvTranspose2d>,
    last: PreparedConvTranspose2d,
    /// The input and output of hidden layers, in turn.
    buffers: [Vec<f32>; 2],
}

impl FoldedGenerator {
    /// Prepares a generator's weights and running statistics.
    ///
    /// # Panics
    /// If the batch is empty, or too large to be addressed.
    pub fn new(generator: Generator, batch_size: usize) -> Self {
        let config = generator.config().clone();
        let mut sizes = Nhwc {
            batch: batch_size,
            height: 1,
            width: 1,
            channels: config.z_dim,
        };
        let mut layers: Vec<PreparedConvTranspose2d> = Vec::new();
        for block in generator.network.into_blocks() {
            let layer = in_cpu_thread_pool(|| fold(block, sizes));
            sizes = layer.shape().output();
            layers.push(layer);
        }
        let last = layers.pop().expect("a network has blocks");
        Self {
            config,
            batch_size,
            hidden: layers,
            last,
            buffers: [Vec::new(), Vec::new()],
        }
    }

    /// The configuration of its generator.
    pub fn config(&self) -> &ModelConfig {
        &self.config
    }

    /// The pictures in a batch.
    pub fn batch_size(&self) -> usize {
        self.batch_size
    }

    /// The output size of each layer but the last.
    pub fn hidden_sizes(&self) -> Vec<LayerSize> {
        let outputs = self.hidden.iter().map(|layer| layer.shape().output());
        outputs
            .map(|sizes| LayerSize {
                height: sizes.height,
                width: sizes.width,
                maps: sizes.channels,
            })
            .collect()
    }

    /// Draws one batch of pictures.
    ///
    /// # Shapes
    /// `z` `[batch_size, z_dim]` → `[batch_size, image_size, image_size, channels]`, in [−1, 1]
    ///
    /// # Panics
    /// If `z` is not one batch.
    pub fn draw(&mut self, z: &[f32]) -> Vec<f32> {
        self.draw_with_hook(z, |_, _| {})
    }

    /// As [`draw`](Self::draw); after each layer but the last, `hook` is passed its index and its
    /// output, which it may change.
    ///
    /// # Shapes
    /// `hook` is passed `[batch_size, height, width, maps]`, see
    /// [`hidden_sizes`](Self::hidden_sizes)
    ///
    /// # Panics
    /// If `z` is not one batch.
    pub fn draw_with_hook(
        &mut self,
        z: &[f32],
        mut hook: impl FnMut(usize, &mut [f32]) + Send,
    ) -> Vec<f32> {
        assert_eq!(z.len(), self.batch_size * self.config.z_dim, "length of z");
        let mut pictures = vec![0.0; self.last.shape().output().len()];
        in_cpu_thread_pool(|| {
            let [input, output] = &mut self.buffers;
            input.clear();
            input.extend_from_slice(z);
            for (index, layer) in self.hidden.iter().enumerate() {
                let len = layer.shape().output().len();
                if output.capacity() < len {
                    *output = vec![0.0; len]; // zeroed by the system when it is touched
                }
                output.resize(len, 0.0);
                forward(layer, input, output);
                hook(index, output);
                std::mem::swap(input, output);
            }
            forward(&self.last, input, &mut pictures);
        });
        pictures
    }
}

fn forward(layer: &PreparedConvTranspose2d, input: &[f32], output: &mut [f32]) {
    let (from, to) = (layer.shape().input(), layer.shape().output());
    let name = || {
        format!(
            "conv_transpose2d {}→{}, {}→{}: folded",
            from.channels, to.channels, from.height, to.height
        )
    };
    ops::profile::time(name, || layer.forward(input, output));
}

/// Folds a block into one layer, for an input of these sizes.
fn fold(block: Block, input: Nhwc) -> PreparedConvTranspose2d {
    let (kind, weight_shape) = (block.layer_kind(), block.weight_shape().to_vec());
    let affine = block.batch_norm_layer().map(fold_batch_norm);
    let activation = block.activation_function();
    let weight = block.into_weight().into_values();
    let (shape, weight, bias) = match kind {
        LayerKind::ConvTranspose2d {
            stride,
            padding,
            output_padding,
        } => {
            let [_, c_out, kernel, _] = weight_shape[..] else {
                unreachable!("the weight of a convolution has four dimensions");
            };
            let window = Window {
                kernel,
                stride,
                padding,
            };
            let shape = ConvTranspose2dShape::new(input, c_out, window, output_padding);
            let (scale, shift) = affine.unwrap_or((vec![1.0; c_out], vec![0.0; c_out]));
            (shape, scaled(weight, &scale, kernel * kernel), shift)
        }
        LayerKind::Upsample(filter) => {
            let (c_out, c_in) = (weight_shape[0], weight_shape[1]);
            let window = Window {
                kernel: filter.kernel(),
                stride: 2,
                padding: filter.padding(),
            };
            let shape = ConvTranspose2dShape::new(input, c_out, window, 0);
            let taps = window.kernel * window.kernel;
            let mut kernel = vec![0.0; c_in * c_out * taps];
            upsampling::kernel(filter, [c_out, c_in], &weight, &mut kernel);
            let (scale, shift) = affine.unwrap_or((vec![1.0; c_out], vec![0.0; c_out]));
            (shape, scaled(kernel, &scale, taps), shift)
        }
        LayerKind::Project => {
            let features = weight_shape[0];
            let shape = ConvTranspose2dShape::new(input, features / 16, TO_4X4, 0);
            let (scale, shift) = affine.unwrap_or((vec![1.0; features], vec![0.0; features]));
            // [features, z_dim] to [z_dim, C, 4, 4], and the shift from [C, 4, 4] to [4, 4, C]
            let weight = scaled(transposed(&weight, features), &scale, 1);
            (shape, weight, transposed(&shift, features / 16))
        }
        LayerKind::Conv2d { .. } | LayerKind::Flatten => {
            unreachable!("a generator has no convolutions that make maps smaller")
        }
    };
    let shape = shape.unwrap_or_else(|error| panic!("generator: {error}"));
    PreparedConvTranspose2d::new(shape, weight, bias, activation.into())
}

/// The scale and the shift of each channel.
fn fold_batch_norm(layer: &BatchNorm) -> (Vec<f32>, Vec<f32>) {
    let [gamma, beta] = layer.parameters().map(|parameter| parameter.values());
    let kernel = batch_norm::BatchNorm {
        gamma: &gamma,
        beta: &beta,
        epsilon: ops::BATCH_NORM_EPSILON,
        activation: dcgan_kernels::Activation::None,
    };
    let statistics = Statistics {
        mean: &layer.running_mean(),
        variance: &layer.running_var(),
    };
    batch_norm::fold(&kernel, statistics)
}

/// A weight `[_, channels, taps]` with each channel multiplied by its scale.
fn scaled(mut weight: Vec<f32>, scale: &[f32], taps: usize) -> Vec<f32> {
    let inputs = weight.par_chunks_exact_mut(scale.len() * taps);
    inputs.for_each(|weight| {
        for (values, &scale) in weight.chunks_exact_mut(taps).zip(scale) {
            values.iter_mut().for_each(|value| *value *= scale);
        }
    });
    weight
}

/// `[rows, columns]` to `[columns, rows]`.
fn transposed(values: &[f32], rows: usize) -> Vec<f32> {
    let columns = values.len() / rows;
    (0..columns)
        .flat_map(|column| values.iter().skip(column).step_by(columns).copied())
        .collect()
}
