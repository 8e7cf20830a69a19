//! 2-D transposed convolution (as in PyTorch's `ConvTranspose2d`), channels last.
//!
//! Every input pixel is multiplied by the whole kernel and added to the output around it: with
//! `oy = y * stride + ky - padding` and `ox` alike, leaving out what falls outside,
//!
//! `output[n, oy, ox, o] = bias[o] + sum over y, x, ky, kx, i of
//! input[n, y, x, i] * weight[i, o, ky, kx]`
//!
//! It is the adjoint of [`conv2d`](crate::conv2d) with the same weight, so the same kernels
//! compute it, with the roles of forward pass and input gradient exchanged.

use crate::arithmetic::Arithmetic;
use crate::bias;
use crate::convolution;
use crate::shape::ConvTranspose2dShape;

/// Computes the output.
///
/// # Shapes
///
/// - `input`: `[batch, in_height, in_width, in_channels]`
/// - `weight`: `[in_channels, out_channels, kernel, kernel]`
/// - `bias`: `[out_channels]`
/// - `output`: `[batch, out_height, out_width, out_channels]`, overwritten
///
/// # Panics
///
/// If a slice's length does not match `shape`.
pub fn forward(
    shape: &ConvTranspose2dShape,
    arithmetic: Arithmetic,
    input: &[f32],
    weight: &[f32],
    bias: Option<&[f32]>,
    output: &mut [f32],
) {
    assert_eq!(input.len(), shape.input().len(), "length of input");
    assert_eq!(weight.len(), shape.weight_len(), "length of weight");
    assert_eq!(output.len(), shape.output().len(), "length of output");
    if let Some(bias) = bias {
        assert_eq!(bias.len(), shape.output().channels, "length of bias");
    }
    convolution::spread(&shape.geometry(), arithmetic, input, weight, bias, output);
}

/// Computes the gradient with respect to the input.
///
/// # Shapes
///
/// - `output_gradient`: `[batch, out_height, out_width, out_channels]`
/// - `weight`: `[in_channels, out_channels, kernel, kernel]`
/// - `input_gradient`: `[batch, in_height, in_width, in_channels]`, overwritten
///
/// # Panics
///
/// If a slice's length does not match `shape`.
pub fn input_gradient(
    shape: &ConvTranspose2dShape,
    arithmetic: Arithmetic,
    output_gradient: &[f32],
    weight: &[f32],
    input_gradient: &mut [f32],
) {
    assert_eq!(
        output_gradient.len(),
        shape.output().len(),
        "length of output_gradient"
    );
    assert_eq!(weight.len(), shape.weight_len(), "length of weight");
    assert_eq!(
        input_gradient.len(),
        shape.input().len(),
        "length of input_gradient"
    );
    convolution::gather(
        &shape.geometry(),
        arithmetic,
        output_gradient,
        weight,
        None,
        input_gradient,
    );
}

/// Computes the gradient with respect to the weight, summed over the batch.
///
/// # Shapes
///
/// - `input`: `[batch, in_height, in_width, in_channels]`
/// - `output_gradient`: `[batch, out_height, out_width, out_channels]`
/// - `weight_gradient`: `[in_channels, out_channels, kernel, kernel]`, overwritten
///
/// # Panics
///
/// If a slice's length does not match `shape`.
pub fn weight_gradient(
    shape: &ConvTranspose2dShape,
    arithmetic: Arithmetic,
    input: &[f32],
    output_gradient: &[f32],
    weight_gradient: &mut [f32],
) {
    assert_eq!(input.len(), shape.input().len(), "length of input");
    assert_eq!(
        output_gradient.len(),
        shape.output().len(),
        "length of output_gradient"
    );
    assert_eq!(
        weight_gradient.len(),
        shape.weight_len(),
        "length of weight_gradient"
    );
    convolution::weight_gradient(
        &shape.geometry(),
        arithmetic,
        output_gradient,
        input,
        weight_gradient,
    );
}

/// Computes the gradient with respect to the bias: the sum of `output_gradient` over batch and
/// pixels.
///
/// # Shapes
///
/// - `output_gradient`: `[batch, out_height, out_width, out_channels]`
/// - `bias_gradient`: `[out_channels]`, overwritten
///
/// # Panics
///
/// If a slice's length does not match `shape`.
pub fn bias_gradient(
    shape: &ConvTranspose2dShape,
    output_gradient: &[f32],
    bias_gradient: &mut [f32],
) {
    let channels = shape.output().channels;
    assert_eq!(
        output_gradient.len(),
        shape.output().len(),
        "length of output_gradient"
    );
    assert_eq!(bias_gradient.len(), channels, "length of bias_gradient");
    bias::sum_rows(output_gradient, channels, bias_gradient);
}
