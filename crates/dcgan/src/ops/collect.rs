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
