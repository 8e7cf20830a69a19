//! The Adam update (Kingma and Ba 2015) as PyTorch computes it, in one pass over memory.

use rayon::prelude::*;

use crate::precision::flush;
use crate::profile::Part;
use crate::simd::{self, Loop, Simd};

/// Floats in one task.
const TASK_LEN: usize = 1 << 14;

/// Gradients below this have a square below [`NEGLIGIBLE`](crate::NEGLIGIBLE).
const NEGLIGIBLE_ROOT: f32 = 1e-15;

/// Settings of the optimizer. The DCGAN paper uses a learning rate of 2e-4 and a beta1 of 0.5.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Adam {
    /// Step size.
    pub learning_rate: f64,
    /// Decay of the first moment.
    pub beta1: f64,
    /// Decay of the second moment.
    pub beta2: f64,
    /// Added to the root of the second moment; PyTorch's default is 1e-8.
    pub epsilon: f64,
}

/// Updates `parameter` and both moments, which start as zeros, with the gradient of step `t`
/// (counted from 1):
///
/// - `m = beta1 * m + (1 - beta1) * gradient`
/// - `v = beta2 * v + (1 - beta2) * gradient^2`
/// - `parameter -= learning_rate / (1 - beta1^t) * m / (sqrt(v) / sqrt(1 - beta2^t) + epsilon)`
///
/// Moments below [`NEGLIGIBLE`](crate::NEGLIGIBLE) become zero, as does the square of a
/// gradient below 1e-15.
///
/// Returns the sum of squares of the gradient, which is read here anyway. It does not depend on
/// the number of threads.
///
/// # Panics
///
/// If the lengths differ or `t` is zero.
pub fn step(
    adam: &Adam,
    t: u64,
    parameter: &mut [f32],
    gradient: &[f32],
    first_moment: &mut [f32],
    second_moment: &mut [f32],
) -> f64 {
    assert!(t > 0, "steps are counted from 1");
    assert_eq!(gradient.len(), parameter.len(), "length of gradient");
    assert_eq!(
        first_moment.len(),
        parameter.len(),
        "length of first_moment"
    );
    assert_eq!(
        second_moment.len(),
        parameter.len(),
        "length of second_moment"
    );
    let update = Update::new(adam, t);
    let moments = first_moment
        .par_chunks_mut(TASK_LEN)
        .zip(second_moment.par_chunks_mut(TASK_LEN));
    let squares: Vec<f64> = parameter
        .par_chunks_mut(TASK_LEN)
        .zip(gradient.par_chunks(TASK_LEN))
        .zip(moments)
        .map(|((parameter, gradient), (m, v))| {
            simd::run(
                Part::Adam,
                Apply {
                    update: &update,
                    parameter,
                    gradient,
                    m,
                    v,
                },
            )
        })
        .collect();
    squares.iter().sum()
}

/// The scalars of one step, computed in double precision.
struct Update {
    keep1: f32,
    keep2: f32,
    take1: f32,
    take2: f32,
    step_size: f32,
    inverse_root_correction: f32,
    epsilon: f32,
}

impl Update {
    fn new(adam: &Adam, t: u64) -> Self {
        let t = t as f64;
        let correction1 = 1.0 - adam.beta1.powf(t);
        let correction2 = 1.0 - adam.beta2.powf(t);
        Self {
            keep1: adam.beta1 as f32,
            keep2: adam.beta2 as f32,
            take1: (1.0 - adam.beta1) as f32,
            take2: (1.0 - adam.beta2) as f32,
            step_size: (adam.learning_rate / correction1) as f32,
            inverse_root_correction: correction2.sqrt().recip() as f32,
            epsilon: adam.epsilon as f32,
        }
    }
}

struct Apply<'a> {
    update: &'a Update,
    parameter: &'a mut [f32],
    gradient: &'a [f32],
    m: &'a mut [f32],
    v: &'a mut [f32],
}

impl Loop for Apply<'_> {
    type Output = f64;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> f64 {
        let Self {
            update,
            parameter,
            gradient,
            m,
            v,
        } = self;
        let len = parameter.len();
        let (gradient, m, v) = (&gradient[..len], &mut m[..len], &mut v[..len]);
        for i in 0..len {
            let g = gradient[i];
            let root = if g.abs() < NEGLIGIBLE_ROOT { 0.0 } else { g };
            m[i] = flush(update.keep1 * m[i] + update.take1 * flush(g));
            v[i] = flush(update.keep2 * v[i] + update.take2 * root * root);
            let denominator = v[i].sqrt() * update.inverse_root_correction + update.epsilon;
            parameter[i] -= update.step_size * m[i] / denominator;
        }
        sum_of_squares(gradient)
    }
}

/// Partial sums that fill vector registers.
const LANES: usize = 16;

#[inline(always)]
fn sum_of_squares(values: &[f32]) -> f64 {
    let (rows, rest) = values.as_chunks::<LANES>();
    let mut sums = [0.0_f32; LANES];
    for row in rows {
        for (sum, value) in sums.iter_mut().zip(row) {
            *sum += value * value;
        }
    }
    let wide = |value: &f32| f64::from(*value);
    let rest = rest.iter().map(|value| wide(value) * wide(value));
    sums.iter().map(wide).sum::<f64>() + rest.sum::<f64>()
}
