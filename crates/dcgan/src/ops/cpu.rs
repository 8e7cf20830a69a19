//! The operations on Burn's CPU tensors: each finds the slices, checks the
//! shapes, calls a kernel and wraps what it wrote.

use burn::backend::flex::{FlexTensor, Layout};
use burn::backend::ops::FloatTensorOps;
use burn::backend::{Flex, TensorMetadata};
use burn::tensor::{Bytes, DType, Shape};
use dcgan_kernels::adam::Adam;
use dcgan_kernels::batch_norm::{BatchNorm, Gradients, Statistics};
use dcgan_kernels::{
    Activation as KernelActivation, Conv2dShape, ConvTranspose2dShape, Nhwc, Window, activation,
    adam, batch_norm, conv_transpose2d, conv2d,
};

use super::Activation;

/// PyTorch's ε, added to the variance.
const EPSILON: f32 = 1e-5;

impl From<Activation> for KernelActivation {
    fn from(activation: Activation) -> Self {
        match activation {
            Activation::Relu => Self::Relu,
            Activation::LeakyRelu => Self::LeakyRelu(0.2),
            Activation::Tanh => Self::Tanh,
            Activation::None => Self::None,
        }
    }
}

/// A tensor `[B, C, H, W]` whose memory is dense with the channels last.
struct ChannelsLast {
    tensor: FlexTensor,
    sizes: Nhwc,
}

impl ChannelsLast {
    /// The tensor itself if its memory is so already, else a copy.
    fn of(tensor: FlexTensor) -> Self {
        let [batch, channels, height, width] = tensor.shape().dims();
        let sizes = Nhwc {
            batch,
            height,
            width,
            channels,
        };
        if is_channels_last(&tensor, sizes) {
            return Self { tensor, sizes };
        }
        let tensor = Flex::float_permute(tensor, &[0, 2, 3, 1]).to_contiguous();
        Self { tensor, sizes }
    }

    fn values(&self) -> &[f32] {
        self.tensor.storage()
    }

    /// Wraps what a kernel wrote.
    fn wrap(values: Vec<f32>, sizes: Nhwc) -> FlexTensor {
        let Nhwc {
            batch,
            height,
            width,
            channels,
        } = sizes;
        let shape = Shape::from([batch, channels, height, width]);
        let strides = channels_last_strides(sizes);
        FlexTensor::new(
            Bytes::from_elems(values),
            Layout::new(shape, strides, 0),
            DType::F32,
        )
    }
}

fn channels_last_strides(sizes: Nhwc) -> Vec<isize> {
    let row = (sizes.width * sizes.channels) as isize;
    vec![row * sizes.height as isize, 1, row, sizes.channels as isize]
}

/// Strides of sides of length 1 do not matter.
fn is_channels_last(tensor: &FlexTensor, sizes: Nhwc) -> bool {
    let layout = tensor.layout();
    let strides = channels_last_strides(sizes);
    let sides = [sizes.batch, sizes.channels, sizes.height, sizes.width];
    let fits = |((side, is), should): ((usize, &isize), isize)| side == 1 || *is == should;
    layout.start_offset() == 0
        && tensor.storage::<f32>().len() == sizes.len()
        && sides
            .into_iter()
            .zip(layout.strides())
            .zip(strides)
            .all(fits)
}

fn vector(values: Vec<f32>) -> FlexTensor {
    let shape = Shape::from([values.len()]);
    FlexTensor::new(
        Bytes::from_elems(values),
        Layout::contiguous(shape),
        DType::F32,
    )
}

/// A weight or a vector, dense in its own order.
fn dense(tensor: FlexTensor) -> FlexTensor {
    match tensor.is_contiguous() && tensor.storage::<f32>().len() == tensor.shape().num_elements() {
        true => tensor,
        false => tensor.to_contiguous(),
    }
}

fn weight_like(values: Vec<f32>, weight: &FlexTensor) -> FlexTensor {
    let layout = Layout::contiguous(weight.shape());
    FlexTensor::new(Bytes::from_elems(values), layout, DType::F32)
}

