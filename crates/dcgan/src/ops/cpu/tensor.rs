//! Burn's CPU tensors as the slices that the kernels take, and back.

use burn::backend::flex::{FlexTensor, Layout};
use burn::backend::ops::FloatTensorOps;
use burn::backend::{Flex, TensorMetadata};
use burn::tensor::{Bytes, DType, Shape};
use dcgan_kernels::Nhwc;

use crate::buffer::Buffer;

/// A tensor `[B, C, H, W]` whose memory is dense with the channels last.
pub(super) struct ChannelsLast {
    tensor: FlexTensor,
    pub sizes: Nhwc,
}

impl ChannelsLast {
    /// The tensor itself if its memory is in this order already, else a copy.
    pub fn from_tensor(tensor: FlexTensor) -> Self {
        let sizes = sizes(&tensor);
        if is_channels_last(&tensor, sizes) {
            return Self { tensor, sizes };
        }
        let tensor = Flex::float_permute(tensor, &[0, 2, 3, 1]).to_contiguous();
        Self { tensor, sizes }
    }

    pub fn values(&self) -> &[f32] {
        self.tensor.storage()
    }

    /// The tensor that `write` fills.
    pub fn written(sizes: Nhwc, write: impl FnOnce(&mut [f32])) -> FlexTensor {
        let Nhwc {
            batch,
            height,
            width,
            channels,
        } = sizes;
        let shape = Shape::from([batch, channels, height, width]);
        let layout = Layout::new(shape, channels_last_strides(sizes), 0);
        FlexTensor::new(bytes_written(sizes.len(), write), layout, DType::F32)
    }
}

/// The sizes of a tensor `[B, C, H, W]`.
pub fn sizes(tensor: &FlexTensor) -> Nhwc {
    let [batch, channels, height, width] = tensor.shape().dims();
    Nhwc {
        batch,
        height,
        width,
        channels,
    }
}

fn channels_last_strides(sizes: Nhwc) -> Vec<isize> {
    let row = (sizes.width * sizes.channels) as isize;
    vec![row * sizes.height as isize, 1, row, sizes.channels as isize]
}

/// Whether the memory is dense with the channels last. Strides of sides of length 1 do not matter.
fn is_channels_last(tensor: &FlexTensor, sizes: Nhwc) -> bool {
    let layout = tensor.layout();
    let strides = channels_last_strides(sizes);
    let sides = [sizes.batch, sizes.channels, sizes.height, sizes.width];
    layout.start_offset() == 0
        && tensor.storage::<f32>().len() == sizes.len()
        && sides
            .into_iter()
            .zip(layout.strides())
            .zip(strides)
            .all(|((side, actual), expected)| side == 1 || *actual == expected)
}

/// A weight or a vector with dense memory in its own order: a copy if it is not.
pub fn dense(tensor: FlexTensor) -> FlexTensor {
    let is_dense =
        tensor.is_contiguous() && tensor.storage::<f32>().len() == tensor.shape().num_elements();
    if is_dense {
        tensor
    } else {
        tensor.to_contiguous()
    }
}

/// A dense tensor of this shape that `write` fills.
pub(super) fn dense_written(shape: Shape, write: impl FnOnce(&mut [f32])) -> FlexTensor {
    let bytes = bytes_written(shape.num_elements(), write);
    FlexTensor::new(bytes, Layout::contiguous(shape), DType::F32)
}

fn bytes_written(len: usize, write: impl FnOnce(&mut [f32])) -> Bytes {
    let mut buffer = Buffer::new(len);
    write(&mut buffer);
    buffer.into_bytes()
}

/// A vector.
pub(super) fn vector(values: Vec<f32>) -> FlexTensor {
    let layout = Layout::contiguous(Shape::from([values.len()]));
    FlexTensor::new(Bytes::from_elems(values), layout, DType::F32)
}
