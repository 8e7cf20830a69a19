//! Symmetric matrices of thousands of rows: a factor, and the eigenvalues.
//!
//! A Fréchet distance needs nothing else of linear algebra, and the crates that offer it change
//! features of crates that Burn is built on. Both algorithms are textbook ones (Golub and Van Loan,
//! *Matrix Computations*, 4.2.8 and 8.3), with the work of a step spread over threads in pieces that
//! depend on the size alone.

use rayon::prelude::*;

/// Rows or columns in a task.
const PIECE: usize = 64;

/// `factor` `[rank, n]` with `factorᵀ · factor` = `matrix`, which must be positive semi-definite up
/// to rounding: its Cholesky factor with the largest remaining diagonal element taken first.
pub(crate) fn factor(matrix: &[f64], n: usize) -> Vec<f64> {
    let mut remaining: Vec<f64> = (0..n).map(|index| matrix[index * (n + 1)]).collect();
    let largest = remaining.iter().copied().fold(0.0, f64::max);
    let negligible = largest * n as f64 * f64::EPSILON;
    let mut factor: Vec<f64> = Vec::new();
    for rank in 0..n {
        let (pivot, &value) = match remaining
            .iter()
            .enumerate()
            .max_by(|a, b| a.1.total_cmp(b.1))
        {
            Some(found) if *found.1 > negligible => found,
            _ => break,
        };
        let root = value.sqrt();
        let weights: Vec<f64> = (0..rank).map(|row| factor[row * n + pivot]).collect();
        let mut row = matrix[pivot * n..][..n].to_vec();
        row.par_chunks_mut(PIECE)
            .enumerate()
            .for_each(|(piece, row)| {
                for (earlier, weight) in factor.chunks_exact(n).zip(&weights) {
                    let earlier = &earlier[piece * PIECE..][..row.len()];
                    for (value, earlier) in row.iter_mut().zip(earlier) {
                        *value -= weight * earlier;
                    }
                }
                row.iter_mut().for_each(|value| *value /= root);
            });
        for (remaining, value) in remaining.iter_mut().zip(&row) {
            *remaining -= value * value;
        }
        remaining[pivot] = 0.0;
        row[pivot] = root;
        factor.extend(row);
    }
    factor
}

/// The eigenvalues of a symmetric matrix `[n, n]`, in no particular order.
pub(crate) fn eigenvalues(matrix: Vec<f64>, n: usize) -> Vec<f64> {
    let (mut diagonal, mut beside) = tridiagonal(matrix, n);
    diagonalise(&mut diagonal, &mut beside);
    diagonal
}

/// The diagonal and the elements beside it of a tridiagonal matrix with the same eigenvalues, by
/// Householder's reflections. The matrix is updated and multiplied by the next vector in one pass,
/// because reading it is what takes the time.
fn tridiagonal(mut matrix: Vec<f64>, n: usize) -> (Vec<f64>, Vec<f64>) {
    let mut diagonal = Vec::with_capacity(n);
    let mut beside = Vec::with_capacity(n);
    // the update that is still to be made: matrix -= v wᵀ + w vᵀ
    let (mut v, mut w) = (vec![0.0; n], vec![0.0; n]);
    for step in 0..n {
        let first = step + 1;
        let row = &matrix[step * n..][..n];
        let (v_here, w_here) = (v[step], w[step]);
        let updated = |column: usize| row[column] - v_here * w[column] - w_here * v[column];
        diagonal.push(updated(step));
        let mut next: Vec<f64> = vec![0.0; n];
        for (column, next) in next.iter_mut().enumerate().skip(first) {
            *next = updated(column);
        }
        let scale = next
            .iter()
            .fold(0.0, |most: f64, value| most.max(value.abs()));
        if first >= n {
            break;
        }
        let mut factor = 0.0;
        if scale > 0.0 {
            let squares = next.iter().map(|value| (value / scale).powi(2));
            let length = scale * squares.sum::<f64>().sqrt();
            let signed = length.copysign(next[first]);
            beside.push(-signed);
            // reflection 1 − factor · u uᵀ with u scaled so that its first element is 1
            let head = next[first] + signed;
            next[first] = head;
            next.iter_mut().for_each(|value| *value /= head);
            factor = head / signed;
        } else {
            beside.push(0.0);
        }
        let products: Vec<f64> = matrix[first * n..]
            .par_chunks_mut(PIECE * n)
            .enumerate()
            .flat_map_iter(|(piece, rows)| {
                let (v, w, next) = (&v, &w, &next);
                rows.chunks_exact_mut(n)
                    .enumerate()
                    .map(move |(place, row)| {
                        let place = first + piece * PIECE + place;
                        update_and_multiply(
                            &mut row[first..],
                            v[place],
                            w[place],
                            &v[first..],
                            &w[first..],
                            &next[first..],
                        )
                    })
            })
            .collect();
        let mut product = vec![0.0; n];
        product[first..].copy_from_slice(&products);
        let overlap: f64 = product.iter().zip(&next).map(|(p, u)| p * u).sum();
        for (product, u) in product.iter_mut().zip(&next) {
            *product = factor * (*product - 0.5 * factor * overlap * u);
        }
        (v, w) = (next, product);
    }
    (diagonal, beside)
}

