//! How the pictures of a run were cropped and scaled.

use std::path::Path;

use super::{RunDirectory, TrainError};
use crate::checkpoint::WeightFile;
use crate::config::{DataConfig, ModelConfig};
use dcgan_data::{Crop, PictureOptions};

/// The options with which a model saw its pictures in training, without random crops and flips:
/// those of its run directory or checkpoint, or the defaults for weights alone.
///
/// # Errors
/// If a configuration or a file cannot be read.
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
        levels: data.levels,
        ..options
    })
}

fn data_config(run: &Path) -> Result<Option<DataConfig>, TrainError> {
    if !run.is_dir() {
        let header = WeightFile::open(run)?.header().clone();
        return Ok(header.run.map(|run| run.data));
    }
    match RunDirectory::open_shared(run) {
        Ok(directory) => Ok(Some(directory.read_config()?.data)),
        Err(_) => Ok(None),
    }
}
