//! How far the two sets reach into each other, by balls around pictures that reach to their k-th
//! neighbour.

use rayon::prelude::*;

use dcgan_kernels::products::times_transposed;

use crate::count::check_counts;
use crate::error::EvaluationError;
use crate::features::{Features, check_widths};

/// The neighbour that a ball reaches to, for precision and recall.
pub const K_PRECISION: usize = 3;

/// The same, for density and coverage.
pub const K_DENSITY: usize = 5;

/// Precision and recall (Kynkäänniemi et al. 2019), density and coverage (Naeem et al. 2020).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reach {
    /// The share of generated pictures inside a ball of a real one: are they good?
    pub precision: f64,
    /// The share of real pictures inside a ball of a generated one: are all kinds drawn?
    pub recall: f64,
    /// How many balls of real pictures a generated one is in, relative to k; may exceed 1.
    pub density: f64,
    /// The share of real pictures that have a generated one in their ball.
    pub coverage: f64,
}

/// Pictures whose distances are kept at a time.
const BLOCK: usize = 512;

/// Compares two sets of features by the balls around them.
///
/// # Errors
/// If a side has no more than [`K_DENSITY`] pictures, or the widths differ.
pub fn reach(real: &Features, generated: &Features) -> Result<Reach, EvaluationError> {
    check_widths(real, generated)?;
    let needed = K_DENSITY + 1;
    check_counts("precision and recall", needed, real.len(), generated.len())?;
    let (real, generated) = (Points::new(real), Points::new(generated));
    let [real_near, real_wide] = real.radii([K_PRECISION, K_DENSITY]);
    let [generated_near] = generated.radii([K_PRECISION]);

    let mut inside = vec![false; generated.count];
    let mut recalled = vec![false; real.count];
    let mut covered = vec![false; real.count];
    let mut balls = 0_u64;
    generated.distances_to(&real, |row, distances| {
        for (column, &distance) in distances.iter().enumerate() {
            inside[row] |= distance <= real_near[column];
            recalled[column] |= distance <= generated_near[row];
            let is_in = distance < real_wide[column];
            covered[column] |= is_in;
            balls += u64::from(is_in);
        }
    });
    let share = |hits: &[bool]| hits.iter().filter(|&&hit| hit).count() as f64 / hits.len() as f64;
    Ok(Reach {
        precision: share(&inside),
        recall: share(&recalled),
        density: balls as f64 / (K_DENSITY * generated.count) as f64,
        coverage: share(&covered),
    })
}

/// Features in double precision, with their squared lengths.
struct Points {
    values: Vec<f64>,
    squares: Vec<f64>,
    count: usize,
    width: usize,
}

impl Points {
    fn new(features: &Features) -> Self {
        let values = features.doubles(0..features.len());
        let rows = values.chunks_exact(features.width());
        let squares = rows.map(|row| row.iter().map(|value| value * value).sum());
        Self {
            squares: squares.collect(),
            count: features.len(),
            width: features.width(),
            values,
        }
    }

    /// Calls `each` with every point's number and its squared distances to all of `others`.
    fn distances_to(&self, others: &Self, mut each: impl FnMut(usize, &[f64])) {
        let mut products = vec![0.0; BLOCK.min(self.count) * others.count];
        for (block, rows) in self.values.chunks(BLOCK * self.width).enumerate() {
            let count = rows.len() / self.width;
            let products = &mut products[..count * others.count];
            times_transposed(rows, &others.values, self.width, products);
            let squares = &self.squares[block * BLOCK..];
            products
                .par_chunks_exact_mut(others.count)
                .zip(squares)
                .for_each(|(products, square)| {
                    for (product, other) in products.iter_mut().zip(&others.squares) {
                        *product = (square + other - 2.0 * *product).max(0.0);
                    }
                });
            for (place, distances) in products.chunks_exact(others.count).enumerate() {
                each(block * BLOCK + place, distances);
            }
        }
    }

    /// Every point's squared distance to its k-th neighbour, for each k.
    fn radii<const N: usize>(&self, ks: [usize; N]) -> [Vec<f64>; N] {
        let mut radii = [(); N].map(|()| Vec::with_capacity(self.count));
        let mut others = Vec::with_capacity(self.count);
        self.distances_to(self, |row, distances| {
            others.clear();
            others.extend_from_slice(distances);
            others.swap_remove(row);
            for (k, radii) in ks.iter().zip(&mut radii) {
                let (_, kth, _) = others.select_nth_unstable_by(k - 1, f64::total_cmp);
                radii.push(*kth);
            }
        });
        radii
    }
}
