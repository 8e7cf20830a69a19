//! What is wrong with a run, and what to try.

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

fn flag(advice: Advice) -> &'static str {
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
