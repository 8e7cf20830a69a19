//! Batches on the device, one in front of the step that is made.

use std::ops::Range;
use std::sync::Arc;
use std::time::{Duration, Instant};

use burn::tensor::{Device, Tensor, TensorData};

use crate::device::is_cpu;
use dcgan_data::{Batch, Batches, DataError, Dataset};
use dcgan_support::trace::span;

/// The batches of a training as its networks take them, `[B, C, H, W]`.
pub(super) struct Feed {
    batches: Batches,
    device: Device,
    /// The batch of the step after the one that is made, or why there is none.
    ahead: Option<Result<Tensor<4>, DataError>>,
    waited: Duration,
}

impl Feed {
    /// From batch `index` of epoch `epoch` on, of which these rows are read.
    pub fn start(
        dataset: &Arc<Dataset>,
        [seed, epoch, index]: [u64; 3],
        (batch_size, rows): (usize, Range<usize>),
        device: &Device,
    ) -> Result<Self, DataError> {
        let (dataset, rows) = (Arc::clone(dataset), (batch_size, rows));
        Ok(Self {
            batches: Batches::start_share(dataset, seed, rows, epoch, index)?,
            device: device.clone(),
            ahead: None,
            waited: Duration::ZERO,
        })
    }

    /// The next batch; and how long it was waited for since the last one, here or ahead.
    pub fn next(&mut self) -> Result<(Tensor<4>, Duration), DataError> {
        let batch = match self.ahead.take() {
            Some(batch) => batch,
            None => self.upload(),
        };
        Ok((batch?, std::mem::take(&mut self.waited)))
    }

    /// Brings the batch after this one to the device, while the device computes; the CPU, which
    /// has done its step already, would only hold one more in memory.
    pub fn stage(&mut self) {
        if !is_cpu(&self.device) && self.ahead.is_none() {
            self.ahead = Some(self.upload());
        }
    }

    fn upload(&mut self) -> Result<Tensor<4>, DataError> {
        let before = Instant::now();
        let batch = span("wait for pictures", || self.batches.next());
        self.waited += before.elapsed();
        let batch = batch.unwrap_or(Err(DataError::Interrupted))?; // epoch follows epoch
        Ok(span("upload pictures", || tensor(batch, &self.device)))
    }
}

/// A batch as the networks take it.
fn tensor(batch: Batch, device: &Device) -> Tensor<4> {
    let mut pixels = TensorData::new(batch.pixels, batch.shape); // [B, H, W, C]
    if !is_cpu(device) {
        device.staging([&mut pixels].into_iter()); // into memory that the device reads by itself
    }
    Tensor::<4>::from_data(pixels, device).permute([0, 3, 1, 2]) // [B, C, H, W]
}
