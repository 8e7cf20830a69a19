//! The precision of a training: what it does not go with, and what is said about it.

use anyhow::{Result, bail};
use dcgan::config::{Precision, RunConfig};
use dcgan::device::{self, Device};

/// Steps of a training that is worth a hint.
const LONG: u64 = 2_000;

/// Checks that a new training has nothing that its precision rounds away.
///
/// # Errors
/// If it has.
pub fn check(config: &RunConfig) -> Result<()> {
    let training = &config.training;
    if training.precision == Precision::Bf16 && training.gradient_penalty.is_some() {
        bail!(
            "--gradient-penalty measures how logits change with noise of 1/200 of the range of colours, which \
             bf16 rounds away: omit one of the two, or choose --precision f16 on a GPU"
        );
    }
    Ok(())
}

/// A note on the precision of a training of so many pictures, if there is something to say.
/// `is_given` is whether `--precision` was.
pub fn note(
    config: &RunConfig,
    device: &Device,
    pictures: usize,
    is_given: bool,
) -> Option<&'static str> {
    let training = &config.training;
    if !device::is_cpu(device) {
        return None;
    }
    if training.precision == Precision::Bf16 {
        return device::is_bf16_emulated().then_some(
            "this processor lacks AVX512-BF16, and DCGAN_EMULATE_BF16 has it emulated: the numbers are the \
             same, and much slower",
        );
    }
    let batches = pictures / training.batch_size;
    let steps_per_epoch = (batches as u64 / u64::from(training.d_steps)).max(1);
    let is_long = training.length.total_steps(steps_per_epoch) >= LONG;
    let has_bf16 = device::bf16_on_cpu().is_some() && !device::is_bf16_emulated();
    (is_long && !is_given && has_bf16).then_some(
        "this processor has AVX512-BF16: --precision bf16 would make this training shorter (docs/training.md)",
    )
}
