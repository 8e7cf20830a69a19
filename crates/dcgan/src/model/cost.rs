//! The cost of a network, by the definitions of its layers.

use super::block::{Block, LayerKind};

/// The cost of one picture in one pass through a network.
///
/// Multiply-adds are those of convolutions and linear layers alone, as they are defined: every
/// weight at every position, including padding. Other algorithms, such as Winograd's, need fewer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    /// Multiply-adds of the forward pass.
    pub forward: u64,
    /// The multiply-adds of the first layer alone.
    pub first_layer: u64,
    /// Values in the outputs of all layers.
    pub values: u64,
    /// Values that a training pass keeps for its gradients: the outputs of layers and of batch
    /// norm.
    pub kept: u64,
    /// Learned values of the network, independent of the number of pictures.
    pub parameters: u64,
}

impl Cost {
    /// Multiply-adds of the gradients of all weights.
    pub fn weight_gradients(self) -> u64 {
        self.forward // every product of the forward pass has one with the output's gradient
    }

    /// Multiply-adds of the gradients of every layer's input, including the network's.
    pub fn input_gradients(self) -> u64 {
        self.forward
    }

    /// As [`Cost::input_gradients`], without the network's input: for a network whose input does
    /// not need a gradient.
    pub fn inner_input_gradients(self) -> u64 {
        self.forward - self.first_layer
    }
}

/// The cost of a chain of blocks for an input of `side`×`side`.
pub(super) fn of_blocks(blocks: &[Block], mut side: usize) -> Cost {
    let mut cost = Cost {
        forward: 0,
        first_layer: 0,
        values: 0,
        kept: 0,
        parameters: 0,
    };
    for (index, block) in blocks.iter().enumerate() {
        let weight = block.weight_shape();
        let layer = Output::new(block.layer_kind(), weight, side);
        let weights: usize = weight.iter().product();
        let multiply_adds = (layer.positions * weights) as u64;
        if index == 0 {
            cost.first_layer = multiply_adds;
        }
        cost.forward += multiply_adds;
        let values = (layer.channels * layer.side * layer.side) as u64;
        let batch_norms = u64::from(block.batch_norm_layer().is_some());
        cost.values += values;
        cost.kept += values * (1 + batch_norms);
        cost.parameters += block.parameters().map(|one| one.len() as u64).sum::<u64>();
        side = layer.side;
    }
    cost
}

/// The output of a layer for one picture.
struct Output {
    channels: usize,
    side: usize,
    /// The number of times each weight is used.
    positions: usize,
}

impl Output {
    fn new(kind: LayerKind, weight: &[usize], side: usize) -> Self {
        match kind {
            LayerKind::Conv2d { stride, padding } => {
                let (channels, kernel) = (weight[0], weight[2]);
                let side = (side + 2 * padding - kernel) / stride + 1;
                let positions = side * side;
                Self {
                    channels,
                    side,
                    positions,
                }
            }
            LayerKind::Upsample(_) => Self {
                channels: weight[0],
                side: 2 * side,
                positions: 4 * side * side,
            },
            LayerKind::ConvTranspose2d {
                stride,
                padding,
                output_padding,
            } => {
                let (channels, kernel) = (weight[1], weight[2]);
                Self {
                    channels,
                    side: (side - 1) * stride + kernel + output_padding - 2 * padding,
                    positions: side * side,
                }
            }
            LayerKind::Project => Self {
                channels: weight[0] / 16,
                side: 4,
                positions: 1,
            },
            LayerKind::Flatten => Self {
                channels: 1,
                side: 1,
                positions: 1,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::config::{ModelOptions, Preset};
    use crate::device;
    use crate::model::{Discriminator, Generator};

    fn networks(preset: Preset) -> (Generator, Discriminator) {
        let model = ModelOptions::new(preset)
            .with_z_dim(10)
            .with_ngf(2)
            .with_ndf(2)
            .build()
            .unwrap();
        let device = device::by_name("cpu").unwrap();
        let generator = Generator::new(&model, 0, &device).unwrap();
        let discriminator = Discriminator::new(&model, 0, &device).unwrap();
        (generator, discriminator)
    }

    #[test]
    fn the_cost_of_the_tutorials_generator_is_the_sum_over_its_layers() {
        let cost = networks(Preset::Tutorial).0.cost();
        // input positions × kernel × channels in × channels out
        let layers = [
            16 * 10 * 16,
            16 * 16 * 16 * 8,
            64 * 16 * 8 * 4,
            256 * 16 * 4 * 2,
            1024 * 16 * 2 * 3,
        ];
        assert_eq!(cost.forward, layers.iter().sum::<u64>());
        assert_eq!(cost.first_layer, 16 * 10 * 16);
        let values = 16 * 16 + 8 * 64 + 4 * 256 + 2 * 1024 + 3 * 4096;
        assert_eq!(cost.values, values);
        assert_eq!(cost.kept, 2 * values);
    }

    #[test]
    fn the_cost_of_the_tutorials_discriminator_is_the_sum_over_its_layers() {
        let cost = networks(Preset::Tutorial).1.cost();
        // output positions × kernel × channels in × channels out
        let layers = [
            31 * 31 * 16 * 3 * 2,
            14 * 14 * 16 * 2 * 4,
            11 * 11 * 16 * 4 * 8,
            4 * 4 * 16 * 8 * 8,
            16 * 8,
        ];
        assert_eq!(cost.forward, layers.iter().sum::<u64>());
        assert_eq!(cost.inner_input_gradients(), cost.forward - layers[0]);
        let values = 2 * 31 * 31 + 4 * 14 * 14 + 8 * 11 * 11 + 8 * 4 * 4 + 1;
        assert_eq!(cost.values, values);
    }

    #[test]
    fn the_papers_linear_layers_use_each_weight_once() {
        let (generator, discriminator) = networks(Preset::Paper);
        let cost = generator.cost();
        assert_eq!(cost.first_layer, 10 * 256);
        let convolutions = 25 * (16 * 16 * 8 + 64 * 8 * 4 + 256 * 4 * 2 + 1024 * 2 * 3);
        assert_eq!(cost.forward, 10 * 256 + convolutions);
        let convolutions = 25 * (1024 * 3 * 2 + 256 * 2 * 4 + 64 * 4 * 8 + 16 * 8 * 16);
        assert_eq!(discriminator.cost().forward, convolutions + 16 * 16);
    }
}
