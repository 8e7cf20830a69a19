//! Invalid settings.

use dcgan::config::{ConfigError, Preset};

pub fn hint(error: &ConfigError) -> Option<String> {
    let hint = match error {
        ConfigError::ImageSize { preset, .. } => match preset {
            Preset::Tutorial | Preset::Small => {
                "take --image-size 64, or --preset pytorch or paper for 32, 64, 128 or 256"
            }
            Preset::Pytorch | Preset::Paper => "take one of these as --image-size",
        },
        ConfigError::TooLarge { .. } => "take a smaller --z-dim or --ngf",
        ConfigError::Length(_) => "give --epochs or --steps in this range",
        ConfigError::TooManyRanks { .. } => "start fewer processes, or give a larger --batch-size",
        _ => return None,
    };
    Some(hint.to_owned())
}
