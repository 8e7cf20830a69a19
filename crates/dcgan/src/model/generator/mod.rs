//! The generator: from a latent vector to a picture.

mod folded;
mod inference;

pub use folded::FoldedGenerator;
pub use inference::{InferenceGenerator, LayerHook, LayerSize};

use burn::tensor::{Device, Tensor};
use dcgan_kernels::Window;

use super::block::Block;
use super::init::Initializer;
use super::{Cost, FoldedLayer, Lookup, ModelError, Network, Pass, doublings, width};
use crate::config::{ModelConfig, Precision, Preset, Upsample};
use crate::ops::Activation::{Relu, Tanh};
use crate::ops::UpsamplingFilter;
use dcgan_support::random::Purpose;

/// G: latent vector ↦ picture.
///
/// # Shapes
/// Latent vectors `[B, z_dim, 1, 1]`, pictures `[B, channels, image_size, image_size]` in [−1, 1].
#[derive(Debug, Clone)]
pub struct Generator {
    network: Network,
}

impl Generator {
    /// A generator with initial weights, which depend on `seed` alone.
    ///
    /// # Errors
    /// If the network cannot be built.
    pub fn new(config: &ModelConfig, seed: u64, device: &Device) -> Result<Self, ModelError> {
        let init = Initializer::random(device, seed, Purpose::GeneratorWeights);
        let network = Network::new(config, init, blocks)?;
        Ok(Self { network })
    }

    /// A generator with the weights that `lookup` returns for their names.
    ///
    /// # Errors
    /// If `lookup` fails.
    pub fn with_weights(
        config: &ModelConfig,
        lookup: Lookup,
        device: &Device,
    ) -> Result<Self, ModelError> {
        let network = Network::new(config, Initializer::lookup(device, lookup), blocks)?;
        Ok(Self { network })
    }

    /// The cost of one picture, without building the generator.
    pub(crate) fn outline_cost(config: &ModelConfig) -> Cost {
        Network::outline_cost(config, blocks, 1)
    }

    /// The same generator with layers that compute in `precision`.
    pub fn with_precision(self, precision: Precision) -> Self {
        let network = self.network.with_precision(precision);
        Self { network }
    }

    /// The configuration that it was built from.
    pub fn config(&self) -> &ModelConfig {
        self.network.config()
    }

    /// Draws pictures in training mode: batch norm uses the statistics of the batch and updates
    /// the running ones.
    ///
    /// # Shapes
    /// `[B, z_dim, 1, 1]` → `[B, channels, image_size, image_size]`
    pub fn forward_train(&mut self, z: Tensor<4>, pass: &Pass) -> Tensor<4> {
        self.network.forward_train(z, pass)
    }

    /// Draws pictures in inference mode: none depends on the others in its batch.
    ///
    /// # Shapes
    /// `[B, z_dim, 1, 1]` → `[B, channels, image_size, image_size]`, without gradients
    pub fn forward(&self, z: Tensor<4>) -> Tensor<4> {
        self.network.forward(z)
    }

    /// As [`forward`](Self::forward), with gradients for `z` but not for the weights.
    ///
    /// # Shapes
    /// `[B, z_dim, 1, 1]` → `[B, channels, image_size, image_size]`
    pub fn forward_differentiable(&self, z: Tensor<4>) -> Tensor<4> {
        self.network.forward_differentiable(z)
    }

    /// The cost of one picture.
    pub fn cost(&self) -> Cost {
        self.network.cost(1)
    }

    /// Its layers for inference alone, one after another, with batch norm in their weights. Each is
    /// folded when it is asked for.
    pub fn into_folded_layers(self) -> impl Iterator<Item = FoldedLayer> {
        self.network.into_blocks().into_iter().map(FoldedLayer::new)
    }

    /// Its layers, parameters and running statistics.
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// Its layers, parameters and running statistics.
    pub fn network_mut(&mut self) -> &mut Network {
        &mut self.network
    }
}

/// From a latent vector to a map of 4×4 pixels.
const TO_4X4: Window = Window {
    kernel: 4,
    stride: 1,
    padding: 0,
};

/// To twice the side.
const DOUBLING: Window = Window {
    kernel: 4,
    stride: 2,
    padding: 1,
};

/// To twice the side, with the paper's kernel.
const DOUBLING_5X5: Window = Window {
    kernel: 5,
    stride: 2,
    padding: 2,
};

/// To the same side.
const SAME_SIDE: Window = Window {
    kernel: 3,
    stride: 1,
    padding: 1,
};

fn blocks(config: &ModelConfig, init: &mut Initializer) -> Result<Vec<Block>, ModelError> {
    match config.preset {
        Preset::Tutorial => tutorial(config, init),
        Preset::Pytorch | Preset::Small => pytorch(config, init),
        Preset::Paper => paper(config, init),
        Preset::Laptop => laptop(config, init),
    }
}

/// A layer that doubles the side: the preset's transposed convolution with `window`, or upsampling
/// and a 3×3 convolution.
fn double(
    config: &ModelConfig,
    init: &mut Initializer,
    name: &str,
    [c_in, c_out]: [usize; 2],
    window: Window,
) -> Result<Block, ModelError> {
    let filter = match config.upsample() {
        Upsample::Transposed => return Block::conv_transpose(init, name, c_in, c_out, window),
        Upsample::Nearest => UpsamplingFilter::Nearest,
        Upsample::Bilinear => UpsamplingFilter::Bilinear,
    };
    Block::upsample(init, name, c_in, c_out, filter)
}

