//! Mean and variance of each channel, in one pass.

use rayon::prelude::*;

use crate::lanes;
use crate::profile::Part;
use crate::simd::{self, Loop, Simd};

/// Writes the mean and the biased variance of each channel.
///
/// A task sums distances from its first row, not the values themselves, so that a large mean
/// does not cost a small variance its digits; tasks are joined in double precision (Chan,
/// Golub and LeVeque 1979).
pub(super) fn measure(input: &[f32], mean: &mut [f32], variance: &mut [f32]) {
    let channels = mean.len();
    for (channel, moments) in moments(input, channels).into_iter().enumerate() {
        mean[channel] = moments.mean as f32;
        variance[channel] = (moments.squares / moments.rows) as f32;
    }
}

/// The moments of each channel.
pub(super) fn moments(input: &[f32], channels: usize) -> Vec<Moments> {
    let rows = (input.len() / channels) as f64;
    let tasks: Vec<Vec<Moments>> = input
        .par_chunks(lanes::task_len(channels))
        .map(|task| measure_task(task, channels))
        .collect();
    let joined = |channel: usize| {
        let parts = || tasks.iter().map(|task| task[channel]);
        let mean = parts().map(|part| part.rows * part.mean).sum::<f64>() / rows;
        let squares = parts()
            .map(|part| part.squares + part.rows * (part.mean - mean).powi(2))
            .sum();
        Moments {
            rows,
            mean,
            squares,
        }
    };
    (0..channels).map(joined).collect()
}

/// Number of rows, their mean, and the sum of squared distances from it.
#[derive(Clone, Copy)]
pub(super) struct Moments {
    pub rows: f64,
    pub mean: f64,
    pub squares: f64,
}

fn measure_task(task: &[f32], channels: usize) -> Vec<Moments> {
    let origin = lanes::repeat(&task[..channels]);
    let (mut sums, mut squares) = (vec![0.0; origin.len()], vec![0.0; origin.len()]);
    simd::run(
        Part::BatchNorm,
        AddDistances {
            rows: task,
            origin: &origin,
            sums: &mut sums,
            squares: &mut squares,
        },
    );
    let rows = (task.len() / channels) as f64;
    let folded = lanes::fold(&sums, channels)
        .into_iter()
        .zip(lanes::fold(&squares, channels));
    folded
        .zip(&origin)
        .map(|((sum, squares), &origin)| Moments {
            rows,
            mean: f64::from(origin) + sum / rows,
            squares: (squares - sum * sum / rows).max(0.0),
        })
        .collect()
}

struct AddDistances<'a> {
    rows: &'a [f32],
    origin: &'a [f32],
    sums: &'a mut [f32],
    squares: &'a mut [f32],
}

impl Loop for AddDistances<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        for row in self.rows.chunks(self.origin.len()) {
            add_distances(row, self.origin, self.sums, self.squares);
        }
    }
}

#[inline(always)]
fn add_distances(row: &[f32], origin: &[f32], sums: &mut [f32], squares: &mut [f32]) {
    let len = row.len();
    let (origin, sums, squares) = (&origin[..len], &mut sums[..len], &mut squares[..len]);
    for i in 0..len {
        let distance = row[i] - origin[i];
        sums[i] += distance;
        squares[i] += distance * distance;
    }
}
