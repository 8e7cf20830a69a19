//! Layers for inference alone: what follows a convolution, or divides its weight, becomes part of
//! its weights.

use dcgan_kernels::batch_norm::{self, Statistics};
use dcgan_kernels::{spectral_norm, upsampling};
use rayon::prelude::*;

use super::block::{Block, LayerKind};
use super::{BatchNorm, SpectralNorm};
use crate::ops::{self, Activation};

/// Which way a folded layer goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FoldedOperation {
    /// PyTorch's `Conv2d`, weight `[C_out, C_in, K, K]`.
    Conv2d,
    /// PyTorch's `ConvTranspose2d`, weight `[C_in, C_out, K, K]`.
    ConvTranspose2d,
}

/// A layer in inference mode: one convolution with a bias, then an activation.
///
/// In inference mode batch norm scales and shifts each channel, upsampling before a convolution is
/// linear, and the spectral norm is a number. All of them are in the weight and the bias. Linear
/// layers are convolutions too: that from `z` is a transposed one to 4×4 pixels, that to the logit
/// one of 4×4 pixels.
#[derive(Debug, Clone, PartialEq)]
pub struct FoldedLayer {
    /// Which way it goes.
    pub operation: FoldedOperation,
    /// The shape of the weight; the kernel is square.
    pub weight_shape: [usize; 4],
    /// The weight in PyTorch's layout.
    pub weight: Vec<f32>,
    /// What is added before the activation: `[C_out]`, one value for each channel, or
    /// `[C_out, 4, 4]`, one for each value of the first layer's output in preset `paper`.
    pub bias: Vec<f32>,
    /// The step of the kernel over the larger of input and output.
    pub stride: usize,
    /// Zeros around the input of a convolution; rows and columns cut off the output of a transposed
    /// one.
    pub padding: usize,
    /// Rows and columns added at the bottom and the right of the output of a transposed convolution.
    pub output_padding: usize,
    /// The function after it.
    pub activation: Activation,
}

impl FoldedLayer {
    /// Input channels.
    pub fn c_in(&self) -> usize {
        match self.operation {
            FoldedOperation::Conv2d => self.weight_shape[1],
            FoldedOperation::ConvTranspose2d => self.weight_shape[0],
        }
    }

    /// Output channels.
    pub fn c_out(&self) -> usize {
        match self.operation {
            FoldedOperation::Conv2d => self.weight_shape[0],
            FoldedOperation::ConvTranspose2d => self.weight_shape[1],
        }
    }

    /// The side of the kernel.
    pub fn kernel(&self) -> usize {
        self.weight_shape[2]
    }

    /// Whether the bias is one value for each channel.
    pub fn has_bias_of_channels(&self) -> bool {
        self.bias.len() == self.c_out()
    }

    /// The side of the output for an input of `side`×`side`.
    pub fn output_side(&self, side: usize) -> usize {
        match self.operation {
            FoldedOperation::Conv2d => (side + 2 * self.padding - self.kernel()) / self.stride + 1,
            FoldedOperation::ConvTranspose2d => {
                (side - 1) * self.stride + self.kernel() + self.output_padding - 2 * self.padding
            }
        }
    }

    /// Folds a block.
    pub(super) fn new(block: Block) -> Self {
        let (kind, shape) = (block.layer_kind(), block.weight_shape().to_vec());
        let affine = block.batch_norm_layer().map(scale_and_shift);
        let norm = block.spectral_norm_layer().map(SpectralNorm::vectors);
        let activation = block.activation_function();
        let (weight, bias) = block.into_layer_parameters();
        let mut weight = weight.into_values();
        let bias = bias.map(|bias| bias.into_values());
        if let Some([u, v]) = norm {
            let norm = spectral_norm::norm(&weight, &u, &v);
            weight.iter_mut().for_each(|value| *value /= norm);
        }
        let folded = |operation, weight_shape: [usize; 4], weight| Self {
            operation,
            weight_shape,
            weight,
            bias: Vec::new(),
            stride: 1,
            padding: 0,
            output_padding: 0,
            activation,
        };
        let layer = match kind {
            LayerKind::Conv2d { stride, padding } => Self {
                stride,
                padding,
                ..folded(FoldedOperation::Conv2d, four(&shape), weight)
            },
            LayerKind::ConvTranspose2d {
                stride,
                padding,
                output_padding,
            } => Self {
                stride,
                padding,
                output_padding,
                ..folded(FoldedOperation::ConvTranspose2d, four(&shape), weight)
            },
            LayerKind::Upsample(filter) => {
                let (c_out, c_in, side) = (shape[0], shape[1], filter.kernel());
                let mut kernel = vec![0.0; c_in * c_out * side * side];
                upsampling::kernel(filter, [c_out, c_in], &weight, &mut kernel);
                Self {
                    stride: 2,
                    padding: filter.padding(),
                    ..folded(
                        FoldedOperation::ConvTranspose2d,
                        [c_in, c_out, side, side],
                        kernel,
                    )
                }
            }
            // [features, z_dim] to [z_dim, C, 4, 4]
            LayerKind::Project => folded(
                FoldedOperation::ConvTranspose2d,
                [shape[1], shape[0] / 16, 4, 4],
                transposed(&weight, shape[0]),
            ),
            LayerKind::Flatten => folded(FoldedOperation::Conv2d, [1, shape[1] / 16, 4, 4], weight),
        };
        layer.with_affine(bias, affine)
    }

    /// Adds a bias to the sums, then scales and shifts them.
    fn with_affine(mut self, bias: Option<Vec<f32>>, affine: Option<(Vec<f32>, Vec<f32>)>) -> Self {
        let Some((scale, mut shift)) = affine else {
            self.bias = bias.unwrap_or_else(|| vec![0.0; self.c_out()]);
            return self;
        };
        for ((shift, scale), bias) in shift.iter_mut().zip(&scale).zip(bias.iter().flatten()) {
            *shift += scale * bias;
        }
        // the values that one scale is for are one after another
        let run = match self.operation {
            FoldedOperation::Conv2d => self.weight.len() / scale.len(),
            FoldedOperation::ConvTranspose2d => {
                self.weight_shape[1..].iter().product::<usize>() / scale.len()
            }
        };
        multiply(&mut self.weight, &scale, run);
        self.bias = shift;
        self
    }
}

/// The shape of a convolution's weight.
fn four(shape: &[usize]) -> [usize; 4] {
    shape
        .try_into()
        .expect("the weight of a convolution has four dimensions")
}

/// Batch norm as a scale and a shift of each channel.
fn scale_and_shift(layer: &BatchNorm) -> (Vec<f32>, Vec<f32>) {
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

/// Multiplies `[_, scales, run]` by the scales.
fn multiply(weight: &mut [f32], scale: &[f32], run: usize) {
    let parts = weight.par_chunks_exact_mut(scale.len() * run);
    parts.for_each(|weight| {
        for (values, &scale) in weight.chunks_exact_mut(run).zip(scale) {
            values.iter_mut().for_each(|value| *value *= scale);
        }
    });
}

/// `[rows, columns]` to `[columns, rows]`.
pub(super) fn transposed(values: &[f32], rows: usize) -> Vec<f32> {
    let columns = values.len() / rows;
    (0..columns)
        .flat_map(|column| values.iter().skip(column).step_by(columns).copied())
        .collect()
}
