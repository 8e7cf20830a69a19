//! What can be wrong with a run.

use dcgan_data::Crop;
use serde::{Deserialize, Serialize};

use crate::config::{Augment, RunConfig};

/// What can be wrong with a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Condition {
    /// Losses or weights became NaN or infinite, and the run was rolled back.
    NotFinite,
    /// The losses have run away, though they are finite.
    Diverged,
    /// D tells all fakes from all real pictures, and G no longer learns from it.
    DiscriminatorWins,
    /// G draws one picture, whatever the latent vector.
    Collapse,
    /// G draws few kinds of pictures.
    PartialCollapse,
    /// G draws plain or finely grained squares, without shapes.
    NoContrast,
    /// G draws few of the colours of the real pictures.
    FewColours,
    /// Nothing changes any more.
    Frozen,
    /// G and D win in turn, and neither learns.
    Oscillation,
    /// G draws copies of the training pictures.
    Copies,
    /// There are so few training pictures that G may learn copies of them.
    TooLittleData,
}

/// Something to try against a [`Condition`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Advice {
    /// Start another run with a lower learning rate.
    LowerLearningRate,
    /// Start another run with a higher learning rate.
    HigherLearningRate,
    /// Lower Adam's β₁.
    LowerBeta1,
    /// Use larger batches.
    LargerBatches,
    /// Penalise the gradient of the discriminator's logits.
    GradientPenalty,
    /// Divide the discriminator's weights by their spectral norms.
    SpectralNorm,
    /// Augment the pictures that the discriminator sees.
    Augment,
    /// Make the discriminator narrower.
    NarrowerDiscriminator,
    /// Make the generator wider.
    WiderGenerator,
    /// Use longer latent vectors.
    LongerLatentVectors,
    /// Start another run with another seed.
    AnotherSeed,
    /// Use an earlier checkpoint.
    EarlierCheckpoint,
    /// Use more pictures.
    MorePictures,
    /// Flip pictures at random, if left and right may be swapped.
    Flip,
    /// Crop pictures at random.
    RandomCrop,
    /// Train for fewer epochs.
    FewerEpochs,
    /// Train for more steps.
    MoreSteps,
}

impl Condition {
    /// In a word or two.
    pub fn name(self) -> &'static str {
        match self {
            Self::NotFinite => "NaN or infinite",
            Self::Diverged => "diverged",
            Self::DiscriminatorWins => "discriminator wins",
            Self::Collapse => "collapse",
            Self::PartialCollapse => "partial collapse",
            Self::NoContrast => "no contrast",
            Self::FewColours => "few colours",
            Self::Frozen => "frozen",
            Self::Oscillation => "oscillation",
            Self::Copies => "copies",
            Self::TooLittleData => "too little data",
        }
    }

    /// What is seen, as a sentence without a full stop.
    pub fn description(self) -> &'static str {
        match self {
            Self::NotFinite => {
                "losses or weights became NaN or infinite, and the run was rolled back"
            }
            Self::Diverged => "the losses have run away: the networks have lost what they learned",
            Self::DiscriminatorWins => {
                "the discriminator wins: it tells every fake from every real picture, and the \
                 generator learns nothing from it"
            }
            Self::Collapse => {
                "the generator has collapsed: it draws one picture, whatever the latent vector"
            }
            Self::PartialCollapse => {
                "the generator has partly collapsed: it draws few kinds of pictures"
            }
            Self::NoContrast => {
                "the pictures are plain squares or noise: they have less than a fifth of the contrast of real \
                 pictures"
            }
            Self::FewColours => {
                "the pictures have few of the colours of the real ones, such as two backgrounds instead of many"
            }
            Self::Frozen => "the training is frozen: nothing changes from report to report",
            Self::Oscillation => {
                "the networks oscillate: now one wins, now the other, and neither learns"
            }
            Self::Copies => "the generator draws copies of training pictures",
            Self::TooLittleData => {
                "there are so few pictures that the generator may learn copies of them"
            }
        }
    }

    /// What to try against it in a run with this configuration, the most promising first. What the run
    /// does already is left out.
    pub fn advice(self, config: &RunConfig) -> Vec<Advice> {
        let (model, training, data) = (&config.model, &config.training, &config.data);
        let is_done = |advice: &Advice| match advice {
            Advice::GradientPenalty => training.gradient_penalty.is_some(),
            Advice::SpectralNorm => model.spectral_norm,
            Advice::Augment => training.augment != Augment::None,
            Advice::Flip => data.flip,
            Advice::RandomCrop => data.crop == Crop::Random,
            _ => false,
        };
        let all = self.all_advice().iter().copied();
        all.filter(|advice| !is_done(advice)).collect()
    }

    fn all_advice(self) -> &'static [Advice] {
        match self {
            Self::NotFinite | Self::Diverged => &[Advice::LowerLearningRate],
            Self::DiscriminatorWins => &[
                Advice::GradientPenalty,
                Advice::NarrowerDiscriminator,
                Advice::WiderGenerator,
                Advice::LowerLearningRate,
            ],
            Self::Collapse => &[
                Advice::EarlierCheckpoint,
                Advice::LowerLearningRate,
                Advice::AnotherSeed,
            ],
            Self::PartialCollapse => &[
                Advice::LargerBatches,
                Advice::LowerLearningRate,
                Advice::LongerLatentVectors,
            ],
            Self::NoContrast => &[Advice::LowerLearningRate, Advice::AnotherSeed],
            Self::FewColours => &[
                Advice::MoreSteps,
                Advice::WiderGenerator,
                Advice::AnotherSeed,
            ],
            Self::Frozen => &[Advice::HigherLearningRate, Advice::AnotherSeed],
            Self::Oscillation => &[
                Advice::LowerLearningRate,
                Advice::SpectralNorm,
                Advice::LowerBeta1,
                Advice::LargerBatches,
            ],
            Self::Copies => &[
                Advice::Augment,
                Advice::MorePictures,
                Advice::Flip,
                Advice::RandomCrop,
                Advice::FewerEpochs,
            ],
            Self::TooLittleData => &[
                Advice::Augment,
                Advice::MorePictures,
                Advice::Flip,
                Advice::RandomCrop,
            ],
        }
    }
}
