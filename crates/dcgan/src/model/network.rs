//! What both networks are: a chain of blocks.

use std::sync::Arc;

use burn::tensor::{Device, Tensor};

use super::block::Block;
use super::{BatchNorm, Cost, Parameter, Weights, cost};
use crate::config::Precision;
use crate::device::in_thread_pool;
use crate::ranks::{Buckets, Share};

/// A chain of blocks, with its parameters and running statistics.
#[derive(Debug, Clone)]
pub struct Network {
    blocks: Vec<Block>,
    /// Where the gradients of all ranks are summed, if there are several.
    buckets: Option<Arc<Buckets>>,
}

impl Network {
    pub(super) fn new(blocks: Vec<Block>) -> Self {
        Self {
            blocks,
            buckets: None,
        }
    }

    /// From now on this network is trained by several ranks: its gradients, called `gradients` in
    /// messages, are summed over them, and with `synchronised` batch norm its statistics are too.
    pub(crate) fn share(&mut self, share: &Share, gradients: &'static str, synchronised: bool) {
        let parameters = self.parameters().into_iter();
        let lengths: Vec<usize> = parameters.map(Parameter::len).collect();
        let parts = share.parts().filter(|_| synchronised);
        let buckets = Buckets::new(share.ranks().clone(), gradients, &lengths, parts);
        for (parameter, slot) in self.parameters_mut().into_iter().zip(buckets.slots()) {
            parameter.collect_in(slot);
        }
        self.buckets = Some(buckets);
        if synchronised {
            for block in &mut self.blocks {
                block.synchronise(share);
            }
        }
    }

    /// From now on its batches are all its own, and running statistics the averages over them.
    pub fn start_averaging(&mut self) {
        self.blocks.iter_mut().for_each(Block::start_averaging);
    }

    /// Where the gradients of all ranks are summed, if there are several.
    pub(crate) fn buckets(&self) -> Option<&Buckets> {
        self.buckets.as_deref()
    }

    /// Block after block in training mode: batch norm uses the batch's own
    /// statistics and moves the running ones.
    pub(super) fn forward_train(&mut self, x: Tensor<4>, weights: Weights) -> Tensor<4> {
        let forward = |x, block: &mut Block| block.forward_train(x, weights);
        self.blocks.iter_mut().fold(x, forward)
    }

    /// Block after block in inference mode, without gradients: no picture
    /// depends on the others in its batch.
    pub(super) fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let forward = |x, block: &Block| block.forward_inference(x);
        in_thread_pool(&x.device(), || self.blocks.iter().fold(x, forward))
    }

    /// Computes its layers in these numbers from now on.
    pub(crate) fn set_precision(&mut self, precision: Precision) {
        for block in &mut self.blocks {
            block.set_precision(precision);
        }
    }

    /// What one picture costs, for an input of `side`×`side`.
    pub(super) fn cost(&self, side: usize) -> Cost {
        cost::of_blocks(&self.blocks, side)
    }

    /// Its blocks, from input to output.
    pub(super) fn into_blocks(self) -> Vec<Block> {
        self.blocks
    }

    /// Its blocks, from input to output.
    pub(super) fn blocks(&self) -> &[Block] {
        &self.blocks
    }

    /// All parameters, in the order of their layers.
    pub fn parameters(&self) -> Vec<&Parameter> {
        self.blocks.iter().flat_map(Block::parameters).collect()
    }

    /// All parameters, to be changed.
    pub fn parameters_mut(&mut self) -> Vec<&mut Parameter> {
        self.blocks
            .iter_mut()
            .flat_map(Block::parameters_mut)
            .collect()
    }

    /// All batch norms, in the order of their layers.
    pub fn batch_norms(&self) -> Vec<&BatchNorm> {
        self.blocks
            .iter()
            .filter_map(Block::batch_norm_layer)
            .collect()
    }

    /// All batch norms, to be changed.
    pub fn batch_norms_mut(&mut self) -> Vec<&mut BatchNorm> {
        self.blocks
            .iter_mut()
            .filter_map(Block::batch_norm_layer_mut)
            .collect()
    }

    /// Where its parameters are.
    pub fn device(&self) -> Device {
        self.blocks[0].weight_device()
    }

    /// The number of learned values.
    pub fn parameter_count(&self) -> usize {
        self.parameters().into_iter().map(Parameter::len).sum()
    }
}
