//! Whether a run will fit into memory.

use dcgan::config::RunConfig;
use dcgan::device::{Device, is_cpu};
use dcgan::evaluation::MOST_PICTURES;
use dcgan::memory::{self, MemoryError, MemoryEstimate, MemoryUse};
use dcgan::ranks::Ranks;
use dcgan_support::bytes::Bytes;

use crate::shared::output;

/// Compares the estimated need of a run on the CPU with the available memory, which the ranks on
/// this machine share. Evaluations that would not fit are switched off. The need and the memory of
/// a GPU are not known in advance, so there is no result.
///
/// # Errors
/// If the run would not fit.
pub fn check(
    config: &mut RunConfig,
    pictures: usize,
    ranks: &Ranks,
    device: &Device,
) -> Result<Option<MemoryUse>, MemoryError> {
    if !is_cpu(device) {
        return Ok(None);
    }
    let Some(available) = memory::available() else {
        return Ok(None);
    };
    let plain = MemoryEstimate::of_training(&config.model);
    let estimate = plain.with_training(&config.model, &config.training);
    let available = available / ranks.local_count() as u64;
    let batch_size = config.training.batch_size.div_ceil(ranks.count());
    let memory = estimate.check(batch_size, available)?;
    let evaluation = evaluation_bytes(config, pictures);
    if evaluation > 0 && memory.needed.0.saturating_add(evaluation) > available {
        output::note(&format!(
            "evaluations would take an estimated {} more of memory than is available, so there are none; \
             ask for them with --evaluate-every and --ignore-memory",
            Bytes(memory.needed.0 + evaluation - available)
        ));
        config.evaluation.every = None;
    }
    if memory.is_close() {
        output::note(&format!(
            "training will take an estimated {} of {} of available memory",
            memory.needed, memory.available
        ));
    }
    Ok(Some(memory))
}

/// The need of a run, in words.
pub fn line(memory: &MemoryUse) -> String {
    format!(
        "memory: an estimated {} of {} that are free",
        memory.needed, memory.available
    )
}

/// The estimated memory that the evaluations of a run add.
fn evaluation_bytes(config: &RunConfig, pictures: usize) -> u64 {
    match config.evaluation.every {
        Some(_) => MemoryEstimate::of_evaluation(&config.model, pictures.min(MOST_PICTURES)),
        None => 0,
    }
}
