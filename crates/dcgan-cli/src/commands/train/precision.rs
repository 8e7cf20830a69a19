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

/// Steps from which a training is long: minutes count then.
const LONG: u64 = 5_000;

/// That a training would be faster in bf16, if `has_tiles` says that the CPU it runs on has AMX-BF16,
/// and if it is long.
pub fn suggestion(config: &RunConfig, has_tiles: bool, steps: u64) -> Option<&'static str> {
    let training = &config.training;
    let fits = training.precision == Precision::F32 && training.gradient_penalty.is_none();
    (has_tiles && fits && steps >= LONG).then_some(
        "this processor has AMX-BF16: --precision bf16 would train some 1.3 to 1.5 times as fast, in 16 bits",
    )
}

#[cfg(test)]
mod tests {
    use dcgan::config::{DataConfig, Preset, TrainingOptions};

    use super::*;

    #[test]
    fn bf16_is_suggested_for_long_trainings_that_it_makes_faster() {
        let suggested = |precision, gradient_penalty, has_tiles, steps| {
            let mut config = RunConfig::new(Preset::Laptop, DataConfig::drawn_faces(50));
            let options = TrainingOptions {
                precision,
                gradient_penalty,
                ..TrainingOptions::default()
            };
            config.training = options.build().unwrap();
            suggestion(&config, has_tiles, steps).is_some()
        };
        assert!(suggested(Precision::F32, None, true, 10_000));
        assert!(!suggested(Precision::F32, None, false, 10_000));
        assert!(!suggested(Precision::F32, None, true, 2_400));
        assert!(!suggested(Precision::Bf16, None, true, 10_000));
        assert!(!suggested(Precision::F32, Some(1.0), true, 10_000));
    }
}
