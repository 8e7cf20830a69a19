//! Gradients averaged over the ranks that share a batch.

use burn::tensor::{Gradients, Tensor, TensorData};

use crate::model::{Network, to_host};

/// Puts the gradients of the whole batch in place of those of this rank's part of it.
///
/// The loss is weighted by the size of the part, so that the average is a sum. Most of it has
/// been made while the backward pass went on; what is left is waited for. On devices that only
/// note down what is to be computed, each gradient is summed as soon as the device has it.
pub(super) fn average(network: &Network, gradients: &mut Gradients) {
    let Some(buckets) = network.buckets() else {
        return;
    };
    let parameters = network.parameters();
    for (number, parameter) in parameters.iter().enumerate().rev() {
        if let Some(gradient) = parameter.leaf().grad_remove(gradients) {
            buckets.add_only(number, &to_host(gradient));
        }
    }
    buckets.finish(|parameter, sum| {
        let leaf = parameters[parameter].leaf();
        let data = TensorData::new(sum.to_vec(), [sum.len()]);
        leaf.grad_replace(gradients, Tensor::from_data(data, &leaf.device().inner()));
    });
}
