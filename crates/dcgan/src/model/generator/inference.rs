//! A generator that only draws, by whatever its device does best.

use burn::tensor::{Tensor, TensorData};

use super::super::to_host;
use super::{FoldedGenerator, Generator};
use crate::config::ModelConfig;
use crate::ops::has_kernels;

/// Is shown what a layer answers, with the layer's number, and may change it.
pub type Hidden<'a> = &'a mut (dyn FnMut(usize, &mut [f32]) + Send);

/// A generator in inference mode for batches of one size.
pub enum Drawer {
    /// On the CPU, its weights laid out for our kernels.
    Folded(FoldedGenerator),
    /// On other devices, by Burn's operators.
    Network {
        /// The generator as it was trained.
        generator: Generator,
        /// Pictures a batch.
        batch_size: usize,
    },
}

impl Drawer {
    /// Takes a generator whose running statistics are meant for drawing.
    ///
    /// # Panics
    /// If the batch is empty, or larger than memory can address.
    pub fn new(generator: Generator, batch_size: usize) -> Self {
        match has_kernels(generator.network().parameters()[0].leaf()) {
            true => Self::Folded(FoldedGenerator::new(generator, batch_size)),
            false => Self::Network {
                generator,
                batch_size,
            },
        }
    }

    /// What its generator was built from.
    pub fn config(&self) -> &ModelConfig {
        match self {
            Self::Folded(folded) => folded.config(),
            Self::Network { generator, .. } => generator.config(),
        }
    }

    /// The sizes of what each layer but the last one answers: height, width and maps.
    pub fn hidden_sizes(&self) -> Vec<[usize; 3]> {
        match self {
            Self::Folded(folded) => folded.hidden_sizes(),
            Self::Network { generator, .. } => {
                let mut sizes = Vec::new();
                let z = vec![0.0; generator.config().z_dim];
                layer_by_layer(generator, &z, 1, &mut |_, [_, maps, height, width], x| {
                    sizes.push([height, width, maps]);
                    x
                });
                sizes
            }
        }
    }

    /// One batch of pictures; `hidden` is shown what each layer but the last one answers.
    ///
    /// # Shapes
    /// `z` `[batch_size, z_dim]` → `[batch_size, image_size, image_size, channels]`, in [−1, 1];
    /// `hidden` gets `[batch_size, height, width, maps]`, see
    /// [`hidden_sizes`](Self::hidden_sizes)
    ///
    /// # Panics
    /// If `z` is not one batch.
    pub fn draw(&mut self, z: &[f32], hidden: Option<Hidden>) -> Vec<f32> {
        match (self, hidden) {
            (Self::Folded(folded), None) => folded.draw(z),
            (Self::Folded(folded), Some(hidden)) => folded.draw_with(z, hidden),
            (
                Self::Network {
                    generator,
                    batch_size,
                },
                hidden,
            ) => match hidden {
                None => layer_by_layer(generator, z, *batch_size, &mut |_, _, x| x),
                Some(hidden) => {
                    layer_by_layer(generator, z, *batch_size, &mut |number, shape, x| {
                        shown(number, shape, x, hidden)
                    })
                }
            },
        }
    }
}

/// What a layer answers after `hidden` has seen it on the host.
fn shown(
    number: usize,
    [batch, maps, height, width]: [usize; 4],
    answer: Tensor<4>,
    hidden: &mut (dyn FnMut(usize, &mut [f32]) + Send),
) -> Tensor<4> {
    let device = answer.device();
    let mut values = to_host(answer.permute([0, 2, 3, 1]));
    hidden(number, &mut values);
    let data = TensorData::new(values, [batch, height, width, maps]);
    Tensor::<4>::from_data(data, &device).permute([0, 3, 1, 2])
}

/// The pictures of a batch, `[batch_size, image_size, image_size, channels]`; what each layer but
/// the last one answers goes on as `between` returns it.
fn layer_by_layer(
    generator: &Generator,
    z: &[f32],
    batch_size: usize,
    between: &mut dyn FnMut(usize, [usize; 4], Tensor<4>) -> Tensor<4>,
) -> Vec<f32> {
    let network = generator.network();
    let device = network.device();
    let z = TensorData::new(z.to_vec(), [batch_size, generator.config().z_dim, 1, 1]);
    let mut x = Tensor::<4>::from_data(z, &device);
    let (last, inner) = network
        .blocks()
        .split_last()
        .expect("a generator has layers");
    for (number, block) in inner.iter().enumerate() {
        x = block.forward_inference(x);
        x = between(number, x.dims(), x);
    }
    to_host(last.forward_inference(x).permute([0, 2, 3, 1]))
}
