//! Convolutions as products of shifted planes: nothing is copied under the window.
//!
//! # Planes
//!
//! With stride `s`, coarse pixel `c` meets fine pixel `s c + k - padding` through tap `k`. Write
//! `k = s t + q`: the fine pixels with the same `q` are a phase, a *plane* of its own, on which
//! coarse pixel `c` meets pixel `c + t`. Rounded to bf16, the pixels of a plane lie in memory row by
//! row and image by image, and the coarse ones in the same arrangement of as many positions per
//! image. So for all pixels of a batch a tap is one distance in memory, its *shift*, and
//!
//! | kernel | left factor | right factor |
//! | --- | --- | --- |
//! | [`gather`] | the planes, from the shift on | the weight of the tap |
//! | [`spread`] | the coarse pixels, from the shift back | the weight of the tap |
//! | [`weight_gradient`] | the coarse pixels, transposed | the planes, from the shift on |
//!
//! are sums over taps and blocks of channels (in the last case, over positions) of products of
//! [panels](crate::blocks) as they lie.
//!
//! The images have `t - 1` more rows and columns of positions than coarse pixels. They hold what the
//! taps at the edge read, or zeros, and one row serves both an image's end and the next one's start.
//! Their products are computed and dropped: 1/17 for 16 pixels along each edge, 1/9 for 8.
//!
//! # Costs
//!
//! A layer takes as many products as there are, where [`winograd`](crate::winograd) takes 0.39 of them
//! (4×4 taps in strides of 2). But each value is rounded once and not transformed. That pays where
//! products cost little: with tiles.

mod convolve;
mod plane;
mod weight_gradient;

#[cfg(test)]
mod tests;

pub(crate) use convolve::{gather, spread};
pub(crate) use weight_gradient::weight_gradient;

use crate::blocks::BLOCK;
use crate::geometry::{Geometry, Side};
use crate::nhwc::Nhwc;

use self::plane::Place;

/// What a layer takes, in whole blocks of channels.
pub(crate) struct Counts {
    /// Those that are dropped included.
    pub products: f64,
    /// Values that are rounded or written, of both sides.
    pub values: f64,
    pub weights: f64,
}

impl Counts {
    pub fn new(geometry: &Geometry) -> Self {
        let planes = Planes::new(geometry);
        let channels = |side| (planes.blocks(side) * BLOCK) as f64;
        let (fine, coarse) = (channels(Side::Fine), channels(Side::Coarse));
        let positions = (geometry.coarse.batch * planes.positions()) as f64;
        let weights = geometry.taps() as f64 * fine * coarse;
        Self {
            products: positions * weights,
            values: positions * (planes.phases() as f64 * fine + coarse),
            weights,
        }
    }
}

/// The planes of a layer.
#[derive(Clone, Copy)]
struct Planes<'a> {
    geometry: &'a Geometry,
    /// The most taps of a phase in one dimension.
    taps: usize,
    /// Positions of an image, `[y, x]`.
    size: [usize; 2],
}

/// A tap of a phase.
#[derive(Clone, Copy)]
struct Tap {
    /// The index of the phase.
    phase: usize,
    /// The tap within the phase, `[y, x]`.
    step: [usize; 2],
    /// The index of the tap in the kernel.
    index: usize,
}

impl<'a> Planes<'a> {
    fn new(geometry: &'a Geometry) -> Self {
        let taps = geometry.window.kernel.div_ceil(geometry.window.stride);
        let Nhwc { height, width, .. } = geometry.coarse;
        Self {
            geometry,
            taps,
            size: [height + taps - 1, width + taps - 1],
        }
    }

    /// Positions of an image.
    fn positions(&self) -> usize {
        self.size[0] * self.size[1]
    }

    /// Positions from a pixel to that of a tap.
    fn shift(&self, step: [usize; 2]) -> usize {
        step[0] * self.size[1] + step[1]
    }

    /// The largest shift.
    fn max_shift(&self) -> usize {
        self.shift([self.taps - 1; 2])
    }

    fn phases(&self) -> usize {
        self.geometry.window.stride.pow(2)
    }

    /// All taps, in the order of the kernel.
    fn all_taps(&self) -> Vec<Tap> {
        let (kernel, stride) = (self.geometry.window.kernel, self.geometry.window.stride);
        let tap = |index: usize| {
            let (y, x) = (index / kernel, index % kernel);
            Tap {
                phase: y % stride * stride + x % stride,
                step: [y / stride, x / stride],
                index,
            }
        };
        (0..self.geometry.taps()).map(tap).collect()
    }

    /// Where the fine pixels of a phase are.
    fn fine(&self, phase: usize) -> Place {
        let stride = self.geometry.window.stride;
        let padding = self.geometry.window.padding as isize;
        let first = [phase / stride, phase % stride].map(|first| first as isize - padding);
        Place {
            grid: self.geometry.fine,
            size: self.size,
            stride,
            first,
        }
    }

    /// Where the coarse pixels are, after `before` rows and columns of zeros.
    fn coarse(&self, before: usize) -> Place {
        Place {
            grid: self.geometry.coarse,
            size: self.size,
            stride: 1,
            first: [-(before as isize); 2],
        }
    }

    /// Whether no fine pixels are left over, which no tap meets.
    fn reach_all_pixels(&self) -> bool {
        let Geometry { fine, window, .. } = self.geometry;
        let reached = self.size.map(|size| size * window.stride);
        fine.height + window.padding <= reached[0] && fine.width + window.padding <= reached[1]
    }

    /// Blocks of channels of a side.
    fn blocks(&self, side: Side) -> usize {
        self.geometry.grid(side).channels.div_ceil(BLOCK)
    }
}
