//! One window per image: the layer is a plain matrix product, because an image in memory is
//! already the column `[tap, fine]`.

use crate::bias;
use crate::gemm::{Matrix, MatrixMut, Store, multiply_parallel};
use crate::geometry::Geometry;
use crate::precision::flush;
use crate::{scratch, weight_layout};

pub(super) fn gather(
    geometry: &Geometry,
    fine: &[f32],
    weight: &[f32],
    bias: Option<&[f32]>,
    coarse: &mut [f32],
) {
    let Sizes {
        batch,
        channels,
        len,
    } = Sizes::new(geometry);
    bias::fill(coarse, channels, bias);
    scratch::with(geometry.weight_len(), |matrix| {
        weight_layout::columns_to_coarse(geometry, weight, matrix);
        let (left, right) = (
            Matrix::new(fine, batch, len),
            Matrix::new(matrix, len, channels),
        );
        multiply_parallel(
            MatrixMut::new(coarse, batch, channels),
            Store::Add,
            left,
            right,
        );
    });
}

pub(super) fn spread(
    geometry: &Geometry,
    coarse: &[f32],
    weight: &[f32],
    bias: Option<&[f32]>,
    fine: &mut [f32],
) {
    let Sizes {
        batch,
        channels,
        len,
    } = Sizes::new(geometry);
    bias::fill(fine, geometry.fine.channels, bias);
    scratch::with(geometry.weight_len(), |matrix| {
        weight_layout::coarse_to_columns(geometry, weight, geometry.fine.channels, matrix);
        let right = Matrix::new(matrix, channels, len);
        with_flushed(coarse, |coarse| {
            let left = Matrix::new(coarse, batch, channels);
            multiply_parallel(MatrixMut::new(fine, batch, len), Store::Add, left, right);
        });
    });
}

pub(super) fn weight_gradient(
    geometry: &Geometry,
    fine: &[f32],
    coarse: &[f32],
    gradient: &mut [f32],
) {
    let Sizes {
        batch,
        channels,
        len,
    } = Sizes::new(geometry);
    scratch::with(channels * len, |sum| {
        with_flushed(coarse, |coarse| {
            let left = Matrix::new(coarse, batch, channels).transposed();
            let right = Matrix::new(fine, batch, len);
            multiply_parallel(
                MatrixMut::new(sum, channels, len),
                Store::Overwrite,
                left,
                right,
            );
        });
        weight_layout::gradient_from_rows(geometry, sum, gradient);
    });
}

/// The sizes of the matrix product.
struct Sizes {
    batch: usize,
    /// Coarse channels.
    channels: usize,
    /// Values of a fine image.
    len: usize,
}

impl Sizes {
    fn new(geometry: &Geometry) -> Self {
        Self {
            batch: geometry.coarse.batch,
            channels: geometry.coarse.channels,
            len: geometry.column_len(),
        }
    }
}

/// The gradient of the logits comes straight from the loss, where a saturated sigmoid can
/// produce denormals, and here it is multiplied by every weight. It is small, so a copy is cheap.
fn with_flushed(coarse: &[f32], work: impl FnOnce(&[f32])) {
    scratch::with(coarse.len(), |copy| {
        copy.iter_mut()
            .zip(coarse)
            .for_each(|(copy, &value)| *copy = flush(value));
        work(copy);
    });
}
