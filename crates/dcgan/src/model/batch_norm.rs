//! Batch norm with its running statistics.

use burn::tensor::{Tensor, TensorData};

use super::init::Initializer;
use super::parameter::to_host;
use super::{ModelError, Parameter, Pass, RunningStatistics, Weights};
use crate::ops::{self, Activation, ScaleShift, Statistics};

/// The weight of a new batch in running statistics: PyTorch's default.
const MOMENTUM: f32 = 0.1;

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

    /// The number of batches in training mode so far.
    pub fn batches_tracked(&self) -> u64 {
        self.batches_tracked
    }

    /// Sets how many batches the running statistics have seen.
    pub fn set_batches_tracked(&mut self, batches_tracked: u64) {
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
        pass: &Pass,
    ) -> Tensor<4> {
        let [rows, _, height, width] = x.dims();
        let shared = pass.shared_batch.as_ref();
        let pictures = shared.map_or(rows, |batch| batch.size());
        let values_per_channel = pictures * height * width;
        let for_layer = |parameter: &Parameter| parameter.for_layer(&x, [parameter.len()], pass);
        let parameters = ScaleShift {
            gamma: for_layer(&self.gamma),
            beta: for_layer(&self.beta),
        };
        let normalised = ops::batch_norm_train(x, parameters, activation, shared);
        self.track(
            normalised.statistics,
            values_per_channel,
            pass.running_statistics,
        );
        normalised.output
    }

    /// Normalises with the running statistics and activates.
    ///
    /// # Shapes
    /// `x` and the result are `[B, C, H, W]`, without gradients.
    pub fn forward_inference(&self, x: Tensor<4>, activation: Activation) -> Tensor<4> {
        ops::batch_norm_inference(x, self.constants(), self.running_statistics(), activation)
    }

    /// Normalises with the running statistics, with gradients for `x`.
    pub(super) fn forward_differentiable(&self, x: Tensor<4>) -> Tensor<4> {
        ops::batch_norm_differentiable(x, self.constants(), self.running_statistics())
    }

    /// Scale and shift, without gradients.
    fn constants(&self) -> ScaleShift {
        ScaleShift {
            gamma: self.gamma.tensor(Weights::Freeze),
            beta: self.beta.tensor(Weights::Freeze),
        }
    }

    fn running_statistics(&self) -> Statistics {
        Statistics {
            mean: Tensor::from_inner(self.running_mean.clone()),
            variance: Tensor::from_inner(self.running_var.clone()),
        }
    }

    /// PyTorch normalises with the variance of divisor n, but tracks that of n − 1.
    fn track(
        &mut self,
        batch: Statistics,
        values_per_channel: usize,
        running_statistics: RunningStatistics,
    ) {
        let momentum = match running_statistics {
            RunningStatistics::MovingAverage => {
                self.batches_tracked += 1;
                MOMENTUM
            }
            RunningStatistics::Mean { batch } => 1.0 / batch as f32,
        };
        let n = values_per_channel as f32;
        let unbiased = n / (n - 1.0).max(1.0);
        let moved = |running: &Tensor<1>, batch: Tensor<1>| {
            running.clone() + (batch - running.clone()) * momentum
        };
        self.running_mean = moved(&self.running_mean, batch.mean.inner());
        self.running_var = moved(&self.running_var, batch.variance.inner() * unbiased);
    }
}
