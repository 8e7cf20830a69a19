//! Gradients that leave the backward pass as soon as they are known.

use std::fmt::Debug;
use std::sync::Arc;

use burn::backend::Dispatch;
use burn::backend::flex::FlexTensor;
use burn::tensor::Tensor;

use super::extension::KernelOps;
use super::has_kernels;

/// Takes the gradients of a network's parameters while the backward pass continues, for example to
/// sum them over several processes in the meantime.
pub trait GradientSink: Debug + Send + Sync {
    /// Announces one more gradient of the parameter with this index.
    fn expect_gradient(&self, parameter: usize);

    /// Takes a gradient, in the layout of the parameter. If the batch is computed in parts, the
    /// gradients of all parts follow each other.
    fn add_gradient(&self, parameter: usize, gradient: FlexTensor);
}

/// Where the gradient of one parameter goes.
#[derive(Debug, Clone)]
pub struct GradientSlot {
    /// Takes the gradients of the parameter's network.
    pub sink: Arc<dyn GradientSink>,
    /// The parameter's index in its network.
    pub parameter: usize,
}

impl GradientSlot {
    pub(super) fn expect_gradient(&self) {
        self.sink.expect_gradient(self.parameter);
    }

    pub(super) fn add_gradient(&self, gradient: FlexTensor) {
        self.sink.add_gradient(self.parameter, gradient);
    }
}

/// Reshapes a parameter and diverts its gradient into `slot`, instead of `Gradients`, as soon as
/// the backward pass reaches the layer with input `x`.
///
/// Burn walks back by depth, the number of operations from a leaf. An operation on a parameter
/// alone has depth 1, so its turn would come at the end of the whole pass. So this operation also
/// depends on `x`, without using its values.
///
/// On devices without our kernels the gradient is not diverted.
pub(crate) fn divert_gradient<const D: usize>(
    parameter: Tensor<1>,
    shape: [usize; D],
    x: &Tensor<4>,
    slot: GradientSlot,
) -> Tensor<D> {
    if !has_kernels(x) {
        return parameter.reshape(shape);
    }
    let (parameter, x) = (parameter.into_dispatch(), x.clone().into_dispatch());
    Tensor::from_dispatch(Dispatch::kernel_divert_gradient(
        parameter,
        x,
        shape.to_vec(),
        slot,
    ))
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use burn::tensor::{Device, TensorData};

    use super::*;

    /// Records gradients of one value in the order in which they arrive.
    #[derive(Debug, Default)]
    struct Recorder(Mutex<Vec<(usize, f32)>>);

    impl GradientSink for Recorder {
        fn expect_gradient(&self, _: usize) {}

        fn add_gradient(&self, parameter: usize, gradient: FlexTensor) {
            let value = gradient.storage::<f32>()[0];
            self.0.lock().unwrap().push((parameter, value));
        }
    }

    #[test]
    fn a_layers_gradient_arrives_before_those_of_earlier_layers_are_computed() {
        let device = Device::flex().autodiff();
        let value = |value: f32| {
            let data = TensorData::new(vec![value], [1]);
            Tensor::<1>::from_data(data, &device).require_grad()
        };
        let recorder = Arc::new(Recorder::default());
        let leaves = [value(2.0), value(3.0), value(5.0)];
        let mut x = value(7.0).reshape([1, 1, 1, 1]);
        for (parameter, leaf) in leaves.iter().enumerate() {
            let slot = GradientSlot {
                sink: recorder.clone(),
                parameter,
            };
            let weight = divert_gradient(leaf.clone(), [1, 1, 1, 1], &x, slot);
            // the weight first: Burn then reaches what lies behind `x` before it
            x = weight * x;
        }
        let gradients = x.sum().backward();
        assert!(leaves.iter().all(|leaf| leaf.grad(&gradients).is_none()));
        let arrived = recorder.0.lock().unwrap();
        assert_eq!(*arrived, [(2, 42.0), (1, 70.0), (0, 105.0)]);
    }
}
