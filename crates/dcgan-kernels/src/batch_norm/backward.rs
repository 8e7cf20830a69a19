//! The two passes backward: sums over the batch, then the gradient of every value.
//!
//! Both work out again what the activation saw, which is cheaper than keeping it.

use rayon::prelude::*;

use super::forward::{Tables, inverse_deviation};
use super::{BatchNorm, GradientSums, Statistics};
use crate::lanes;
use crate::precision::flush;
use crate::profile::Part;
use crate::simd::{self, Loop, Simd};

/// The sums of each channel; `through` takes what the activation saw and the gradient behind it
/// to the gradient before.
pub(super) fn sums(
    layer: &BatchNorm,
    statistics: Statistics,
    input: &[f32],
    output_gradient: &[f32],
    through: impl Fn(f32, f32) -> f32 + Copy + Sync,
) -> GradientSums {
    let channels = layer.gamma.len();
    let tables = Tables::new(layer, statistics);
    let tasks = sum(&tables, channels, input, output_gradient, through);
    let total = |of: fn(&GradientSums) -> &[f64]| {
        let channel = |channel| tasks.iter().map(|task| of(task)[channel]).sum();
        (0..channels).map(channel).collect()
    };
    GradientSums {
        plain: total(|task| &task.plain),
        centred: total(|task| &task.centred),
    }
}

/// The gradient of every value, given the sums over all rows of the batch, of which `input` may
/// be a part.
pub(super) fn project_all(
    layer: &BatchNorm,
    statistics: Statistics,
    [input, output_gradient]: [&[f32]; 2],
    (sums, rows): (&GradientSums, f64),
    input_gradient: &mut [f32],
    through: impl Fn(f32, f32) -> f32 + Copy + Sync,
) {
    let channels = layer.gamma.len();
    let tables = Tables::new(layer, statistics);
    let (mut offset, mut factor) = (vec![0.0; channels], vec![0.0; channels]);
    for channel in 0..channels {
        let inverse = inverse_deviation(layer, statistics.variance[channel]);
        offset[channel] = (sums.plain[channel] / rows) as f32;
        factor[channel] = (sums.centred[channel] * inverse * inverse / rows) as f32;
    }
    let (offset, factor) = (&lanes::repeat(&offset)[..], &lanes::repeat(&factor)[..]);
    let task = lanes::task_len(channels);
    let sources = input.par_chunks(task).zip(output_gradient.par_chunks(task));
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
    input: &[f32],
    gradient: &[f32],
    through: impl Fn(f32, f32) -> f32 + Copy + Sync,
) -> Vec<GradientSums> {
    let task = lanes::task_len(channels);
    let tasks = input.par_chunks(task).zip(gradient.par_chunks(task));
    tasks
        .map(|(input, gradient)| {
            let lanes = lanes::lanes(channels);
            let (mut plain, mut weighted) = (vec![0.0; lanes], vec![0.0; lanes]);
            let sums = (&mut plain[..], &mut weighted[..]);
            simd::run(
                Part::BatchNorm,
                AddGradients {
                    tables,
                    input,
                    gradient,
                    sums,
                    through,
                },
            );
            GradientSums {
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
    sums: (&'a mut [f32], &'a mut [f32]),
    through: F,
}

impl<F: Fn(f32, f32) -> f32 + Copy> Loop for AddGradients<'_, F> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let lanes = self.tables.mean.len();
        let (plain, weighted) = self.sums;
        for (input, gradient) in self.input.chunks(lanes).zip(self.gradient.chunks(lanes)) {
            add_gradients(self.tables, input, gradient, plain, weighted, self.through);
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

/// What is left of the gradient once its parts along the batch's mean and deviation, `offset`
/// and `factor`, are taken out.
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
            let sides = (self.offset, self.factor);
            project(self.tables, sides, input, gradient, target, self.through);
        }
    }
}

#[inline(always)]
fn project(
    tables: &Tables,
    (offset, factor): (&[f32], &[f32]),
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
