//! What both networks are: a chain of blocks.

use burn::tensor::{Device, Tensor};

use super::block::Block;
use super::{BatchNorm, Cost, Parameter, Pass, cost};
use crate::config::Precision;
use crate::device::in_thread_pool;

/// A chain of blocks, with its parameters and running statistics.
#[derive(Debug, Clone)]
pub struct Network {
    blocks: Vec<Block>,
}

impl Network {
    pub(super) fn new(blocks: Vec<Block>) -> Self {
        let mut network = Self { blocks };
        for (index, parameter) in network.parameters_mut().into_iter().enumerate() {
            parameter.set_index(index);
        }
        network
    }

    /// Block after block in training mode: batch norm uses the batch's own
    /// statistics and moves the running ones.
    pub(super) fn forward_train(&mut self, x: Tensor<4>, pass: &Pass) -> Tensor<4> {
        let forward = |x, block: &mut Block| block.forward_train(x, pass);
        self.blocks.iter_mut().fold(x, forward)
    }

    /// Block after block in inference mode, without gradients: no picture
    /// depends on the others in its batch.
    pub(super) fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let forward = |x, block: &Block| block.forward_inference(x);
        in_thread_pool(&x.device(), || self.blocks.iter().fold(x, forward))
    }

    /// The network with layers that compute in `precision`.
    pub(super) fn with_precision(self, precision: Precision) -> Self {
        let blocks = self.blocks.into_iter();
        Self {
            blocks: blocks
                .map(|block| block.with_precision(precision))
                .collect(),
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
