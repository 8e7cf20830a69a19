//! The rows of each batch that a rank computes.

use std::ops::Range;

use super::Ranks;
use crate::config::ConfigError;
use crate::ops::SharedBatch;

/// The number of parts that sums over a batch are taken in, on all ranks together.
const PARTS: usize = 4;

/// The rows of each batch that this rank computes.
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
    /// This rank's share of batches of `batch_size` pictures.
    ///
    /// # Errors
    /// If there are fewer than two pictures for each rank: batch norm needs a variance.
    pub fn new(ranks: Ranks, batch_size: usize) -> Result<Self, ConfigError> {
        if !ranks.is_alone() && batch_size / ranks.count() < 2 {
            return Err(ConfigError::TooManyRanks {
                batch_size,
                ranks: ranks.count(),
            });
        }
        Ok(Self { ranks, batch_size })
    }

    /// All rows of each batch, for a single process.
    pub fn of_one(batch_size: usize) -> Self {
        Self {
            ranks: Ranks::alone(),
            batch_size,
        }
    }

    /// The rows of this rank. Ranks have consecutive rows, and their numbers differ by at most one.
    pub fn rows(&self) -> Range<usize> {
        rows(self.ranks.rank(), self.ranks.count(), self.batch_size)
    }

    /// The global batch size.
    pub fn batch_size(&self) -> usize {
        self.batch_size
    }

    /// The ranks that share each batch.
    pub fn ranks(&self) -> &Ranks {
        &self.ranks
    }

    /// In how many parts this rank computes its rows, so that one, two and four ranks sum over a
    /// batch in the same order and get the same bits: as four parts, in pairs, whichever ranks have
    /// them. `None` if the ranks or the pictures cannot be divided into four parts.
    pub fn parts(&self) -> Option<usize> {
        let count = self.ranks.count();
        let divide = PARTS.is_multiple_of(count) && self.batch_size.is_multiple_of(PARTS);
        divide.then_some(PARTS / count)
    }

    /// The fraction of the batch that this rank has: the mean over the batch is the sum over ranks
    /// of their weighted means.
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
    fn shares_cover_a_batch_without_gaps_and_differ_by_at_most_one_picture() {
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
