//! Sums over all ranks in the middle of a forward pass, with gradients, on devices without our
//! kernels: for synchronised batch norm.

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

use crate::ranks::Share;

/// The operation as Burn sees it.
#[backend_extension(
    Cube: cfg(any(feature = "cuda", feature = "metal", feature = "rocm", feature = "vulkan")),
    Flex,
    Autodiff
)]
pub trait RankOps: Backend {
    fn rank_sum(x: FloatTensor<Self>, share: Share) -> FloatTensor<Self>;
}

/// The sum over all ranks of what each has in the place of `x`, which waits for the device and
/// for the other ranks.
///
/// Each rank's loss depends on the sum, so that the gradient of `x` is the sum of theirs.
pub(super) fn rank_sum(x: Tensor<4>, share: &Share) -> Tensor<4> {
    Tensor::from_dispatch(Dispatch::rank_sum(x.into_dispatch(), share.clone()))
}

#[cfg(any(
    feature = "cuda",
    feature = "metal",
    feature = "rocm",
    feature = "vulkan"
))]
impl RankOps for Cube {
    fn rank_sum(x: FloatTensor<Self>, share: Share) -> FloatTensor<Self> {
        sum_on_host::<Self>(x, &share)
    }
}

impl RankOps for Flex {
    fn rank_sum(x: FloatTensor<Self>, share: Share) -> FloatTensor<Self> {
        sum_on_host::<Self>(x, &share)
    }
}

fn sum_on_host<B: Backend>(x: FloatTensor<B>, share: &Share) -> FloatTensor<B> {
    let device = x.device();
    let data = burn_std::reader::try_read_sync(B::float_into_data(x))
        .expect("a device that can be waited for")
        .unwrap_or_else(|error| panic!("the device fails: {error}"));
    let own = data.iter::<f64>().collect();
    let sums = share.ranks().sum(own, "the statistics of a batch");
    let sums: Vec<f32> = sums.into_iter().map(|sum| sum as f32).collect();
    B::float_from_data(TensorData::new(sums, data.shape().clone()), &device)
}

#[derive(Debug)]
struct RankSum;

impl<B: RankOps> Backward<B, 1> for RankSum {
    type State = Share;

    fn backward(self, ops: Ops<Share, 1>, gradients: &mut Gradients, _: &mut Checkpointer) {
        let gradient = gradients.consume::<B>(&ops.node);
        let [node] = ops.parents;
        if let Some(node) = node {
            gradients.register::<B>(node.id, B::rank_sum(gradient, ops.state));
        }
    }
}

impl<B: RankOps, C: CheckpointStrategy> RankOps for Autodiff<B, C> {
    fn rank_sum(x: FloatTensor<Self>, share: Share) -> FloatTensor<Self> {
        let node = x.node();
        let sums = B::rank_sum(x.into_primitive(), share.clone());
        match RankSum.prepare::<C>([node]).compute_bound().stateful() {
            OpsKind::Tracked(prepared) => prepared.finish(share, sums),
            OpsKind::UnTracked(prepared) => prepared.finish(sums),
        }
    }
}
