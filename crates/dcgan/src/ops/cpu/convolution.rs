//! Convolution and transposed convolution.

use burn::backend::TensorMetadata;
use burn::backend::flex::FlexTensor;
use burn::tensor::Shape;
use dcgan_kernels::{Conv2dShape, ConvTranspose2dShape, Nhwc, Window, conv_transpose2d, conv2d};

use super::super::profile;
use super::tensor::{ChannelsLast, dense, dense_written};

fn conv2d_shape(sizes: Nhwc, weight: &FlexTensor, [stride, padding]: [usize; 2]) -> Conv2dShape {
    let [c_out, _, kernel, _] = weight.shape().dims();
    let window = Window {
        kernel,
        stride,
        padding,
    };
    Conv2dShape::new(sizes, c_out, window).unwrap_or_else(|error| panic!("convolution: {error}"))
}

fn conv_transpose2d_shape(
    sizes: Nhwc,
    weight: &FlexTensor,
    [stride, padding, output_padding]: [usize; 3],
) -> ConvTranspose2dShape {
    let [_, c_out, kernel, _] = weight.shape().dims();
    let window = Window {
        kernel,
        stride,
        padding,
    };
    ConvTranspose2dShape::new(sizes, c_out, window, output_padding)
        .unwrap_or_else(|error| panic!("transposed convolution: {error}"))
}

/// Does `work` under a name that tells layer and pass.
fn timed<R>(
    [layer, pass]: [&str; 2],
    (input, output): (Nhwc, Nhwc),
    work: impl FnOnce() -> R,
) -> R {
    let name = || {
        format!(
            "{layer} {}→{}, {}→{}: {pass}",
            input.channels, output.channels, input.height, output.height
        )
    };
    profile::time(name, work)
}

pub fn conv2d_forward(
    x: FlexTensor,
    weight: FlexTensor,
    bias: Option<FlexTensor>,
    options: [usize; 2],
) -> FlexTensor {
    let (x, weight, bias) = (ChannelsLast::of(x), dense(weight), bias.map(dense));
    let shape = conv2d_shape(x.sizes, &weight, options);
    let bias = bias.as_ref().map(FlexTensor::storage);
    timed(["conv2d", "forward"], (x.sizes, shape.output()), || {
        ChannelsLast::written(shape.output(), |output| {
            conv2d::forward(&shape, x.values(), weight.storage(), bias, output);
        })
    })
}

pub fn conv2d_input_gradient(
    sizes: Nhwc,
    weight: FlexTensor,
    gradient: FlexTensor,
    options: [usize; 2],
) -> FlexTensor {
    let (weight, gradient) = (dense(weight), ChannelsLast::of(gradient));
    let shape = conv2d_shape(sizes, &weight, options);
    timed(
        ["conv2d", "input gradient"],
        (sizes, shape.output()),
        || {
            ChannelsLast::written(sizes, |of_input| {
                conv2d::input_gradient(&shape, gradient.values(), weight.storage(), of_input);
            })
        },
    )
}

pub fn conv2d_weight_gradient(
    x: FlexTensor,
    weight: &FlexTensor,
    gradient: FlexTensor,
    options: [usize; 2],
) -> FlexTensor {
    let (x, gradient) = (ChannelsLast::of(x), ChannelsLast::of(gradient));
    let shape = conv2d_shape(x.sizes, weight, options);
    let ends = (x.sizes, shape.output());
    timed(["conv2d", "weight gradient"], ends, || {
        dense_written(weight.shape(), |of_weight| {
            conv2d::weight_gradient(&shape, x.values(), gradient.values(), of_weight);
        })
    })
}

pub fn conv2d_bias_gradient(
    sizes: Nhwc,
    weight: &FlexTensor,
    gradient: FlexTensor,
    options: [usize; 2],
) -> FlexTensor {
    let gradient = ChannelsLast::of(gradient);
    let shape = conv2d_shape(sizes, weight, options);
    timed(["conv2d", "bias gradient"], (sizes, shape.output()), || {
        dense_written(Shape::from([gradient.sizes.channels]), |of_bias| {
            conv2d::bias_gradient(&shape, gradient.values(), of_bias);
        })
    })
}

pub fn conv_transpose2d_forward(
    x: FlexTensor,
    weight: FlexTensor,
    options: [usize; 3],
) -> FlexTensor {
    let (x, weight) = (ChannelsLast::of(x), dense(weight));
    let shape = conv_transpose2d_shape(x.sizes, &weight, options);
    let ends = (x.sizes, shape.output());
    timed(["conv_transpose2d", "forward"], ends, || {
        ChannelsLast::written(shape.output(), |output| {
            conv_transpose2d::forward(&shape, x.values(), weight.storage(), None, output);
        })
    })
}

pub fn conv_transpose2d_input_gradient(
    sizes: Nhwc,
    weight: FlexTensor,
    gradient: FlexTensor,
    options: [usize; 3],
) -> FlexTensor {
    let (weight, gradient) = (dense(weight), ChannelsLast::of(gradient));
    let shape = conv_transpose2d_shape(sizes, &weight, options);
    let ends = (sizes, shape.output());
    timed(["conv_transpose2d", "input gradient"], ends, || {
        ChannelsLast::written(sizes, |of_input| {
            let (gradient, weight) = (gradient.values(), weight.storage());
            conv_transpose2d::input_gradient(&shape, gradient, weight, of_input);
        })
    })
}

pub fn conv_transpose2d_weight_gradient(
    x: FlexTensor,
    weight: &FlexTensor,
    gradient: FlexTensor,
    options: [usize; 3],
) -> FlexTensor {
    let (x, gradient) = (ChannelsLast::of(x), ChannelsLast::of(gradient));
    let shape = conv_transpose2d_shape(x.sizes, weight, options);
    let ends = (x.sizes, shape.output());
    timed(["conv_transpose2d", "weight gradient"], ends, || {
        dense_written(weight.shape(), |of_weight| {
            conv_transpose2d::weight_gradient(&shape, x.values(), gradient.values(), of_weight);
        })
    })
}
