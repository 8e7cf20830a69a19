use rand::seq::SliceRandom;

use dcgan_support::random::{Purpose, stream};

use crate::count::check_counts;
use crate::error::EvaluationError;
use crate::features::Features;
use crate::spread::{MeanAndDeviation, mean_and_deviation};

/// Parts that the score is averaged over.
pub const SPLITS: usize = 10;

/// The Inception score (Salimans et al. 2016) of generated pictures from their logits without bias,
/// over [`SPLITS`] parts of the shuffled pictures.
///
/// # Errors
/// If there are fewer pictures than parts.
pub fn inception_score(logits: &Features, seed: u64) -> Result<MeanAndDeviation, EvaluationError> {
    let mut order: Vec<usize> = (0..logits.len()).collect();
    order.shuffle(&mut stream(seed, Purpose::ScoreOrder, 0));
    inception_score_in(logits, &order)
}

/// The score of pictures in a given order, which says which are in a part together.
///
/// # Errors
/// If there are fewer pictures than parts.
pub fn inception_score_in(
    logits: &Features,
    order: &[usize],
) -> Result<MeanAndDeviation, EvaluationError> {
    check_counts("the Inception score", SPLITS, usize::MAX, order.len())?;
    let bound = |split: usize| split * order.len() / SPLITS;
    let scores: Vec<f64> = (0..SPLITS)
        .map(|split| score(logits, &order[bound(split)..bound(split + 1)]))
        .collect();
    Ok(mean_and_deviation(&scores))
}

/// exp of the mean divergence of the pictures' classes from those of all.
fn score(logits: &Features, rows: &[usize]) -> f64 {
    let mut all = vec![0.0; logits.width()];
    let mut sum = 0.0;
    for &row in rows {
        let logarithms = log_softmax(logits.row(row));
        for (all, logarithm) in all.iter_mut().zip(&logarithms) {
            let probability = logarithm.exp();
            *all += probability;
            sum += probability * logarithm;
        }
    }
    let count = rows.len() as f64;
    // the sum over pictures of p · log q is that of q · log q, times their number
    let entropy: f64 = all
        .iter()
        .map(|sum| sum / count)
        .filter(|&mean| mean > 0.0)
        .map(|mean| mean * mean.ln())
        .sum();
    (sum / count - entropy).exp()
}

fn log_softmax(logits: &[f32]) -> Vec<f64> {
    let largest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let shifted: Vec<f64> = logits
        .iter()
        .map(|&logit| f64::from(logit) - f64::from(largest))
        .collect();
    let sum: f64 = shifted.iter().map(|value| value.exp()).sum();
    shifted.iter().map(|value| value - sum.ln()).collect()
}
