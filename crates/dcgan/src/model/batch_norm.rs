//! Batch norm with its running statistics.

use burn::tensor::{Tensor, TensorData};

use super::init::Initializer;
use super::parameter::to_host;
use super::{ModelError, Parameter, Weights};
use crate::ops::{self, Activation};
use crate::ranks::Share;

/// How a batch moves the running statistics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tracking {
    /// By PyTorch's momentum of 0.1.
    Exponential,
    /// As one of so many batches that count alike (PyTorch's `momentum=None`).
    Average,
}

/// Batch norm over the channels of `[B, C, H, W]`.
#[derive(Debug, Clone)]
pub struct BatchNorm {
    name: String,
    gamma: Parameter,
    beta: Parameter,
    /// `[C]`, on the device and without gradients, as a step must not wait for it.
    running_mean: Tensor<1>,
    /// As the running mean.
    running_var: Tensor<1>,
    batches_tracked: u64,
    tracking: Tracking,
    /// The part of each batch that comes here, if the statistics are those of all of it.
    share: Option<Share>,
}

impl BatchNorm {
    pub(super) fn new(
        name: &str,
        channels: usize,
        init: &mut Initializer,
    ) -> Result<Self, ModelError> {
        Ok(Self {
            name: name.to_owned(),
            gamma: init.scale(format!("{name}.weight"), channels)?,
            beta: init.shift(format!("{name}.bias"), channels)?,
            running_mean: init.running(&format!("{name}.running_mean"), channels, 0.0)?,
            running_var: init.running(&format!("{name}.running_var"), channels, 1.0)?,
            batches_tracked: 0,
            tracking: Tracking::Exponential,
            share: None,
        })
    }

    /// Its name in weight files, such as `gen.0.1`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Scale and shift.
    pub fn parameters(&self) -> [&Parameter; 2] {
        [&self.gamma, &self.beta]
    }

    /// Scale and shift, to be changed.
    pub fn parameters_mut(&mut self) -> [&mut Parameter; 2] {
        [&mut self.gamma, &mut self.beta]
    }

    /// The running mean, `[C]`, read from the device.
    pub fn running_mean(&self) -> Vec<f32> {
        to_host(self.running_mean.clone())
    }

    /// The running variance (divisor n − 1), `[C]`, read from the device.
    pub fn running_var(&self) -> Vec<f32> {
        to_host(self.running_var.clone())
    }

    /// Replaces the running mean and variance, on the device where they are.
    pub(crate) fn set_running(&mut self, mean: Vec<f32>, variance: Vec<f32>) {
        let device = self.running_mean.device();
        let tensor = |values: Vec<f32>| {
            let length = values.len();
            Tensor::from_data(TensorData::new(values, [length]), &device)
        };
        (self.running_mean, self.running_var) = (tensor(mean), tensor(variance));
    }

    /// How many batches the running statistics have seen.
    pub fn batches_tracked(&self) -> u64 {
        self.batches_tracked
    }

    /// Sets how many batches the running statistics have seen.
    pub fn set_batches_tracked(&mut self, batches_tracked: u64) {
        self.batches_tracked = batches_tracked;
    }

    /// From now on the statistics of a batch are those of the batch that all ranks share.
    pub(super) fn synchronise(&mut self, share: Share) {
        self.share = Some(share);
    }

    /// From now on the running statistics are the averages over all batches to come, none of
    /// which is shared.
    pub(super) fn start_averaging(&mut self) {
        self.share = None;
        self.tracking = Tracking::Average;
        self.batches_tracked = 0;
    }

    /// Back to PyTorch's momentum, with the averages as they are.
    pub fn stop_averaging(&mut self, batches_tracked: u64) {
        self.tracking = Tracking::Exponential;
        self.batches_tracked = batches_tracked;
    }

    /// Normalises with the batch's statistics, activates, and moves the running
    /// statistics, as PyTorch does in training mode.
    ///
    /// # Shapes
    /// `x` and the result are `[B, C, H, W]`.
    pub fn forward_train(
        &mut self,
        x: Tensor<4>,
        activation: Activation,
        weights: Weights,
    ) -> Tensor<4> {
        let [pictures, _, height, width] = x.dims();
        let pictures = self.share.as_ref().map_or(pictures, Share::batch_size);
        let values_per_channel = pictures * height * width;
        let layer = [&self.gamma, &self.beta]
            .map(|parameter| parameter.beside(&x, [parameter.len()], weights));
        let normalised = ops::batch_norm_train(x, layer, activation, self.share.as_ref());
        let (mean, variance) = (normalised.mean.inner(), normalised.variance.inner());
        self.track(mean, variance, values_per_channel);
        normalised.output
    }

    /// Normalises with the running statistics and activates.
    ///
    /// # Shapes
    /// `x` and the result are `[B, C, H, W]`, without gradients.
    pub fn forward_inference(&self, x: Tensor<4>, activation: Activation) -> Tensor<4> {
        let [gamma, beta] = self.parameters().map(|p| p.tensor(Weights::Freeze));
        let [mean, variance] = self.statistics();
        ops::batch_norm_inference(x, gamma, beta, mean, variance, activation)
    }

    /// Normalises with the running statistics, with gradients for `x`.
    pub(super) fn forward_fixed(&self, x: Tensor<4>) -> Tensor<4> {
        let layer = self.parameters().map(|p| p.tensor(Weights::Freeze));
        let statistics = self.statistics();
        ops::batch_norm_fixed(x, layer, statistics)
    }

    /// The running mean and variance, to compute with.
    fn statistics(&self) -> [Tensor<1>; 2] {
        [&self.running_mean, &self.running_var].map(|running| Tensor::from_inner(running.clone()))
    }

    /// PyTorch normalises with the variance of divisor n, but tracks that of n − 1.
    fn track(&mut self, mean: Tensor<1>, variance: Tensor<1>, values_per_channel: usize) {
        self.batches_tracked += 1;
        let momentum = match self.tracking {
            Tracking::Exponential => 0.1,
            Tracking::Average => 1.0 / self.batches_tracked as f32,
        };
        let n = values_per_channel as f32;
        let unbiased = n / (n - 1.0).max(1.0);
        let moved = |running: &Tensor<1>, batch: Tensor<1>| {
            running.clone() + (batch - running.clone()) * momentum
        };
        self.running_mean = moved(&self.running_mean, mean);
        self.running_var = moved(&self.running_var, variance * unbiased);
    }
}
