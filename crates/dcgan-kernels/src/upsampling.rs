//! Upsampling by 2 followed by a 3×3 convolution, as one transposed convolution.
//!
//! Both are linear and the same at every pixel, so together they are a transposed convolution of
//! stride 2 whose kernel is the 3×3 kernel convolved with the filter of the upsampling: 4×4 for
//! nearest neighbours. It needs 16 products for each input pixel, where the two steps need 36. The
//! weights stay those of the 3×3 convolution, so neighbouring output pixels share them: that is what
//! avoids the checkerboard of transposed convolutions (Odena et al. 2016, "Deconvolution and
//! Checkerboard Artifacts").

use rayon::prelude::*;

use crate::profile::{self, Part};

/// How pixels are repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Filter {
    /// Each pixel twice in each direction.
    Nearest,
    /// Between the pixel centres in proportion to their distance, with zeros beyond the border.
    Bilinear,
}

/// Channels of a task: it reads and writes as many streams at a time, each in order.
const CHANNELS: usize = 16;

/// The side of the convolution's kernel.
const SIDE: usize = 3;

impl Filter {
    /// Its values in one direction, for outputs of stride 2.
    const fn taps(self) -> &'static [f32] {
        match self {
            Self::Nearest => &[1.0, 1.0],
            Self::Bilinear => &[0.25, 0.75, 0.75, 0.25],
        }
    }

    /// The side of the kernel of both steps.
    pub fn kernel(self) -> usize {
        self.taps().len() + 2
    }

    /// The padding with which the transposed convolution doubles the side.
    pub fn padding(self) -> usize {
        self.taps().len() / 2
    }

    /// What each value of the 3×3 kernel adds to each of both steps' kernel, `[9, K²]`.
    pub fn matrix_of_kernels(self) -> Vec<f32> {
        match self {
            Self::Nearest => products(&NEAREST),
            Self::Bilinear => products(&BILINEAR),
        }
    }
}

/// In one direction, what each value of the 3×3 kernel adds to each of both steps' kernel.
type Matrix<const K: usize> = [[f32; K]; SIDE];

const NEAREST: Matrix<4> = matrix(Filter::Nearest.taps());
const BILINEAR: Matrix<6> = matrix(Filter::Bilinear.taps());

/// The matrix of a filter with these taps.
const fn matrix<const K: usize>(taps: &[f32]) -> Matrix<K> {
    let mut matrix = [[0.0; K]; SIDE];
    let mut k = 0;
    while k < SIDE {
        let mut tap = 0;
        while tap < taps.len() {
            // the convolution turns the kernel around
            matrix[k][tap + SIDE - 1 - k] = taps[tap];
            tap += 1;
        }
        k += 1;
    }
    matrix
}

/// The products of each pair of values, rows by rows.
fn products<const K: usize>(matrix: &Matrix<K>) -> Vec<f32> {
    let pairs = matrix
        .iter()
        .flat_map(|y| matrix.iter().map(move |x| (y, x)));
    let products =
        pairs.flat_map(|(y, x)| y.iter().flat_map(move |y| x.iter().map(move |x| y * x)));
    products.collect()
}

/// The kernel of both steps.
///
/// # Shapes
/// - `weight`: `[c_out, c_in, 3, 3]`, of a convolution
/// - `kernel`: `[c_in, c_out, K, K]`, of a transposed convolution with K = [`Filter::kernel`],
///   stride 2 and [`Filter::padding`]; overwritten
///
/// # Panics
/// If a slice's length does not match the shapes.
pub fn kernel(filter: Filter, [c_out, c_in]: [usize; 2], weight: &[f32], kernel: &mut [f32]) {
    assert_eq!(weight.len(), c_out * c_in * SIDE * SIDE, "length of weight");
    assert_eq!(
        kernel.len(),
        c_out * c_in * filter.kernel().pow(2),
        "length of the kernel"
    );
    match filter {
        Filter::Nearest => kernels(&NEAREST, [c_out, c_in], weight, kernel),
        Filter::Bilinear => kernels(&BILINEAR, [c_out, c_in], weight, kernel),
    }
}

