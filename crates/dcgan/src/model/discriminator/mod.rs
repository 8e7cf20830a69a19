//! The discriminator: from a picture to one logit, "how real".

mod features;
mod guided_backprop;

pub use features::FEATURE_GRID;
pub use guided_backprop::GuidedGradient;

use burn::tensor::{Device, Tensor};
use dcgan_kernels::Window;

use super::block::Block;
use super::init::Initializer;
use super::{Cost, FoldedLayer, Lookup, ModelError, Network, Pass, doublings, width};
use crate::config::{DNorm, ModelConfig, Precision, Preset};
use crate::ops::Activation::LeakyRelu;
use dcgan_support::random::Purpose;

/// D: picture ↦ logit; the loss applies the sigmoid.
///
/// # Shapes
/// Pictures `[B, channels, image_size, image_size]` in [−1, 1], logits `[B]`.
#[derive(Debug, Clone)]
pub struct Discriminator {
    network: Network,
}

impl Discriminator {
    /// A discriminator with initial weights, which depend on `seed` alone.
    ///
    /// # Errors
    /// If the network cannot be built.
    pub fn new(config: &ModelConfig, seed: u64, device: &Device) -> Result<Self, ModelError> {
        let init = Initializer::random(device, seed, Purpose::DiscriminatorWeights);
        let network = Network::new(config, init, blocks)?;
        Ok(Self { network })
    }

    /// A discriminator with the weights that `lookup` returns for their names.
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

    /// The cost of one picture, without building the discriminator.
    pub(crate) fn outline_cost(config: &ModelConfig) -> Cost {
        Network::outline_cost(config, blocks, config.image_size)
    }

    /// The same discriminator with layers that compute in `precision`.
    pub fn with_precision(self, precision: Precision) -> Self {
        let network = self.network.with_precision(precision);
        Self { network }
    }

    /// The configuration that it was built from.
    pub fn config(&self) -> &ModelConfig {
        self.network.config()
    }

    /// Logits in training mode: batch norm uses the statistics of the batch and updates the
    /// running ones.
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

    /// The cost of one picture.
    pub fn cost(&self) -> Cost {
        self.network.cost(self.config().image_size)
    }

