//! Products of every row of one matrix with every row of another: `left · rightᵀ`.
//!
//! Kernels between features, distances between pictures, covariances and convolutions over unfolded
//! windows are all of this form.

#![expect(unsafe_code, reason = "raw pointers of the gemm crate")]

use rayon::prelude::*;

/// `f32` or `f64`.
pub trait Number: sealed::Sealed + Copy + Send + Sync + 'static {}
impl Number for f32 {}
impl Number for f64 {}

mod sealed {
    pub trait Sealed {
        const ONE: Self;
    }
    impl Sealed for f32 {
        const ONE: Self = 1.0;
    }
    impl Sealed for f64 {
        const ONE: Self = 1.0;
    }
}

/// Rows of `left` in a task.
const ROWS: usize = 128;

/// `product = left · rightᵀ`, in tasks for all threads that depend on the shape alone.
///
/// # Shapes
/// - `left`: `[m, inner]`
/// - `right`: `[n, inner]`
/// - `product`: `[m, n]`, overwritten
///
/// # Panics
/// If `inner` is 0, or a slice's length does not match the shapes.
///
/// # Example
/// ```
/// let mut product = [0.0; 2];
/// dcgan_kernels::products::times_transposed(&[1.0, 2.0], &[3.0, 4.0, 5.0, 6.0], 2, &mut product);
/// assert_eq!(product, [11.0, 17.0]);
/// ```
pub fn times_transposed<T: Number>(left: &[T], right: &[T], inner: usize, product: &mut [T]) {
    let columns = right.len() / inner;
    if columns == 0 {
        return;
    }
    left.par_chunks(ROWS * inner)
        .zip(product.par_chunks_mut(ROWS * columns))
        .for_each(|(left, product)| times_transposed_here(left, right, inner, product));
}

/// [`times_transposed`] on the calling thread.
///
/// # Panics
/// As [`times_transposed`].
pub fn times_transposed_here<T: Number>(left: &[T], right: &[T], inner: usize, product: &mut [T]) {
    let (rows, columns) = (left.len() / inner, right.len() / inner);
    assert_eq!(left.len(), rows * inner, "length of left");
    assert_eq!(right.len(), columns * inner, "length of right");
    assert_eq!(product.len(), rows * columns, "length of product");
    // SAFETY: the lengths above are those of three row-major matrices, of which `product` is
    // borrowed exclusively; `T` is `f32` or `f64`, which the crate computes with.
    unsafe {
        gemm::gemm(
            rows,
            columns,
            inner,
            product.as_mut_ptr(),
            1,
            columns as isize,
            false,
            left.as_ptr(),
            1,
            inner as isize,
            right.as_ptr(),
            inner as isize,
            1,
            T::ONE,
            T::ONE,
            false,
            false,
            false,
            gemm::Parallelism::None,
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_multiplied_with_every_row() {
        let (rows, columns, inner) = (300, 70, 33);
        let value = |index: usize| ((index * 37) % 101) as f64 / 50.0 - 1.0;
        let left: Vec<f64> = (0..rows * inner).map(value).collect();
        let right: Vec<f64> = (7..columns * inner + 7).map(value).collect();
        let mut product = vec![f64::NAN; rows * columns];
        times_transposed(&left, &right, inner, &mut product);
        for (row, left) in left.chunks(inner).enumerate() {
            for (column, right) in right.chunks(inner).enumerate() {
                let expected: f64 = left.iter().zip(right).map(|(a, b)| a * b).sum();
                assert!((product[row * columns + column] - expected).abs() < 1e-12);
            }
        }
    }

    #[test]
    fn no_rows_have_no_products() {
        times_transposed::<f32>(&[], &[1.0], 1, &mut []);
        times_transposed::<f32>(&[1.0], &[], 1, &mut []);
    }
}