/// [`kernel`] with its side as a constant, so that the loops over it are unrolled.
fn kernels<const K: usize>(
    matrix: &Matrix<K>,
    [c_out, c_in]: [usize; 2],
    weight: &[f32],
    kernels: &mut [f32],
) {
    let (weights, _) = weight.as_chunks::<SIDE>().0.as_chunks::<SIDE>();
    let of_inputs = kernels.par_chunks_mut(CHANNELS * c_out * K * K);
    of_inputs.enumerate().for_each(|(task, kernels)| {
        profile::time(Part::WeightLayouts, || {
            let (kernels, _) = kernels.as_chunks_mut::<K>().0.as_chunks_mut::<K>();
            for output in 0..c_out {
                let weights = &weights[output * c_in + task * CHANNELS..];
                for (kernels, weight) in kernels.chunks_exact_mut(c_out).zip(weights) {
                    kernels[output] = kernel_of(matrix, weight);
                }
            }
        });
    });
}

/// The kernel of both steps for a 3×3 kernel.
fn kernel_of<const K: usize>(matrix: &Matrix<K>, weight: &[[f32; SIDE]; SIDE]) -> [[f32; K]; K] {
    let mut kernel = [[0.0; K]; K];
    for (i, row) in kernel.iter_mut().enumerate() {
        let mut columns = [0.0; SIDE]; // of the 3×3 kernel, along its rows
        for (weights, of_row) in weight.iter().zip(matrix) {
            for (sum, weight) in columns.iter_mut().zip(weights) {
                *sum += of_row[i] * weight;
            }
        }
        for (column, of_column) in columns.iter().zip(matrix) {
            for (value, factor) in row.iter_mut().zip(of_column) {
                *value += factor * column;
            }
        }
    }
    kernel
}

/// The gradient of the weight of [`kernel`].
///
/// # Shapes
/// - `of_kernel`: `[c_in, c_out, K, K]`
/// - `of_weight`: `[c_out, c_in, 3, 3]`, overwritten
///
/// # Panics
/// If a slice's length does not match the shapes.
pub fn weight_gradient(
    filter: Filter,
    [c_out, c_in]: [usize; 2],
    of_kernel: &[f32],
    of_weight: &mut [f32],
) {
    assert_eq!(
        of_weight.len(),
        c_out * c_in * SIDE * SIDE,
        "length of the weight's gradient"
    );
    assert_eq!(
        of_kernel.len(),
        c_out * c_in * filter.kernel().pow(2),
        "length of the kernel's gradient"
    );
    match filter {
        Filter::Nearest => weight_gradients(&NEAREST, [c_out, c_in], of_kernel, of_weight),
        Filter::Bilinear => weight_gradients(&BILINEAR, [c_out, c_in], of_kernel, of_weight),
    }
}

/// [`weight_gradient`] with the side of the kernels as a constant.
fn weight_gradients<const K: usize>(
    matrix: &Matrix<K>,
    [c_out, c_in]: [usize; 2],
    of_kernel: &[f32],
    of_weight: &mut [f32],
) {
    let (of_kernels, _) = of_kernel.as_chunks::<K>().0.as_chunks::<K>();
    let of_outputs = of_weight.par_chunks_mut(CHANNELS * c_in * SIDE * SIDE);
    of_outputs.enumerate().for_each(|(task, weights)| {
        profile::time(Part::WeightLayouts, || {
            let (weights, _) = weights.as_chunks_mut::<SIDE>().0.as_chunks_mut::<SIDE>();
            for input in 0..c_in {
                let of_kernels = &of_kernels[input * c_out + task * CHANNELS..];
                for (weights, of_kernel) in weights.chunks_exact_mut(c_in).zip(of_kernels) {
                    weights[input] = gradient_of(matrix, of_kernel);
                }
            }
        });
    });
}

