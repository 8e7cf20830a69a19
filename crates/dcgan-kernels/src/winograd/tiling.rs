//! Cuts a layer into phases, tiles and points.

use std::ops::RangeInclusive;

use crate::arithmetic::Arithmetic;
use crate::blocks::BLOCK;
use crate::geometry::Geometry;

/// The sizes that tiles may have.
pub(crate) struct Sizes {
    /// Coarse pixels along an edge.
    sides: RangeInclusive<usize>,
    /// Points of a phase in one dimension.
    points: RangeInclusive<usize>,
}

impl Sizes {
    /// As many points as pay off, and in bf16 as many as keep enough digits (see
    /// [`bf16`](crate::bf16)).
    pub fn of(arithmetic: Arithmetic) -> Self {
        match arithmetic {
            Arithmetic::F32 => Self {
                sides: 3..=5,
                points: 5..=6,
            },
            Arithmetic::Bf16(_) => Self {
                sides: 2..=4,
                points: 4..=5,
            },
        }
    }
}

/// The fine pixels whose position (counted with the padding) is `first` modulo the stride, and
/// the taps that meet them. Pairs are `[y, x]`.
#[derive(Clone, Debug)]
pub(crate) struct Phase {
    pub first: [usize; 2],
    pub taps: [usize; 2],
    pub points: [usize; 2],
    /// The index of the slot of each of its points, row by row.
    pub slots: Vec<usize>,
}

/// A layer cut into square tiles of `side` coarse pixels, each transformed to `points` points
/// in each dimension.
#[derive(Clone, Debug)]
pub(crate) struct Tiling {
    pub side: usize,
    pub points: usize,
    /// Tiles of an image, `[y, x]`.
    pub tiles: [usize; 2],
    pub phases: Vec<Phase>,
    /// All pairs of a point and a phase that has it, by point: one product each.
    pub slots: Vec<Slot>,
}

/// A point of a tile in one of the phases that have it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Slot {
    pub point: usize,
}

/// The place of a tile: its image, and its first coarse row and column.
pub(crate) struct TilePlace {
    pub image: usize,
    pub y: usize,
    pub x: usize,
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
    /// All tilings of a layer with these sizes.
    pub fn all(geometry: &Geometry, sizes: &Sizes) -> impl Iterator<Item = Self> {
        let sides = sizes.sides.clone();
        sides.filter_map(|side| Self::new(geometry, side, sizes))
    }

    /// `None` if there are no transforms for tiles of this side.
    fn new(geometry: &Geometry, side: usize, sizes: &Sizes) -> Option<Self> {
        let (kernel, stride) = (geometry.window.kernel, geometry.window.stride);
        if kernel < 2 * stride {
            return None;
        }
        let taps = |first: usize| (kernel - first).div_ceil(stride);
        let points = side + taps(0) - 1;
        let fewest = side + taps(stride - 1) - 1;
        let has_points = |points| sizes.points.contains(&points);
        if !sizes.sides.contains(&side) || !has_points(points) || !has_points(fewest) {
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
            for phase in &mut phases {
                if point / points < phase.points[0] && point % points < phase.points[1] {
                    phase.slots.push(slots.len());
                    slots.push(Slot { point });
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

    /// Counts what the layer takes, in whole blocks of channels.
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

    /// The indices of a point's slots: one for each phase that has it.
    pub fn slots_of(&self, point: usize) -> std::ops::Range<usize> {
        let start = self.slots.partition_point(|slot| slot.point < point);
        let end = self.slots.partition_point(|slot| slot.point <= point);
        start..end
    }

    pub fn locate(&self, tile: usize) -> TilePlace {
        let in_image = tile % self.tiles_per_image();
        TilePlace {
            image: tile / self.tiles_per_image(),
            y: in_image / self.tiles[1] * self.side,
            x: in_image % self.tiles[1] * self.side,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nhwc::{Nhwc, Window};
    use crate::shape::Conv2dShape;

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
        Tiling::new(&shape.geometry(), side, &Sizes::of(Arithmetic::F32))
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
