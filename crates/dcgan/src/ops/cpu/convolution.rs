//! Convolution and transposed convolution.

use burn::backend::TensorMetadata;
use burn::backend::flex::FlexTensor;
use burn::tensor::Shape;
use dcgan_kernels::{Conv2dShape, ConvTranspose2dShape, Nhwc, Window, conv_transpose2d, conv2d};

use super::super::{Conv2dOptions, ConvTranspose2dOptions, profile};
use super::tensor::{ChannelsLast, dense, dense_written};

fn conv2d_shape(sizes: Nhwc, weight: &FlexTensor, options: Conv2dOptions) -> Conv2dShape {
    let [c_out, _, kernel, _] = weight.shape().dims();
    let window = Window {
        kernel,
        stride: options.stride,
        padding: options.padding,
    };
    let part = Parts(options.parts).size(sizes);
    Conv2dShape::new(part, c_out, window).unwrap_or_else(|error| panic!("convolution: {error}"))
}

fn conv_transpose2d_shape(
    sizes: Nhwc,
    weight: &FlexTensor,
    options: ConvTranspose2dOptions,
) -> ConvTranspose2dShape {
    let [_, c_out, kernel, _] = weight.shape().dims();
    let window = Window {
        kernel,
        stride: options.stride,
        padding: options.padding,
    };
    let part = Parts(options.parts).size(sizes);
    ConvTranspose2dShape::new(part, c_out, window, options.output_padding)
        .unwrap_or_else(|error| panic!("transposed convolution: {error}"))
}

/// Runs `work` as an operation of the profile, named for layer, sizes and pass.
fn timed<R>(layer: &str, pass: &str, input: Nhwc, output: Nhwc, work: impl FnOnce() -> R) -> R {
    let name = || {
        format!(
            "{layer} {}→{}, {}→{}: {pass}",
            input.channels, output.channels, input.height, output.height
        )
    };
    profile::time(name, work)
}

/// The number of equal parts in which a batch is computed, one after another.
#[derive(Debug, Clone, Copy)]
struct Parts(usize);

impl Parts {
    /// The size of one part.
    fn size(self, whole: Nhwc) -> Nhwc {
        Nhwc {
            batch: whole.batch / self.0,
            ..whole
        }
    }

    /// The size of all parts together.
    fn whole(self, part: Nhwc) -> Nhwc {
        Nhwc {
            batch: part.batch * self.0,
            ..part
        }
    }

    /// The values of each part.
    fn split(self, values: &[f32]) -> impl Iterator<Item = &[f32]> {
        values.chunks(values.len() / self.0)
    }

    /// The values of each part, to be written.
    fn split_mut(self, values: &mut [f32]) -> impl Iterator<Item = &mut [f32]> {
        values.chunks_mut(values.len() / self.0)
    }

    /// The shape of one gradient from each part, along the first dimension.
    fn gradients(self, mut shape: Shape) -> Shape {
        shape[0] *= self.0;
        shape
    }
}

pub fn conv2d_forward(
    x: FlexTensor,
    weight: FlexTensor,
    bias: Option<FlexTensor>,
    options: Conv2dOptions,
) -> FlexTensor {
    let (x, weight, bias) = (ChannelsLast::from_tensor(x), dense(weight), bias.map(dense));
    let parts = Parts(options.parts);
    let shape = conv2d_shape(x.sizes, &weight, options);
    let bias = bias.as_ref().map(FlexTensor::storage);
    let output_sizes = parts.whole(shape.output());
    timed("conv2d", "forward", x.sizes, output_sizes, || {
        ChannelsLast::written(output_sizes, |output| {
            for (x, output) in parts.split(x.values()).zip(parts.split_mut(output)) {
                conv2d::forward(
                    &shape,
                    options.arithmetic,
                    x,
                    weight.storage(),
                    bias,
                    output,
                );
            }
        })
    })
}

pub fn conv2d_input_gradient(
    sizes: Nhwc,
    weight: FlexTensor,
    gradient: FlexTensor,
    options: Conv2dOptions,
) -> FlexTensor {
    let (weight, gradient) = (dense(weight), ChannelsLast::from_tensor(gradient));
    let parts = Parts(options.parts);
    let shape = conv2d_shape(sizes, &weight, options);
    let output_sizes = parts.whole(shape.output());
    timed("conv2d", "input gradient", sizes, output_sizes, || {
        ChannelsLast::written(sizes, |of_input| {
            for (gradient, of_input) in parts
                .split(gradient.values())
                .zip(parts.split_mut(of_input))
            {
                conv2d::input_gradient(
                    &shape,
                    options.arithmetic,
                    gradient,
                    weight.storage(),
                    of_input,
                );
            }
        })
    })
}

