//! The discriminator: from a picture to one logit, "how real".

use burn::tensor::{Device, Tensor};

mod features;
mod guided_backprop;

pub use features::GRID;
pub use guided_backprop::Cause;

use super::block::Block;
use super::init::Initializer;
use super::{Cost, Lookup, ModelError, Network, Pass, doublings, width};
use crate::config::{ModelConfig, Precision, Preset};
use crate::device;
use crate::ops::Activation::LeakyRelu;
use dcgan_support::random::Purpose;

/// D: picture ↦ logit; the sigmoid lives in the loss.
///
/// # Shapes
/// Pictures `[B, channels, image_size, image_size]` in [−1, 1], logits `[B]`.
#[derive(Debug, Clone)]
pub struct Discriminator {
    config: ModelConfig,
    network: Network,
}

impl Discriminator {
    /// A discriminator with its first weights, which depend on `seed` alone.
    ///
    /// # Errors
    /// As [`ModelConfig::validate`].
    pub fn new(config: &ModelConfig, seed: u64, device: &Device) -> Result<Self, ModelError> {
        Self::build(
            config,
            Initializer::drawn(device, seed, Purpose::DiscriminatorWeights),
        )
    }

    /// A discriminator with the weights that `lookup` has under their names.
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

    /// What such a discriminator would cost, without building it.
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

    /// The discriminator with layers that compute in `precision`; [`Precision::F32`] without.
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

    /// Logits in training mode: batch norm uses the batch's own statistics and
    /// moves the running ones.
    ///
    /// # Shapes
    /// `[B, channels, image_size, image_size]` → `[B]`
    pub fn forward_train(&mut self, pictures: Tensor<4>, pass: &Pass) -> Tensor<1> {
        let [batch, ..] = pictures.dims();
        let logits = self.network.forward_train(pictures, pass); // [B, 1, 1, 1]
        logits.reshape([batch])
    }

    /// Logits in inference mode: none depends on the other pictures in its batch.
    ///
    /// # Shapes
    /// `[B, channels, image_size, image_size]` → `[B]`, without gradients
    pub fn forward(&self, pictures: Tensor<4>) -> Tensor<1> {
        let [batch, ..] = pictures.dims();
        self.network.forward(pictures).reshape([batch])
    }

    /// What one picture costs.
    pub fn cost(&self) -> Cost {
        self.network.cost(self.config.image_size)
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

/// Convolutions without padding, with bias; one of them with stride 1.
fn tutorial(config: &ModelConfig, init: &mut Initializer) -> Result<Vec<Block>, ModelError> {
    let (ndf, c) = (config.ndf, config.channels);
    let mut block = |i: usize, channels, stride| -> Result<Block, ModelError> {
        let name = format!("disc.{i}.0");
        let conv = Block::conv(init, &name, channels, 4, [stride, 0])?.bias(init, &name)?;
        if i == 4 {
            return Ok(conv);
        }
        Ok(conv
            .batch_norm(init, &format!("disc.{i}.1"))?
            .activation(LeakyRelu))
    };
    Ok(vec![
        // pictures                         [B, c, 64, 64]
        block(0, [c, ndf], 2)?,           // [B, ndf, 31, 31]
        block(1, [ndf, ndf * 2], 2)?,     // [B, ndf*2, 14, 14]
        block(2, [ndf * 2, ndf * 4], 1)?, // [B, ndf*4, 11, 11]
        block(3, [ndf * 4, ndf * 4], 2)?, // [B, ndf*4, 4, 4]
        block(4, [ndf * 4, 1], 2)?,       // [B, 1, 1, 1]
    ])
}

/// The official PyTorch discriminator.
fn pytorch(config: &ModelConfig, init: &mut Initializer) -> Result<Vec<Block>, ModelError> {
    let halvings = doublings(config.image_size);
    let mut blocks = halving_blocks(config, init, 4, [2, 1])?;
    let index = 3 * halvings - 1; // 2 modules of the first block, 3 of every other
    let deepest = width(config.ndf, halvings - 1);
    blocks.push(Block::conv(
        init,
        &format!("main.{index}"),
        [deepest, 1],
        4,
        [1, 0],
    )?); // [B, 1, 1, 1]
    Ok(blocks)
}

/// The paper's discriminator: 5×5 convolutions, then one linear output.
fn paper(config: &ModelConfig, init: &mut Initializer) -> Result<Vec<Block>, ModelError> {
    let mut blocks = halving_blocks(config, init, 5, [2, 2])?;
    let deepest = width(config.ndf, doublings(config.image_size) - 1);
    blocks.push(Block::flatten(init, "output", deepest)?); // [B, 1, 1, 1]
    Ok(blocks)
}

/// From the picture to 4×4: the side halves from block to block and the width
/// doubles; the first block has no batch norm.
fn halving_blocks(
    config: &ModelConfig,
    init: &mut Initializer,
    kernel: usize,
    stride_padding: [usize; 2],
) -> Result<Vec<Block>, ModelError> {
    let channels = [config.channels, config.ndf];
    let first = Block::conv(init, "main.0", channels, kernel, stride_padding)?;
    let mut blocks = vec![first.activation(LeakyRelu)]; // [B, ndf, size/2, size/2]
    let mut index = 2;
    for from_picture in 1..doublings(config.image_size) {
        let channels = [
            width(config.ndf, from_picture - 1),
            width(config.ndf, from_picture),
        ];
        let block = Block::conv(
            init,
            &format!("main.{index}"),
            channels,
            kernel,
            stride_padding,
        )?
        .batch_norm(init, &format!("main.{}", index + 1))?
        .activation(LeakyRelu); // [B, width, side/2, side/2]
        blocks.push(block);
        index += 3;
    }
    Ok(blocks) // [B, ndf*8, 4, 4], for 32 pixels [B, ndf*4, 4, 4]
}
