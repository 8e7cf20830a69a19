//! Batches, epoch after epoch, prepared ahead on a background thread.

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

/// Where a batch is in the training: its epoch, and its index within the epoch, both from 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BatchPosition {
    /// The epoch.
    pub epoch: u64,
    /// The batch within the epoch.
    pub index: u64,
}

/// How batches are made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BatchOptions {
    /// The seed of the pictures' order and augmentation.
    pub seed: u64,
    /// The number of pictures in a batch.
    pub batch_size: usize,
    /// The rows of each batch that are read. Other processes may read the others.
    pub rows: Range<usize>,
}

impl BatchOptions {
    /// Whole batches.
    pub fn new(seed: u64, batch_size: usize) -> Self {
        Self {
            seed,
            batch_size,
            rows: 0..batch_size,
        }
    }
}

/// Pictures to train on together.
#[derive(Clone, Debug, PartialEq)]
pub struct Batch {
    /// Where the batch is in the training.
    pub position: BatchPosition,
    /// Channel values in [−1, 1], in the order of `shape`.
    pub pixels: Vec<f32>,
    /// Pictures, height, width, channels (NHWC).
    pub shape: [usize; 4],
    /// The index of each picture in the data set.
    pub indices: Vec<u32>,
}

/// An endless iterator over the batches of one epoch after another.
///
/// A batch depends only on the data set, the options and its position: a resumed run sees the same
/// bits as one that was never stopped, with any number of threads. The last pictures of an epoch
/// that do not fill a batch are left out.
///
/// The next batch is prepared while the current one is used. The iterator ends after an error.
///
/// ```
/// use std::sync::Arc;
/// use dcgan_data::{BatchOptions, BatchPosition, Batches, DataSource, Dataset, PictureOptions};
///
/// let source = DataSource::Demo { count: 20, seed: 0 };
/// let dataset = Dataset::load(&source, &PictureOptions::default(), &|_, _| {}, &|| false)?;
/// let options = BatchOptions::new(42, 8);
/// let mut batches = Batches::start(Arc::new(dataset), options, BatchPosition::default())?;
/// let batch = batches.next().expect("batches never end")?;
/// assert_eq!(batch.shape, [8, 64, 64, 3]);
/// # Ok::<(), dcgan_data::DataError>(())
/// ```
#[derive(Debug)]
pub struct Batches {
    /// `None` once the thread has ended.
    receiver: Option<Receiver<Result<Batch, DataError>>>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
    per_epoch: u64,
}

impl Batches {
    /// Starts at a position. An index beyond the epoch's last batch means the start of the next
    /// epoch.
    ///
    /// # Errors
    ///
    /// [`DataError::EmptyBatch`], [`DataError::BatchTooLarge`] if the data cannot fill one batch,
    /// and [`DataError::Thread`].
    ///
    /// # Panics
    ///
    /// If there are rows outside the batch.
    pub fn start(
        dataset: Arc<Dataset>,
        options: BatchOptions,
        position: BatchPosition,
    ) -> Result<Self, DataError> {
        let batch_size = options.batch_size;
        assert!(options.rows.end <= batch_size, "rows outside the batch");
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
        let position = if position.index < per_epoch {
            position
        } else {
            BatchPosition {
                epoch: position.epoch.saturating_add(1),
                index: 0,
            }
        };
        let stop = Arc::new(AtomicBool::new(false));
        let (sender, receiver) = mpsc::sync_channel(1);
        let maker = Maker {
            dataset,
            options,
            per_epoch,
            stop: Arc::clone(&stop),
        };
        let thread = thread::Builder::new()
            .name("batches".to_owned())
            .spawn(move || maker.run(position, &sender))
            .map_err(DataError::Thread)?;
        Ok(Self {
            receiver: Some(receiver),
            stop,
            thread: Some(thread),
            per_epoch,
        })
    }

    /// The number of batches in an epoch, at least one.
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
                // The thread has ended: after an error, or by a panic, which must not look like
                // the end of the data.
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
        // Without a receiver, the thread's next send fails and it ends.
        self.receiver = None;
        if let Some(thread) = self.thread.take() {
            // A panic of the thread has been printed; panicking in `drop` could abort.
            let _ = thread.join();
        }
    }
}

/// Makes batches on the background thread.
struct Maker {
    dataset: Arc<Dataset>,
    options: BatchOptions,
    per_epoch: u64,
    stop: Arc<AtomicBool>,
}

impl Maker {
    /// Sends batches, beginning at a position, until one fails or the receiver is dropped.
    fn run(&self, first: BatchPosition, sender: &SyncSender<Result<Batch, DataError>>) {
        let mut first_index = first.index;
        for epoch in first.epoch.. {
            let order = epoch_order(self.options.seed, epoch, self.dataset.len() as u32);
            for index in first_index..self.per_epoch {
                let start = index as usize * self.options.batch_size;
                let pictures = &order[start..][self.options.rows.clone()];
                let position = BatchPosition { epoch, index };
                let batch = span("make a batch", || self.make(position, pictures));
                let failed = batch.is_err();
                if sender.send(batch).is_err() || failed {
                    return;
                }
            }
            first_index = 0;
        }
    }

    fn make(&self, position: BatchPosition, pictures: &[u32]) -> Result<Batch, DataError> {
        let epoch = position.epoch;
        let dataset = &self.dataset;
        let (size, channels) = (dataset.image_size(), dataset.channels());
        let mut pixels = vec![0.0; pictures.len() * size * size * channels];
        if dataset.is_packed() {
            // The disk may have to be read. The threads that train must not wait for
            // that, so this is done on two others.
            let half = pictures.len() / 2;
            let (first, second) = pixels.split_at_mut(half * size * size * channels);
            thread::scope(|scope| {
                let other = thread::Builder::new()
                    .spawn_scoped(scope, || self.fill(epoch, &pictures[half..], second))
                    .map_err(DataError::Thread)?;
                let filled = self.fill(epoch, &pictures[..half], first);
                let other = other.join();
                filled.and(other.unwrap_or_else(|panic| panic::resume_unwind(panic)))
            })?;
        } else if dataset.in_memory() == dataset.len() {
            // This is little work, and the cores are busy training.
            self.fill(epoch, pictures, &mut pixels)?;
        } else {
            let values = size * size * channels;
            let each = pictures.par_iter().zip(pixels.par_chunks_exact_mut(values));
            each.try_for_each(|(&picture, target)| self.fill(epoch, &[picture], target))?;
        }
        Ok(Batch {
            position,
            pixels,
            shape: [pictures.len(), size, size, channels],
            indices: pictures.to_vec(),
        })
    }

    /// Writes pictures with an epoch's augmentation, one after the other.
    fn fill(&self, epoch: u64, pictures: &[u32], pixels: &mut [f32]) -> Result<(), DataError> {
        let dataset = &self.dataset;
        let values = dataset.image_size() * dataset.image_size() * dataset.channels();
        for (&picture, target) in pictures.iter().zip(pixels.chunks_exact_mut(values)) {
            if self.stop.load(Ordering::Relaxed) {
                return Err(DataError::Interrupted);
            }
            let augmentation =
                Augmentation::draw(dataset.options(), self.options.seed, epoch, picture);
            dataset.write_scaled(picture as usize, augmentation, target)?;
        }
        Ok(())
    }
}
