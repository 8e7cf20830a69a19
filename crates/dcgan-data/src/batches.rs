//! Batches in the order of their epochs, made ahead on a thread of their own.

use std::ops::Range;
use std::panic;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::thread::{self, JoinHandle};

use rayon::prelude::*;

use crate::dataset::Dataset;
use crate::error::DataError;
use crate::order::{Augmentation, epoch_order};
use dcgan_support::trace::span;

/// Pictures to train on at once.
#[derive(Clone, Debug, PartialEq)]
pub struct Batch {
    /// The epoch, from 0.
    pub epoch: u64,
    /// The batch's place in its epoch, from 0.
    pub index: u64,
    /// Channel values in [−1, 1], in the order of `shape`.
    pub pixels: Vec<f32>,
    /// Pictures, height, width, channels (NHWC).
    pub shape: [usize; 4],
    /// The numbers of the pictures in the data set.
    pub indices: Vec<u32>,
}

/// An endless iterator over the batches of one epoch after another.
///
/// What a batch holds depends on the data set, the seed, the epoch and its
/// index alone: a run that resumes at a position sees the same bits as one that
/// never stopped, whatever the number of threads. The last pictures of an
/// epoch's order that do not fill a batch are left out.
///
/// One batch is made while the one before it is trained on. After an error the
/// iterator ends.
#[derive(Debug)]
pub struct Batches {
    /// `None` once the thread has been told to end.
    receiver: Option<Receiver<Result<Batch, DataError>>>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
    per_epoch: u64,
}

impl Batches {
    /// Starts at batch `index` of epoch `epoch`. An index past the epoch's last
    /// batch means the start of the next epoch.
    ///
    /// # Errors
    ///
    /// [`DataError::BatchTooLarge`] if not even one batch can be filled,
    /// [`DataError::EmptyBatch`], and [`DataError::Thread`]
    /// if there is no thread to be had.
    pub fn start(
        dataset: Arc<Dataset>,
        seed: u64,
        batch_size: usize,
        epoch: u64,
        index: u64,
    ) -> Result<Self, DataError> {
        Self::start_share(dataset, seed, (batch_size, 0..batch_size), epoch, index)
    }

    /// As [`start`](Self::start), of batches of which only some rows are read: others have the
    /// rest.
    ///
    /// # Errors
    ///
    /// As [`start`](Self::start).
    ///
    /// # Panics
    ///
    /// If there are rows outside of the batch.
    pub fn start_share(
        dataset: Arc<Dataset>,
        seed: u64,
        (batch_size, rows): (usize, Range<usize>),
        epoch: u64,
        index: u64,
    ) -> Result<Self, DataError> {
        assert!(rows.end <= batch_size, "rows outside of the batch");
        if batch_size == 0 {
            return Err(DataError::EmptyBatch);
        }
        let pictures = dataset.len();
        if batch_size > pictures {
            return Err(DataError::BatchTooLarge {
                batch_size,
                pictures,
            });
        }
        let per_epoch = (pictures / batch_size) as u64;
        let stop = Arc::new(AtomicBool::new(false));
        let (sender, receiver) = mpsc::sync_channel(1);
        let maker = Maker {
            dataset,
            seed,
            batch_size,
            rows,
            stop: Arc::clone(&stop),
        };
        let (epoch, index) = match index < per_epoch {
            true => (epoch, index),
            false => (epoch.saturating_add(1), 0),
        };
        let thread = thread::Builder::new()
            .name("batches".to_owned())
            .spawn(move || maker.run(epoch, index..per_epoch, &sender))
            .map_err(DataError::Thread)?;
        Ok(Self {
            receiver: Some(receiver),
            stop,
            thread: Some(thread),
            per_epoch,
        })
    }

    /// How many batches an epoch has, at least one.
    pub fn per_epoch(&self) -> u64 {
        self.per_epoch
    }
}

