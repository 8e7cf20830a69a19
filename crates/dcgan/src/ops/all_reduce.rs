//! A batch that several processes share, for synchronised batch norm; and its sums in the middle
//! of a forward pass, with gradients, on devices without our kernels.

use std::fmt::Debug;
use std::sync::Arc;

#[cfg(any(
    feature = "cuda",
    feature = "metal",
    feature = "rocm",
    feature = "vulkan"
))]
use burn::backend::Cube;
use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Dispatch, Flex, TensorMetadata, backend_extension};
use burn::tensor::{Tensor, TensorData};

/// A batch of which each of several processes computes some rows.
pub trait SharedBatch: Debug + Send + Sync {
    /// The number of rows of all processes.
    fn size(&self) -> usize;

    /// The fraction of the rows that this process has: with it, the mean over the batch is the sum
    /// over processes of their weighted means.
    fn weight(&self) -> f64;

    /// In how many equal parts this process sums its rows, 1 or more.
    ///
    /// The result of a sum depends on its order. With the same number of parts in total, one, two
    /// and four processes sum in the same order and get the same bits.
    fn parts(&self) -> usize;

    /// Whether this process has the whole batch.
    fn is_whole(&self) -> bool;

    /// Whether this is the one process that contributes what all have computed alike.
    fn is_root(&self) -> bool;

    /// The element-wise sums over all processes, bit for bit the same on each. `what` says what is
    /// summed, for messages.
    fn all_reduce(&self, values: Vec<f64>, what: &str) -> Vec<f64>;
}

/// The operation as Burn sees it.
#[backend_extension(
    Cube: cfg(any(feature = "cuda", feature = "metal", feature = "rocm", feature = "vulkan")),
    Flex,
    Autodiff
)]
pub trait AllReduceKernel: Backend {
    fn kernel_all_reduce(x: FloatTensor<Self>, batch: Arc<dyn SharedBatch>) -> FloatTensor<Self>;
}

/// The element-wise sum of `x` over all processes. Waits for the device and the other processes.
///
/// The loss of each process depends on the sum, so the gradient of `x` is the sum of theirs.
pub(super) fn all_reduce(x: Tensor<4>, batch: Arc<dyn SharedBatch>) -> Tensor<4> {
    Tensor::from_dispatch(Dispatch::kernel_all_reduce(x.into_dispatch(), batch))
}

#[cfg(any(
    feature = "cuda",
    feature = "metal",
    feature = "rocm",
    feature = "vulkan"
))]
impl AllReduceKernel for Cube {
    fn kernel_all_reduce(x: FloatTensor<Self>, batch: Arc<dyn SharedBatch>) -> FloatTensor<Self> {
        sum_on_host::<Self>(x, &*batch)
    }
}

impl AllReduceKernel for Flex {
    fn kernel_all_reduce(x: FloatTensor<Self>, batch: Arc<dyn SharedBatch>) -> FloatTensor<Self> {
        sum_on_host::<Self>(x, &*batch)
    }
}

fn sum_on_host<B: Backend>(x: FloatTensor<B>, batch: &dyn SharedBatch) -> FloatTensor<B> {
    let device = x.device();
    let data = burn_std::reader::try_read_sync(B::float_into_data(x))
        .expect("a device that can be waited for")
        .unwrap_or_else(|error| panic!("the device fails: {error}"));
    let own = data.iter::<f64>().collect();
    let sums = batch.all_reduce(own, "the statistics of a batch");
    let sums: Vec<f32> = sums.into_iter().map(|sum| sum as f32).collect();
    B::float_from_data(TensorData::new(sums, data.shape().clone()), &device)
}

#[derive(Debug)]
struct AllReduceBackward;

impl<B: AllReduceKernel> Backward<B, 1> for AllReduceBackward {
    type State = Arc<dyn SharedBatch>;

    fn backward(self, ops: Ops<Self::State, 1>, gradients: &mut Gradients, _: &mut Checkpointer) {
        let gradient = gradients.consume::<B>(&ops.node);
        let [node] = ops.parents;
        if let Some(node) = node {
            gradients.register::<B>(node.id, B::kernel_all_reduce(gradient, ops.state));
        }
    }
}

impl<B: AllReduceKernel, C: CheckpointStrategy> AllReduceKernel for Autodiff<B, C> {
    fn kernel_all_reduce(x: FloatTensor<Self>, batch: Arc<dyn SharedBatch>) -> FloatTensor<Self> {
        let node = x.node();
        let sums = B::kernel_all_reduce(x.into_primitive(), batch.clone());
        match AllReduceBackward
            .prepare::<C>([node])
            .compute_bound()
            .stateful()
        {
            OpsKind::Tracked(prepared) => prepared.finish(batch, sums),
            OpsKind::UnTracked(prepared) => prepared.finish(sums),
        }
    }
}
