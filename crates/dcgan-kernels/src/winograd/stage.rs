//! The transformed values of a few neighbouring tiles, on their way to or from the panels.
//!
//! The values of one tile are spread over as many panels as there are points, and those over
//! memory. Moving a run of tiles at a time makes every access to a panel a kilobyte long, which
//! is worth more than what the copy costs.

use std::ops::Range;

use super::panels::{Panels, Share};
use super::points::MOST_POINTS;
use crate::blocks::Row;
use crate::blocks::prefetch::prefetch;

/// The most tiles of a run: the rows of a panel that one step of a product reads.
pub(super) const RUN: usize = 8;

/// For every point of a phase the rows of a run of tiles.
pub(super) struct Stage {
    rows: Vec<[Row; RUN]>,
}

impl Stage {
    pub fn new() -> Self {
        Self {
            rows: vec![[[0.0; crate::blocks::BLOCK]; RUN]; MOST_POINTS * MOST_POINTS],
        }
    }

    /// The rows of a tile of the run, from point to point.
    #[inline(always)]
    pub fn points(&self, tile: usize, count: usize) -> impl Iterator<Item = &Row> {
        self.rows[..count].iter().map(move |rows| &rows[tile])
    }

    #[inline(always)]
    pub fn points_mut(&mut self, tile: usize, count: usize) -> impl Iterator<Item = &mut Row> {
        self.rows[..count]
            .iter_mut()
            .map(move |rows| &mut rows[tile])
    }

    /// Fetches the panels that [`put`](Stage::put) will write.
    #[inline(always)]
    pub fn fetch_panels(
        share: &mut Share,
        block: usize,
        run: &Range<usize>,
        slots: impl Iterator<Item = usize>,
    ) {
        let start = run.start - share.tiles.start;
        for slot in slots {
            let rows = &share.panel(slot, block)[start..][..run.len()];
            rows.iter().for_each(prefetch);
        }
    }

    /// Copies a run of tiles into the panels of a block, the points into the given slots.
    #[inline(always)]
    pub fn put(
        &self,
        share: &mut Share,
        block: usize,
        run: &Range<usize>,
        slots: impl Iterator<Item = usize>,
    ) {
        let start = run.start - share.tiles.start;
        for (rows, slot) in self.rows.iter().zip(slots) {
            share.panel(slot, block)[start..][..run.len()].copy_from_slice(&rows[..run.len()]);
        }
    }

    /// Copies a run of tiles out of the panels of a block, and fetches those of the next one.
    #[inline(always)]
    pub fn get(
        &mut self,
        panels: &Panels,
        (group, block, row): (usize, usize, usize),
        tiles: usize,
        slots: impl Iterator<Item = usize>,
        values: &[Row],
    ) {
        let (first, step) = panels.points_of(group, block, row);
        let next = (block + 1 < panels.blocks).then(|| panels.points_of(group, block + 1, row));
        for (rows, slot) in self.rows.iter_mut().zip(slots) {
            if let Some((first, step)) = next {
                let ahead = &values[first + slot * step..][..tiles];
                ahead.iter().for_each(prefetch);
            }
            rows[..tiles].copy_from_slice(&values[first + slot * step..][..tiles]);
        }
    }
}

/// Cuts tiles into runs which lie in one group each.
pub(super) fn runs(tiles: Range<usize>) -> impl Iterator<Item = Range<usize>> {
    let mut start = tiles.start;
    std::iter::from_fn(move || {
        let end = tiles.end.min((start / RUN + 1) * RUN);
        let run = start..end;
        start = end;
        (!run.is_empty()).then_some(run)
    })
}
