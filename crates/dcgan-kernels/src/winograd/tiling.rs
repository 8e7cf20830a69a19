//! How a layer is cut into phases, tiles and points.

use super::points::MOST_POINTS;
use crate::blocks::BLOCK;
use crate::geometry::Geometry;

/// The fewest points of a phase in one dimension; [`MOST_POINTS`] is the other limit.
const FEWEST_POINTS: usize = MOST_POINTS - 1;

/// Fine pixels, counted from the padding on, whose position is `first` modulo the stride, in
/// each dimension, and the taps that meet them.
#[derive(Clone, Debug)]
pub(crate) struct Phase {
    pub first: [usize; 2],
    pub taps: [usize; 2],
    pub points: [usize; 2],
    /// The slot of each of its points, row by row.
    pub slots: Vec<usize>,
}

/// A layer cut into square tiles of `side` coarse pixels, each transformed to `points` points
/// in each dimension.
#[derive(Clone, Debug)]
pub(crate) struct Tiling {
    pub side: usize,
    pub points: usize,
    pub tiles: [usize; 2],
    pub phases: Vec<Phase>,
    /// All pairs of a point and a phase that has it, as `(point, phase)`, by point: one
    /// product each.
    pub slots: Vec<(usize, usize)>,
}

/// How much a tiling has to compute.
pub(crate) struct Counts {
    pub products: f64,
    /// Values at points, of both sides.
    pub values: f64,
    /// Weights at points.
    pub weights: f64,
}

impl Tiling {
    /// The sides that tiles can have.
    pub const SIDES: std::ops::RangeInclusive<usize> = 3..=5;

    /// `None` if there are no transforms for tiles of this side.
    pub fn new(geometry: &Geometry, side: usize) -> Option<Self> {
        let (kernel, stride) = (geometry.window.kernel, geometry.window.stride);
        if kernel < 2 * stride {
            return None;
        }
        let taps = |first: usize| (kernel - first).div_ceil(stride);
        let points = side + taps(0) - 1;
        let fewest = side + taps(stride - 1) - 1;
        if !Self::SIDES.contains(&side) || points > MOST_POINTS || fewest < FEWEST_POINTS {
            return None;
        }
        let mut phases = Vec::new();
        for first in (0..stride).flat_map(|y| (0..stride).map(move |x| [y, x])) {
            phases.push(Phase {
                first,
                taps: first.map(taps),
                points: first.map(|first| side + taps(first) - 1),
                slots: Vec::new(),
            });
        }
        let mut slots = Vec::new();
        for point in 0..points * points {
            for (index, phase) in phases.iter_mut().enumerate() {
                if point / points < phase.points[0] && point % points < phase.points[1] {
                    phase.slots.push(slots.len());
                    slots.push((point, index));
                }
            }
        }
        Some(Self {
            side,
            points,
            tiles: [geometry.coarse.height, geometry.coarse.width].map(|size| size.div_ceil(side)),
            phases,
            slots,
        })
    }

    /// Counts what the layer takes, whole blocks of channels being computed.
    pub fn counts(&self, geometry: &Geometry) -> Counts {
        let blocks = |channels: usize| channels.next_multiple_of(BLOCK) as f64;
        let (fine, coarse) = (
            blocks(geometry.fine.channels),
            blocks(geometry.coarse.channels),
        );
        let tiles = (geometry.coarse.batch * self.tiles_per_image()) as f64;
        let (slots, points) = (self.slots.len() as f64, self.point_count() as f64);
        Counts {
            products: tiles * slots * fine * coarse,
            values: tiles * (slots * fine + points * coarse),
            weights: slots * fine * coarse,
        }
    }

    /// Points of a tile in the plane.
    pub fn point_count(&self) -> usize {
        self.points * self.points
    }

    pub fn tiles_per_image(&self) -> usize {
        self.tiles[0] * self.tiles[1]
    }

    /// The slots of a point: one for each phase that has it.
    pub fn slots_of(&self, point: usize) -> std::ops::Range<usize> {
        let start = self.slots.partition_point(|slot| slot.0 < point);
        let end = self.slots.partition_point(|slot| slot.0 <= point);
        start..end
    }

    /// Image, first coarse row and first coarse column of a tile.
    pub fn locate(&self, tile: usize) -> (usize, [usize; 2]) {
        let place = tile % self.tiles_per_image();
        let [y, x] = [place / self.tiles[1], place % self.tiles[1]];
        (
            tile / self.tiles_per_image(),
            [y * self.side, x * self.side],
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shape::{Conv2dShape, Nhwc, Window};

    fn tiling(size: usize, kernel: usize, stride: usize, side: usize) -> Option<Tiling> {
        let input = Nhwc {
            batch: 1,
            height: size,
            width: size,
            channels: 8,
        };
        let window = Window {
            kernel,
            stride,
            padding: 1,
        };
        let shape = Conv2dShape::new(input, 8, window).expect("possible");
        Tiling::new(&shape.geometry(), side)
    }

    #[test]
    fn a_stride_two_kernel_of_four_needs_100_products_for_256() {
        let tiling = tiling(16, 4, 2, 4).expect("transform");
        assert_eq!((tiling.slots.len(), tiling.tiles), (4 * 25, [2, 2]));
    }

    #[test]
    fn phases_of_a_kernel_of_five_share_points() {
        let tiling = tiling(16, 5, 2, 4).expect("transform");
        assert_eq!(tiling.slots.len(), 36 + 30 + 30 + 25);
        let phases = |point: usize| tiling.slots_of(point).len();
        assert_eq!((phases(0), phases(5), phases(35)), (4, 2, 1));
    }

    #[test]
    fn sides_without_transforms_are_refused() {
        assert!(tiling(16, 4, 2, 3).is_none());
        assert!(tiling(16, 4, 2, 6).is_none());
        assert!(tiling(16, 2, 3, 5).is_none());
    }
}
