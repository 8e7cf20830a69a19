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

/// How a batch is computed: as so many batches of its pictures, one after the other. Each is
/// computed as it would be alone, to the bit.
#[derive(Debug, Clone, Copy)]
struct Parts(usize);

impl Parts {
    fn size(self, whole: Nhwc) -> Nhwc {
        Nhwc {
            batch: whole.batch / self.0,
            ..whole
        }
    }

    fn whole(self, part: Nhwc) -> Nhwc {
        Nhwc {
            batch: part.batch * self.0,
            ..part
        }
    }

    fn of(self, values: &[f32]) -> impl Iterator<Item = &[f32]> {
        values.chunks(values.len() / self.0)
    }

    fn of_mut(self, values: &mut [f32]) -> impl Iterator<Item = &mut [f32]> {
        values.chunks_mut(values.len() / self.0)
    }

    /// Room for a gradient of each part, along the first dimension.
    fn gradients(self, shape: Shape) -> Shape {
        let mut shape = shape;
        shape[0] *= self.0;
        shape
    }
}

pub fn conv2d_forward(
    x: FlexTensor,
    weight: FlexTensor,
    bias: Option<FlexTensor>,
    [stride, padding, parts]: [usize; 3],
) -> FlexTensor {
    let (x, weight, bias) = (ChannelsLast::of(x), dense(weight), bias.map(dense));
    let parts = Parts(parts);
    let shape = conv2d_shape(parts.size(x.sizes), &weight, [stride, padding]);
    let bias = bias.as_ref().map(FlexTensor::storage);
    let ends = (x.sizes, parts.whole(shape.output()));
    timed(["conv2d", "forward"], ends, || {
        ChannelsLast::written(ends.1, |output| {
            for (x, output) in parts.of(x.values()).zip(parts.of_mut(output)) {
                conv2d::forward(&shape, x, weight.storage(), bias, output);
            }
        })
    })
}

pub fn conv2d_input_gradient(
    sizes: Nhwc,
    weight: FlexTensor,
    gradient: FlexTensor,
    [stride, padding, parts]: [usize; 3],
) -> FlexTensor {
    let (weight, gradient) = (dense(weight), ChannelsLast::of(gradient));
    let parts = Parts(parts);
    let shape = conv2d_shape(parts.size(sizes), &weight, [stride, padding]);
    let ends = (sizes, parts.whole(shape.output()));
    timed(["conv2d", "input gradient"], ends, || {
        ChannelsLast::written(sizes, |of_input| {
            for (gradient, of_input) in parts.of(gradient.values()).zip(parts.of_mut(of_input)) {
                conv2d::input_gradient(&shape, gradient, weight.storage(), of_input);
            }
        })
    })
}

/// The gradients of the weight that the parts give, along the first dimension.
pub fn conv2d_weight_gradient(
    x: FlexTensor,
    weight: &FlexTensor,
    gradient: FlexTensor,
    [stride, padding, parts]: [usize; 3],
) -> FlexTensor {
    let (x, gradient) = (ChannelsLast::of(x), ChannelsLast::of(gradient));
    let parts = Parts(parts);
    let shape = conv2d_shape(parts.size(x.sizes), weight, [stride, padding]);
    let ends = (x.sizes, parts.whole(shape.output()));
    timed(["conv2d", "weight gradient"], ends, || {
        dense_written(parts.gradients(weight.shape()), |of_weight| {
            let values = parts.of(x.values()).zip(parts.of(gradient.values()));
            for ((x, gradient), of_weight) in values.zip(parts.of_mut(of_weight)) {
                conv2d::weight_gradient(&shape, x, gradient, of_weight);
            }
        })
    })
}

/// The gradients of the bias that the parts give, along the first dimension.
pub fn conv2d_bias_gradient(
    sizes: Nhwc,
    weight: &FlexTensor,
    gradient: FlexTensor,
    [stride, padding, parts]: [usize; 3],
) -> FlexTensor {
    let gradient = ChannelsLast::of(gradient);
    let parts = Parts(parts);
    let shape = conv2d_shape(parts.size(sizes), weight, [stride, padding]);
    let room = parts.gradients(Shape::from([gradient.sizes.channels]));
    let ends = (sizes, parts.whole(shape.output()));
    timed(["conv2d", "bias gradient"], ends, || {
        dense_written(room, |of_bias| {
            for (gradient, of_bias) in parts.of(gradient.values()).zip(parts.of_mut(of_bias)) {
                conv2d::bias_gradient(&shape, gradient, of_bias);
            }
        })
    })
}

pub fn conv_transpose2d_forward(
    x: FlexTensor,
    weight: FlexTensor,
    [stride, padding, output_padding, parts]: [usize; 4],
) -> FlexTensor {
    let (x, weight) = (ChannelsLast::of(x), dense(weight));
    let (parts, options) = (Parts(parts), [stride, padding, output_padding]);
    let shape = conv_transpose2d_shape(parts.size(x.sizes), &weight, options);
    let ends = (x.sizes, parts.whole(shape.output()));
    timed(["conv_transpose2d", "forward"], ends, || {
        ChannelsLast::written(ends.1, |output| {
            for (x, output) in parts.of(x.values()).zip(parts.of_mut(output)) {
                conv_transpose2d::forward(&shape, x, weight.storage(), None, output);
            }
        })
    })
}

pub fn conv_transpose2d_input_gradient(
    sizes: Nhwc,
    weight: FlexTensor,
    gradient: FlexTensor,
    [stride, padding, output_padding, parts]: [usize; 4],
) -> FlexTensor {
    let (weight, gradient) = (dense(weight), ChannelsLast::of(gradient));
    let (parts, options) = (Parts(parts), [stride, padding, output_padding]);
    let shape = conv_transpose2d_shape(parts.size(sizes), &weight, options);
    let ends = (sizes, parts.whole(shape.output()));
    timed(["conv_transpose2d", "input gradient"], ends, || {
        ChannelsLast::written(sizes, |of_input| {
            for (gradient, of_input) in parts.of(gradient.values()).zip(parts.of_mut(of_input)) {
                conv_transpose2d::input_gradient(&shape, gradient, weight.storage(), of_input);
            }
        })
    })
}

/// The gradients of the weight that the parts give, along the first dimension.
pub fn conv_transpose2d_weight_gradient(
    x: FlexTensor,
    weight: &FlexTensor,
    gradient: FlexTensor,
    [stride, padding, output_padding, parts]: [usize; 4],
) -> FlexTensor {
    let (x, gradient) = (ChannelsLast::of(x), ChannelsLast::of(gradient));
    let (parts, options) = (Parts(parts), [stride, padding, output_padding]);
    let shape = conv_transpose2d_shape(parts.size(x.sizes), weight, options);
    let ends = (x.sizes, parts.whole(shape.output()));
    timed(["conv_transpose2d", "weight gradient"], ends, || {
        dense_written(parts.gradients(weight.shape()), |of_weight| {
            let values = parts.of(x.values()).zip(parts.of(gradient.values()));
            for ((x, gradient), of_weight) in values.zip(parts.of_mut(of_weight)) {
                conv_transpose2d::weight_gradient(&shape, x, gradient, of_weight);
            }
        })
    })
}