/// The gradient of a 3×3 kernel from that of its kernel of both steps.
fn gradient_of<const K: usize>(
    matrix: &Matrix<K>,
    of_kernel: &[[f32; K]; K],
) -> [[f32; SIDE]; SIDE] {
    let mut gradient = [[0.0; SIDE]; SIDE];
    for (values, of_row) in gradient.iter_mut().zip(matrix) {
        let mut row = [0.0; K];
        for (gradients, factor) in of_kernel.iter().zip(of_row) {
            for (sum, gradient) in row.iter_mut().zip(gradients) {
                *sum += factor * gradient;
            }
        }
        for (value, of_column) in values.iter_mut().zip(matrix) {
            *value = of_column.iter().zip(&row).map(|(a, b)| a * b).sum();
        }
    }
    gradient
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Arithmetic, Conv2dShape, ConvTranspose2dShape, Nhwc, Window, conv_transpose2d, conv2d,
    };

    fn values(count: usize, step: f32) -> Vec<f32> {
        (0..count).map(|i| (i as f32 * step).sin()).collect()
    }

    /// Upsampled with zeros beyond the border, and one more pixel on each side than twice as many.
    fn upsampled(filter: Filter, side: usize, channels: usize, input: &[f32]) -> Vec<f32> {
        let (taps, wide) = (filter.taps(), 2 * side + 2);
        let reach = taps.len() / 2; // pixel q starts at 2q - (reach - 1), shifted by the border
        let mut output = vec![0.0; wide * wide * channels];
        for (y, x, c) in (0..side * side * channels).map(|i| {
            let (pixel, c) = (i / channels, i % channels);
            (pixel / side, pixel % side, c)
        }) {
            for (dy, of_y) in taps.iter().enumerate() {
                for (dx, of_x) in taps.iter().enumerate() {
                    let row = (2 * y + dy + 2).checked_sub(reach);
                    let column = (2 * x + dx + 2).checked_sub(reach);
                    let (Some(row), Some(column)) = (row, column) else {
                        continue;
                    };
                    if row < wide && column < wide {
                        let value = input[(y * side + x) * channels + c];
                        output[(row * wide + column) * channels + c] += of_y * of_x * value;
                    }
                }
            }
        }
        output
    }

    #[test]
    fn one_transposed_convolution_upsamples_and_convolves() {
        let (side, c_in, c_out) = (5, 3, 4);
        let input = Nhwc {
            batch: 1,
            height: side,
            width: side,
            channels: c_in,
        };
        let x = values(input.len(), 0.7);
        let weight = values(c_out * c_in * 9, 1.3);
        for filter in [Filter::Nearest, Filter::Bilinear] {
            let wide = Nhwc {
                height: 2 * side + 2,
                width: 2 * side + 2,
                ..input
            };
            let window = Window {
                kernel: 3,
                stride: 1,
                padding: 0,
            };
            let shape = Conv2dShape::new(wide, c_out, window).unwrap();
            let mut expected = vec![0.0; shape.output().len()];
            let repeated = upsampled(filter, side, c_in, &x);
            conv2d::forward(
                &shape,
                Arithmetic::F32,
                &repeated,
                &weight,
                None,
                &mut expected,
            );

            let window = Window {
                kernel: filter.kernel(),
                stride: 2,
                padding: filter.padding(),
            };
            let shape = ConvTranspose2dShape::new(input, c_out, window, 0).unwrap();
            let mut both = vec![0.0; shape.weight_len()];
            kernel(filter, [c_out, c_in], &weight, &mut both);
            let mut output = vec![0.0; shape.output().len()];
            conv_transpose2d::forward(&shape, Arithmetic::F32, &x, &both, None, &mut output);
            assert_eq!(output.len(), expected.len());
            for (found, expected) in output.iter().zip(&expected) {
                assert!((found - expected).abs() < 1e-4, "{filter:?}");
            }
        }
    }

    #[test]
    fn the_gradient_is_the_adjoint() {
        let (c_out, c_in) = (3, 2);
        for filter in [Filter::Nearest, Filter::Bilinear] {
            let weight = values(c_out * c_in * 9, 0.9);
            let of_kernel = values(c_out * c_in * filter.kernel().pow(2), 0.3);
            let mut both = vec![0.0; of_kernel.len()];
            kernel(filter, [c_out, c_in], &weight, &mut both);
            let mut of_weight = vec![0.0; weight.len()];
            weight_gradient(filter, [c_out, c_in], &of_kernel, &mut of_weight);
            let product =
                |one: &[f32], other: &[f32]| one.iter().zip(other).map(|(a, b)| a * b).sum::<f32>();
            let (left, right) = (product(&both, &of_kernel), product(&weight, &of_weight));
            assert!((left - right).abs() < 1e-4, "{filter:?}: {left} {right}");
        }
    }
}
