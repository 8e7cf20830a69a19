//! `G w Gᵀ` for the taps of one phase, and its adjoint `Gᵀ u G`, in registers. Each number is a
//! row of channels.

use super::stage::RUN;
use super::tiling::Phase;
use super::transform::{TapEvaluation, Transposed, both};
use crate::blocks::factors::Factors;
use crate::blocks::{BLOCK, Row};
use crate::geometry::Geometry;
use crate::simd::Simd;

/// Points of a phase, for each the rows of a run.
pub(super) type PhasePoints = [[Row; RUN]];

/// Calls a method with the numbers of points and taps of a phase, in either dimension, as
/// constants. No other pairs come up: see `Tiling::new`.
macro_rules! with_sizes {
    ($phase:ident, $self:ident . $method:ident ( $($argument:expr),* )) => {
        match ($phase.points, $phase.taps) {
            ([4, 4], [2, 2]) => $self.$method::<S, F, 4, 4, 2, 2>($($argument),*),
            ([4, 4], [3, 3]) => $self.$method::<S, F, 4, 4, 3, 3>($($argument),*),
            ([5, 4], [3, 2]) => $self.$method::<S, F, 5, 4, 3, 2>($($argument),*),
            ([4, 5], [2, 3]) => $self.$method::<S, F, 4, 5, 2, 3>($($argument),*),
            ([5, 4], [4, 3]) => $self.$method::<S, F, 5, 4, 4, 3>($($argument),*),
            ([4, 5], [3, 4]) => $self.$method::<S, F, 4, 5, 3, 4>($($argument),*),
            ([5, 5], [4, 4]) => $self.$method::<S, F, 5, 5, 4, 4>($($argument),*),
            ([5, 5], [2, 2]) => $self.$method::<S, F, 5, 5, 2, 2>($($argument),*),
            ([6, 6], [2, 2]) => $self.$method::<S, F, 6, 6, 2, 2>($($argument),*),
            ([5, 5], [3, 3]) => $self.$method::<S, F, 5, 5, 3, 3>($($argument),*),
            ([6, 6], [3, 3]) => $self.$method::<S, F, 6, 6, 3, 3>($($argument),*),
            ([6, 6], [4, 4]) => $self.$method::<S, F, 6, 6, 4, 4>($($argument),*),
            ([6, 5], [3, 2]) => $self.$method::<S, F, 6, 5, 3, 2>($($argument),*),
            ([5, 6], [2, 3]) => $self.$method::<S, F, 5, 6, 2, 3>($($argument),*),
            ([6, 5], [4, 3]) => $self.$method::<S, F, 6, 5, 4, 3>($($argument),*),
            ([5, 6], [3, 4]) => $self.$method::<S, F, 5, 6, 3, 4>($($argument),*),
            sizes => unreachable!("no transform for points and taps {sizes:?}"),
        }
    };
}

impl Phase {
    /// From all taps to row `row` of the phase's points.
    #[inline(always)]
    pub fn taps_to_points<S: Simd, F: Factors>(
        &self,
        simd: S,
        geometry: &Geometry,
        taps: &[Row],
        row: usize,
        points: &mut PhasePoints,
    ) {
        with_sizes!(self, self.to_points(simd, geometry, taps, row, points));
    }

    /// The adjoint: from row `row` of the phase's points to its taps among all.
    #[inline(always)]
    pub fn points_to_taps<S: Simd, F: Factors>(
        &self,
        simd: S,
        geometry: &Geometry,
        points: &PhasePoints,
        row: usize,
        taps: &mut [Row],
    ) {
        with_sizes!(self, self.to_taps(simd, geometry, points, row, taps));
    }

    #[inline(always)]
    fn to_points<S, F, const PY: usize, const PX: usize, const TY: usize, const TX: usize>(
        &self,
        simd: S,
        geometry: &Geometry,
        taps: &[Row],
        row: usize,
        points: &mut PhasePoints,
    ) where
        S: Simd,
        F: Factors,
    {
        let points = &mut points[..PY * PX];
        for lane in (0..BLOCK).step_by(S::F32_LANES) {
            let mut values = [[simd.splat_f32s(0.0); TX]; TY];
            for (y, values) in values.iter_mut().enumerate() {
                for (x, value) in values.iter_mut().enumerate() {
                    let tap = &taps[self.tap(geometry, y, x)];
                    *value = S::as_simd_f32s(&tap[lane..]).0[0];
                }
            }
            let values = both::<S, TapEvaluation<F>, PY, PX, TY, TX>(simd, values);
            for (point, value) in points.iter_mut().zip(values.as_flattened()) {
                S::as_mut_simd_f32s(&mut point[row][lane..]).0[0] = *value;
            }
        }
    }

    #[inline(always)]
    fn to_taps<S, F, const PY: usize, const PX: usize, const TY: usize, const TX: usize>(
        &self,
        simd: S,
        geometry: &Geometry,
        points: &PhasePoints,
        row: usize,
        taps: &mut [Row],
    ) where
        S: Simd,
        F: Factors,
    {
        let points = &points[..PY * PX];
        for lane in (0..BLOCK).step_by(S::F32_LANES) {
            let mut values = [[simd.splat_f32s(0.0); PX]; PY];
            for (value, point) in values.as_flattened_mut().iter_mut().zip(points) {
                *value = S::as_simd_f32s(&point[row][lane..]).0[0];
            }
            let values = both::<S, Transposed<TapEvaluation<F>>, TY, TX, PY, PX>(simd, values);
            for (y, values) in values.iter().enumerate() {
                for (x, value) in values.iter().enumerate() {
                    let tap = &mut taps[self.tap(geometry, y, x)];
                    S::as_mut_simd_f32s(&mut tap[lane..]).0[0] = *value;
                }
            }
        }
    }

    /// The index of one of the phase's taps among all.
    #[inline(always)]
    fn tap(&self, geometry: &Geometry, y: usize, x: usize) -> usize {
        let (kernel, stride) = (geometry.window.kernel, geometry.window.stride);
        (self.first[0] + y * stride) * kernel + self.first[1] + x * stride
    }
}