/// Subtracts `v_here · w + w_here · v` from a row, and returns its product with `next`.
fn update_and_multiply(
    row: &mut [f64],
    v_here: f64,
    w_here: f64,
    v: &[f64],
    w: &[f64],
    next: &[f64],
) -> f64 {
    const LANES: usize = 8;
    let mut sums = [0.0; LANES];
    let (rows, rest) = row.as_chunks_mut::<LANES>();
    let (vs, v_rest) = v.as_chunks::<LANES>();
    let (ws, w_rest) = w.as_chunks::<LANES>();
    let (nexts, next_rest) = next.as_chunks::<LANES>();
    for (((row, v), w), next) in rows.iter_mut().zip(vs).zip(ws).zip(nexts) {
        for lane in 0..LANES {
            row[lane] -= v_here * w[lane] + w_here * v[lane];
            sums[lane] += row[lane] * next[lane];
        }
    }
    let mut sum: f64 = sums.iter().sum();
    for (((row, v), w), next) in rest.iter_mut().zip(v_rest).zip(w_rest).zip(next_rest) {
        *row -= v_here * w + w_here * v;
        sum += *row * next;
    }
    sum
}

/// The implicit QL algorithm with Wilkinson's shifts: on return `diagonal` holds the eigenvalues.
fn diagonalise(diagonal: &mut [f64], beside: &mut Vec<f64>) {
    let n = diagonal.len();
    beside.resize(n, 0.0);
    for start in 0..n {
        // it converges in two or three rounds; the limit only ends a loop over NaN
        for _ in 0..64 {
            let is_small = |at: usize| {
                let size = diagonal[at].abs() + diagonal[at + 1].abs();
                beside[at].abs() <= f64::EPSILON * size
            };
            let end = (start..n - 1).find(|&at| is_small(at)).unwrap_or(n - 1);
            if end == start {
                break;
            }
            let half = (diagonal[start + 1] - diagonal[start]) / (2.0 * beside[start]);
            let root = half.hypot(1.0);
            let mut g =
                diagonal[end] - diagonal[start] + beside[start] / (half + root.copysign(half));
            let (mut sine, mut cosine, mut shift) = (1.0, 1.0, 0.0);
            let mut vanished = false;
            for at in (start..end).rev() {
                let f = sine * beside[at];
                let b = cosine * beside[at];
                let r = f.hypot(g);
                beside[at + 1] = r;
                if r == 0.0 {
                    diagonal[at + 1] -= shift;
                    beside[end] = 0.0;
                    vanished = true;
                    break;
                }
                sine = f / r;
                cosine = g / r;
                g = diagonal[at + 1] - shift;
                let turned = (diagonal[at] - g) * sine + 2.0 * cosine * b;
                shift = sine * turned;
                diagonal[at + 1] = g + shift;
                g = cosine * turned - b;
            }
            if !vanished {
                diagonal[start] -= shift;
                beside[start] = g;
                beside[end] = 0.0;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A symmetric matrix of numbers that follow no pattern.
    fn matrix(n: usize) -> Vec<f64> {
        let value = |row: usize, column: usize| {
            let (low, high) = (row.min(column), row.max(column));
            ((low * 7919 + high * 104_729) % 1009) as f64 / 1009.0 - 0.5
        };
        (0..n * n).map(|at| value(at / n, at % n)).collect()
    }

    fn square(matrix: &[f64], n: usize) -> Vec<f64> {
        let mut product = vec![0.0; n * n];
        dcgan_kernels::products::times_transposed(matrix, matrix, n, &mut product);
        product
    }

    #[test]
    fn eigenvalues_have_the_trace_and_the_norm_of_their_matrix() {
        for n in [1, 2, 3, 65, 130] {
            let matrix = matrix(n);
            let trace: f64 = (0..n).map(|index| matrix[index * (n + 1)]).sum();
            let squares: f64 = matrix.iter().map(|value| value * value).sum();
            let found = eigenvalues(matrix, n);
            let sum: f64 = found.iter().sum();
            let norm: f64 = found.iter().map(|value| value * value).sum();
            assert!((sum - trace).abs() < 1e-11 * n as f64, "{n}: {sum} {trace}");
            assert!(
                (norm - squares).abs() < 1e-10 * squares,
                "{n}: {norm} {squares}"
            );
        }
    }

    #[test]
    fn known_eigenvalues_are_found() {
        // of the second difference: 2 − 2 cos(πk / (n + 1))
        let n = 40;
        let mut matrix = vec![0.0; n * n];
        for at in 0..n {
            matrix[at * (n + 1)] = 2.0;
            if at + 1 < n {
                matrix[at * n + at + 1] = -1.0;
                matrix[(at + 1) * n + at] = -1.0;
            }
        }
        let mut found = eigenvalues(matrix, n);
        found.sort_by(f64::total_cmp);
        for (place, value) in found.into_iter().enumerate() {
            let angle = std::f64::consts::PI * (place + 1) as f64 / (n + 1) as f64;
            assert!((value - (2.0 - 2.0 * angle.cos())).abs() < 1e-13);
        }
        assert_eq!(eigenvalues(vec![0.0; 9], 3), [0.0; 3]);
    }

    #[test]
    fn a_factor_multiplies_to_its_matrix_whatever_its_rank() {
        let n = 90;
        let full = square(&matrix(n), n);
        let mut thin = matrix(n);
        for row in thin.chunks_exact_mut(n) {
            row[20..].fill(0.0);
        }
        for (matrix, rank) in [(full, n), (square(&thin, n), 20), (vec![0.0; n * n], 0)] {
            let factor = factor(&matrix, n);
            assert_eq!(factor.len() / n, rank);
            for (at, value) in matrix.iter().enumerate() {
                let column = |place: usize| factor.chunks_exact(n).map(move |row| row[place]);
                let pairs = column(at / n).zip(column(at % n));
                let product: f64 = pairs.map(|(a, b)| a * b).sum();
                assert!((product - value).abs() < 1e-12 * n as f64);
            }
        }
    }
}
