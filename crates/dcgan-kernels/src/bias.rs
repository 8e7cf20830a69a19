//! The bias of the convolutions: one number for each channel.

use rayon::prelude::*;

use crate::lanes;
use crate::profile::Part;
use crate::simd::{self, Loop, Simd};

/// Fills every row with the bias, or with zeros.
pub(crate) fn fill(rows: &mut [f32], channels: usize, bias: Option<&[f32]>) {
    match bias {
        None => rows.fill(0.0),
        Some(bias) => rows
            .chunks_exact_mut(channels)
            .for_each(|row| row.copy_from_slice(bias)),
    }
}

/// Sum over the rows of a `[rows, channels]` matrix: the gradient of a bias.
pub(crate) fn sum_rows(rows: &[f32], channels: usize, sums: &mut [f32]) {
    let partial: Vec<Vec<f64>> = rows
        .par_chunks(lanes::task_len(channels))
        .map(|rows| {
            let mut lanes = vec![0.0; lanes::lanes(channels)];
            simd::run(
                Part::Activations,
                AddRows {
                    rows,
                    lanes: &mut lanes,
                },
            );
            lanes::fold(&lanes, channels)
        })
        .collect();
    for (channel, sum) in sums.iter_mut().enumerate() {
        *sum = partial.iter().map(|part| part[channel]).sum::<f64>() as f32;
    }
}

struct AddRows<'a> {
    rows: &'a [f32],
    lanes: &'a mut [f32],
}

impl Loop for AddRows<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        for row in self.rows.chunks(self.lanes.len()) {
            for (lane, value) in self.lanes.iter_mut().zip(row) {
                *lane += value;
            }
        }
    }
}
