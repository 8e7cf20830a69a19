//! The two passes backward: sums over the batch, then the gradient of every value.
//!
//! Both recompute the input of the activation, which is cheaper than storing it.

use rayon::prelude::*;

use super::forward::{Tables, inverse_deviation};
use super::{BatchNorm, GradientSums, Statistics};
use crate::lanes;
use crate::precision::flush;
use crate::profile::Part;
use crate::simd::{self, Loop, Simd};

/// The values of some rows, `[rows, channels]`.
#[derive(Clone, Copy)]
pub(super) struct Values<'a> {
    pub input: &'a [f32],
    pub output_gradient: &'a [f32],
}

/// The sums of each channel. `through` maps the input of the activation and the gradient of its
/// output to the gradient of its input.
pub(super) fn sums(
    layer: &BatchNorm,
    statistics: Statistics,
    values: Values,
    through: impl Fn(f32, f32) -> f32 + Copy + Sync,
) -> GradientSums {
    let channels = layer.gamma.len();
    let tables = Tables::new(layer, statistics);
    let tasks = sum(&tables, channels, values, through);
    let total = |of: fn(&GradientSums) -> &[f64]| {
        let channel = |channel| tasks.iter().map(|task| of(task)[channel]).sum();
        (0..channels).map(channel).collect()
    };
    GradientSums {
        rows: (values.input.len() / channels) as f64,
        plain: total(|task| &task.plain),
        centred: total(|task| &task.centred),
    }
}

/// The gradient of every value, given the sums over the whole batch; `values` may be a part of
/// it.
pub(super) fn project_all(
    layer: &BatchNorm,
    statistics: Statistics,
    values: Values,
    sums: &GradientSums,
    input_gradient: &mut [f32],
    through: impl Fn(f32, f32) -> f32 + Copy + Sync,
) {
    let channels = layer.gamma.len();
    let tables = Tables::new(layer, statistics);
    let (mut offset, mut factor) = (vec![0.0; channels], vec![0.0; channels]);
    for channel in 0..channels {
        let inverse = inverse_deviation(layer, statistics.variance[channel]);
        offset[channel] = (sums.plain[channel] / sums.rows) as f32;
        factor[channel] = (sums.centred[channel] * inverse * inverse / sums.rows) as f32;
    }
    let (offset, factor) = (&lanes::repeat(&offset)[..], &lanes::repeat(&factor)[..]);
    let task = lanes::task_len(channels);
    let inputs = values.input.par_chunks(task);
    let sources = inputs.zip(values.output_gradient.par_chunks(task));
    input_gradient
        .par_chunks_mut(task)
        .zip(sources)
        .for_each(|(target, (input, gradient))| {
            let tables = &tables;
            simd::run(
                Part::BatchNorm,
                Project {
                    tables,
                    offset,
                    factor,
                    input,
                    gradient,
                    target,
                    through,
                },
            );
        });
}

/// The sums of each task.
fn sum(
    tables: &Tables,
    channels: usize,
    values: Values,
    through: impl Fn(f32, f32) -> f32 + Copy + Sync,
) -> Vec<GradientSums> {
    let task = lanes::task_len(channels);
    let inputs = values.input.par_chunks(task);
    inputs
        .zip(values.output_gradient.par_chunks(task))
        .map(|(input, gradient)| {
            let lanes = lanes::lanes(channels);
            let (mut plain, mut weighted) = (vec![0.0; lanes], vec![0.0; lanes]);
            simd::run(
                Part::BatchNorm,
                AddGradients {
                    tables,
                    input,
                    gradient,
                    plain: &mut plain,
                    weighted: &mut weighted,
                    through,
                },
            );
            GradientSums {
                rows: (input.len() / channels) as f64,
                plain: lanes::fold(&plain, channels),
                centred: lanes::fold(&weighted, channels),
            }
        })
        .collect()
}

struct AddGradients<'a, F> {
    tables: &'a Tables,
    input: &'a [f32],
    gradient: &'a [f32],
    plain: &'a mut [f32],
    weighted: &'a mut [f32],
    through: F,
}

impl<F: Fn(f32, f32) -> f32 + Copy> Loop for AddGradients<'_, F> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let lanes = self.tables.mean.len();
        for (input, gradient) in self.input.chunks(lanes).zip(self.gradient.chunks(lanes)) {
            add_gradients(
                self.tables,
                input,
                gradient,
                self.plain,
                self.weighted,
                self.through,
            );
        }
    }
}

#[inline(always)]
fn add_gradients(
    tables: &Tables,
    input: &[f32],
    gradient: &[f32],
    plain: &mut [f32],
    weighted: &mut [f32],
    through: impl Fn(f32, f32) -> f32,
) {
    let len = input.len();
    let (mean, scale, beta) = (
        &tables.mean[..len],
        &tables.scale[..len],
        &tables.beta[..len],
    );
    let (gradient, plain, weighted) = (&gradient[..len], &mut plain[..len], &mut weighted[..len]);
    for i in 0..len {
        let centred = input[i] - mean[i];
        let gradient = through(centred * scale[i] + beta[i], gradient[i]);
        plain[i] += gradient;
        weighted[i] += gradient * centred;
    }
}

/// Removes the parts of the gradient along the batch's mean and deviation, `offset` and `factor`.
struct Project<'a, F> {
    tables: &'a Tables,
    offset: &'a [f32],
    factor: &'a [f32],
    input: &'a [f32],
    gradient: &'a [f32],
    target: &'a mut [f32],
    through: F,
}

impl<F: Fn(f32, f32) -> f32 + Copy> Loop for Project<'_, F> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let lanes = self.offset.len();
        let sources = self.input.chunks(lanes).zip(self.gradient.chunks(lanes));
        for (target, (input, gradient)) in self.target.chunks_mut(lanes).zip(sources) {
            project(
                self.tables,
                self.offset,
                self.factor,
                input,
                gradient,
                target,
                self.through,
            );
        }
    }
}

#[inline(always)]
fn project(
    tables: &Tables,
    offset: &[f32],
    factor: &[f32],
    input: &[f32],
    gradient: &[f32],
    target: &mut [f32],
    through: impl Fn(f32, f32) -> f32,
) {
    let len = input.len();
    let (mean, scale, beta) = (
        &tables.mean[..len],
        &tables.scale[..len],
        &tables.beta[..len],
    );
    let (offset, factor) = (&offset[..len], &factor[..len]);
    let (gradient, target) = (&gradient[..len], &mut target[..len]);
    for i in 0..len {
        let centred = input[i] - mean[i];
        let gradient = through(centred * scale[i] + beta[i], gradient[i]);
        target[i] = flush(scale[i] * (gradient - offset[i] - factor[i] * centred));
    }
}
