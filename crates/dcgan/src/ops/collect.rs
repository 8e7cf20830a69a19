//! Gradients that are taken out of the backward pass while it goes on.

use burn::backend::Dispatch;
use burn::tensor::Tensor;

use super::extension::KernelOps;
use super::has_kernels;
use crate::ranks::Slot;

/// The parameter in this shape. Its gradient, or one of each part of a batch, goes into `slot`, and into no `Gradients`, as soon as the
/// backward pass has come to the layer whose input is `x`.
///
/// Burn goes back by depth, the number of operations from a leaf: what is done with a parameter
/// alone lies at depth 1, and its turn would come at the end of the whole pass. So the operation
/// depends on `x` too, of which it uses nothing.
///
/// On devices without our kernels nothing is done: the gradient is read after the pass.
pub(crate) fn collect_gradient<const D: usize>(
    parameter: Tensor<1>,
    shape: [usize; D],
    x: &Tensor<4>,
    slot: &Slot,
) -> Tensor<D> {
    if !has_kernels(x) {
        return parameter.reshape(shape);
    }
    let (parameter, x) = (parameter.into_dispatch(), x.clone().into_dispatch());
    Tensor::from_dispatch(Dispatch::kernel_collect_gradient(
        parameter,
        x,
        shape.to_vec(),
        slot.clone(),
    ))
}

#[cfg(test)]
mod tests {
    use burn::tensor::{Device, TensorData};

    use super::*;
    use crate::ranks::{Buckets, Ranks};

    #[test]
    fn a_layers_gradient_comes_before_the_backward_pass_goes_on_to_the_layer_before_it() {
        let device = Device::flex().autodiff();
        let value = |value: f32| {
            let data = TensorData::new(vec![value], [1]);
            Tensor::<1>::from_data(data, &device).require_grad()
        };
        let buckets = Buckets::new(Ranks::alone(), "gradients", &[1, 1, 1], None);
        let leaves = [value(2.0), value(3.0), value(5.0)];
        let mut x = value(7.0).reshape([1, 1, 1, 1]);
        for (leaf, slot) in leaves.iter().zip(buckets.slots()) {
            let weight = collect_gradient(leaf.clone(), [1, 1, 1, 1], &x, &slot);
            // the weight first: Burn then comes to what lies behind `x` before it
            x = weight * x;
        }
        let gradients = x.sum().backward();
        assert_eq!(buckets.arrivals(), [2, 1, 0]);
        assert!(leaves.iter().all(|leaf| leaf.grad(&gradients).is_none()));
        let mut sums = Vec::new();
        buckets.finish(|_, sum| sums.push(sum[0]));
        assert_eq!(sums, [105.0, 70.0, 42.0]);
    }
}
