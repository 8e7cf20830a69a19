//! What can be wrong with a run, in words.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What can be wrong with a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Condition {
    /// Losses or weights became NaN or infinite, and the run went back.
    NotFinite,
    /// The losses have run away, though they are still numbers.
    Diverged,
    /// D tells all pictures apart, and G learns nothing from it any more.
    DiscriminatorWins,
    /// G draws one picture, whatever the noise.
    Collapse,
    /// G draws few kinds of pictures.
    PartialCollapse,
    /// Nothing changes any more.
    Frozen,
    /// Now the one wins and now the other, and neither learns.
    Oscillation,
    /// G draws the training pictures.
    Copies,
    /// There are too few training pictures for G to learn more than them.
    TooLittleData,
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
            Self::Frozen => "frozen",
            Self::Oscillation => "oscillation",
            Self::Copies => "copies",
            Self::TooLittleData => "too little data",
        }
    }

    /// What is seen.
    pub fn sign(self) -> &'static str {
        match self {
            Self::NotFinite => "losses or weights became infinite or NaN, and the run went back",
            Self::Diverged => "the losses have run away: the networks have lost what they knew",
            Self::DiscriminatorWins => {
                "the discriminator wins: it tells every fake from every real picture, and the \
                 generator learns nothing from it"
            }
            Self::Collapse => {
                "the generator has collapsed: it draws one picture, whatever the latent vector"
            }
            Self::PartialCollapse => {
                "the generator has collapsed in part: it draws few kinds of pictures"
            }
            Self::Frozen => "the training is frozen: nothing changes from report to report",
            Self::Oscillation => {
                "the networks swing: now the one wins, now the other, and neither learns"
            }
            Self::Copies => "the generator draws copies of training pictures",
            Self::TooLittleData => {
                "there are too few pictures for a generator to learn more than them"
            }
        }
    }

    /// What to try.
    pub fn advice(self) -> &'static str {
        match self {
            Self::NotFinite => "another run with a lower --learning-rate, if it happens again",
            Self::Diverged => "another run with a lower --learning-rate",
            Self::DiscriminatorWins => {
                "a smaller --ndf or a larger --ngf, or a lower --learning-rate"
            }
            Self::Collapse => {
                "an earlier checkpoint, or another run with a lower --learning-rate or another \
                 --seed"
            }
            Self::PartialCollapse => {
                "a larger --batch-size or a lower --learning-rate; a larger --z-dim if it is small"
            }
            Self::Frozen => {
                "a higher --learning-rate; if the losses are at their end, another --seed"
            }
            Self::Oscillation => "a lower --learning-rate or --beta1, or a larger --batch-size",
            Self::Copies => {
                "more pictures, --flip or --crop random; or stop earlier, with fewer --epochs"
            }
            Self::TooLittleData => {
                "more pictures (thousands); --flip where left and right may be swapped, and \
                 --crop random"
            }
        }
    }
}

impl fmt::Display for Condition {
    /// Both, as one line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}. Try {}", self.sign(), self.advice())
    }
}
