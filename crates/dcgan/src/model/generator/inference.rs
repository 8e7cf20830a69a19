//! A generator in inference mode, computed in the way that is fastest on its device.

use burn::tensor::{Tensor, TensorData};

use super::super::to_host;
use super::{FoldedGenerator, Generator};
use crate::config::ModelConfig;
use crate::ops::has_kernels;

/// Is passed the index and the output of each layer but the last, and may change the output.
pub type LayerHook<'a> = &'a mut (dyn FnMut(usize, &mut [f32]) + Send);

/// The size of a layer's output for one picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LayerSize {
    /// Rows.
    pub height: usize,
    /// Columns.
    pub width: usize,
    /// Feature maps, also called channels.
    pub maps: usize,
}

impl LayerSize {
    /// The number of values.
    pub fn values(self) -> usize {
        self.height * self.width * self.maps
    }
}

/// A generator in inference mode, for batches of one size.
#[expect(
    clippy::large_enum_variant,
    reason = "a sampler has one, which never moves"
)]
pub enum InferenceGenerator {
    /// On the CPU, with weights prepared for our kernels.
    Folded(FoldedGenerator),
    /// On other devices, with Burn's operators.
    Network {
        /// The generator as it was trained.
        generator: Generator,
        /// The pictures in a batch.
        batch_size: usize,
    },
}

impl InferenceGenerator {
    /// Prepares a generator whose running statistics are those for sampling.
    ///
    /// # Panics
    /// If the batch is empty, or too large to be addressed.
    pub fn new(generator: Generator, batch_size: usize) -> Self {
        if has_kernels(generator.network().parameters()[0].leaf()) {
            Self::Folded(FoldedGenerator::new(generator, batch_size))
        } else {
            Self::Network {
                generator,
                batch_size,
            }
        }
    }

    /// The configuration of its generator.
    pub fn config(&self) -> &ModelConfig {
        match self {
            Self::Folded(folded) => folded.config(),
            Self::Network { generator, .. } => generator.config(),
        }
    }

    /// The output size of each layer but the last.
    pub fn hidden_sizes(&self) -> Vec<LayerSize> {
        match self {
            Self::Folded(folded) => folded.hidden_sizes(),
            Self::Network { generator, .. } => {
                let mut sizes = Vec::new();
                let z = vec![0.0; generator.config().z_dim];
                layer_by_layer(generator, &z, 1, &mut |_, x| {
                    let [_, maps, height, width] = x.dims();
                    sizes.push(LayerSize {
                        height,
                        width,
                        maps,
                    });
                    x
                });
                sizes
            }
        }
    }

    /// Draws one batch of pictures; `hook` is called after each layer but the last.
    ///
    /// # Shapes
    /// `z` `[batch_size, z_dim]` → `[batch_size, image_size, image_size, channels]`, in [−1, 1];
    /// `hook` is passed `[batch_size, height, width, maps]`, see
    /// [`hidden_sizes`](Self::hidden_sizes)
    ///
    /// # Panics
    /// If `z` is not one batch.
    pub fn draw(&mut self, z: &[f32], hook: Option<LayerHook>) -> Vec<f32> {
        match (self, hook) {
            (Self::Folded(folded), None) => folded.draw(z),
            (Self::Folded(folded), Some(hook)) => folded.draw_with_hook(z, hook),
            (
                Self::Network {
                    generator,
                    batch_size,
                },
                None,
            ) => layer_by_layer(generator, z, *batch_size, &mut |_, x| x),
            (
                Self::Network {
                    generator,
                    batch_size,
                },
                Some(hook),
            ) => layer_by_layer(generator, z, *batch_size, &mut |layer, x| {
                call_on_host(hook, layer, x)
            }),
        }
    }
}

/// Calls a hook with the output of a layer, which it sees on the host; returns what it leaves.
fn call_on_host(hook: LayerHook, layer: usize, output: Tensor<4>) -> Tensor<4> {
    let [batch, maps, height, width] = output.dims();
    let device = output.device();
    let mut values = to_host(output.permute([0, 2, 3, 1]));
    hook(layer, &mut values);
    let data = TensorData::new(values, [batch, height, width, maps]);
    Tensor::<4>::from_data(data, &device).permute([0, 3, 1, 2])
}

/// Draws a batch, `[batch_size, image_size, image_size, channels]`. The output of each layer but
/// the last is replaced by what `between` returns for it.
fn layer_by_layer(
    generator: &Generator,
    z: &[f32],
    batch_size: usize,
    between: &mut dyn FnMut(usize, Tensor<4>) -> Tensor<4>,
) -> Vec<f32> {
    let network = generator.network();
    let device = network.device();
    let z = TensorData::new(z.to_vec(), [batch_size, generator.config().z_dim, 1, 1]);
    let mut x = Tensor::<4>::from_data(z, &device);
    let (hidden, last) = network.split_last_block();
    for (layer, block) in hidden.iter().enumerate() {
        x = between(layer, block.forward_inference(x));
    }
    to_host(last.forward_inference(x).permute([0, 2, 3, 1]))
}
