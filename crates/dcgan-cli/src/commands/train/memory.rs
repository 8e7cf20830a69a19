//! Whether a run will fit into memory.

use dcgan::config::RunConfig;
use dcgan::device::{Device, is_cpu};
use dcgan::memory::{self, MemoryError, MemoryEstimate};
use dcgan::ranks::Ranks;

use crate::shared::output;

/// Compares the estimated need of a run on the CPU with the available memory, which the ranks on
/// this machine share. The need and the memory of a GPU are not known in advance.
///
/// # Errors
/// If the run would not fit.
pub fn check(config: &RunConfig, ranks: &Ranks, device: &Device) -> Result<(), MemoryError> {
    if !is_cpu(device) {
        return Ok(());
    }
    let Some(available) = memory::available() else {
        return Ok(());
    };
    let estimate = MemoryEstimate::of_training(&config.model);
    let available = available / ranks.local_count() as u64;
    let batch_size = config.training.batch_size.div_ceil(ranks.count());
    let memory = estimate.check(batch_size, available)?;
    if memory.is_close() {
        output::note(&format!(
            "training will take an estimated {} of {} of available memory",
            memory.needed, memory.available
        ));
    }
    Ok(())
}
