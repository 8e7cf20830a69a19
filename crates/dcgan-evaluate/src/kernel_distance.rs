use rand::seq::SliceRandom;

use dcgan_kernels::products::times_transposed;
use dcgan_support::random::{Purpose, stream};

use crate::count::check_counts;
use crate::error::EvaluationError;
use crate::features::{Features, check_widths};
use crate::spread::{MeanAndDeviation, mean_and_deviation};

/// Subsets that the distance is averaged over.
pub const SUBSETS: u64 = 100;

/// The most pictures of a subset.
pub const SUBSET_SIZE: usize = 1000;

/// The kernel Inception distance (Bińkowski et al. 2018): the squared maximum mean discrepancy with
/// the kernel (x·y / d + 1)³, unbiased, over [`SUBSETS`] random subsets of at most [`SUBSET_SIZE`].
///
/// The deviation is that between the subsets, as other tools report it.
///
/// # Errors
/// If a side has fewer than two pictures, or the widths differ.
pub fn kid(
    real: &Features,
    generated: &Features,
    seed: u64,
) -> Result<MeanAndDeviation, EvaluationError> {
    check_widths(real, generated)?;
    check_counts("KID", 2, real.len(), generated.len())?;
    let size = SUBSET_SIZE.min(real.len()).min(generated.len());
    let draw = |count: usize, index: u64| {
        let mut order: Vec<usize> = (0..count).collect();
        let mut random = stream(seed, Purpose::KernelSubsets, index);
        order.partial_shuffle(&mut random, size).0.to_vec()
    };
    let distances: Vec<f64> = (0..SUBSETS)
        .map(|subset| {
            let one = draw(real.len(), 2 * subset);
            let other = draw(generated.len(), 2 * subset + 1);
            discrepancy(&real.doubles(one), &generated.doubles(other), real.width())
        })
        .collect();
    Ok(mean_and_deviation(&distances))
}

/// The unbiased squared discrepancy of two sets of rows, of equal number.
pub fn discrepancy(one: &[f64], other: &[f64], width: usize) -> f64 {
    let count = (one.len() / width) as f64;
    let pairs = count * (count - 1.0);
    let within = |rows: &[f64]| {
        let on_the_diagonal = rows.chunks_exact(width).map(|row| {
            let square: f64 = row.iter().map(|value| value * value).sum();
            kernel(square, width)
        });
        (sum_of_kernels(rows, rows, width) - on_the_diagonal.sum::<f64>()) / pairs
    };
    within(one) + within(other) - 2.0 * sum_of_kernels(one, other, width) / (count * count)
}

fn sum_of_kernels(one: &[f64], other: &[f64], width: usize) -> f64 {
    let mut products = vec![0.0; (one.len() / width) * (other.len() / width)];
    times_transposed(one, other, width, &mut products);
    products.iter().map(|&product| kernel(product, width)).sum()
}

fn kernel(product: f64, width: usize) -> f64 {
    (product / width as f64 + 1.0).powi(3)
}
