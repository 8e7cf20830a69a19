//! What a run does where no option says otherwise.

use dcgan::config::{
    Augment, EvaluationConfig, Every, Length, ModelOptions, Preset, TrainingOptions,
};
use dcgan_data::Dataset;

/// The preset.
pub const PRESET: Preset = Preset::Laptop;

/// The networks of a preset.
pub fn model(preset: Preset, is_demo: bool) -> ModelOptions {
    let published = ModelOptions::new(preset);
    match preset {
        // simple pictures, and a few minutes
        Preset::Laptop if is_demo => published.with_ngf(16).with_ndf(16),
        _ => published,
    }
}

/// The training of a preset.
pub fn training(preset: Preset, is_demo: bool) -> TrainingOptions {
    match preset {
        // a first look of a few minutes: small batches, a high learning rate, and an average that
        // calms its noise
        Preset::Small if is_demo => TrainingOptions {
            length: Length::Epochs(35),
            batch_size: 32,
            learning_rate: 4e-4,
            ema: Some(10_000),
            ..TrainingOptions::default()
        },
        // small batches make more steps in the same time
        Preset::Laptop => TrainingOptions {
            length: Length::Steps(if is_demo { 2_400 } else { 10_000 }),
            batch_size: 16,
            learning_rate: 6e-4,
            ema: Some(10_000),
            ..TrainingOptions::default()
        },
        Preset::Tutorial | Preset::Pytorch | Preset::Paper | Preset::Small => {
            TrainingOptions::default() // as published
        }
    }
}

/// A run of default length makes at least this many times the steps after which pictures usually show
/// something.
pub const FEWEST_TIMES: u64 = 3;

/// When a run is evaluated. An evaluation takes some twenty seconds on two cores, and should take
/// a few percent of the time.
pub fn evaluation(preset: Preset, is_demo: bool) -> EvaluationConfig {
    let steps = match preset {
        _ if is_demo => 5000, // not within its few minutes
        Preset::Small => 5000,
        Preset::Tutorial | Preset::Pytorch | Preset::Paper | Preset::Laptop => 1000,
    };
    EvaluationConfig {
        every: Some(Every::Steps(steps)),
        inception: None,
    }
}

/// How preset `laptop` augments this number of pictures.
pub fn augmentation(pictures: usize) -> Augment {
    match pictures {
        0..1_000 => Augment::Auto,
        1_000..8_000 => Augment::Light,
        _ => Augment::None,
    }
}

/// Why preset `laptop` augments like this.
pub fn reason(augment: Augment) -> &'static str {
    match augment {
        Augment::Auto | Augment::Full => "so few that the discriminator would learn them by heart",
        Augment::Light => "few enough for the discriminator to begin to learn them by heart",
        Augment::None => "enough to do without",
    }
}

/// Half the image size that pictures were read at, if nearly all of them are so small that it keeps
/// their detail and the preset has it. A step takes about a quarter of the time then.
pub fn smaller_size(preset: Preset, dataset: &Dataset) -> Option<usize> {
    let half = dataset.image_size() / 2;
    let is_small = |index: &usize| {
        dataset.facts(*index).is_some_and(|facts| {
            let (width, height) = facts.source_size;
            width.min(height) as usize <= half
        })
    };
    let small = || (0..dataset.len()).filter(is_small).count();
    (preset.image_sizes().contains(&half) && small() * 10 > dataset.len() * 9).then_some(half)
}