    /// Its layers for inference alone, one after another, with batch norm and the spectral norm in their weights. Each is
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

/// To half the side.
const HALVING: Window = Window {
    kernel: 4,
    stride: 2,
    padding: 1,
};

/// To half the side, with the paper's kernel.
const HALVING_5X5: Window = Window {
    kernel: 5,
    stride: 2,
    padding: 2,
};

/// From a map of 4×4 pixels to one value.
const FROM_4X4: Window = Window {
    kernel: 4,
    stride: 1,
    padding: 0,
};

fn blocks(config: &ModelConfig, init: &mut Initializer) -> Result<Vec<Block>, ModelError> {
    let blocks = match config.preset {
        Preset::Tutorial => tutorial(config, init),
        Preset::Pytorch | Preset::Small | Preset::Laptop => pytorch(config, init),
        Preset::Paper => paper(config, init),
    }?;
    if !config.spectral_norm {
        return Ok(blocks);
    }
    let blocks = blocks.into_iter();
    blocks.map(|block| block.spectral_norm(init)).collect()
}

/// Convolutions with bias and without padding, one of them with stride 1.
fn tutorial(config: &ModelConfig, init: &mut Initializer) -> Result<Vec<Block>, ModelError> {
    let (ndf, c) = (config.ndf, config.channels);
    let mut block = |i: usize, c_in, c_out, stride| -> Result<Block, ModelError> {
        let name = format!("disc.{i}.0");
        let window = Window {
            kernel: 4,
            stride,
            padding: 0,
        };
        let conv = Block::conv(init, &name, c_in, c_out, window)?.bias(init, &name)?;
        if i == 4 {
            return Ok(conv);
        }
        let block = match config.d_norm() {
            DNorm::Batch => conv.batch_norm(init, &format!("disc.{i}.1"))?,
            DNorm::None => conv,
        };
        Ok(block.activation(LeakyRelu))
    };
    Ok(vec![
        // pictures                     [B, c, 64, 64]
        block(0, c, ndf, 2)?,           // [B, ndf, 31, 31]
        block(1, ndf, ndf * 2, 2)?,     // [B, ndf*2, 14, 14]
        block(2, ndf * 2, ndf * 4, 1)?, // [B, ndf*4, 11, 11]
        block(3, ndf * 4, ndf * 4, 2)?, // [B, ndf*4, 4, 4]
        block(4, ndf * 4, 1, 2)?,       // [B, 1, 1, 1]
    ])
}

/// The official PyTorch discriminator.
fn pytorch(config: &ModelConfig, init: &mut Initializer) -> Result<Vec<Block>, ModelError> {
    let halvings = doublings(config.image_size);
    let mut blocks = halving_blocks(config, init, HALVING)?;
    let index = 3 * halvings - 1; // 2 modules of the first block, 3 of every other
    let deepest = width(config.ndf, halvings - 1);
    let last = Block::conv(init, &format!("main.{index}"), deepest, 1, FROM_4X4)?;
    blocks.push(last); // [B, 1, 1, 1]
    Ok(blocks)
}

/// The paper's discriminator: 5×5 convolutions, then one linear output.
fn paper(config: &ModelConfig, init: &mut Initializer) -> Result<Vec<Block>, ModelError> {
    let mut blocks = halving_blocks(config, init, HALVING_5X5)?;
    let deepest = width(config.ndf, doublings(config.image_size) - 1);
    blocks.push(Block::flatten(init, "output", deepest)?); // [B, 1, 1, 1]
    Ok(blocks)
}

/// From the picture to 4×4 pixels: the side halves from block to block and the width doubles. The
/// first block has no batch norm. If it has no bias either, a factor passes its leaky ReLU and the next
/// batch norm removes it: logits do not depend on the contrast of a batch.
fn halving_blocks(
    config: &ModelConfig,
    init: &mut Initializer,
    window: Window,
) -> Result<Vec<Block>, ModelError> {
    let mut first = Block::conv(init, "main.0", config.channels, config.ndf, window)?;
    if config.d_bias {
        first = first.bias(init, "main.0")?;
    }
    let mut blocks = vec![first.activation(LeakyRelu)]; // [B, ndf, size/2, size/2]
    let mut index = 2;
    for from_picture in 1..doublings(config.image_size) {
        let c_in = width(config.ndf, from_picture - 1);
        let c_out = width(config.ndf, from_picture);
        let name = format!("main.{index}");
        let conv = Block::conv(init, &name, c_in, c_out, window)?;
        let block = match config.d_norm() {
            DNorm::Batch => conv.batch_norm(init, &format!("main.{}", index + 1))?,
            DNorm::None => conv.bias(init, &name)?,
        };
        blocks.push(block.activation(LeakyRelu)); // [B, width, side/2, side/2]
        index += 3;
    }
    Ok(blocks) // [B, ndf*8, 4, 4], for 32 pixels [B, ndf*4, 4, 4]
}

#[cfg(test)]
mod tests {
    use burn::tensor::TensorData;

    use super::*;
    use crate::config::ModelOptions;
    use crate::device;
    use crate::model::to_host;

    /// The largest change of a logit if a batch has twice the contrast, relative to the range of the
    /// logits.
    fn change_with_contrast(d_bias: bool) -> f32 {
        let model = ModelOptions::new(Preset::Laptop)
            .with_image_size(32)
            .with_d_bias(d_bias);
        let device = device::of_tests();
        let discriminator = Discriminator::new(&model.build().unwrap(), 0, &device).unwrap();
        let logits = |contrast: f32| {
            let waves = |at: usize| (at as f32 * (0.1 + 0.05 * (at / (3 * 32 * 32)) as f32)).sin();
            let values: Vec<f32> = (0..8 * 3 * 32 * 32)
                .map(|at| contrast * waves(at))
                .collect();
            let pictures = Tensor::from_data(TensorData::new(values, [8, 3, 32, 32]), &device);
            let mut discriminator = discriminator.clone();
            to_host(discriminator.forward_train(pictures, &Pass::freeze()))
        };
        let (once, twice) = (logits(0.5), logits(1.0));
        let largest = once.iter().copied().fold(f32::MIN, f32::max);
        let smallest = once.iter().copied().fold(f32::MAX, f32::min);
        let changes = once.iter().zip(&twice).map(|(one, two)| (one - two).abs());
        changes.fold(0.0, f32::max) / (largest - smallest)
    }

    #[test]
    fn logits_depend_on_the_contrast_of_a_batch_only_through_the_bias() {
        // batch norm adds a small number to variances, so it is not exactly 0
        let without = change_with_contrast(false);
        assert!(without < 0.03, "{without}");
        let with = change_with_contrast(true);
        assert!(with > 0.1, "{with}");
    }
}