fn conv2d_shape(sizes: Nhwc, weight: &FlexTensor, stride: usize, padding: usize) -> Conv2dShape {
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

pub fn conv2d_forward(
    x: FlexTensor,
    weight: FlexTensor,
    bias: Option<FlexTensor>,
    [stride, padding]: [usize; 2],
) -> FlexTensor {
    let (x, weight, bias) = (ChannelsLast::of(x), dense(weight), bias.map(dense));
    let shape = conv2d_shape(x.sizes, &weight, stride, padding);
    let mut output = vec![0.0; shape.output().len()];
    let bias = bias.as_ref().map(FlexTensor::storage);
    conv2d::forward(&shape, x.values(), weight.storage(), bias, &mut output);
    ChannelsLast::wrap(output, shape.output())
}

pub fn conv2d_input_gradient(
    sizes: Nhwc,
    weight: FlexTensor,
    gradient: FlexTensor,
    [stride, padding]: [usize; 2],
) -> FlexTensor {
    let (weight, gradient) = (dense(weight), ChannelsLast::of(gradient));
    let shape = conv2d_shape(sizes, &weight, stride, padding);
    let mut input_gradient = vec![0.0; sizes.len()];
    conv2d::input_gradient(
        &shape,
        gradient.values(),
        weight.storage(),
        &mut input_gradient,
    );
    ChannelsLast::wrap(input_gradient, sizes)
}

pub fn conv2d_weight_gradient(
    x: FlexTensor,
    weight: &FlexTensor,
    gradient: FlexTensor,
    [stride, padding]: [usize; 2],
) -> FlexTensor {
    let (x, gradient) = (ChannelsLast::of(x), ChannelsLast::of(gradient));
    let shape = conv2d_shape(x.sizes, weight, stride, padding);
    let mut weight_gradient = vec![0.0; shape.weight_len()];
    conv2d::weight_gradient(&shape, x.values(), gradient.values(), &mut weight_gradient);
    weight_like(weight_gradient, weight)
}

pub fn conv2d_bias_gradient(
    sizes: Nhwc,
    weight: &FlexTensor,
    gradient: FlexTensor,
    [stride, padding]: [usize; 2],
) -> FlexTensor {
    let gradient = ChannelsLast::of(gradient);
    let shape = conv2d_shape(sizes, weight, stride, padding);
    let mut bias_gradient = vec![0.0; gradient.sizes.channels];
    conv2d::bias_gradient(&shape, gradient.values(), &mut bias_gradient);
    vector(bias_gradient)
}

pub fn conv_transpose2d_forward(
    x: FlexTensor,
    weight: FlexTensor,
    options: [usize; 3],
) -> FlexTensor {
    let (x, weight) = (ChannelsLast::of(x), dense(weight));
    let shape = conv_transpose2d_shape(x.sizes, &weight, options);
    let mut output = vec![0.0; shape.output().len()];
    conv_transpose2d::forward(&shape, x.values(), weight.storage(), None, &mut output);
    ChannelsLast::wrap(output, shape.output())
}

pub fn conv_transpose2d_input_gradient(
    sizes: Nhwc,
    weight: FlexTensor,
    gradient: FlexTensor,
    options: [usize; 3],
) -> FlexTensor {
    let (weight, gradient) = (dense(weight), ChannelsLast::of(gradient));
    let shape = conv_transpose2d_shape(sizes, &weight, options);
    let mut input_gradient = vec![0.0; sizes.len()];
    conv_transpose2d::input_gradient(
        &shape,
        gradient.values(),
        weight.storage(),
        &mut input_gradient,
    );
    ChannelsLast::wrap(input_gradient, sizes)
}

pub fn conv_transpose2d_weight_gradient(
    x: FlexTensor,
    weight: &FlexTensor,
    gradient: FlexTensor,
    options: [usize; 3],
) -> FlexTensor {
    let (x, gradient) = (ChannelsLast::of(x), ChannelsLast::of(gradient));
    let shape = conv_transpose2d_shape(x.sizes, weight, options);
    let mut weight_gradient = vec![0.0; shape.weight_len()];
    conv_transpose2d::weight_gradient(&shape, x.values(), gradient.values(), &mut weight_gradient);
    weight_like(weight_gradient, weight)
}

/// The sizes of a tensor `[B, C, H, W]`.
pub fn sizes(tensor: &FlexTensor) -> Nhwc {
    let [batch, channels, height, width] = tensor.shape().dims();
    Nhwc {
        batch,
        height,
        width,
        channels,
    }
}

/// Output, mean and variance.
pub fn batch_norm_train(
    x: FlexTensor,
    gamma: FlexTensor,
    beta: FlexTensor,
    activation: Activation,
) -> (FlexTensor, FlexTensor, FlexTensor) {
    let (x, gamma, beta) = (ChannelsLast::of(x), dense(gamma), dense(beta));
    let layer = layer(&gamma, &beta, activation);
    let mut output = vec![0.0; x.sizes.len()];
    let (mut mean, mut variance) = (vec![0.0; x.sizes.channels], vec![0.0; x.sizes.channels]);
    batch_norm::forward_train(&layer, x.values(), &mut output, &mut mean, &mut variance);
    (
        ChannelsLast::wrap(output, x.sizes),
        vector(mean),
        vector(variance),
    )
}

pub fn batch_norm_inference(
    x: FlexTensor,
    [gamma, beta, mean, variance]: [FlexTensor; 4],
    activation: Activation,
) -> FlexTensor {
    let x = ChannelsLast::of(x);
    let [gamma, beta, mean, variance] = [gamma, beta, mean, variance].map(dense);
    let statistics = Statistics {
        mean: mean.storage(),
        variance: variance.storage(),
    };
    let mut output = vec![0.0; x.sizes.len()];
    batch_norm::forward_inference(
        &layer(&gamma, &beta, activation),
        x.values(),
        statistics,
        &mut output,
    );
    ChannelsLast::wrap(output, x.sizes)
}

/// Gradients of the input, the scale and the shift.
pub fn batch_norm_backward(
    x: FlexTensor,
    [gamma, beta, mean, variance]: [FlexTensor; 4],
    activation: Activation,
    gradient: FlexTensor,
) -> [FlexTensor; 3] {
    let (x, gradient) = (ChannelsLast::of(x), ChannelsLast::of(gradient));
    let [gamma, beta, mean, variance] = [gamma, beta, mean, variance].map(dense);
    let statistics = Statistics {
        mean: mean.storage(),
        variance: variance.storage(),
    };
    let mut input = vec![0.0; x.sizes.len()];
    let (mut of_gamma, mut of_beta) = (vec![0.0; x.sizes.channels], vec![0.0; x.sizes.channels]);
    let gradients = Gradients {
        input: &mut input,
        gamma: &mut of_gamma,
        beta: &mut of_beta,
    };
    let layer = layer(&gamma, &beta, activation);
    batch_norm::backward(&layer, statistics, x.values(), gradient.values(), gradients);
    [
        ChannelsLast::wrap(input, x.sizes),
        vector(of_gamma),
        vector(of_beta),
    ]
}

fn layer<'a>(gamma: &'a FlexTensor, beta: &'a FlexTensor, activation: Activation) -> BatchNorm<'a> {
    BatchNorm {
        gamma: gamma.storage(),
        beta: beta.storage(),
        epsilon: EPSILON,
        activation: activation.into(),
    }
}

pub fn activation_forward(x: FlexTensor, activation: Activation) -> FlexTensor {
    let x = ChannelsLast::of(x);
    let mut output = vec![0.0; x.sizes.len()];
    activation::forward(activation.into(), x.values(), &mut output);
    ChannelsLast::wrap(output, x.sizes)
}

pub fn activation_backward(
    output: FlexTensor,
    activation: Activation,
    gradient: FlexTensor,
) -> FlexTensor {
    let (output, gradient) = (ChannelsLast::of(output), ChannelsLast::of(gradient));
    let mut input_gradient = vec![0.0; output.sizes.len()];
    activation::backward(
        activation.into(),
        output.values(),
        gradient.values(),
        &mut input_gradient,
    );
    ChannelsLast::wrap(input_gradient, output.sizes)
}

/// The parameter and both moments after step `t`.
pub fn adam_step(
    [parameter, gradient, first, second]: [FlexTensor; 4],
    adam: Adam,
    t: u64,
) -> (FlexTensor, FlexTensor, FlexTensor) {
    let gradient = dense(gradient);
    let [mut parameter, mut first, mut second] = [parameter, first, second].map(dense);
    adam::step(
        &adam,
        t,
        parameter.storage_mut(),
        gradient.storage(),
        first.storage_mut(),
        second.storage_mut(),
    );
    (parameter, first, second)
}
