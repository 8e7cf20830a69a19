//! Spectral normalisation: a weight divided by its largest singular value, which a power iteration
//! estimates (Miyato et al. 2018, arXiv 1802.05957).

use rayon::prelude::*;

use crate::profile::{self, Part};
use crate::vectors::{add_scaled, dot};

/// Added to lengths that are divided by, as in PyTorch's `spectral_norm`.
const EPSILON: f64 = 1e-12;

/// Columns in a task of a product with the transposed matrix.
const COLUMNS: usize = 512;

/// Rows in a task of element-wise work.
const ROWS: usize = 16;

/// One step of the power iteration: `v ← Wᵀu / ‖Wᵀu‖`, then `u ← Wv / ‖Wv‖`.
///
/// # Shapes
/// `weight` `[rows, columns]`, `u` `[rows]`, `v` `[columns]`, overwritten.
///
/// # Panics
/// If the length of `weight` is not `rows · columns`.
pub fn power_iteration(weight: &[f32], u: &mut [f32], v: &mut [f32]) {
    check(weight, u, v);
    let columns = v.len();
    v.par_chunks_mut(COLUMNS).enumerate().for_each(|(task, v)| {
        profile::time(Part::SpectralNorm, || {
            v.fill(0.0);
            for (row, u) in weight.chunks_exact(columns).zip(&*u) {
                add_scaled(v, &row[task * COLUMNS..][..v.len()], *u);
            }
        });
    });
    normalise(v);
    u.copy_from_slice(&times(weight, v));
    normalise(u);
}

/// The estimate of the largest singular value, `uᵀWv`.
///
/// # Panics
/// As [`power_iteration`].
pub fn norm(weight: &[f32], u: &[f32], v: &[f32]) -> f32 {
    check(weight, u, v);
    let products = times(weight, v);
    let product = products
        .iter()
        .zip(u)
        .map(|(a, b)| f64::from(*a) * f64::from(*b));
    product.sum::<f64>() as f32
}

/// `weight / norm`.
///
/// # Panics
/// If the lengths differ.
pub fn divide(weight: &[f32], norm: f32, output: &mut [f32]) {
    assert_eq!(weight.len(), output.len(), "length of the output");
    let chunks = output
        .par_chunks_mut(1 << 14)
        .zip(weight.par_chunks(1 << 14));
    chunks.for_each(|(output, weight)| {
        profile::time(Part::SpectralNorm, || {
            for (output, weight) in output.iter_mut().zip(weight) {
                *output = weight / norm;
            }
        });
    });
}

/// The gradient of `weight`, of which `gradient` is that of `weight / norm(weight, u, v)`. `u` and
/// `v` count as constants, as in PyTorch.
///
/// # Shapes
/// `gradient` and `of_weight` as `weight`; `of_weight` is overwritten.
///
/// # Panics
/// As [`power_iteration`].
pub fn weight_gradient(
    weight: &[f32],
    u: &[f32],
    v: &[f32],
    norm: f32,
    gradient: &[f32],
    of_weight: &mut [f32],
) {
    check(weight, u, v);
    assert_eq!(gradient.len(), weight.len(), "length of the gradient");
    assert_eq!(
        of_weight.len(),
        weight.len(),
        "length of the weight's gradient"
    );
    let columns = v.len();
    let by_row =
        |(weight, gradient)| profile::time(Part::SpectralNorm, || f64::from(dot(weight, gradient)));
    let rows = weight
        .par_chunks_exact(columns)
        .zip(gradient.par_chunks_exact(columns));
    let sums: Vec<f64> = rows.map(by_row).collect();
    let share = (sums.iter().sum::<f64>() / f64::from(norm)) as f32;
    of_weight
        .par_chunks_mut(ROWS * columns)
        .zip(gradient.par_chunks(ROWS * columns))
        .zip(u.par_chunks(ROWS))
        .for_each(|((of_weight, gradient), u)| {
            profile::time(Part::SpectralNorm, || {
                let rows = of_weight
                    .chunks_exact_mut(columns)
                    .zip(gradient.chunks_exact(columns));
                for ((of_weight, gradient), u) in rows.zip(u) {
                    let along = share * u;
                    for ((of_weight, gradient), v) in of_weight.iter_mut().zip(gradient).zip(v) {
                        *of_weight = (gradient - along * v) / norm;
                    }
                }
            });
        });
}

fn check(weight: &[f32], u: &[f32], v: &[f32]) {
    assert_eq!(weight.len(), u.len() * v.len(), "length of weight");
}

/// `weight · v`.
fn times(weight: &[f32], v: &[f32]) -> Vec<f32> {
    let rows = weight.par_chunks_exact(v.len());
    let product = |row| profile::time(Part::SpectralNorm, || dot(row, v));
    rows.map(product).collect()
}

fn normalise(vector: &mut [f32]) {
    let squares: f64 = vector.iter().map(|x| f64::from(*x) * f64::from(*x)).sum();
    let length = squares.sqrt().max(EPSILON) as f32;
    vector.iter_mut().for_each(|value| *value /= length);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn power_iteration_finds_the_largest_singular_value() {
        // diag(3, 2) with a column of zeros, turned by nothing: singular values 3 and 2
        let weight = [3.0, 0.0, 0.0, 0.0, 2.0, 0.0];
        let (mut u, mut v) = ([0.6, 0.8], [0.0; 3]);
        for _ in 0..30 {
            power_iteration(&weight, &mut u, &mut v);
        }
        assert!((norm(&weight, &u, &v) - 3.0).abs() < 1e-5);
        let mut divided = [0.0; 6];
        divide(&weight, 3.0, &mut divided);
        assert_eq!(divided, weight.map(|value| value / 3.0));
    }

    #[test]
    fn the_gradient_is_that_of_finite_differences() {
        let values = |count: usize, step: f32| -> Vec<f32> {
            (0..count).map(|i| (i as f32 * step).cos()).collect()
        };
        let (rows, columns) = (20, 600); // more than one task of each kind
        let weight = values(rows * columns, 0.37);
        let gradient = values(rows * columns, 0.11);
        let (mut u, mut v) = (values(rows, 0.9), vec![0.0; columns]);
        power_iteration(&weight, &mut u, &mut v);
        let of = |weight: &[f32]| -> f64 {
            let norm = f64::from(norm(weight, &u, &v));
            let products = weight.iter().zip(&gradient);
            let sum: f64 = products.map(|(a, b)| f64::from(*a) * f64::from(*b)).sum();
            sum / norm
        };
        let mut found = vec![0.0; weight.len()];
        let norm = norm(&weight, &u, &v);
        weight_gradient(&weight, &u, &v, norm, &gradient, &mut found);
        for index in [0, 599, 600, 7000, 11_999] {
            let mut moved = [weight.clone(), weight.clone()];
            moved[0][index] += 0.05;
            moved[1][index] -= 0.05;
            let expected = (of(&moved[0]) - of(&moved[1])) / 0.1;
            let found = f64::from(found[index]);
            assert!(
                (found - expected).abs() < 1e-3,
                "{index}: {found} {expected}"
            );
        }
    }
}
