//! Products by tiles: registers of 16 rows of 64 bytes, which one instruction multiplies whole.
//!
//! The factors lie in memory as tiles do. Sixteen left rows of a [`Multiply`] are a tile, word by
//! word, and a square block on the right is two, side by side. A strip of 32 rows of a block of the
//! result is held in four of the eight registers while two tiles of each factor at a time pass
//! through the other four. Of a [`MultiplyTransposed`], the left rows are transposed first.
//!
//! A tile of sums starts from two sums of its own for every result: of the products of the low
//! halves of the words, and of the high ones. At the end of a tile, that is after 32 products, the
//! two are added, and their sum to the result. So the last bits are not those of `vdpbf16ps`.

use std::cmp::Reverse;

use super::PairRow;
use crate::blocks::kernel::{Multiply, Pair, ROWS};
use crate::blocks::transposed::{MultiplyTransposed, RowRun};
use crate::blocks::{BLOCK, Row, block_width, long_rows, with_rows};

/// Rows of a register, and words of each.
pub(super) const SIDE: usize = 16;

/// Rows of a strip: those of two registers.
const STRIP: usize = 2 * SIDE;

/// Pairs that are multiplied at a time, so that their right blocks stay in the innermost cache.
const DEPTH: usize = 16;

/// The most pairs of a strip, of a panel that has no other strip.
pub(super) const MAX_PAIRS: usize = 64;

/// What multiplies tiles.
pub(super) trait TileUnit: Copy {
    /// Runs work with what multiplies strips of a shape. It takes as long to set a shape as to
    /// multiply a dozen tiles. The work sets no other shape.
    fn with_shape(self, shape: Shape, work: impl FnOnce(&dyn Fn(Strip)));

    /// Writes the words `[k][channel]` of one block as `[channel][k]`. There are up to [`SIDE`]
    /// rows; past them, a row of the target keeps or gets any words.
    fn transpose(self, rows: &[[u32; BLOCK]], target: &mut [PairRow; BLOCK]);
}

/// What is read and written of the registers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shape {
    /// Rows of the upper tiles of the result, and of the lower ones, which may be none.
    pub rows: [usize; 2],
    /// Tiles of a row of the result: one or two.
    pub columns: usize,
    /// Words of a row of the left factor, and rows of words of the right one.
    pub words: usize,
}

impl Shape {
    /// For up to [`STRIP`] rows and up to [`BLOCK`] columns and values of a sum.
    fn new(rows: usize, width: usize, depth: usize) -> Self {
        Self {
            rows: [rows.min(SIDE), rows.saturating_sub(SIDE)],
            columns: width.div_ceil(SIDE),
            words: depth.div_ceil(2),
        }
    }
}

/// `result[row] = sum over pairs and k of left[row][k] * right[k]`, or added to the result, for the
/// rows of a shape.
pub(super) struct Strip<'a> {
    pub results: &'a mut [Row],
    left: &'a [PairRow],
    right: &'a [PairRow],
    /// At most [`MAX_PAIRS`], all of one depth.
    pairs: &'a [Pair],
    /// Whether the sums are added to what the results hold.
    pub add: bool,
}

