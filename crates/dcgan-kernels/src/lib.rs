//! Kernels for training a DCGAN on a CPU: convolution, transposed convolution,
//! batch normalisation with its activation, the Adam update, and products of vectors, all on
//! plain `f32` slices.
//!
//! # Layout
//!
//! Activations are channels last: `[batch, height, width, channels]`, see [`Nhwc`].
//! Weights keep PyTorch's layouts: `[out_channels, in_channels, kernel, kernel]` for
//! [`conv2d`] and `[in_channels, out_channels, kernel, kernel]` for
//! [`conv_transpose2d`].
//!
//! # Guarantees
//!
//! - **Same input, same bits.** Work is cut into tasks that depend on the shape alone and
//!   sums are taken in a fixed order, so results do not change from run to run or with the
//!   number of rayon threads. (They may differ between processors with different
//!   instruction sets or caches.)
//! - **No denormals.** The element-wise backward kernels and [`adam`] replace negligible
//!   values with zero; see [`NEGLIGIBLE`].
//! - Shapes are checked once, when they are built; a kernel panics only if a slice's length
//!   does not match its shape.
//!
//! [`mod@reference`] specifies every kernel as plain loops.
//!
//! # Example
//!
//! ```
//! use dcgan_kernels::{Arithmetic, Conv2dShape, Nhwc, Window, conv2d};
//!
//! let input = Nhwc { batch: 2, height: 8, width: 8, channels: 3 };
//! let window = Window { kernel: 4, stride: 2, padding: 1 };
//! let shape = Conv2dShape::new(input, 16, window)?;
//!
//! let pixels = vec![0.5; shape.input().len()];
//! let weight = vec![0.01; shape.weight_len()];
//! let mut output = vec![0.0; shape.output().len()];
//! conv2d::forward(&shape, Arithmetic::F32, &pixels, &weight, None, &mut output);
//!
//! assert_eq!(shape.output(), Nhwc { batch: 2, height: 4, width: 4, channels: 16 });
//! // In the middle all 4 x 4 x 3 products count: 48 x 0.5 x 0.01.
//! assert!((output[(4 + 1) * 16] - 0.24).abs() < 1e-6);
//! # Ok::<(), dcgan_kernels::ShapeError>(())
//! ```

pub mod activation;
pub mod adam;
pub mod augmentation;
pub mod batch_norm;
pub mod conv2d;
pub mod conv_transpose2d;
pub mod moving_average;
pub mod prepared;
pub mod products;
pub mod profile;
pub mod reference;
pub mod spectral_norm;
pub mod upsampling;
pub mod vectors;

mod arithmetic;
mod bf16;
mod bias;
mod blocks;
mod convolution;
mod gemm;
mod geometry;
mod lanes;
mod nhwc;
mod planes;
mod precision;
mod scratch;
mod shape;
mod simd;
#[cfg(test)]
mod test_layers;
mod weight_layout;
mod winograd;

pub use activation::Activation;
pub use arithmetic::{Arithmetic, Bf16};
pub use nhwc::{Nhwc, Window};
pub use precision::NEGLIGIBLE;
pub use prepared::PreparedConvTranspose2d;
pub use shape::{
    Conv2dShape, ConvTranspose2dShape, Convolution, LayerShape, ShapeError, TransposedConvolution,
};
