//! The initial values of a network's parameters: random, read from a file, or none where only
//! shapes matter.
//!
//! Random values follow section 3 of the paper: N(0, 0.02) for the weights of layers, N(1, 0.02)
//! for the scales of batch norm, 0 for its shifts. Biases of convolutions, which the paper does not
//! have, are initialised as in PyTorch, U(−1/√fan_in, 1/√fan_in).

use burn::tensor::{Device, Tensor, TensorData};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, Normal, Uniform};

use super::{ModelError, Parameter};
use dcgan_support::random::{Purpose, stream};

/// Returns the values of the tensor with this name, if it has this shape.
pub type Lookup<'a> = &'a dyn Fn(&str, &[usize]) -> Result<Vec<f32>, ModelError>;

enum Values<'a> {
    /// Each parameter has a random stream of its own.
    Random {
        seed: u64,
        purpose: Purpose,
        /// The number of parameters so far.
        count: u64,
    },
    Lookup(Lookup<'a>),
    /// Names and shapes alone.
    Outline,
}

/// Makes the parameters of one network.
pub struct Initializer<'a> {
    device: &'a Device,
    values: Values<'a>,
}

impl<'a> Initializer<'a> {
    /// Random parameters, which depend on `seed` and `purpose` alone.
    pub fn random(device: &'a Device, seed: u64, purpose: Purpose) -> Self {
        let values = Values::Random {
            seed,
            purpose,
            count: 0,
        };
        Self { device, values }
    }

    /// The parameters that `lookup` returns.
    pub fn lookup(device: &'a Device, lookup: Lookup<'a>) -> Self {
        let values = Values::Lookup(lookup);
        Self { device, values }
    }

    /// Parameters without values, for a network that is only measured.
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

    /// A running statistic, without gradients; `start` in every channel if the rest is random.
    pub fn running(
        &mut self,
        name: &str,
        channels: usize,
        start: f32,
    ) -> Result<Tensor<1>, ModelError> {
        let values = match &self.values {
            Values::Random { .. } => vec![start; channels],
            Values::Lookup(lookup) => lookup(name, &[channels])?,
            Values::Outline => Vec::new(),
        };
        Ok(self.tensor(values).inner())
    }

    /// A random vector of length 1, without gradients.
    pub fn direction(&mut self, name: &str, length: usize) -> Result<Tensor<1>, ModelError> {
        let drawn = self.values(name, &[length], |rng, count| {
            let values = normal(0.0, rng, count);
            let squares = values.iter().map(|value| value * value);
            let norm = squares.sum::<f32>().sqrt();
            values.into_iter().map(|value| value / norm).collect()
        })?;
        Ok(self.tensor(drawn).inner())
    }

    /// Whether the parameters are new and random.
    pub fn is_random(&self) -> bool {
        matches!(self.values, Values::Random { .. })
    }

    fn parameter(
        &mut self,
        name: String,
        shape: &[usize],
        draw: impl FnOnce(ChaCha8Rng, usize) -> Vec<f32>,
    ) -> Result<Parameter, ModelError> {
        let values = self.values(&name, shape, draw)?;
        Ok(Parameter::new(name, shape, self.tensor(values)))
    }

    fn values(
        &mut self,
        name: &str,
        shape: &[usize],
        draw: impl FnOnce(ChaCha8Rng, usize) -> Vec<f32>,
    ) -> Result<Vec<f32>, ModelError> {
        Ok(match &mut self.values {
            Values::Random {
                seed,
                purpose,
                count,
            } => {
                *count += 1;
                draw(stream(*seed, *purpose, *count), shape.iter().product())
            }
            Values::Lookup(lookup) => lookup(name, shape)?,
            Values::Outline => Vec::new(),
        })
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