impl<'a> Strip<'a> {
    /// The left rows of each pair, and its rows of words on the right, of which two stored rows hold
    /// one.
    pub fn factors(&self, shape: Shape) -> impl Iterator<Item = [&'a [PairRow]; 2]> + use<'a> {
        let (left, right) = (self.left, self.right);
        let rows = shape.rows[0] + shape.rows[1];
        self.pairs.iter().map(move |pair| {
            let left = &left[pair.left..][..rows];
            [left, &right[pair.right..][..2 * shape.words]]
        })
    }
}

/// The products of panels with square blocks.
pub(super) fn multiply<const W: usize>(unit: impl TileUnit, mut work: Multiply<PairRow, W>) {
    let rows = work.results[0].len();
    assert_eq!(rows % ROWS, 0, "panels have whole tiles of rows");
    // those of a last block of fewer channels at the end, so that there are two shapes at most
    let mut pairs = work.pairs.to_vec();
    pairs.sort_by_key(|pair| Reverse(pair.depth));
    for pairs in pairs.chunk_by(|one, next| one.depth == next.depth) {
        for strips in whole_and_last(rows) {
            multiply_strips(unit, &mut work, &strips, pairs);
        }
        work.add = true;
    }
}

/// With pairs of one depth.
fn multiply_strips<const W: usize>(
    unit: impl TileUnit,
    work: &mut Multiply<PairRow, W>,
    strips: &Strips,
    pairs: &[Pair],
) {
    let shape = Shape::new(strips.step, work.width, pairs[0].depth);
    unit.with_shape(shape, |multiply| {
        let depth = if strips.count() > 1 { DEPTH } else { MAX_PAIRS };
        for (index, pairs) in pairs.chunks(depth).enumerate() {
            for (block, results) in work.results.iter_mut().enumerate() {
                let results = &mut results[strips.start..strips.end];
                for (strip, results) in results.chunks_exact_mut(strips.step).enumerate() {
                    multiply(Strip {
                        results,
                        left: &work.left[strips.start + strip * strips.step..],
                        right: &work.right[block * work.step..],
                        pairs,
                        add: work.add || index > 0,
                    });
                }
            }
        }
    });
}

/// Rows of a panel in strips of `step`.
struct Strips {
    start: usize,
    end: usize,
    step: usize,
}

impl Strips {
    fn count(&self) -> usize {
        (self.end - self.start) / self.step
    }
}

/// The rows in whole strips, and the last ones.
fn whole_and_last(rows: usize) -> impl Iterator<Item = Strips> {
    let whole = rows / STRIP * STRIP;
    let whole_and_last = [
        Strips {
            start: 0,
            end: whole,
            step: STRIP,
        },
        Strips {
            start: whole,
            end: rows,
            step: rows - whole,
        },
    ];
    whole_and_last
        .into_iter()
        .filter(|rows| rows.start < rows.end)
}

/// The products of panels with panels, summed over their rows.
pub(super) fn multiply_transposed(unit: impl TileUnit, mut work: MultiplyTransposed<PairRow>) {
    let blocks = work.runs[0].left.len();
    let runs = work.runs;
    let tiles: Vec<_> = runs.iter().flat_map(RunTile::all).collect();
    let add = work.add;
    for block in 0..blocks {
        work.add = add;
        for tiles in tiles.chunk_by(|one, next| one.depth == next.depth) {
            multiply_run_tiles(unit, &mut work, block, tiles);
            work.add = true;
        }
    }
}

/// With one left block, and tiles of one depth.
fn multiply_run_tiles(
    unit: impl TileUnit,
    work: &mut MultiplyTransposed<PairRow>,
    block: usize,
    tiles: &[RunTile],
) {
    let blocks = work.runs[0].left.len();
    let height = block_width(work.channels, block).next_multiple_of(ROWS);
    let shape = Shape::new(height, work.width, tiles[0].depth);
    with_rows(DEPTH * BLOCK, |transposed: &mut [PairRow]| {
        unit.with_shape(shape, |multiply| {
            for (index, tiles) in tiles.chunks(DEPTH).enumerate() {
                for (tile, target) in tiles.iter().zip(transposed.as_chunks_mut().0) {
                    let start = tile.run.left[block] + tile.first;
                    let rows = &work.left[start..][..tile.depth.next_multiple_of(2)];
                    unit.transpose(long_rows(rows), target);
                }
                for (other, results) in work.results.chunks_exact_mut(blocks).enumerate() {
                    let pair = |(index, tile): (usize, &RunTile)| Pair {
                        left: index * BLOCK,
                        right: tile.run.right[other] + tile.first,
                        depth: tile.depth,
                    };
                    let pairs: Vec<_> = tiles.iter().enumerate().map(pair).collect();
                    multiply(Strip {
                        results: &mut results[block][..height],
                        left: transposed,
                        right: work.right,
                        pairs: &pairs,
                        add: work.add || index > 0,
                    });
                }
            }
        });
    });
}

/// Rows of a run that are summed over in one tile.
struct RunTile<'a> {
    run: &'a RowRun,
    first: usize,
    depth: usize,
}

impl RunTile<'_> {
    /// Those of a run, one after the other.
    fn all(run: &RowRun) -> impl Iterator<Item = RunTile<'_>> {
        (0..run.rows).step_by(BLOCK).map(|first| RunTile {
            run,
            first,
            depth: BLOCK.min(run.rows - first),
        })
    }
}
