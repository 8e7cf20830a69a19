//! Which rows of a batch are whose.

use std::ops::Range;

use super::Ranks;
use crate::config::ConfigError;
use crate::ops::SharedBatch;

/// The parts of a batch that have an order of their own.
const PARTS: usize = 4;

/// The part of each batch that is this rank's.
///
/// # Examples
///
/// ```
/// use dcgan::ranks::{Ranks, Share};
///
/// let share = Share::new(Ranks::alone(), 128)?;
/// assert_eq!(share.rows(), 0..128);
/// # Ok::<(), dcgan::config::ConfigError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Share {
    ranks: Ranks,
    batch_size: usize,
}

impl Share {
    /// The share of batches of `batch_size` pictures.
    ///
    /// # Errors
    /// A batch of fewer than two pictures for each rank: batch norm needs a variance.
    pub fn new(ranks: Ranks, batch_size: usize) -> Result<Self, ConfigError> {
        if !ranks.is_alone() && batch_size / ranks.count() < 2 {
            return Err(ConfigError::TooManyRanks {
                batch_size,
                ranks: ranks.count(),
            });
        }
        Ok(Self { ranks, batch_size })
    }

    /// All of each batch, of one process alone.
    pub fn of_one(batch_size: usize) -> Self {
        Self {
            ranks: Ranks::alone(),
            batch_size,
        }
    }

    /// The rows of this rank. Those of all ranks follow each other, and differ by one at most.
    pub fn rows(&self) -> Range<usize> {
        rows(self.ranks.rank(), self.ranks.count(), self.batch_size)
    }

    /// The pictures of all ranks together.
    pub fn batch_size(&self) -> usize {
        self.batch_size
    }

    /// The ranks that share.
    pub fn ranks(&self) -> &Ranks {
        &self.ranks
    }

    /// In how many parts this rank computes its rows where one, two and four ranks are to take
    /// sums over a batch in the same order, and so get the same bits: what is summed over the
    /// batch are then four parts, in pairs, whoever has them. None if the ranks or the pictures
    /// cannot be divided so.
    pub fn parts(&self) -> Option<usize> {
        let count = self.ranks.count();
        let divide = PARTS.is_multiple_of(count) && self.batch_size.is_multiple_of(PARTS);
        divide.then_some(PARTS / count)
    }

    /// The part of the batch that is this rank's, so that a mean over the batch is the sum over
    /// ranks of their means times this.
    pub fn weight(&self) -> f64 {
        self.rows().len() as f64 / self.batch_size as f64
    }
}

impl SharedBatch for Share {
    fn size(&self) -> usize {
        self.batch_size
    }

    fn weight(&self) -> f64 {
        self.weight()
    }

    fn parts(&self) -> usize {
        self.parts().unwrap_or(1)
    }

    fn is_whole(&self) -> bool {
        self.ranks.is_alone()
    }

    fn is_root(&self) -> bool {
        self.ranks.is_root()
    }

    fn all_reduce(&self, values: Vec<f64>, what: &str) -> Vec<f64> {
        self.ranks.sum(values, what)
    }
}

fn rows(rank: usize, count: usize, batch_size: usize) -> Range<usize> {
    rank * batch_size / count..(rank + 1) * batch_size / count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_a_batch_without_gaps_and_differ_by_one_picture() {
        for (count, batch_size) in [(1, 2), (2, 128), (3, 16), (7, 15), (16, 100)] {
            let shares: Vec<_> = (0..count)
                .map(|rank| rows(rank, count, batch_size))
                .collect();
            let all: Vec<usize> = shares.iter().cloned().flatten().collect();
            assert!(all.into_iter().eq(0..batch_size), "{shares:?}");
            let lengths = shares.iter().map(ExactSizeIterator::len);
            let (least, most) = (lengths.clone().min(), lengths.max());
            assert!(most <= least.map(|least| least + 1), "{shares:?}");
        }
    }
}
