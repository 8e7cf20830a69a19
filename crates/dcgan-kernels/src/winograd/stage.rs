//! The transformed values of a few neighbouring tiles, on their way to or from the panels.
//!
//! The values of a tile are spread over one panel per point, and the panels over memory. Moving a
//! run of tiles at a time makes every access to a panel a kilobyte long, which gains more than the
//! copy costs.

use std::ops::Range;

use super::panels::{PanelData, Share};
use super::points::MAX_POINTS;
use crate::blocks::factors::Factors;
use crate::blocks::prefetch::{prefetch, prefetch_rows};
use crate::blocks::{BLOCK, Row};

/// The most tiles of a run: the rows of a panel that one step of a product reads.
pub(super) const RUN: usize = 8;

/// The rows of a run of tiles, for every point of a phase.
pub(super) struct Stage {
    rows: Vec<[Row; RUN]>,
}

impl Stage {
    pub fn new() -> Self {
        Self {
            rows: vec![[[0.0; BLOCK]; RUN]; MAX_POINTS * MAX_POINTS],
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

    /// Prefetches the panels that [`put`](Stage::put) will write.
    #[inline(always)]
    pub fn prefetch_panels<F: Factors>(
        share: &mut Share<F>,
        block: usize,
        run: &Range<usize>,
        slots: impl Iterator<Item = usize>,
    ) {
        for slot in slots {
            prefetch_rows(share.run(slot, block, run));
        }
    }

    /// Stores a run of tiles in the panels of a block, each point in its slot.
    #[inline(always)]
    pub fn put<F: Factors>(
        &self,
        share: &mut Share<F>,
        block: usize,
        run: &Range<usize>,
        slots: impl Iterator<Item = usize>,
    ) {
        for (rows, slot) in self.rows.iter().zip(slots) {
            share.store(slot, block, run, &rows[..run.len()]);
        }
    }

    /// Copies a run of tiles out of the panels of a block, and prefetches those of the next one.
    #[inline(always)]
    pub fn get(
        &mut self,
        source: PanelData,
        block: usize,
        run: &Range<usize>,
        slots: impl Iterator<Item = usize>,
    ) {
        let PanelData {
            panels,
            rows: values,
        } = source;
        let tiles = run.len();
        let (group, row) = panels.row(run.start);
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

/// Cuts tiles into runs that do not cross a group.
pub(super) fn runs(tiles: Range<usize>) -> impl Iterator<Item = Range<usize>> {
    let mut start = tiles.start;
    std::iter::from_fn(move || {
        let end = tiles.end.min((start / RUN + 1) * RUN);
        let run = start..end;
        start = end;
        (!run.is_empty()).then_some(run)
    })
}
