//! Invalid settings.

use dcgan::config::{ConfigError, Preset};

pub fn hint(error: &ConfigError) -> Option<String> {
    let hint = match error {
        ConfigError::ImageSize { image_size, .. } => return Some(image_size_hint(*image_size)),
        ConfigError::HasBias(_) => "omit --d-bias",
        ConfigError::TooLarge { .. } => "take a smaller --z-dim or --ngf",
        ConfigError::Length(_) => "give --epochs or --steps in this range",
        ConfigError::TooManyRanks { .. } => "start fewer processes, or give a larger --batch-size",
        _ => return None,
    };
    Some(hint.to_owned())
}

fn image_size_hint(image_size: usize) -> String {
    let presets: Vec<String> = Preset::ALL
        .into_iter()
        .filter(|preset| preset.image_sizes().contains(&image_size))
        .map(|preset| preset.to_string())
        .collect();
    if presets.is_empty() {
        "take one of these with --image-size".to_owned()
    } else {
        let presets = presets.join(" or ");
        format!("change --image-size, or take --preset {presets}")
    }
}
