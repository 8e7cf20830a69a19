//! Small constant matrices applied to vectors of channels, in registers.
//!
//! The matrices are known to the compiler, which drops the products with 0 and 1. They are
//! part of a type and their entries numbered by constants, since loops over them would not be
//! unrolled far enough for that.

use super::points::{MAX_POINTS, evaluation, interpolation, tap_evaluation};
use crate::blocks::factors::Factors;
use crate::simd::Simd;

/// A matrix of `R` rows and `C` columns.
pub(super) trait Matrix<const R: usize, const C: usize> {
    const ENTRIES: [[f32; C]; R];
}

/// `A`, see [`points`](super::points).
pub(super) struct Evaluation<F>(F);

impl<F: Factors, const N: usize, const M: usize> Matrix<N, M> for Evaluation<F> {
    const ENTRIES: [[f32; M]; N] = evaluation(&F::POINTS);
}

/// `Bᵀ`, see [`points`](super::points).
pub(super) struct Interpolation<F>(F);

impl<F: Factors, const N: usize> Matrix<N, N> for Interpolation<F> {
    const ENTRIES: [[f32; N]; N] = interpolation(&F::POINTS);
}

/// `G`, see [`points`](super::points).
pub(super) struct TapEvaluation<F>(F);

impl<F: Factors, const N: usize, const R: usize> Matrix<N, R> for TapEvaluation<F> {
    const ENTRIES: [[f32; R]; N] = tap_evaluation(&F::POINTS);
}

/// A matrix with rows and columns exchanged.
pub(super) struct Transposed<T>(T);

impl<const R: usize, const C: usize, T: Matrix<C, R>> Matrix<R, C> for Transposed<T> {
    const ENTRIES: [[f32; C]; R] = transposed(&T::ENTRIES);
}

const fn transposed<const R: usize, const C: usize>(matrix: &[[f32; C]; R]) -> [[f32; R]; C] {
    let mut result = [[0.0; R]; C];
    let mut row = 0;
    while row < R {
        let mut column = 0;
        while column < C {
            result[column][row] = matrix[row][column];
            column += 1;
        }
        row += 1;
    }
    result
}

/// `matrix * values * matrixᵀ` for the matrices of the two dimensions.
#[inline(always)]
pub(super) fn both<S, T, const OUT_Y: usize, const OUT_X: usize, const Y: usize, const X: usize>(
    simd: S,
    values: [[S::f32s; X]; Y],
) -> [[S::f32s; OUT_X]; OUT_Y]
where
    S: Simd,
    T: Matrix<OUT_Y, Y> + Matrix<OUT_X, X>,
{
    let zero = simd.splat_f32s(0.0);
    let mut columns = [[zero; X]; OUT_Y];
    for x in 0..X {
        let mut column = [zero; Y];
        for y in 0..Y {
            column[y] = values[y][x];
        }
        let column = apply::<S, T, OUT_Y, Y>(simd, column);
        for y in 0..OUT_Y {
            columns[y][x] = column[y];
        }
    }
    let mut result = [[zero; OUT_X]; OUT_Y];
    for y in 0..OUT_Y {
        result[y] = apply::<S, T, OUT_X, X>(simd, columns[y]);
    }
    result
}

/// `matrix * values`.
#[inline(always)]
pub(super) fn apply<S: Simd, T: Matrix<R, C>, const R: usize, const C: usize>(
    simd: S,
    values: [S::f32s; C],
) -> [S::f32s; R] {
    let all = [
        row::<S, T, R, C, 0>(simd, &values),
        row::<S, T, R, C, 1>(simd, &values),
        row::<S, T, R, C, 2>(simd, &values),
        row::<S, T, R, C, 3>(simd, &values),
        row::<S, T, R, C, 4>(simd, &values),
        row::<S, T, R, C, 5>(simd, &values),
    ];
    const { assert!(R <= MAX_POINTS && C <= MAX_POINTS && MAX_POINTS == 6) }
    let mut result = [all[0]; R];
    result.copy_from_slice(&all[..R]);
    result
}

/// One row of the matrix times the values; nothing past the last row.
#[inline(always)]
fn row<S: Simd, T: Matrix<R, C>, const R: usize, const C: usize, const I: usize>(
    simd: S,
    values: &[S::f32s; C],
) -> S::f32s {
    let sum = None;
    let sum = add::<S, T, R, C, I, 0>(simd, values, sum);
    let sum = add::<S, T, R, C, I, 1>(simd, values, sum);
    let sum = add::<S, T, R, C, I, 2>(simd, values, sum);
    let sum = add::<S, T, R, C, I, 3>(simd, values, sum);
    let sum = add::<S, T, R, C, I, 4>(simd, values, sum);
    let sum = add::<S, T, R, C, I, 5>(simd, values, sum);
    sum.unwrap_or(simd.splat_f32s(0.0))
}

/// Adds one entry times its value to a sum that is `None` while nothing was added.
#[inline(always)]
fn add<S, T, const R: usize, const C: usize, const I: usize, const J: usize>(
    simd: S,
    values: &[S::f32s; C],
    sum: Option<S::f32s>,
) -> Option<S::f32s>
where
    S: Simd,
    T: Matrix<R, C>,
{
    let entry = const {
        if I < R && J < C {
            T::ENTRIES[I][J]
        } else {
            0.0
        }
    };
    if entry == 0.0 {
        return sum;
    }
    let value = values[J];
    Some(match sum {
        None if entry == 1.0 => value,
        None => simd.mul_f32s(simd.splat_f32s(entry), value),
        Some(sum) if entry == 1.0 => simd.add_f32s(sum, value),
        Some(sum) if entry == -1.0 => simd.sub_f32s(sum, value),
        Some(sum) => simd.mul_add_f32s(simd.splat_f32s(entry), value, sum),
    })
}

/// The channels from `start` on, with zeros past the last one.
#[inline(always)]
pub(super) fn load<S: Simd>(simd: S, channels: &[f32], start: usize) -> S::f32s {
    let values = channels.get(start..).unwrap_or_default();
    match S::as_simd_f32s(values).0.first() {
        Some(&full) => full,
        None => simd.partial_load_f32s(values),
    }
}

/// Writes the channels from `start` on, leaving out what lies past the last one.
#[inline(always)]
pub(super) fn store<S: Simd>(simd: S, channels: &mut [f32], start: usize, values: S::f32s) {
    let target = channels.get_mut(start..).unwrap_or_default();
    match S::as_mut_simd_f32s(target) {
        ([full, ..], _) => *full = values,
        (_, rest) => simd.partial_store_f32s(rest, values),
    }
}
