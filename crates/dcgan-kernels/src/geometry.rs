//! The geometry that convolution and transposed convolution share.
//!
//! The two are adjoint: a convolution carries a *fine* grid of pixels to a *coarse* one, a
//! transposed convolution carries the coarse grid back to the fine one, and the forward pass of
//! each is the input gradient of the other. PyTorch's weight layouts agree too: both are
//! `[coarse channels, fine channels, kernel, kernel]`. So three kernels over one geometry,
//! in [`convolution`](crate::convolution), serve both.

use crate::nhwc::{Nhwc, Window};

/// Coarse pixel `(y, x)` meets fine pixel `(y * stride + ky - padding, x * stride + kx -
/// padding)` through tap `(ky, kx)` of the kernel.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Geometry {
    pub fine: Nhwc,
    pub coarse: Nhwc,
    pub window: Window,
}

/// One of the two grids of a [`Geometry`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Fine,
    Coarse,
}

impl Side {
    pub fn other(self) -> Self {
        match self {
            Self::Fine => Self::Coarse,
            Self::Coarse => Self::Fine,
        }
    }
}

impl Geometry {
    pub fn grid(&self, side: Side) -> &Nhwc {
        match side {
            Side::Fine => &self.fine,
            Side::Coarse => &self.coarse,
        }
    }

    /// Number of taps of the kernel.
    pub fn taps(&self) -> usize {
        self.window.taps()
    }

    pub fn weight_len(&self) -> usize {
        self.coarse.channels * self.fine.channels * self.taps()
    }

    /// Length of the column of fine values that one coarse pixel sees: `taps * channels`.
    pub fn column_len(&self) -> usize {
        self.taps() * self.fine.channels
    }

    /// Whether every image is a single window, so that the layer is a plain matrix product.
    pub fn is_dense(&self) -> bool {
        let Window {
            kernel, padding, ..
        } = self.window;
        padding == 0
            && (self.fine.height, self.fine.width) == (kernel, kernel)
            && (self.coarse.height, self.coarse.width) == (1, 1)
    }

    /// In one dimension, the taps that stay inside the fine grid, and the fine position that the
    /// first of them meets.
    pub fn valid_taps(&self, coarse: usize, fine_size: usize) -> (std::ops::Range<usize>, usize) {
        let Window {
            kernel,
            stride,
            padding,
        } = self.window;
        let origin = coarse * stride;
        let first = padding.saturating_sub(origin).min(kernel);
        let last = (fine_size + padding)
            .saturating_sub(origin)
            .min(kernel)
            .max(first);
        (first..last, (origin + first).saturating_sub(padding))
    }
}

/// Position of a pixel in a batch.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pixel {
    pub image: usize,
    pub y: usize,
    pub x: usize,
}

impl Pixel {
    /// The pixel at `index` in the memory order of `grid`.
    pub fn at(grid: &Nhwc, index: usize) -> Self {
        let (row, x) = (index / grid.width, index % grid.width);
        Self {
            image: row / grid.height,
            y: row % grid.height,
            x,
        }
    }

    /// Moves to the next pixel in memory order.
    pub fn advance(&mut self, grid: &Nhwc) {
        self.x += 1;
        if self.x == grid.width {
            self.x = 0;
            self.y += 1;
            if self.y == grid.height {
                self.y = 0;
                self.image += 1;
            }
        }
    }
}
