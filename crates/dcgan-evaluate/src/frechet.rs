use dcgan_kernels::products::times_transposed;

use crate::error::{EvaluationError, Side};
use crate::statistics::Statistics;
use crate::symmetric::{eigenvalues, factor};

/// With fewer pictures than features, a covariance of Inception's 2,048 features is singular, and
/// the distance says more about the number of pictures than about them.
pub const FEWEST_FOR_FID: usize = 2048;

/// With fewer pictures than this on a side, the distance is too large by more than generators
/// differ.
pub const ENOUGH_FOR_FID: usize = 10_000;

/// The Fréchet distance between two normal distributions (Heusel et al. 2017):
/// |μ₁ − μ₂|² + tr(Σ₁ + Σ₂ − 2 (Σ₁Σ₂)^½).
///
/// With Σ₁ = LLᵀ, the eigenvalues of Σ₁Σ₂ are those of the symmetric LᵀΣ₂L, so the trace of its root
/// is the sum of their roots.
///
/// # Errors
/// If the statistics have different widths.
pub fn frechet_distance(real: &Statistics, generated: &Statistics) -> Result<f64, EvaluationError> {
    let n = real.width();
    if n != generated.width() {
        return Err(EvaluationError::Widths {
            real: n,
            generated: generated.width(),
        });
    }
    let trace = |statistics: &Statistics| -> f64 {
        let covariance = statistics.covariance();
        (0..n).map(|index| covariance[index * (n + 1)]).sum()
    };
    let differences = real.mean().iter().zip(generated.mean());
    let means: f64 = differences.map(|(a, b)| (a - b) * (a - b)).sum();
    let roots = sum_of_roots(real.covariance(), generated.covariance(), n);
    Ok(means + trace(real) + trace(generated) - 2.0 * roots)
}

/// tr (Σ₁Σ₂)^½
fn sum_of_roots(one: &[f64], other: &[f64], n: usize) -> f64 {
    let factor = factor(one, n);
    let rank = factor.len() / n;
    if rank == 0 {
        return 0.0;
    }
    let mut half = vec![0.0; rank * n];
    times_transposed(&factor, other, n, &mut half);
    let mut product = vec![0.0; rank * rank];
    times_transposed(&half, &factor, n, &mut product);
    let eigenvalues = eigenvalues(product, rank);
    eigenvalues.iter().map(|value| value.max(0.0).sqrt()).sum()
}

/// [`frechet_distance`], refused where it would mislead.
///
/// # Errors
/// If a side has fewer than [`FEWEST_FOR_FID`] pictures, or the widths differ.
pub fn fid(real: &Statistics, generated: &Statistics) -> Result<f64, EvaluationError> {
    for (side, statistics) in [(Side::Real, real), (Side::Generated, generated)] {
        if let Some(count) = statistics.count()
            && count < FEWEST_FOR_FID
        {
            return Err(EvaluationError::TooFew {
                metric: "FID",
                side,
                count,
                needed: FEWEST_FOR_FID,
            });
        }
    }
    frechet_distance(real, generated)
}