/// Five blocks of transposed convolution, batch norm and activation; even the last block has batch
/// norm.
fn tutorial(config: &ModelConfig, init: &mut Initializer) -> Result<Vec<Block>, ModelError> {
    let (z, ngf, c) = (config.z_dim, config.ngf, config.channels);
    let mut block = |i: usize, c_in, c_out, window, activation| -> Result<Block, ModelError> {
        let name = format!("gen.{i}.0");
        let layer = if window == DOUBLING {
            double(config, init, &name, [c_in, c_out], window)?
        } else {
            Block::conv_transpose(init, &name, c_in, c_out, window)?
        };
        let block = layer.batch_norm(init, &format!("gen.{i}.1"))?;
        Ok(block.activation(activation))
    };
    Ok(vec![
        // z                                              [B, z_dim, 1, 1]
        block(0, z, ngf * 8, TO_4X4, Relu)?, // [B, ngf*8, 4, 4]
        block(1, ngf * 8, ngf * 4, DOUBLING, Relu)?, // [B, ngf*4, 8, 8]
        block(2, ngf * 4, ngf * 2, DOUBLING, Relu)?, // [B, ngf*2, 16, 16]
        block(3, ngf * 2, ngf, DOUBLING, Relu)?, // [B, ngf, 32, 32]
        block(4, ngf, c, DOUBLING, Tanh)?,   // [B, c, 64, 64]
    ])
}

/// The official PyTorch generator.
fn pytorch(config: &ModelConfig, init: &mut Initializer) -> Result<Vec<Block>, ModelError> {
    let deepest = width(config.ngf, doublings(config.image_size) - 1);
    let first = Block::conv_transpose(init, "main.0", config.z_dim, deepest, TO_4X4)?
        .batch_norm(init, "main.1")?
        .activation(Relu); // [B, ngf*8, 4, 4], for 32 pixels [B, ngf*4, 4, 4]
    let mut blocks = vec![first];
    blocks.extend(doubling_blocks(config, init, 3, DOUBLING)?);
    Ok(blocks) // [B, c, size, size]
}

/// The paper's Figure 1: `z` projected and reshaped, then 5×5 transposed convolutions.
fn paper(config: &ModelConfig, init: &mut Initializer) -> Result<Vec<Block>, ModelError> {
    let deepest = width(config.ngf, doublings(config.image_size) - 1);
    let first = Block::project(init, "project", config.z_dim, deepest)?
        .batch_norm(init, "project_norm")?
        .activation(Relu); // [B, ngf*8, 4, 4], for 32 pixels [B, ngf*4, 4, 4]
    let mut blocks = vec![first];
    blocks.extend(doubling_blocks(config, init, 0, DOUBLING_5X5)?);
    Ok(blocks) // [B, c, size, size]
}

/// As `pytorch`, but the last hidden layer has the size of the picture, and a 3×3 convolution
/// draws the colours.
fn laptop(config: &ModelConfig, init: &mut Initializer) -> Result<Vec<Block>, ModelError> {
    let doublings = doublings(config.image_size);
    let deepest = width(config.ngf, doublings);
    let first = Block::conv_transpose(init, "main.0", config.z_dim, deepest, TO_4X4)?
        .batch_norm(init, "main.1")?
        .activation(Relu); // [B, ngf*8, 4, 4]
    let mut blocks = vec![first];
    let mut index = 3;
    for from_picture in (0..doublings).rev() {
        let sizes = [from_picture + 1, from_picture].map(|layer| width(config.ngf, layer));
        let block = double(config, init, &format!("main.{index}"), sizes, DOUBLING)?
            .batch_norm(init, &format!("main.{}", index + 1))?
            .activation(Relu); // [B, width, 2·side, 2·side]
        blocks.push(block);
        index += 3;
    }
    let name = format!("main.{index}");
    let last = Block::conv_transpose(init, &name, config.ngf, config.channels, SAME_SIDE)?;
    blocks.push(last.activation(Tanh)); // [B, c, size, size]
    Ok(blocks)
}

/// From 4×4 pixels to the picture: the side doubles from block to block and the width halves. The
/// last block has no batch norm and ends in tanh.
fn doubling_blocks(
    config: &ModelConfig,
    init: &mut Initializer,
    first_index: usize,
    window: Window,
) -> Result<Vec<Block>, ModelError> {
    let mut blocks = Vec::new();
    let mut index = first_index;
    for from_picture in (0..doublings(config.image_size) - 1).rev() {
        let c_in = width(config.ngf, from_picture + 1);
        let c_out = width(config.ngf, from_picture);
        let name = format!("main.{index}");
        let block = double(config, init, &name, [c_in, c_out], window)?
            .batch_norm(init, &format!("main.{}", index + 1))?
            .activation(Relu); // [B, width, 2·side, 2·side]
        blocks.push(block);
        index += 3;
    }
    let name = format!("main.{index}");
    let sizes = [config.ngf, config.channels];
    let last = double(config, init, &name, sizes, window)?;
    blocks.push(last.activation(Tanh)); // [B, c, size, size]
    Ok(blocks)
}
