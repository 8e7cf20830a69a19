//! The points of the transforms and the three matrices that follow from them.
//!
//! In one dimension, let `y` be `m` coarse values and `w` the `r` taps of one phase. What
//! they add to the fine grid is the product of two polynomials,
//!
//! `(y[0] + y[1] x + …) (w[0] + w[1] x + …)`,
//!
//! with `n = m + r - 1` coefficients, which its values at `n` points determine (Toom–Cook):
//!
//! 1. evaluate both at the points: `A y` and `V w`, with rows `1, a, a², …` for point `a`;
//!    the "value" at ∞ is the last coefficient;
//! 2. multiply point by point: `n` products in place of the `m r` of the definition;
//! 3. interpolate, by Lagrange's formula: point `a` brings
//!    `value / prod (a - b) * prod (x - b)` over the other finite points `b`, and ∞ brings
//!    `value * prod (x - b)` over all of them.
//!
//! So the result is `B ((G w) ⊙ (A y))`, where the columns of `B` hold the coefficients of
//! the products of `(x - b)`, and `G` is `V` with its rows divided by `prod (a - b)`.
//! The literature on Winograd's convolutions uses the same names `A`, `B` and `G`; it computes
//! the transpose in `y`, `Aᵀ ((G w) ⊙ (Bᵀ d))`: a convolution.
//!
//! The first `n` points serve every transform with `n` points, so that phases with different
//! numbers of taps meet at common points.
//!
//! # Which points
//!
//! For `f32` they are small powers of two with either sign, which makes nearly all coefficients
//! exact, and keeps them small.
//!
//! In bf16 what counts is the rounding of the factors at the points. If each is rounded by a random
//! part of its value, and so are the factors of the direct product, the error in the plane is that
//! of the direct product times `sum over points of |A|² |G|² |B|² / (m r)`, with the lengths of the
//! point's rows; and this is so for each of the three kernels. For `m = 4` and two taps it is 6.4
//! with the points of `f32`, at least 2.8 with any, and 2.81 with ∞, ±5/4 and ±3/8.

/// Finite points; ∞ comes before them as point 0.
pub(crate) type Finite = [f64; MAX_POINTS - 1];

/// The finite points for `f32`.
pub(crate) const FOR_F32: Finite = [0.0, 1.0, -1.0, 0.5, -2.0];

/// The finite points for bf16, of which only four are used.
pub(crate) const FOR_BF16: Finite = [1.25, -1.25, 0.375, -0.375, 0.0];

/// The largest number of points.
pub(super) const MAX_POINTS: usize = 6;

/// `A`: values at `N` points of the polynomial with `M` coefficients.
pub(super) const fn evaluation<const N: usize, const M: usize>(finite: &Finite) -> [[f32; M]; N] {
    let mut matrix = [[0.0; M]; N];
    matrix[0][M - 1] = 1.0;
    let mut point = 1;
    while point < N {
        let mut power = 1.0;
        let mut position = 0;
        while position < M {
            matrix[point][position] = power as f32;
            power *= finite[point - 1];
            position += 1;
        }
        point += 1;
    }
    matrix
}

/// `Bᵀ`: row by row, the coefficients that the value at a point contributes to the result.
pub(super) const fn interpolation<const N: usize>(finite: &Finite) -> [[f32; N]; N] {
    let mut matrix = [[0.0; N]; N];
    let mut point = 0;
    while point < N {
        // Multiply up the factors (x - b), highest coefficient last.
        let mut coefficients = [0.0; N];
        coefficients[0] = 1.0;
        let mut other = 1;
        while other < N {
            if other != point {
                let mut position = N - 1;
                while position > 0 {
                    coefficients[position] =
                        coefficients[position - 1] - finite[other - 1] * coefficients[position];
                    position -= 1;
                }
                coefficients[0] *= -finite[other - 1];
            }
            other += 1;
        }
        let mut position = 0;
        while position < N {
            // Adding zero turns -0 into 0.
            matrix[point][position] = coefficients[position] as f32 + 0.0;
            position += 1;
        }
        point += 1;
    }
    matrix
}

/// `G`: scaled values at `N` points of the polynomial of `R` taps.
pub(super) const fn tap_evaluation<const N: usize, const R: usize>(
    finite: &Finite,
) -> [[f32; R]; N] {
    let mut matrix = evaluation::<N, R>(finite);
    let mut point = 1;
    while point < N {
        let mut scale = 1.0;
        let mut other = 1;
        while other < N {
            if other != point {
                scale *= finite[point - 1] - finite[other - 1];
            }
            other += 1;
        }
        let mut power = 1.0;
        let mut tap = 0;
        while tap < R {
            matrix[point][tap] = (power / scale) as f32;
            power *= finite[point - 1];
            tap += 1;
        }
        point += 1;
    }
    matrix
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `B ((G w) ⊙ (A y))` against the product of the polynomials.
    fn check<const N: usize, const M: usize, const R: usize>(finite: &Finite) {
        assert_eq!(N, M + R - 1);
        let y: Vec<f32> = (0..M).map(|i| i as f32 * 0.75 - 1.0).collect();
        let w: Vec<f32> = (0..R).map(|i| 2.0 - i as f32 * 1.5).collect();
        let dot = |row: &[f32], x: &[f32]| row.iter().zip(x).map(|(a, b)| a * b).sum::<f32>();
        let (a, g, b) = (
            evaluation::<N, M>(finite),
            tap_evaluation::<N, R>(finite),
            interpolation::<N>(finite),
        );
        for position in 0..N {
            let product: f32 = (0..N)
                .map(|point| b[point][position] * dot(&a[point], &y) * dot(&g[point], &w))
                .sum();
            let expected: f32 = (0..M)
                .filter(|i| (i..&(i + R)).contains(&&position))
                .map(|i| y[i] * w[position - i])
                .sum();
            assert!(
                (product - expected).abs() < 1e-4,
                "{N} points, {M} values, position {position}: {product}, not {expected}"
            );
        }
    }

    #[test]
    fn the_transforms_multiply_polynomials() {
        for finite in [&FOR_F32, &FOR_BF16] {
            check::<4, 3, 2>(finite);
            check::<5, 3, 3>(finite);
            check::<5, 4, 2>(finite);
            check::<6, 3, 4>(finite);
            check::<6, 4, 3>(finite);
            check::<6, 5, 2>(finite);
        }
    }
}
