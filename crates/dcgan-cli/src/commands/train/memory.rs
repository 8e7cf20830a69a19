//! Checks that a training fits into memory.

use dcgan::config::ModelConfig;
use dcgan::device::{Device, is_cpu};
use dcgan::memory::{self, MemoryError, MemoryEstimate};
use dcgan::ranks::Ranks;

use super::arguments::Train;
use crate::shared::output;

/// Compares the estimated need of a training on the CPU with the free memory, which the ranks on
/// this machine share. The need and the memory of a GPU are not known in advance.
pub fn foresee_memory(
    model: &ModelConfig,
    batch_size: usize,
    (ranks, device): (&Ranks, &Device),
    arguments: &Train,
) -> Result<(), MemoryError> {
    let ignore = arguments.ignore_memory || !is_cpu(device);
    let Some(available) = memory::available().filter(|_| !ignore) else {
        return Ok(());
    };
    let estimate = MemoryEstimate::of_training(model);
    let available = available / ranks.local_count() as u64;
    let memory = estimate.check(batch_size.div_ceil(ranks.count()), available)?;
    if memory.is_close() {
        output::note(&format!(
            "the training will take an estimated {} of {} of free memory",
            memory.needed, memory.available
        ));
    }
    Ok(())
}
