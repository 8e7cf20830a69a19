use rayon::prelude::*;

use dcgan_kernels::products::times_transposed;
use dcgan_kernels::vectors::distance;
use dcgan_support::median::median;

use crate::count::check_counts;
use crate::error::EvaluationError;
use crate::features::{Features, check_widths};

/// A picture is a near copy if it is nearer to a training picture than this, relative to the usual
/// distance of a new real picture.
pub const NEAR_COPY: f64 = 0.25;

/// How near generated pictures are to training pictures, beside real pictures that are new.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Memorisation {
    /// The median distance of a generated picture to the nearest training picture.
    pub generated: f64,
    /// The same of real pictures: held-out ones to the training pictures, or else every training
    /// picture to the nearest other one.
    pub real: f64,
    /// The share of generated pictures that are near copies.
    pub near_copies: f64,
    /// The share of those real pictures that are: what duplicates in the data alone make.
    pub near_copies_real: f64,
}

impl Memorisation {
    /// The generated distance relative to the real one: about 1 for new pictures, near 0 for
    /// copies. `None` if the real one is 0: most training pictures are identical.
    pub fn ratio(&self) -> Option<f64> {
        (self.real > 0.0).then(|| self.generated / self.real)
    }
}

/// Compares the distances of generated pictures and of held-out real ones to training pictures.
/// Without held-out pictures, each training picture is compared with the others.
///
/// # Errors
/// If there is no generated picture, fewer than two training pictures, or widths differ.
pub fn memorisation(
    training: &Features,
    generated: &Features,
    held_out: Option<&Features>,
) -> Result<Memorisation, EvaluationError> {
    let held_out = held_out.filter(|features| !features.is_empty());
    check_widths(training, generated)?;
    check_counts("memorisation", 2, training.len(), usize::MAX)?;
    check_counts("memorisation", 1, usize::MAX, generated.len())?;
    let near = nearest(generated, training, false);
    let usual = match held_out {
        Some(held_out) => {
            check_widths(training, held_out)?;
            nearest(held_out, training, false)
        }
        None => nearest(training, training, true),
    };
    let real = median(&usual);
    let share = |distances: &[f64]| {
        let copies = distances.iter().filter(|&&one| one <= NEAR_COPY * real);
        copies.count() as f64 / distances.len() as f64
    };
    Ok(Memorisation {
        generated: median(&near),
        real,
        near_copies: share(&near),
        near_copies_real: share(&usual),
    })
}

/// Pictures whose products are kept at a time.
const BLOCK: usize = 512;

/// The distance of each row to the nearest of `others`; with `not_itself`, they are the same rows
/// and a row is no neighbour of its own.
fn nearest(features: &Features, others: &Features, not_itself: bool) -> Vec<f64> {
    let (width, count) = (features.width(), others.len());
    // half the squared length less the product orders neighbours as their distance does
    let halves: Vec<f32> = others
        .values()
        .chunks_exact(width)
        .map(|row| row.iter().map(|value| value * value).sum::<f32>() / 2.0)
        .collect();
    let mut products = vec![0.0; BLOCK.min(features.len()) * count];
    let mut distances = Vec::with_capacity(features.len());
    for (block, rows) in features.values().chunks(BLOCK * width).enumerate() {
        let products = &mut products[..rows.len() / width * count];
        times_transposed(rows, others.values(), width, products);
        let found = products
            .par_chunks_exact(count)
            .enumerate()
            .map(|(place, products)| {
                let row = block * BLOCK + place;
                let rank = |other: usize| halves[other] - products[other];
                let candidates = (0..count).filter(|&other| !(not_itself && other == row));
                let best = candidates.min_by(|&a, &b| rank(a).total_cmp(&rank(b)));
                // rounding hides how near the nearest is, so its distance is computed anew
                best.map_or(f64::INFINITY, |best| {
                    distance(features.row(row), others.row(best))
                })
            });
        distances.extend(found.collect::<Vec<_>>());
    }
    distances
}
