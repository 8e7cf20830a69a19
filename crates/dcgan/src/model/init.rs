//! Where a network's parameters come from: drawn anew, or read from a file; or from nowhere,
//! where only their shapes matter.
//!
//! Drawn after section 3 of the paper: N(0, 0.02) for every weight of a layer,
//! N(1, 0.02) for the scales of batch norm, 0 for its shifts. Biases of
//! convolutions, which the paper has not, start as PyTorch starts them,
//! U(−1/√fan_in, 1/√fan_in).

use burn::tensor::{Device, Tensor, TensorData};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, Normal, Uniform};

use super::{ModelError, Parameter};
use dcgan_support::random::{Purpose, stream};

/// Gives the values of the tensor with this name, if its shape is the given one.
pub type Lookup<'a> = &'a dyn Fn(&str, &[usize]) -> Result<Vec<f32>, ModelError>;

enum Values<'a> {
    /// Each parameter from a generator of its own.
    Drawn {
        seed: u64,
        purpose: Purpose,
        made: u64,
    },
    Given(Lookup<'a>),
    /// None: names and shapes alone.
    Outline,
}

/// Makes the parameters of one network.
pub struct Initializer<'a> {
    device: &'a Device,
    values: Values<'a>,
}

impl<'a> Initializer<'a> {
    /// Parameters drawn anew; they depend on `seed` and `purpose` alone.
    pub fn drawn(device: &'a Device, seed: u64, purpose: Purpose) -> Self {
        let values = Values::Drawn {
            seed,
            purpose,
            made: 0,
        };
        Self { device, values }
    }

    /// Parameters that `lookup` has.
    pub fn given(device: &'a Device, lookup: Lookup<'a>) -> Self {
        let values = Values::Given(lookup);
        Self { device, values }
    }

    /// No parameters, but their names and shapes: what a network would be, without its memory.
    pub fn outline(device: &'a Device) -> Self {
        let values = Values::Outline;
        Self { device, values }
    }

    /// N(0, 0.02).
    pub fn weight(&mut self, name: String, shape: &[usize]) -> Result<Parameter, ModelError> {
        self.parameter(name, shape, |rng, count| normal(0.0, rng, count))
    }

    /// N(1, 0.02).
    pub fn scale(&mut self, name: String, channels: usize) -> Result<Parameter, ModelError> {
        self.parameter(name, &[channels], |rng, count| normal(1.0, rng, count))
    }

    /// 0.
    pub fn shift(&mut self, name: String, channels: usize) -> Result<Parameter, ModelError> {
        self.parameter(name, &[channels], |_, count| vec![0.0; count])
    }

    /// U(−1/√fan_in, 1/√fan_in).
    pub fn bias(
        &mut self,
        name: String,
        channels: usize,
        fan_in: usize,
    ) -> Result<Parameter, ModelError> {
        let bound = 1.0 / (fan_in as f32).sqrt();
        self.parameter(name, &[channels], |rng, count| {
            let uniform = Uniform::new(-bound, bound).expect("the bound is positive and finite");
            uniform.sample_iter(rng).take(count).collect()
        })
    }

    /// A running statistic that starts at `start` in every channel, without gradients.
    pub fn running(
        &mut self,
        name: &str,
        channels: usize,
        start: f32,
    ) -> Result<Tensor<1>, ModelError> {
        let values = match &self.values {
            Values::Drawn { .. } => vec![start; channels],
            Values::Given(lookup) => lookup(name, &[channels])?,
            Values::Outline => Vec::new(),
        };
        Ok(self.tensor(values).inner())
    }

    fn parameter(
        &mut self,
        name: String,
        shape: &[usize],
        draw: impl FnOnce(ChaCha8Rng, usize) -> Vec<f32>,
    ) -> Result<Parameter, ModelError> {
        let values = match &mut self.values {
            Values::Drawn {
                seed,
                purpose,
                made,
            } => {
                *made += 1;
                draw(stream(*seed, *purpose, *made), shape.iter().product())
            }
            Values::Given(lookup) => lookup(&name, shape)?,
            Values::Outline => Vec::new(),
        };
        Ok(Parameter::new(name, shape, self.tensor(values)))
    }

    fn tensor(&self, values: Vec<f32>) -> Tensor<1> {
        let count = values.len();
        Tensor::from_data(TensorData::new(values, [count]), self.device)
    }
}

fn normal(mean: f32, rng: ChaCha8Rng, count: usize) -> Vec<f32> {
    let normal = Normal::new(mean, 0.02).expect("the deviation is positive and finite");
    normal.sample_iter(rng).take(count).collect()
}
