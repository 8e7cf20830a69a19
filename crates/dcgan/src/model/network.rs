//! What generator and discriminator have in common: a chain of blocks.

use burn::tensor::{Device, Tensor};

use super::block::Block;
use super::init::Initializer;
use super::{BatchNorm, Cost, ModelError, Parameter, Pass, SpectralNorm, cost};
use crate::config::{ModelConfig, Precision};
use crate::device::{self, in_thread_pool};

/// Builds the blocks of a network from input to output, with parameters from the initializer.
pub(super) type BuildBlocks = fn(&ModelConfig, &mut Initializer) -> Result<Vec<Block>, ModelError>;

/// A chain of blocks, with its parameters and running statistics.
#[derive(Debug, Clone)]
pub struct Network {
    config: ModelConfig,
    blocks: Vec<Block>,
}

impl Network {
    /// A network of `blocks`, of which there is at least one.
    pub(super) fn new(
        config: &ModelConfig,
        mut init: Initializer,
        blocks: BuildBlocks,
    ) -> Result<Self, ModelError> {
        let mut network = Self {
            config: config.clone(),
            blocks: blocks(config, &mut init)?,
        };
        for (index, parameter) in network.parameters_mut().into_iter().enumerate() {
            parameter.set_index(index);
        }
        Ok(network)
    }

    /// The cost of a network of `blocks` for one picture, without its memory. `input_side` is the
    /// side of its square input.
    pub(super) fn outline_cost(
        config: &ModelConfig,
        blocks: BuildBlocks,
        input_side: usize,
    ) -> Cost {
        let outline = Self::new(config, Initializer::outline(&device::cpu()), blocks);
        outline
            .expect("an outline reads no tensors")
            .cost(input_side)
    }

    /// The network with layers that compute in `precision`.
    pub(super) fn with_precision(self, precision: Precision) -> Self {
        let blocks = self.blocks.into_iter();
        Self {
            config: self.config,
            blocks: blocks
                .map(|block| block.with_precision(precision))
                .collect(),
        }
    }

    /// The configuration that it was built from.
    pub fn config(&self) -> &ModelConfig {
        &self.config
    }

    /// Block after block in training mode: batch norm uses the statistics of the batch and updates
    /// the running ones.
    pub(super) fn forward_train(&mut self, x: Tensor<4>, pass: &Pass) -> Tensor<4> {
        let forward = |x, block: &mut Block| block.forward_train(x, pass);
        self.blocks.iter_mut().fold(x, forward)
    }

    /// Block after block in inference mode, without gradients: no picture depends on the others in
    /// its batch.
    pub(super) fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let forward = |x, block: &Block| block.forward_inference(x);
        in_thread_pool(&x.device(), || self.blocks.iter().fold(x, forward))
    }

    /// As [`forward`](Self::forward), with gradients for `x`.
    pub(super) fn forward_differentiable(&self, x: Tensor<4>) -> Tensor<4> {
        let forward = |x, block: &Block| block.forward_differentiable(x);
        self.blocks.iter().fold(x, forward)
    }

    /// The cost of one picture, for an input of `side`×`side`.
    pub(super) fn cost(&self, side: usize) -> Cost {
        cost::of_blocks(&self.blocks, side)
    }

    /// Its blocks, from input to output.
    pub(super) fn into_blocks(self) -> Vec<Block> {
        self.blocks
    }

    /// All blocks but the last, from input to output.
    pub(super) fn hidden_blocks(&self) -> &[Block] {
        self.split_last_block().0
    }

    /// All blocks but the last, and the last.
    pub(super) fn split_last_block(&self) -> (&[Block], &Block) {
        let (last, hidden) = self.blocks.split_last().expect("a network has blocks");
        (hidden, last)
    }

    /// All parameters, in the order of their layers.
    pub fn parameters(&self) -> Vec<&Parameter> {
        self.blocks.iter().flat_map(Block::parameters).collect()
    }

    /// All parameters, in the order of their layers.
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

    /// All batch norms, in the order of their layers.
    pub fn batch_norms_mut(&mut self) -> Vec<&mut BatchNorm> {
        self.blocks
            .iter_mut()
            .filter_map(Block::batch_norm_layer_mut)
            .collect()
    }

    /// All spectral norms, in the order of their layers.
    pub fn spectral_norms(&self) -> Vec<&SpectralNorm> {
        self.blocks
            .iter()
            .filter_map(Block::spectral_norm_layer)
            .collect()
    }

    /// All spectral norms, in the order of their layers.
    pub fn spectral_norms_mut(&mut self) -> Vec<&mut SpectralNorm> {
        self.blocks
            .iter_mut()
            .filter_map(Block::spectral_norm_layer_mut)
            .collect()
    }

    /// One step of the power iteration for each spectral norm.
    pub(crate) fn update_spectral_norms(&mut self) {
        self.blocks.iter_mut().for_each(Block::update_spectral_norm);
    }

    /// The device of its parameters.
    pub fn device(&self) -> Device {
        self.blocks[0].device()
    }

    /// The number of learned values.
    pub fn parameter_count(&self) -> usize {
        self.parameters().into_iter().map(Parameter::len).sum()
    }
}
