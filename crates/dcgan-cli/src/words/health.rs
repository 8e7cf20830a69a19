//! What is wrong with a run, and what to try.

use dcgan::config::{Length, RunConfig};
use dcgan::train::{Advice, Condition};

/// What is wrong and what to try, as one line.
pub fn line(condition: Condition, advice: &[Advice]) -> String {
    match words(advice) {
        words if words.is_empty() => condition.description().to_owned(),
        words => format!("{}. Try {words}", condition.description()),
    }
}

/// What to try, as part of a sentence.
pub fn words(advice: &[Advice]) -> String {
    let advice: Vec<&str> = advice.iter().map(|&advice| flag(advice)).collect();
    match advice.split_last() {
        None => String::new(),
        Some((only, [])) => (*only).to_owned(),
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
    }
}

/// The options of `dcgan train --config RUN` with which a new run follows a piece of advice; `None` if options
/// cannot.
pub fn options(advice: Advice, config: &RunConfig) -> Option<Vec<String>> {
    let (model, training) = (&config.model, &config.training);
    let option = match advice {
        Advice::LowerLearningRate => format!("--learning-rate={}", training.learning_rate / 2.0),
        Advice::HigherLearningRate => format!("--learning-rate={}", training.learning_rate * 2.0),
        Advice::LowerBeta1 => format!("--beta1={}", training.beta1 / 2.0),
        Advice::LargerBatches => format!("--batch-size={}", training.batch_size * 2),
        Advice::GradientPenalty => "--gradient-penalty=1".to_owned(),
        Advice::SpectralNorm => "--spectral-norm".to_owned(),
        Advice::Augment => "--augment=full".to_owned(),
        Advice::NarrowerDiscriminator => format!("--ndf={}", (model.ndf / 2).max(1)),
        Advice::WiderGenerator => format!("--ngf={}", model.ngf * 2),
        Advice::LongerLatentVectors => format!("--z-dim={}", model.z_dim * 2),
        Advice::AnotherSeed => format!("--seed={}", training.seed.wrapping_add(1)),
        Advice::Flip => "--flip".to_owned(),
        Advice::RandomCrop => "--crop=random".to_owned(),
        Advice::FewerEpochs => match training.length {
            Length::Epochs(epochs) => format!("--epochs={}", (epochs / 2).max(1)),
            Length::Steps(steps) => format!("--steps={}", (steps / 2).max(1)),
        },
        Advice::MoreSteps => match training.length {
            Length::Epochs(epochs) => format!("--epochs={}", epochs * 2),
            Length::Steps(steps) => format!("--steps={}", steps * 2),
        },
        Advice::EarlierCheckpoint | Advice::MorePictures => return None,
    };
    Some(vec![option])
}

/// A piece of advice as a part of a sentence.
pub fn flag(advice: Advice) -> &'static str {
    match advice {
        Advice::LowerLearningRate => "a lower --learning-rate",
        Advice::HigherLearningRate => "a higher --learning-rate",
        Advice::LowerBeta1 => "a lower --beta1",
        Advice::LargerBatches => "a larger --batch-size",
        Advice::GradientPenalty => "--gradient-penalty 1",
        Advice::SpectralNorm => "--spectral-norm",
        Advice::Augment => "--augment full",
        Advice::NarrowerDiscriminator => "a smaller --ndf",
        Advice::WiderGenerator => "a larger --ngf",
        Advice::LongerLatentVectors => "a larger --z-dim",
        Advice::AnotherSeed => "another --seed",
        Advice::EarlierCheckpoint => "an earlier checkpoint",
        Advice::MorePictures => "more pictures (thousands)",
        Advice::Flip => "--flip if left and right may be swapped",
        Advice::RandomCrop => "--crop random",
        Advice::FewerEpochs => "fewer --epochs",
        Advice::MoreSteps => "more --steps",
    }
}
