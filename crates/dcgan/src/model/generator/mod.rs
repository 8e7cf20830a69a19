//! The generator: from a latent vector to a picture.

use burn::tensor::{Device, Tensor};

mod folded;
mod inference;

pub use folded::FoldedGenerator;
pub use inference::{Drawer, Hidden};

use super::block::Block;
use super::init::Initializer;
use super::{Cost, Lookup, ModelError, Network, Pass, doublings, width};
use crate::config::{ModelConfig, Precision, Preset};
use crate::device;
use crate::ops::Activation::{Relu, Tanh};
use dcgan_support::random::Purpose;

/// G: z ↦ picture.
///
/// # Shapes
/// `z` `[B, z_dim, 1, 1]`, pictures `[B, channels, image_size, image_size]` in [−1, 1].
#[derive(Debug, Clone)]
pub struct Generator {
    config: ModelConfig,
    network: Network,
}

impl Generator {
    /// A generator with its first weights, which depend on `seed` alone.
    ///
    /// # Errors
    /// As [`ModelConfig::validate`].
    pub fn new(config: &ModelConfig, seed: u64, device: &Device) -> Result<Self, ModelError> {
        Self::build(
            config,
            Initializer::drawn(device, seed, Purpose::GeneratorWeights),
        )
    }

    /// A generator with the weights that `lookup` has under their names.
    ///
    /// # Errors
    /// As [`ModelConfig::validate`], and what `lookup` says of a tensor.
    pub fn with_weights(
        config: &ModelConfig,
        lookup: Lookup,
        device: &Device,
    ) -> Result<Self, ModelError> {
        Self::build(config, Initializer::given(device, lookup))
    }

    /// What such a generator would cost, without building it.
    ///
    /// # Panics
    /// Never: nothing is read that could be missing.
    pub(crate) fn outline(config: &ModelConfig) -> Cost {
        let outline = Self::build(config, Initializer::outline(&device::cpu()));
        outline.expect("an outline reads no tensors").cost()
    }

    fn build(config: &ModelConfig, mut init: Initializer) -> Result<Self, ModelError> {
        let blocks = match config.preset {
            Preset::Tutorial => tutorial(config, &mut init),
            Preset::Pytorch | Preset::Small => pytorch(config, &mut init),
            Preset::Paper => paper(config, &mut init),
        }?;
        let config = config.clone();
        let network = Network::new(blocks);
        Ok(Self { config, network })
    }

    /// The generator with layers that compute in `precision`; [`Precision::F32`] without.
    pub fn with_precision(self, precision: Precision) -> Self {
        Self {
            network: self.network.with_precision(precision),
            ..self
        }
    }

    /// What it was built from.
    pub fn config(&self) -> &ModelConfig {
        &self.config
    }

    /// Pictures in training mode: batch norm uses the batch's own statistics and
    /// moves the running ones.
    ///
    /// # Shapes
    /// `[B, z_dim, 1, 1]` → `[B, channels, image_size, image_size]`
    pub fn forward_train(&mut self, z: Tensor<4>, pass: &Pass) -> Tensor<4> {
        self.network.forward_train(z, pass)
    }

    /// Pictures in inference mode: none depends on the others in its batch.
    ///
    /// # Shapes
    /// `[B, z_dim, 1, 1]` → `[B, channels, image_size, image_size]`, without gradients
    pub fn forward(&self, z: Tensor<4>) -> Tensor<4> {
        self.network.forward(z)
    }

    /// As [`forward`](Self::forward), with gradients for `z`, but not for the weights.
    ///
    /// # Shapes
    /// `[B, z_dim, 1, 1]` → `[B, channels, image_size, image_size]`
    pub fn forward_fixed(&self, z: Tensor<4>) -> Tensor<4> {
        let blocks = self.network.blocks().iter();
        blocks.fold(z, |x, block| block.forward_fixed(x))
    }

    /// What it was built from, and its blocks.
    fn into_parts(self) -> (ModelConfig, Vec<Block>) {
        (self.config, self.network.into_blocks())
    }

    /// What one picture costs.
    pub fn cost(&self) -> Cost {
        self.network.cost(1)
    }

