//! What the pictures decide about a run.

use dcgan::config::{ConfigError, Length, ModelConfig, RunConfig};
use dcgan_data::Dataset;

use super::defaults;
use super::plan::Plan;
use crate::words::counted;

/// What the pictures decide, since no option has.
#[derive(Debug, Clone, Copy, Default)]
pub struct Open {
    /// Whether few pictures make a run longer than its default number of epochs.
    pub length: bool,
    /// Whether a short run reports more often than the configuration says.
    pub reports: bool,
    /// Whether small pictures make the image size smaller.
    pub image_size: bool,
    /// Whether the number of pictures decides how they are augmented.
    pub augmentation: bool,
}

/// A configuration that fits the pictures.
pub struct Fitted {
    pub config: RunConfig,
    /// What was chosen for them and why, and what could be.
    pub notes: Vec<String>,
}

impl Plan {
    /// The configuration for a data set. A batch has at most as many pictures as there are; what else
    /// depends on them is [`Open`].
    ///
    /// # Errors
    /// If the settings are invalid for these pictures.
    pub fn fit(&self, dataset: &Dataset) -> Result<Fitted, ConfigError> {
        let mut config = self.config.clone();
        let mut model = config.model.into_options();
        model.channels = dataset.channels();
        model.image_size = dataset.image_size();
        config.model = model.build()?;
        let pictures = dataset.len();
        if pictures < 2 {
            // the library refuses it
            return Ok(Fitted {
                config,
                notes: Vec::new(),
            });
        }

        let mut choices = Vec::new();
        if dataset.image_size() < self.config.model.image_size {
            let (size, default) = (dataset.image_size(), self.config.model.image_size);
            choices.push(format!(
                "--image-size {size} (they are small; {default} would only enlarge them)"
            ));
        }
        let fewest = defaults::FEWEST_TIMES * config.usual_steps();
        let mut training = config.training.into_options();
        if pictures < training.batch_size {
            choices.push(format!(
                "--batch-size {pictures} instead of {} (there are no more)",
                training.batch_size
            ));
            training.batch_size = pictures;
        }
        if self.open.augmentation {
            training.augment = defaults::augmentation(pictures);
            let reason = defaults::reason(training.augment);
            choices.push(format!("--augment {} ({reason})", training.augment));
        }
        let batches = (pictures / training.batch_size.max(1)) as u64;
        let steps_per_epoch = (batches / u64::from(training.d_steps)).max(1);
        let total = training.length.total_steps(steps_per_epoch);
        if self.open.length && total < fewest {
            choices.push(format!(
                "--steps {fewest} ({} would be {}, too few)",
                training.length,
                counted(total, "step")
            ));
            training.length = Length::Steps(fewest);
        }
        if self.open.reports {
            let total = training.length.total_steps(steps_per_epoch);
            training.report_every = training.report_every.min(total / 10).max(1);
        }
        config.training = training.build()?;

        let mut notes = Vec::new();
        if !choices.is_empty() {
            let pictures = counted(pictures, "picture");
            notes.push(format!("chosen for {pictures}: {}", choices.join(", ")));
        }
        notes.extend(smaller_size(&config.model, dataset));
        Ok(Fitted { config, notes })
    }
}

/// Says that a smaller image size would keep all detail of nearly all pictures.
fn smaller_size(model: &ModelConfig, dataset: &Dataset) -> Option<String> {
    let smaller = defaults::smaller_size(model.preset, dataset)?;
    Some(format!(
        "nearly all of the {} are {smaller} pixels or less on the shorter side: --image-size {smaller} keeps \
         their detail, and its steps take about a quarter of the time",
        counted(dataset.len(), "picture")
    ))
}
