//! Whether a training will fit into the memory that there is.

use dcgan::config::ModelConfig;
use dcgan::device::{Device, is_cpu};
use dcgan::memory::{self, MemoryError, MemoryEstimate};
use dcgan::ranks::Ranks;

use super::arguments::Train;
use crate::shared::output;

/// Compares what a training on the CPU will need with the memory that there is, which ranks on
/// this machine share. How much a GPU's operators need, and how much memory it has, is not known
/// before they try.
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
    if let Some(remark) = estimate.check(batch_size.div_ceil(ranks.count()), available)? {
        output::note(&remark);
    }
    Ok(())
}
