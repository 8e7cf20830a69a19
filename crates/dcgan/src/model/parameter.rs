//! One learned tensor of a network.

use std::sync::Arc;

use burn::tensor::{Tensor, TensorData};

use super::{Pass, Weights};
use crate::ops::{self, GradientSlot};

/// A learned tensor: its name in weight files, its shape, and its values.
///
/// Values are kept flat, so that the optimizer and the files treat all shapes alike;
/// [`Parameter::tensor`] reshapes them.
#[derive(Debug, Clone)]
pub struct Parameter {
    name: String,
    shape: Vec<usize>,
    value: Tensor<1>,
    /// Its index in its network.
    index: usize,
}

impl Parameter {
    /// A parameter with these values, on their device.
    pub fn new(name: impl Into<String>, shape: &[usize], value: Tensor<1>) -> Self {
        Self {
            name: name.into(),
            shape: shape.to_vec(),
            value: value.detach().require_grad(),
            index: 0,
        }
    }

    /// Its name in weight files, such as `gen.0.0.weight`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its shape, as in PyTorch.
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// The number of values.
    pub fn len(&self) -> usize {
        self.shape.iter().product()
    }

    /// Whether it has no values. No network has such a parameter.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The leaf of the autodiff graph, flat.
    pub fn leaf(&self) -> &Tensor<1> {
        &self.value
    }

    /// The values in their shape, for a forward pass.
    pub fn tensor<const D: usize>(&self, weights: Weights) -> Tensor<D> {
        let mut shape = [0; D];
        shape.copy_from_slice(&self.shape);
        self.value_for(weights).reshape(shape)
    }

    fn value_for(&self, weights: Weights) -> Tensor<1> {
        match weights {
            Weights::Learn => self.value.clone(),
            // Not `detach`, which in Burn keeps a leaf a leaf: it would get gradients.
            Weights::Freeze => self.value.clone().set_require_grad(false),
        }
    }

    /// The values as a layer with the input `x` uses them, in the shape that it needs.
    pub(super) fn for_layer<const D: usize>(
        &self,
        x: &Tensor<4>,
        shape: [usize; D],
        pass: &Pass,
    ) -> Tensor<D> {
        match (&pass.gradient_sink, pass.weights) {
            (Some(sink), Weights::Learn) => {
                let slot = GradientSlot {
                    sink: Arc::clone(sink),
                    parameter: self.index,
                };
                ops::divert_gradient(self.value.clone(), shape, x, slot)
            }
            _ => self.value_for(pass.weights).reshape(shape),
        }
    }

    /// Sets its index in its network.
    pub(super) fn set_index(&mut self, index: usize) {
        self.index = index;
    }

    /// The values on the host, flat.
    pub fn values(&self) -> Vec<f32> {
        to_host(self.value.clone())
    }

    /// The values on the host, flat, without a copy if nothing else shares them.
    pub(crate) fn into_values(self) -> Vec<f32> {
        to_host(self.value.inner())
    }

    /// Moves the values out, without gradients, so that they can be changed in place. The parameter
    /// is empty until they are [set](Parameter::set) again.
    pub(crate) fn take(&mut self) -> Tensor<1> {
        let empty = Tensor::empty([0], &self.value.device());
        std::mem::replace(&mut self.value, empty).inner()
    }

    /// Replaces the values.
    pub fn set(&mut self, value: Tensor<1>) {
        self.value = value.detach().require_grad();
    }

    /// Replaces the values with flat values on the host.
    pub fn set_values(&mut self, values: Vec<f32>) {
        let length = values.len();
        self.set(Tensor::from_data(
            TensorData::new(values, [length]),
            &self.value.device(),
        ));
    }
}

/// Reads a tensor's values to the host.
pub fn to_host<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    let data = tensor.into_data();
    data.try_into_vec().expect("our tensors hold f32")
}
