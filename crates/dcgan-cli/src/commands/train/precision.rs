//! The precision of a training: what it does not go with, and what is said about it.

use anyhow::{Result, bail};
use dcgan::config::{Precision, RunConfig};
use dcgan::device::{self, Device};

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

/// A note on the precision of a training, if there is something to say.
pub fn note(config: &RunConfig, device: &Device) -> Option<&'static str> {
    let is_emulated = config.training.precision == Precision::Bf16
        && device::is_cpu(device)
        && device::is_bf16_emulated();
    is_emulated.then_some(
        "this processor lacks AVX512-BF16, and DCGAN_EMULATE_BF16 has it emulated: the numbers are the \
         same, and much slower",
    )
}