    /// Its layers, parameters and running statistics.
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// Its layers, parameters and running statistics, to be changed.
    pub fn network_mut(&mut self) -> &mut Network {
        &mut self.network
    }
}

/// Five blocks of transposed convolution, batch norm and activation: the last
/// block too has batch norm.
fn tutorial(config: &ModelConfig, init: &mut Initializer) -> Result<Vec<Block>, ModelError> {
    let (z, ngf, c) = (config.z_dim, config.ngf, config.channels);
    let mut block = |i: usize, channels, stride_padding, activation| -> Result<Block, ModelError> {
        let layer =
            Block::conv_transpose(init, &format!("gen.{i}.0"), channels, 4, stride_padding)?;
        Ok(layer
            .batch_norm(init, &format!("gen.{i}.1"))?
            .activation(activation))
    };
    Ok(vec![
        // z                                                 [B, z_dim, 1, 1]
        block(0, [z, ngf * 8], [1, 0], Relu)?, // [B, ngf*8, 4, 4]
        block(1, [ngf * 8, ngf * 4], [2, 1], Relu)?, // [B, ngf*4, 8, 8]
        block(2, [ngf * 4, ngf * 2], [2, 1], Relu)?, // [B, ngf*2, 16, 16]
        block(3, [ngf * 2, ngf], [2, 1], Relu)?, // [B, ngf, 32, 32]
        block(4, [ngf, c], [2, 1], Tanh)?,     // [B, c, 64, 64]
    ])
}

/// The official PyTorch generator.
fn pytorch(config: &ModelConfig, init: &mut Initializer) -> Result<Vec<Block>, ModelError> {
    let deepest = width(config.ngf, doublings(config.image_size) - 1);
    let first = Block::conv_transpose(init, "main.0", [config.z_dim, deepest], 4, [1, 0])?
        .batch_norm(init, "main.1")?
        .activation(Relu); // [B, ngf*8, 4, 4], for 32 pixels [B, ngf*4, 4, 4]
    let mut blocks = vec![first];
    blocks.extend(doubling_blocks(config, init, 3, 4, [2, 1])?);
    Ok(blocks) // [B, c, size, size]
}

/// The paper's Figure 1: `z` projected and reshaped, then 5×5 transposed convolutions.
fn paper(config: &ModelConfig, init: &mut Initializer) -> Result<Vec<Block>, ModelError> {
    let deepest = width(config.ngf, doublings(config.image_size) - 1);
    let first = Block::project(init, "project", [config.z_dim, deepest])?
        .batch_norm(init, "project_norm")?
        .activation(Relu); // [B, ngf*8, 4, 4], for 32 pixels [B, ngf*4, 4, 4]
    let mut blocks = vec![first];
    blocks.extend(doubling_blocks(config, init, 0, 5, [2, 2])?);
    Ok(blocks) // [B, c, size, size]
}

/// From 4×4 to the picture: the side doubles from block to block and the width
/// halves; the last block has no batch norm and ends in tanh.
fn doubling_blocks(
    config: &ModelConfig,
    init: &mut Initializer,
    first_index: usize,
    kernel: usize,
    stride_padding: [usize; 2],
) -> Result<Vec<Block>, ModelError> {
    let mut blocks = Vec::new();
    let mut index = first_index;
    for from_picture in (0..doublings(config.image_size) - 1).rev() {
        let channels = [
            width(config.ngf, from_picture + 1),
            width(config.ngf, from_picture),
        ];
        let block = Block::conv_transpose(
            init,
            &format!("main.{index}"),
            channels,
            kernel,
            stride_padding,
        )?
        .batch_norm(init, &format!("main.{}", index + 1))?
        .activation(Relu); // [B, width, 2·side, 2·side]
        blocks.push(block);
        index += 3;
    }
    let channels = [config.ngf, config.channels];
    let last = Block::conv_transpose(
        init,
        &format!("main.{index}"),
        channels,
        kernel,
        stride_padding,
    )?;
    blocks.push(last.activation(Tanh)); // [B, c, size, size]
    Ok(blocks)
}
