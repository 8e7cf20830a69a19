//! Spectral normalisation of a layer's weight.

use burn::tensor::{Tensor, TensorData};

use super::init::Initializer;
use super::{ModelError, Parameter, to_host};
use crate::ops::{self, SingularVectors};

/// Steps of the power iteration for initial weights, as in PyTorch's parametrization.
const FIRST_STEPS: usize = 15;

/// Divides a weight by its largest singular value (Miyato et al. 2018, arXiv 1802.05957), as
/// PyTorch's `spectral_norm` does, but with one step of the power iteration for each update of the
/// weights instead of each pass.
#[derive(Debug, Clone)]
pub struct SpectralNorm {
    name: String,
    vectors: SingularVectors,
}

impl SpectralNorm {
    pub(super) fn new(weight: &Parameter, init: &mut Initializer) -> Result<Self, ModelError> {
        let name = weight.name().to_owned();
        let rows = weight.shape()[0];
        let columns = weight.shape()[1..].iter().product();
        let u = init.direction(&format!("{name}_u"), rows)?;
        let v = init.running(&format!("{name}_v"), columns, 0.0)?;
        let vectors = SingularVectors { u, v };
        let mut spectral_norm = Self { name, vectors };
        if init.is_random() {
            for _ in 0..FIRST_STEPS {
                spectral_norm.update(weight);
            }
        }
        Ok(spectral_norm)
    }

    /// The name of its weight, to which `_u` and `_v` are added in weight files.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The estimates of the left and the right singular vector, read from the device.
    pub fn vectors(&self) -> [Vec<f32>; 2] {
        let SingularVectors { u, v } = self.vectors.clone();
        [u, v].map(to_host)
    }

    /// Replaces both vectors.
    pub(crate) fn set_vectors(&mut self, vectors: [Vec<f32>; 2]) {
        let device = self.vectors.u.device();
        let [u, v] = vectors.map(|values| {
            let length = values.len();
            Tensor::from_data(TensorData::new(values, [length]), &device)
        });
        self.vectors = SingularVectors { u, v };
    }

    /// One step of the power iteration.
    pub(super) fn update(&mut self, weight: &Parameter) {
        let weight = weight.leaf().clone().inner();
        self.vectors = ops::power_iteration(weight, self.vectors.clone());
    }

    /// The weight divided by the estimate of its norm, with gradients.
    pub(super) fn divide(&self, weight: Tensor<4>) -> Tensor<4> {
        ops::divide_by_norm(weight, &self.vectors)
    }
}
