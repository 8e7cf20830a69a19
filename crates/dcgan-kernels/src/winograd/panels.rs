//! The layout of transformed values: panels, each a group of tiles by a block of channels at one
//! point.
//!
//! The [`kernel`](crate::blocks::kernel) reads and writes panels, so nothing has to be packed.

use std::ops::Range;

use crate::blocks::Row;
use crate::blocks::factors::{Factors, Order};

/// Tiles of a group.
pub(super) const GROUP: usize = 256;

/// Tasks that share the tiles of a chunk.
const TASKS: usize = 16;

/// An array of panels, in the order `[strip, group, point, block in strip]`, where strips are
/// runs of blocks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Panels {
    pub tiles: usize,
    /// Points, or slots of a point and a phase.
    pub points: usize,
    pub blocks: usize,
    /// Blocks of a strip, except that the last one may have fewer.
    pub strip: usize,
}

/// Panels with their values: results, or a factor in the format of its rows.
#[derive(Clone, Copy)]
pub(super) struct PanelData<'a, T = Row> {
    pub panels: &'a Panels,
    pub rows: &'a [T],
}

/// Panels with values to be written.
pub(super) struct PanelDataMut<'a> {
    pub panels: &'a Panels,
    pub rows: &'a mut [Row],
}

/// Which of the panels.
#[derive(Clone, Copy, Debug)]
pub(super) struct PanelPlace {
    pub group: usize,
    pub point: usize,
    pub block: usize,
}

impl Panels {
    /// Panels in the order of a factor of a product: those of a group together.
    pub fn by_group(tiles: usize, points: usize, blocks: usize) -> Self {
        Self {
            tiles,
            points,
            blocks,
            strip: blocks,
        }
    }

    pub fn groups(&self) -> usize {
        self.tiles.div_ceil(GROUP)
    }

    /// Rows from one panel to the next. The extra rows avoid powers of two, which would map all
    /// panels to the same few cache lines.
    pub fn rows(&self) -> usize {
        self.tiles.min(GROUP).next_multiple_of(8) + 1
    }

    /// Tiles of a group.
    pub fn group(&self, group: usize) -> Range<usize> {
        group * GROUP..self.tiles.min((group + 1) * GROUP)
    }

    /// The group of a tile, and its row in the panels of the group.
    pub fn row(&self, tile: usize) -> (usize, usize) {
        (tile / GROUP, tile % GROUP)
    }

    /// Number of rows of the whole array.
    pub fn len(&self) -> usize {
        self.groups() * self.group_len()
    }

    /// Number of rows that belong to one group.
    pub fn group_len(&self) -> usize {
        self.points * self.blocks * self.rows()
    }

    /// Number of rows that belong to one block.
    pub fn block_len(&self) -> usize {
        self.points * self.groups() * self.rows()
    }

    /// The first row of a panel.
    pub fn start(&self, group: usize, point: usize, block: usize) -> usize {
        let strip = block / self.strip * self.strip;
        let width = self.strip.min(self.blocks - strip);
        let panel = strip * self.groups() * self.points
            + (group * self.points + point) * width
            + (block - strip);
        panel * self.rows()
    }

    /// The index of a tile's row at point 0, and the number of rows from there to the next point.
    pub fn points_of(&self, group: usize, block: usize, row: usize) -> (usize, usize) {
        let first = self.start(group, 0, block);
        let width = self
            .strip
            .min(self.blocks - block / self.strip * self.strip);
        (first + row, width * self.rows())
    }

    /// Divides an array in the order of [`by_group`](Self::by_group) among tasks, each for a few
    /// tiles, whose values will be stored in `order`.
    pub fn shares<'a, F: Factors>(
        &self,
        factors: F,
        order: Order,
        values: &'a mut [F::Row],
    ) -> Vec<Share<'a, F>> {
        let step = self.tiles.div_ceil(TASKS).next_multiple_of(8).min(GROUP);
        let mut shares = Vec::new();
        for (group, values) in values.chunks_exact_mut(self.group_len()).enumerate() {
            let first = shares.len();
            let tiles = self.group(group);
            shares.extend(tiles.clone().step_by(step).map(|start| Share {
                tiles: start..tiles.end.min(start + step),
                blocks: self.blocks,
                factors,
                order,
                panels: Vec::with_capacity(self.points * self.blocks),
            }));
            for panel in values.chunks_exact_mut(self.rows()) {
                // of an odd number the last one has a partner
                let parts = panel[..tiles.len().next_multiple_of(2)].chunks_mut(step);
                for (share, part) in shares[first..].iter_mut().zip(parts) {
                    share.panels.push(part);
                }
            }
        }
        shares
    }

    /// Cuts panels, the first of which starts at row `first` of the whole array, into pairs of
    /// neighbours in one strip, each with the index of its first panel.
    pub fn pairs<'a>(&self, first: usize, values: &'a mut [Row]) -> Vec<(usize, &'a mut [Row])> {
        let mut pairs = Vec::new();
        let (mut index, mut rest) = (first / self.rows(), values);
        while !rest.is_empty() {
            let block = self.place(index).block;
            let strip_end = self.blocks.min((block / self.strip + 1) * self.strip);
            let count = (strip_end - block).min(2);
            let (panels, after) = rest.split_at_mut(count * self.rows());
            pairs.push((index, panels));
            (index, rest) = (index + count, after);
        }
        pairs
    }

    /// The place of the panel at an index of the array.
    pub fn place(&self, panel: usize) -> PanelPlace {
        let strip_len = self.strip * self.groups() * self.points;
        let strip = panel / strip_len * self.strip;
        let width = self.strip.min(self.blocks - strip);
        let rest = panel % strip_len;
        PanelPlace {
            group: rest / (width * self.points),
            point: rest / width % self.points,
            block: strip + rest % width,
        }
    }
}

/// The rows of a group's panels that belong to a few tiles.
pub(super) struct Share<'a, F: Factors> {
    pub tiles: Range<usize>,
    pub blocks: usize,
    factors: F,
    order: Order,
    panels: Vec<&'a mut [F::Row]>,
}

impl<F: Factors> Share<'_, F> {
    /// The rows at a point, for a run of tiles and a partner if their number is odd.
    pub fn run(&mut self, point: usize, block: usize, tiles: &Range<usize>) -> &mut [F::Row] {
        let start = tiles.start - self.tiles.start;
        let panel = &mut *self.panels[point * self.blocks + block];
        &mut panel[start..][..tiles.len().next_multiple_of(2)]
    }

    /// Stores the rows of a run of tiles at a point.
    #[inline(always)]
    pub fn store(&mut self, point: usize, block: usize, tiles: &Range<usize>, rows: &[Row]) {
        let (factors, order) = (self.factors, self.order);
        factors.store(order, rows, self.run(point, block, tiles));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_panel_is_found_where_it_starts() {
        let panels = Panels {
            tiles: 130,
            points: 5,
            blocks: 7,
            strip: 3,
        };
        for index in 0..panels.len() / panels.rows() {
            let PanelPlace {
                group,
                point,
                block,
            } = panels.place(index);
            assert_eq!(panels.start(group, point, block), index * panels.rows());
        }
    }
}
