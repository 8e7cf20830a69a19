//! A generator for drawing alone: its folded layers, laid out for the kernels once.

use dcgan_kernels::{ConvTranspose2dShape, Nhwc, PreparedConvTranspose2d, Window};

use super::super::folded_layer::{FoldedLayer, FoldedOperation, transposed};
use super::{Generator, LayerSize};
use crate::config::ModelConfig;
use crate::device::in_cpu_thread_pool;
use crate::ops;

/// A generator in inference mode for batches of one size, on the CPU.
///
/// In inference mode, batch norm scales and shifts each channel, so it becomes part of the weights
/// before it. Which kernels compute a layer depends on the batch size, and they round differently:
/// a picture is bit for bit the same only in batches of one size.
#[derive(Debug)]
pub struct FoldedGenerator {
    config: ModelConfig,
    batch_size: usize,
    /// All layers but the last.
    hidden: Vec<PreparedConvTranspose2d>,
    last: PreparedConvTranspose2d,
    /// The input and output of hidden layers, in turn.
    buffers: [Vec<f32>; 2],
}

impl FoldedGenerator {
    /// Prepares a generator's weights and running statistics.
    ///
    /// # Panics
    /// If the batch is empty, or too large to be addressed.
    pub fn new(generator: Generator, batch_size: usize) -> Self {
        let config = generator.config().clone();
        let mut sizes = Nhwc {
            batch: batch_size,
            height: 1,
            width: 1,
            channels: config.z_dim,
        };
        let mut layers: Vec<PreparedConvTranspose2d> = Vec::new();
        for block in generator.network.into_blocks() {
            let layer = in_cpu_thread_pool(|| prepare(FoldedLayer::new(block), sizes));
            sizes = layer.shape().output();
            layers.push(layer);
        }
        let last = layers.pop().expect("a network has blocks");
        Self {
            config,
            batch_size,
            hidden: layers,
            last,
            buffers: [Vec::new(), Vec::new()],
        }
    }

    /// The configuration of its generator.
    pub fn config(&self) -> &ModelConfig {
        &self.config
    }

    /// The pictures in a batch.
    pub fn batch_size(&self) -> usize {
        self.batch_size
    }

    /// The output size of each layer but the last.
    pub fn hidden_sizes(&self) -> Vec<LayerSize> {
        let outputs = self.hidden.iter().map(|layer| layer.shape().output());
        outputs
            .map(|sizes| LayerSize {
                height: sizes.height,
                width: sizes.width,
                maps: sizes.channels,
            })
            .collect()
    }

    /// Draws one batch of pictures.
    ///
    /// # Shapes
    /// `z` `[batch_size, z_dim]` → `[batch_size, image_size, image_size, channels]`, in [−1, 1]
    ///
    /// # Panics
    /// If `z` is not one batch.
    pub fn draw(&mut self, z: &[f32]) -> Vec<f32> {
        self.draw_with_hook(z, |_, _| {})
    }

    /// As [`draw`](Self::draw); after each layer but the last, `hook` is passed its index and its
    /// output, which it may change.
    ///
    /// # Shapes
    /// `hook` is passed `[batch_size, height, width, maps]`, see
    /// [`hidden_sizes`](Self::hidden_sizes)
    ///
    /// # Panics
    /// If `z` is not one batch.
    pub fn draw_with_hook(
        &mut self,
        z: &[f32],
        mut hook: impl FnMut(usize, &mut [f32]) + Send,
    ) -> Vec<f32> {
        assert_eq!(z.len(), self.batch_size * self.config.z_dim, "length of z");
        let mut pictures = vec![0.0; self.last.shape().output().len()];
        in_cpu_thread_pool(|| {
            let [input, output] = &mut self.buffers;
            input.clear();
            input.extend_from_slice(z);
            for (index, layer) in self.hidden.iter().enumerate() {
                let len = layer.shape().output().len();
                if output.capacity() < len {
                    *output = vec![0.0; len]; // zeroed by the system when it is touched
                }
                output.resize(len, 0.0);
                forward(layer, input, output);
                hook(index, output);
                std::mem::swap(input, output);
            }
            forward(&self.last, input, &mut pictures);
        });
        pictures
    }
}

fn forward(layer: &PreparedConvTranspose2d, input: &[f32], output: &mut [f32]) {
    let (from, to) = (layer.shape().input(), layer.shape().output());
    let name = || {
        format!(
            "conv_transpose2d {}→{}, {}→{}: folded",
            from.channels, to.channels, from.height, to.height
        )
    };
    ops::profile::time(name, || layer.forward(input, output));
}

/// Lays a layer out for an input of these sizes.
fn prepare(layer: FoldedLayer, input: Nhwc) -> PreparedConvTranspose2d {
    debug_assert_eq!(layer.operation, FoldedOperation::ConvTranspose2d);
    let window = Window {
        kernel: layer.kernel(),
        stride: layer.stride,
        padding: layer.padding,
    };
    let c_out = layer.c_out();
    let shape = ConvTranspose2dShape::new(input, c_out, window, layer.output_padding)
        .unwrap_or_else(|error| panic!("generator: {error}"));
    let bias = if layer.has_bias_of_channels() {
        layer.bias
    } else {
        transposed(&layer.bias, c_out) // [C, 4, 4] to [4, 4, C]
    };
    PreparedConvTranspose2d::new(shape, layer.weight, bias, layer.activation.into())
}