/// The gradients of the weight, one from each part, along the first dimension.
pub fn conv2d_weight_gradient(
    x: FlexTensor,
    weight: &FlexTensor,
    gradient: FlexTensor,
    options: Conv2dOptions,
) -> FlexTensor {
    let (x, gradient) = (
        ChannelsLast::from_tensor(x),
        ChannelsLast::from_tensor(gradient),
    );
    let parts = Parts(options.parts);
    let shape = conv2d_shape(x.sizes, weight, options);
    let output_sizes = parts.whole(shape.output());
    timed("conv2d", "weight gradient", x.sizes, output_sizes, || {
        dense_written(parts.gradients(weight.shape()), |of_weight| {
            let values = parts.split(x.values()).zip(parts.split(gradient.values()));
            for ((x, gradient), of_weight) in values.zip(parts.split_mut(of_weight)) {
                conv2d::weight_gradient(&shape, options.arithmetic, x, gradient, of_weight);
            }
        })
    })
}

/// The gradients of the bias, one from each part, along the first dimension.
pub fn conv2d_bias_gradient(
    sizes: Nhwc,
    weight: &FlexTensor,
    gradient: FlexTensor,
    options: Conv2dOptions,
) -> FlexTensor {
    let gradient = ChannelsLast::from_tensor(gradient);
    let parts = Parts(options.parts);
    let shape = conv2d_shape(sizes, weight, options);
    let room = parts.gradients(Shape::from([gradient.sizes.channels]));
    let output_sizes = parts.whole(shape.output());
    timed("conv2d", "bias gradient", sizes, output_sizes, || {
        dense_written(room, |of_bias| {
            for (gradient, of_bias) in parts.split(gradient.values()).zip(parts.split_mut(of_bias))
            {
                conv2d::bias_gradient(&shape, gradient, of_bias);
            }
        })
    })
}

pub fn conv_transpose2d_forward(
    x: FlexTensor,
    weight: FlexTensor,
    options: ConvTranspose2dOptions,
) -> FlexTensor {
    let (x, weight) = (ChannelsLast::from_tensor(x), dense(weight));
    let parts = Parts(options.parts);
    let shape = conv_transpose2d_shape(x.sizes, &weight, options);
    let output_sizes = parts.whole(shape.output());
    timed("conv_transpose2d", "forward", x.sizes, output_sizes, || {
        ChannelsLast::written(output_sizes, |output| {
            for (x, output) in parts.split(x.values()).zip(parts.split_mut(output)) {
                conv_transpose2d::forward(
                    &shape,
                    options.arithmetic,
                    x,
                    weight.storage(),
                    None,
                    output,
                );
            }
        })
    })
}

pub fn conv_transpose2d_input_gradient(
    sizes: Nhwc,
    weight: FlexTensor,
    gradient: FlexTensor,
    options: ConvTranspose2dOptions,
) -> FlexTensor {
    let (weight, gradient) = (dense(weight), ChannelsLast::from_tensor(gradient));
    let parts = Parts(options.parts);
    let shape = conv_transpose2d_shape(sizes, &weight, options);
    let output_sizes = parts.whole(shape.output());
    timed(
        "conv_transpose2d",
        "input gradient",
        sizes,
        output_sizes,
        || {
            ChannelsLast::written(sizes, |of_input| {
                for (gradient, of_input) in parts
                    .split(gradient.values())
                    .zip(parts.split_mut(of_input))
                {
                    conv_transpose2d::input_gradient(
                        &shape,
                        options.arithmetic,
                        gradient,
                        weight.storage(),
                        of_input,
                    );
                }
            })
        },
    )
}

/// The gradients of the weight, one from each part, along the first dimension.
pub fn conv_transpose2d_weight_gradient(
    x: FlexTensor,
    weight: &FlexTensor,
    gradient: FlexTensor,
    options: ConvTranspose2dOptions,
) -> FlexTensor {
    let (x, gradient) = (
        ChannelsLast::from_tensor(x),
        ChannelsLast::from_tensor(gradient),
    );
    let parts = Parts(options.parts);
    let shape = conv_transpose2d_shape(x.sizes, weight, options);
    let output_sizes = parts.whole(shape.output());
    timed(
        "conv_transpose2d",
        "weight gradient",
        x.sizes,
        output_sizes,
        || {
            dense_written(parts.gradients(weight.shape()), |of_weight| {
                let values = parts.split(x.values()).zip(parts.split(gradient.values()));
                for ((x, gradient), of_weight) in values.zip(parts.split_mut(of_weight)) {
                    conv_transpose2d::weight_gradient(
                        &shape,
                        options.arithmetic,
                        x,
                        gradient,
                        of_weight,
                    );
                }
            })
        },
    )
}
