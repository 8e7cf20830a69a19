//! Batches on the device, one ahead of the step.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use burn::tensor::{Device, Tensor, TensorData};

use crate::config::TrainingConfig;
use crate::device::is_cpu;
use crate::ranks::Share;
use dcgan_data::{Batch, BatchOptions, BatchPosition, Batches, DataError, Dataset};
use dcgan_support::trace::span;

/// The batches of a training, `[B, C, H, W]`.
pub(super) struct Feed {
    batches: Batches,
    device: Device,
    /// Batches in a step.
    per_step: usize,
    /// The batches of the next step.
    ahead: VecDeque<Ahead>,
    waited: Duration,
}

/// A batch before its step. On the CPU, where a step is complete when the next batch is fetched,
/// it stays as it came: its tensor would only hold memory twice.
enum Ahead {
    Read(Batch),
    Uploaded(Tensor<4>),
}

impl Feed {
    /// This rank's rows of the batches from position `from` on.
    pub fn start(
        dataset: &Arc<Dataset>,
        training: &TrainingConfig,
        share: &Share,
        from: BatchPosition,
        device: &Device,
    ) -> Result<Self, DataError> {
        let options = BatchOptions {
            seed: training.seed,
            batch_size: share.batch_size(),
            rows: share.rows(),
        };
        Ok(Self {
            batches: Batches::start(Arc::clone(dataset), options, from)?,
            device: device.clone(),
            per_step: training.d_steps as usize,
            ahead: VecDeque::new(),
            waited: Duration::ZERO,
        })
    }

    /// The next batch, and the time since the last one that was spent waiting for pictures.
    pub fn next(&mut self) -> Result<(Tensor<4>, Duration), DataError> {
        let batch = match self.ahead.pop_front() {
            Some(Ahead::Uploaded(batch)) => batch,
            Some(Ahead::Read(batch)) => self.upload(batch),
            None => {
                let batch = self.read()?;
                self.upload(batch)
            }
        };
        Ok((batch, std::mem::take(&mut self.waited)))
    }

    /// Fetches the batches of the next step, and uploads them while the device computes. A picture
    /// that can no longer be read is thus noticed when there is still a step to be saved.
    pub fn prefetch(&mut self) -> Result<(), DataError> {
        while self.ahead.len() < self.per_step {
            let batch = self.read()?;
            self.ahead.push_back(if is_cpu(&self.device) {
                Ahead::Read(batch)
            } else {
                Ahead::Uploaded(self.upload(batch))
            });
        }
        Ok(())
    }

    fn read(&mut self) -> Result<Batch, DataError> {
        let before = Instant::now();
        let batch = span("wait for pictures", || self.batches.next());
        self.waited += before.elapsed();
        batch.unwrap_or(Err(DataError::Interrupted)) // the epochs never end
    }

    fn upload(&self, batch: Batch) -> Tensor<4> {
        span("upload pictures", || tensor(batch, &self.device))
    }
}

/// A batch as the networks take it.
fn tensor(batch: Batch, device: &Device) -> Tensor<4> {
    let mut pixels = TensorData::new(batch.pixels, batch.shape); // [B, H, W, C]
    if !is_cpu(device) {
        device.staging([&mut pixels].into_iter()); // into pinned memory, which the device reads
    }
    Tensor::<4>::from_data(pixels, device).permute([0, 3, 1, 2]) // [B, C, H, W]
}
