//! The operations as Burn sees them: [`KernelOps`] is dispatched by device, to the CPU's kernels
//! below or, where gradients are recorded, to `autodiff`.

use std::sync::Arc;

use burn::backend::ops::FloatTensorOps;
use burn::backend::tensor::FloatTensor;
use burn::backend::{Backend, Flex, backend_extension};
use dcgan_kernels::adam::Adam;

use super::{
    Activation, Augmentation, Conv2dOptions, ConvTranspose2dOptions, GradientSlot, ScaleShift,
    SharedBatch, Statistics, UpsamplingFilter, cpu,
};

/// The operations that our kernels compute; the functions of `super` document them. Burn's
/// dispatch takes tensors one by one, none of them optional, and returns several as a tuple.
#[backend_extension(Flex, Autodiff)]
pub trait KernelOps: Backend {
    fn kernel_conv2d(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        options: Conv2dOptions,
    ) -> FloatTensor<Self>;

    fn kernel_conv2d_bias(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        options: Conv2dOptions,
    ) -> FloatTensor<Self>;

    fn kernel_conv_transpose2d(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        options: ConvTranspose2dOptions,
    ) -> FloatTensor<Self>;

    /// Returns output, mean and variance.
    fn kernel_batch_norm_train(
        x: FloatTensor<Self>,
        gamma: FloatTensor<Self>,
        beta: FloatTensor<Self>,
        activation: Activation,
        batch: Option<Arc<dyn SharedBatch>>,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>);

    fn kernel_batch_norm_inference(
        x: FloatTensor<Self>,
        gamma: FloatTensor<Self>,
        beta: FloatTensor<Self>,
        mean: FloatTensor<Self>,
        variance: FloatTensor<Self>,
        activation: Activation,
    ) -> FloatTensor<Self>;

    fn kernel_activation(x: FloatTensor<Self>, activation: Activation) -> FloatTensor<Self>;

    fn kernel_divert_gradient(
        parameter: FloatTensor<Self>,
        x: FloatTensor<Self>,
        shape: Vec<usize>,
        slot: GradientSlot,
    ) -> FloatTensor<Self>;

    /// Returns the parameter, its first and second moment, and the sum of the squares of the
    /// gradient.
    fn kernel_adam(
        parameter: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        first: FloatTensor<Self>,
        second: FloatTensor<Self>,
        adam: Adam,
        t: u64,
    ) -> (
        FloatTensor<Self>,
        FloatTensor<Self>,
        FloatTensor<Self>,
        FloatTensor<Self>,
    );

    fn kernel_moving_average(
        average: FloatTensor<Self>,
        values: FloatTensor<Self>,
        decay: f64,
    ) -> FloatTensor<Self>;

    fn kernel_upsampling(weight: FloatTensor<Self>, filter: UpsamplingFilter) -> FloatTensor<Self>;

    /// Returns both singular vectors.
    fn kernel_power_iteration(
        weight: FloatTensor<Self>,
        u: FloatTensor<Self>,
        v: FloatTensor<Self>,
    ) -> (FloatTensor<Self>, FloatTensor<Self>);

    fn kernel_divide_by_norm(
        weight: FloatTensor<Self>,
        u: FloatTensor<Self>,
        v: FloatTensor<Self>,
    ) -> FloatTensor<Self>;

    fn kernel_add_noise(
        x: FloatTensor<Self>,
        noise: FloatTensor<Self>,
        scale: f64,
    ) -> FloatTensor<Self>;

    fn kernel_augment(
        pictures: FloatTensor<Self>,
        augmentations: Arc<[Augmentation]>,
    ) -> FloatTensor<Self>;
}

impl KernelOps for Flex {
    fn kernel_conv2d(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        options: Conv2dOptions,
    ) -> FloatTensor<Self> {
        cpu::conv2d_forward(x, weight, None, options)
    }

    fn kernel_conv2d_bias(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        options: Conv2dOptions,
    ) -> FloatTensor<Self> {
        cpu::conv2d_forward(x, weight, Some(bias), options)
    }

    fn kernel_conv_transpose2d(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        options: ConvTranspose2dOptions,
    ) -> FloatTensor<Self> {
        cpu::conv_transpose2d_forward(x, weight, options)
    }

    fn kernel_batch_norm_train(
        x: FloatTensor<Self>,
        gamma: FloatTensor<Self>,
        beta: FloatTensor<Self>,
        activation: Activation,
        batch: Option<Arc<dyn SharedBatch>>,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>) {
        let (output, Statistics { mean, variance }) =
            cpu::batch_norm_train(x, ScaleShift { gamma, beta }, activation, batch.as_deref());
        (output, mean, variance)
    }

    fn kernel_batch_norm_inference(
        x: FloatTensor<Self>,
        gamma: FloatTensor<Self>,
        beta: FloatTensor<Self>,
        mean: FloatTensor<Self>,
        variance: FloatTensor<Self>,
        activation: Activation,
    ) -> FloatTensor<Self> {
        let parameters = ScaleShift { gamma, beta };
        cpu::batch_norm_inference(x, parameters, Statistics { mean, variance }, activation)
    }

    fn kernel_activation(x: FloatTensor<Self>, activation: Activation) -> FloatTensor<Self> {
        cpu::activation_forward(x, activation)
    }

    fn kernel_divert_gradient(
        parameter: FloatTensor<Self>,
        _: FloatTensor<Self>,
        shape: Vec<usize>,
        _: GradientSlot,
    ) -> FloatTensor<Self> {
        Self::float_reshape(parameter, shape.into())
    }

    fn kernel_adam(
        parameter: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        first: FloatTensor<Self>,
        second: FloatTensor<Self>,
        adam: Adam,
        t: u64,
    ) -> (
        FloatTensor<Self>,
        FloatTensor<Self>,
        FloatTensor<Self>,
        FloatTensor<Self>,
    ) {
        cpu::adam_step(parameter, gradient, [first, second], adam, t)
    }

    fn kernel_moving_average(
        average: FloatTensor<Self>,
        values: FloatTensor<Self>,
        decay: f64,
    ) -> FloatTensor<Self> {
        cpu::moving_average(average, values, decay)
    }

    fn kernel_upsampling(weight: FloatTensor<Self>, filter: UpsamplingFilter) -> FloatTensor<Self> {
        cpu::upsampling_kernel(weight, filter)
    }

    fn kernel_power_iteration(
        weight: FloatTensor<Self>,
        u: FloatTensor<Self>,
        v: FloatTensor<Self>,
    ) -> (FloatTensor<Self>, FloatTensor<Self>) {
        cpu::power_iteration(weight, u, v)
    }

    fn kernel_divide_by_norm(
        weight: FloatTensor<Self>,
        u: FloatTensor<Self>,
        v: FloatTensor<Self>,
    ) -> FloatTensor<Self> {
        cpu::divide_by_norm(&weight, &cpu::dense(u), &cpu::dense(v)).0
    }

    fn kernel_add_noise(
        x: FloatTensor<Self>,
        noise: FloatTensor<Self>,
        scale: f64,
    ) -> FloatTensor<Self> {
        cpu::add_noise(x, noise, scale)
    }

    fn kernel_augment(
        pictures: FloatTensor<Self>,
        augmentations: Arc<[Augmentation]>,
    ) -> FloatTensor<Self> {
        cpu::augment(pictures, &augmentations)
    }
}