impl Iterator for Batches {
    type Item = Result<Batch, DataError>;

    fn next(&mut self) -> Option<Self::Item> {
        match self.receiver.as_ref()?.recv() {
            Ok(batch) => Some(batch),
            Err(_) => {
                // The thread has ended: after an error, or by a bug of ours,
                // which must not pass for the end of the data.
                self.receiver = None;
                if let Some(Err(panic)) = self.thread.take().map(JoinHandle::join) {
                    panic::resume_unwind(panic);
                }
                None
            }
        }
    }
}

impl Drop for Batches {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        // Without a receiver the thread's next send fails, and it ends.
        self.receiver = None;
        if let Some(thread) = self.thread.take() {
            // A panic there has been printed, and one in a drop would abort.
            let _ = thread.join();
        }
    }
}

/// Makes batches on the background thread.
struct Maker {
    dataset: Arc<Dataset>,
    seed: u64,
    batch_size: usize,
    /// Those that are read of each batch.
    rows: Range<usize>,
    stop: Arc<AtomicBool>,
}

impl Maker {
    /// Sends batches from `first` on until nobody wants them any more.
    fn run(
        &self,
        first_epoch: u64,
        first: Range<u64>,
        sender: &SyncSender<Result<Batch, DataError>>,
    ) {
        let per_epoch = first.end;
        let mut indices = first;
        for epoch in first_epoch.. {
            let order = epoch_order(self.seed, epoch, self.dataset.len() as u32);
            for index in indices {
                let start = index as usize * self.batch_size;
                let pictures = &order[start..][self.rows.clone()];
                let batch = span("make a batch", || self.make(epoch, index, pictures));
                let failed = batch.is_err();
                if sender.send(batch).is_err() || failed {
                    return;
                }
            }
            indices = 0..per_epoch;
        }
    }

    fn make(&self, epoch: u64, index: u64, pictures: &[u32]) -> Result<Batch, DataError> {
        let dataset = &self.dataset;
        let (size, channels) = (dataset.image_size(), dataset.channels());
        let mut pixels = vec![0.0; pictures.len() * size * size * channels];
        if dataset.is_packed() {
            // Pages may have to come from the disk, and a thread of the training
            // must not wait for them: two of our own.
            let half = pictures.len() / 2;
            let (first, second) = pixels.split_at_mut(half * size * size * channels);
            thread::scope(|scope| {
                let other = scope.spawn(|| self.fill(epoch, &pictures[half..], second));
                let filled = self.fill(epoch, &pictures[..half], first);
                let other = other.join();
                filled.and(other.unwrap_or_else(|panic| panic::resume_unwind(panic)))
            })?;
        } else if dataset.in_memory() == dataset.len() {
            // The work is small, and the cores belong to the training.
            self.fill(epoch, pictures, &mut pixels)?;
        } else {
            let values = size * size * channels;
            let each = pictures.par_iter().zip(pixels.par_chunks_exact_mut(values));
            each.try_for_each(|(&picture, target)| self.fill(epoch, &[picture], target))?;
        }
        Ok(Batch {
            epoch,
            index,
            pixels,
            shape: [pictures.len(), size, size, channels],
            indices: pictures.to_vec(),
        })
    }

    /// Writes pictures as an epoch shows them, one after the other.
    fn fill(&self, epoch: u64, pictures: &[u32], pixels: &mut [f32]) -> Result<(), DataError> {
        let dataset = &self.dataset;
        let values = dataset.image_size() * dataset.image_size() * dataset.channels();
        for (&picture, target) in pictures.iter().zip(pixels.chunks_exact_mut(values)) {
            if self.stop.load(Ordering::Relaxed) {
                return Err(DataError::Interrupted);
            }
            let augmentation = Augmentation::draw(dataset.options(), self.seed, epoch, picture);
            dataset.write_scaled(picture as usize, augmentation, target)?;
        }
        Ok(())
    }
}
