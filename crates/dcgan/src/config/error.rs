use thiserror::Error;

use super::{Length, Loss, Preset};

/// Why a setting is invalid.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// A count outside its range.
    #[error("{name} is {value}: it must be between {min} and {max}")]
    OutOfRange {
        /// The setting, such as `ngf`.
        name: &'static str,
        /// Its value.
        value: u64,
        /// The smallest valid value.
        min: u64,
        /// The largest valid value.
        max: u64,
    },
    /// An image size that the preset's networks do not have.
    #[error("preset {preset} has no networks for {image_size} pixels: it has {}", list(preset.image_sizes()))]
    ImageSize {
        /// The preset.
        preset: Preset,
        /// The size asked for, in pixels.
        image_size: usize,
    },
    /// Neither grey nor RGB.
    #[error("{0} channels: pictures have 1 (grey) or 3 (RGB)")]
    Channels(usize),
    /// `d_bias` for a discriminator whose layers all have a bias.
    #[error("the discriminator of preset {0} has a bias in every layer already")]
    HasBias(Preset),
    /// Networks that no machine has the memory for.
    #[error("z_dim {z_dim} with ngf {ngf} makes networks too large for any machine")]
    TooLarge {
        /// Length of the latent vector.
        z_dim: usize,
        /// Width of the generator.
        ngf: usize,
    },
    /// A training of no steps, or of more than can be counted safely.
    #[error("a training of {0}: it must be between 1 and {max}", max = Length::MAX)]
    Length(Length),
    /// A learning rate outside (0, 1].
    #[error("learning rate is {0}: it must be above 0 and at most 1 (the paper has 0.0002)")]
    LearningRate(f64),
    /// A decay rate of Adam outside [0, 1).
    #[error("{name} is {value}: it must be at least 0 and below 1")]
    Beta {
        /// `beta1` or `beta2`.
        name: &'static str,
        /// Its value.
        value: f64,
    },
    /// A part outside its range.
    #[error("{name} is {value}: it must be at least 0 and at most {max}")]
    Part {
        /// The setting, such as `instance noise`.
        name: &'static str,
        /// Its value.
        value: f64,
        /// The largest valid value.
        max: f64,
    },
    /// The weight of a penalty outside its range.
    #[error("{name} is {value}: it must be above 0 and at most 1000000")]
    Weight {
        /// The penalty, such as `gradient penalty`.
        name: &'static str,
        /// Its value.
        value: f64,
    },
    /// LeCam with a loss that has logits of pairs.
    #[error("LeCam is for the losses bce and hinge: relativistic has logits of pairs alone")]
    LecamOfPairs,
    /// Label smoothing with a loss that has no labels.
    #[error("label smoothing is for the loss bce: the loss {0} has no labels")]
    SmoothingWithoutLabels(Loss),
    /// Fewer than two pictures of each batch for every rank: batch norm needs a variance.
    #[error("a batch of {batch_size} is less than two pictures for each of {ranks} ranks")]
    TooManyRanks {
        /// Pictures in a batch, over all ranks.
        batch_size: usize,
        /// How many ranks there are.
        ranks: usize,
    },
    /// A name that is not in the list.
    #[error("no {what} '{name}': there are {}", known.join(", "))]
    UnknownName {
        /// What it should name, such as `preset`.
        what: &'static str,
        /// The name.
        name: String,
        /// All valid names.
        known: Vec<&'static str>,
    },
    /// Neither a number of steps nor a duration.
    #[error("'{0}' is neither a number of steps such as 500 nor a time such as 30s, 10m or 2h")]
    Every(String),
    /// A `config.toml` of a newer version.
    #[error("schema {found}, and this program reads schemas up to {newest}")]
    Schema {
        /// The schema of the file.
        found: u32,
        /// The newest schema that can be read.
        newest: u32,
    },
    /// Pictures from files and drawn faces at the same time.
    #[error("both `path` and `demo_faces` are set: a run has one source of pictures")]
    TwoSources,
    /// Text that is not a `config.toml`, or a value that TOML cannot hold.
    #[error("{0}")]
    Toml(String),
}

impl ConfigError {
    /// The one of `all` that is called `name`.
    pub(super) fn find_name<T: Copy>(
        what: &'static str,
        name: &str,
        all: &[T],
        name_of: fn(T) -> &'static str,
    ) -> Result<T, Self> {
        let found = all.iter().find(|one| name_of(**one) == name);
        found.copied().ok_or_else(|| Self::UnknownName {
            what,
            name: name.to_owned(),
            known: all.iter().map(|one| name_of(*one)).collect(),
        })
    }

    /// Checks that a count is in its range.
    pub(crate) fn check_range(
        name: &'static str,
        value: u64,
        min: u64,
        max: u64,
    ) -> Result<(), Self> {
        if (min..=max).contains(&value) {
            return Ok(());
        }
        Err(Self::OutOfRange {
            name,
            value,
            min,
            max,
        })
    }
}

/// `32, 64, 128 or 256`
fn list(sizes: &[usize]) -> String {
    let sizes: Vec<String> = sizes.iter().map(usize::to_string).collect();
    match sizes.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        _ => sizes.join(""),
    }
}
