//! How the pictures of a run were brought to their size.

use std::path::Path;

use super::{RunFolder, TrainError};
use crate::checkpoint::WeightFile;
use crate::config::{DataConfig, ModelConfig};
use dcgan_data::{Crop, PictureOptions};

/// The options under which a model sees pictures as it did in training, but none is cut or
/// mirrored at random: those of its run folder or checkpoint, and for weights alone the usual
/// ones.
///
/// # Errors
/// A configuration or a file that cannot be read.
pub fn picture_options(run: &Path, model: &ModelConfig) -> Result<PictureOptions, TrainError> {
    let options = PictureOptions {
        image_size: model.image_size as u32,
        channels: Some(model.channels),
        ..PictureOptions::default()
    };
    let Some(data) = data_config(run)? else {
        return Ok(options);
    };
    Ok(PictureOptions {
        crop: match data.crop {
            Crop::Random => Crop::Center,
            crop => crop,
        },
        background: data.background,
        ..options
    })
}

fn data_config(run: &Path) -> Result<Option<DataConfig>, TrainError> {
    if !run.is_dir() {
        let header = WeightFile::open(run)?.header().clone();
        return Ok(header.run.map(|run| run.data));
    }
    match RunFolder::look_at(run) {
        Ok(folder) => Ok(Some(folder.read_config()?.data)),
        Err(_) => Ok(None),
    }
}
