//! The exponential moving average of a vector, in one pass over memory.

use rayon::prelude::*;

use crate::profile::Part;
use crate::simd::{self, Loop, Simd};

/// Floats in one task.
const TASK_LEN: usize = 1 << 14;

/// Moves `average` toward `values`: `average += (1 - decay) * (values - average)`, PyTorch's
/// `lerp`.
///
/// # Panics
///
/// If the lengths differ.
pub fn update(decay: f64, average: &mut [f32], values: &[f32]) {
    assert_eq!(average.len(), values.len(), "length of values");
    let take = (1.0 - decay) as f32;
    average
        .par_chunks_mut(TASK_LEN)
        .zip(values.par_chunks(TASK_LEN))
        .for_each(|(average, values)| {
            simd::run(
                Part::MovingAverage,
                Move {
                    take,
                    average,
                    values,
                },
            );
        });
}

struct Move<'a> {
    take: f32,
    average: &'a mut [f32],
    values: &'a [f32],
}

impl Loop for Move<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        for (average, value) in self.average.iter_mut().zip(self.values) {
            *average += self.take * (value - *average);
        }
    }
}
