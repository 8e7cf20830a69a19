//! The directions in the latent space to which a generator's first layer reacts most: those along
//! which its output changes most for one step of the input, the eigenvectors of AᵀA with the largest
//! eigenvalues for a weight A (Shen and Zhou 2021, "Closed-Form Factorization of Latent Semantics in
//! GANs"). They need no labels, and have no names.

use crate::model::FoldedLayer;

/// Rotations of every pair of coordinates; textbooks stop after six to ten.
const SWEEPS: usize = 30;

/// The `count` principal directions of a generator's first layer, of length 1, the strongest first.
///
/// # Shapes
/// At most `count` times `[z_dim]`
pub fn principal_directions(first: &FoldedLayer, count: usize) -> Vec<Vec<f32>> {
    let n = first.c_in();
    let outputs = first.weight.len() / n;
    let rows: Vec<&[f32]> = first.weight.chunks_exact(outputs).collect();
    let dot = |a: &[f32], b: &[f32]| -> f64 {
        a.iter()
            .zip(b)
            .map(|(&a, &b)| f64::from(a) * f64::from(b))
            .sum()
    };
    let matrix = (0..n * n)
        .map(|at| dot(rows[at / n], rows[at % n]))
        .collect();
    let mut pairs = eigenvectors(matrix, n);
    pairs.sort_by(|a, b| b.0.total_cmp(&a.0));
    let directions = pairs.into_iter().take(count).map(|(_, vector)| {
        // of the two signs, the one that makes the largest coordinate positive
        let largest = vector
            .iter()
            .copied()
            .max_by(|a, b| a.abs().total_cmp(&b.abs()));
        let sign = largest.unwrap_or(1.0).signum();
        vector.iter().map(|value| (sign * value) as f32).collect()
    });
    directions.collect()
}

/// The eigenvalues and eigenvectors of a symmetric matrix `[n, n]`, by Jacobi's method: rotations in
/// two coordinates, each of which makes one element beside the diagonal 0 (Golub and Van Loan, *Matrix
/// Computations*, 8.5).
fn eigenvectors(mut matrix: Vec<f64>, n: usize) -> Vec<(f64, Vec<f64>)> {
    let mut vectors = vec![0.0; n * n]; // in rows
    (0..n).for_each(|at| vectors[at * (n + 1)] = 1.0);
    let negligible = matrix.iter().map(|value| value * value).sum::<f64>() * f64::EPSILON.powi(2);
    for _ in 0..SWEEPS {
        // not the difference of all squares and the diagonal's, in which rounding hides the rest
        let beside = (0..n * n).filter(|at| at / n != at % n);
        if beside.map(|at| matrix[at].powi(2)).sum::<f64>() <= negligible {
            break;
        }
        for p in 0..n {
            for q in p + 1..n {
                let (sine, cosine) = rotation(&matrix, n, p, q);
                rotate_rows(&mut matrix, n, p, q, sine, cosine);
                for row in matrix.chunks_exact_mut(n) {
                    (row[p], row[q]) = (
                        cosine * row[p] - sine * row[q],
                        sine * row[p] + cosine * row[q],
                    );
                }
                rotate_rows(&mut vectors, n, p, q, sine, cosine);
            }
        }
    }
    let values = (0..n).map(|at| matrix[at * (n + 1)]);
    values
        .zip(vectors.chunks_exact(n).map(<[f64]>::to_vec))
        .collect()
}

/// The sine and cosine of the rotation after which element (p, q) is 0.
fn rotation(matrix: &[f64], n: usize, p: usize, q: usize) -> (f64, f64) {
    let beside = matrix[p * n + q];
    if beside == 0.0 {
        return (0.0, 1.0);
    }
    let half = (matrix[q * n + q] - matrix[p * n + p]) / (2.0 * beside);
    let tangent = half.signum() / (half.abs() + half.hypot(1.0));
    let cosine = 1.0 / tangent.hypot(1.0);
    (tangent * cosine, cosine)
}

fn rotate_rows(matrix: &mut [f64], n: usize, p: usize, q: usize, sine: f64, cosine: f64) {
    let (above, below) = matrix.split_at_mut(q * n);
    for (a, b) in above[p * n..][..n].iter_mut().zip(&mut below[..n]) {
        (*a, *b) = (cosine * *a - sine * *b, sine * *a + cosine * *b);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eigenvectors_are_orthonormal_and_give_the_matrix_back() {
        for n in [1, 2, 3, 40] {
            let value = |row: usize, column: usize| {
                let (low, high) = (row.min(column), row.max(column));
                ((low * 7919 + high * 104_729) % 1009) as f64 / 1009.0 - 0.5
            };
            let matrix: Vec<f64> = (0..n * n).map(|at| value(at / n, at % n)).collect();
            let pairs = eigenvectors(matrix.clone(), n);
            for (at, given) in matrix.iter().enumerate() {
                let (i, j) = (at / n, at % n);
                let product: f64 = pairs.iter().map(|(value, v)| value * v[i] * v[j]).sum();
                assert!((product - given).abs() < 1e-12 * n as f64);
                let dot: f64 = (0..n).map(|k| pairs[i].1[k] * pairs[j].1[k]).sum();
                assert!((dot - f64::from(i == j)).abs() < 1e-12 * n as f64);
            }
        }
    }
}
