//! Layers with frozen weights, for inference.
//!
//! Batch norm in inference scales and shifts each channel, so it [folds](crate::batch_norm::fold)
//! into the weight and the bias of the convolution before it. The weight is laid out for its
//! kernel once instead of on every call.

use crate::activation::{self, Activation};
use crate::arithmetic::Arithmetic;
use crate::convolution::{self, PackedWeight};
use crate::shape::ConvTranspose2dShape;

/// A transposed convolution with its activation, for batches of one size.
#[derive(Debug)]
pub struct PreparedConvTranspose2d {
    shape: ConvTranspose2dShape,
    weight: Weight,
    bias: Vec<f32>,
    activation: Activation,
}

#[derive(Debug)]
enum Weight {
    /// Laid out for the product.
    Packed(PackedWeight),
    /// Unchanged, for Winograd's method: transformed weights would take longer to read than to
    /// compute.
    Plain(Vec<f32>),
}

impl PreparedConvTranspose2d {
    /// Lays out a weight for the kernel that suits the shape.
    ///
    /// # Shapes
    ///
    /// - `weight`: `[in_channels, out_channels, kernel, kernel]`
    /// - `bias`: `[out_channels]`, or one number for each value of an image,
    ///   `[out_height, out_width, out_channels]`
    ///
    /// # Panics
    ///
    /// If a length does not match `shape`.
    pub fn new(
        shape: ConvTranspose2dShape,
        weight: Vec<f32>,
        bias: Vec<f32>,
        activation: Activation,
    ) -> Self {
        assert_eq!(weight.len(), shape.weight_len(), "length of weight");
        let output = shape.output();
        assert!(
            [output.channels, output.image_len()].contains(&bias.len()),
            "length of bias"
        );
        let geometry = shape.geometry();
        let by_channel = bias.len() == output.channels;
        let weight = if by_channel && convolution::uses_winograd(&geometry, Arithmetic::F32) {
            Weight::Plain(weight)
        } else {
            Weight::Packed(PackedWeight::new(&geometry, &weight))
        };
        Self {
            shape,
            weight,
            bias,
            activation,
        }
    }

    /// The shape of the layer.
    pub fn shape(&self) -> &ConvTranspose2dShape {
        &self.shape
    }

    /// Computes the output.
    ///
    /// # Shapes
    ///
    /// - `input`: `[batch, in_height, in_width, in_channels]`
    /// - `output`: `[batch, out_height, out_width, out_channels]`, overwritten
    ///
    /// # Panics
    ///
    /// If a slice's length does not match the shape.
    pub fn forward(&self, input: &[f32], output: &mut [f32]) {
        assert_eq!(input.len(), self.shape.input().len(), "length of input");
        assert_eq!(output.len(), self.shape.output().len(), "length of output");
        match &self.weight {
            Weight::Packed(weight) => weight.spread(input, &self.bias, self.activation, output),
            Weight::Plain(weight) => {
                let geometry = self.shape.geometry();
                convolution::spread(
                    &geometry,
                    Arithmetic::F32,
                    input,
                    weight,
                    Some(&self.bias),
                    output,
                );
                activation::in_place_parallel(self.activation, output);
            }
        }
    }
}
