//! The settings of a new run, as requests have them.

use std::ffi::OsString;

use serde::Deserialize;
use utoipa::ToSchema;

/// The settings of a new run. What is missing is the program's choice.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TrainingOptions {
    /// Networks, and how they are trained.
    pub preset: Option<Word>,
    /// The side of the pictures in pixels.
    pub image_size: Option<u32>,
    /// How many steps to train.
    pub steps: Option<u64>,
    /// How many epochs to train, instead of steps.
    pub epochs: Option<u64>,
    /// Pictures in a step.
    pub batch_size: Option<u32>,
    /// Adam's learning rate.
    pub learning_rate: Option<f64>,
    /// Width of the generator.
    pub ngf: Option<u32>,
    /// Width of the discriminator.
    pub ndf: Option<u32>,
    /// `none`, `light`, `full` or `auto`.
    pub augment: Option<Word>,
    /// `bce`, `hinge` or `relativistic`.
    pub loss: Option<Word>,
    /// `transposed`, `nearest` or `bilinear`.
    pub upsample: Option<Word>,
    /// `batch` or `none`.
    pub d_norm: Option<Word>,
    /// The penalty's weight.
    pub gradient_penalty: Option<f64>,
    /// Whether pictures are flipped at random.
    pub flip: Option<bool>,
    /// Whether the generator's weights are averaged.
    pub ema: Option<bool>,
    /// Whether the discriminator's weights are divided by their spectral norms.
    pub spectral_norm: Option<bool>,
    /// The seed of everything that is drawn at random.
    pub seed: Option<u64>,
    /// Threads to train with.
    pub threads: Option<u32>,
}

/// A word of letters, digits and `-`, which the program knows or refuses.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(try_from = "String")]
#[schema(value_type = String)]
pub struct Word(String);

impl TryFrom<String> for Word {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let is_plain = |letter: char| letter.is_ascii_alphanumeric() || letter == '-';
        if text.len() <= 32 && text.chars().all(is_plain) {
            Ok(Self(text))
        } else {
            Err("expected a short word of letters and digits".to_owned())
        }
    }
}

impl TrainingOptions {
    /// The options of `dcgan train`.
    pub fn words(&self) -> Vec<OsString> {
        let mut words = Vec::new();
        let mut add = |name: &str, value: Option<String>| {
            words.extend(value.map(|value| OsString::from(format!("--{name}={value}"))));
        };
        let word = |word: &Option<Word>| word.as_ref().map(|word| word.0.clone());
        add("preset", word(&self.preset));
        add("image-size", self.image_size.map(|value| value.to_string()));
        add("steps", self.steps.map(|value| value.to_string()));
        add("epochs", self.epochs.map(|value| value.to_string()));
        add("batch-size", self.batch_size.map(|value| value.to_string()));
        let rate = self.learning_rate.map(|value| value.to_string());
        add("learning-rate", rate);
        add("ngf", self.ngf.map(|value| value.to_string()));
        add("ndf", self.ndf.map(|value| value.to_string()));
        add("augment", word(&self.augment));
        add("loss", word(&self.loss));
        add("upsample", word(&self.upsample));
        add("d-norm", word(&self.d_norm));
        let penalty = self.gradient_penalty.map(|value| value.to_string());
        add("gradient-penalty", penalty);
        add("seed", self.seed.map(|value| value.to_string()));
        add("threads", self.threads.map(|value| value.to_string()));
        let switches = [
            (self.flip, "--flip", "--no-flip"),
            (self.ema, "--ema", "--no-ema"),
            (self.spectral_norm, "--spectral-norm", "--no-spectral-norm"),
        ];
        for (wanted, on, off) in switches {
            words.extend(wanted.map(|is_on| OsString::from(if is_on { on } else { off })));
        }
        words
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_become_words_with_values_that_cannot_be_other_options() {
        let options =
            r#"{"preset":"laptop","steps":100,"learning_rate":0.0006,"flip":true,"ema":false}"#;
        let options: TrainingOptions = serde_json::from_str(options).unwrap();
        let words = [
            "--preset=laptop",
            "--steps=100",
            "--learning-rate=0.0006",
            "--flip",
            "--no-ema",
        ];
        assert_eq!(options.words(), words);
        for odd in [
            r#"{"preset":"laptop --out /"}"#,
            r#"{"out":"/etc"}"#,
            r#"{"steps":"7"}"#,
        ] {
            assert!(
                serde_json::from_str::<TrainingOptions>(odd).is_err(),
                "{odd}"
            );
        }
    }
}
