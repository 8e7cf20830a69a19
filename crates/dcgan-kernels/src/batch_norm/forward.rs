//! The second pass forward: normalise and apply the activation.

use rayon::prelude::*;

use super::{BatchNorm, Statistics};
use crate::lanes;
use crate::profile::Part;
use crate::simd::{self, Loop, Simd};

pub(super) fn run(
    layer: &BatchNorm,
    statistics: Statistics,
    input: &[f32],
    output: &mut [f32],
    activation: impl Fn(f32) -> f32 + Copy + Sync,
) {
    let tables = Tables::new(layer, statistics);
    let task = lanes::task_len(layer.gamma.len());
    output
        .par_chunks_mut(task)
        .zip(input.par_chunks(task))
        .for_each(|(output, input)| {
            simd::run(
                Part::BatchNorm,
                Normalize {
                    tables: &tables,
                    input,
                    output,
                    activation,
                },
            );
        });
}

/// The parameters of each channel, repeated to the length of a long row.
pub(super) struct Tables {
    pub mean: Vec<f32>,
    /// `gamma / sqrt(variance + epsilon)`
    pub scale: Vec<f32>,
    pub beta: Vec<f32>,
}

impl Tables {
    pub fn new(layer: &BatchNorm, statistics: Statistics) -> Self {
        let channels = layer.gamma.len();
        assert_eq!(statistics.mean.len(), channels, "length of mean");
        assert_eq!(statistics.variance.len(), channels, "length of variance");
        let gammas = layer.gamma.iter().zip(statistics.variance);
        let scale: Vec<f32> = gammas
            .map(|(&gamma, &variance)| {
                (f64::from(gamma) * inverse_deviation(layer, variance)) as f32
            })
            .collect();
        Self {
            mean: lanes::repeat(statistics.mean),
            scale: lanes::repeat(&scale),
            beta: lanes::repeat(layer.beta),
        }
    }
}

pub(super) fn inverse_deviation(layer: &BatchNorm, variance: f32) -> f64 {
    (f64::from(variance) + f64::from(layer.epsilon))
        .sqrt()
        .recip()
}

struct Normalize<'a, F> {
    tables: &'a Tables,
    input: &'a [f32],
    output: &'a mut [f32],
    activation: F,
}

impl<F: Fn(f32) -> f32 + Copy> Loop for Normalize<'_, F> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let lanes = self.tables.mean.len();
        for (input, output) in self.input.chunks(lanes).zip(self.output.chunks_mut(lanes)) {
            normalize(self.tables, input, output, self.activation);
        }
    }
}

#[inline(always)]
fn normalize(tables: &Tables, input: &[f32], output: &mut [f32], activation: impl Fn(f32) -> f32) {
    let len = input.len();
    let (mean, scale, beta) = (
        &tables.mean[..len],
        &tables.scale[..len],
        &tables.beta[..len],
    );
    let output = &mut output[..len];
    for i in 0..len {
        output[i] = activation((input[i] - mean[i]) * scale[i] + beta[i]);
    }
}
