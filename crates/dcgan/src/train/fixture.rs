//! A tiny run for unit tests.

use std::path::Path;
use std::sync::Arc;

use super::{RunDirectory, Trainer};
use crate::checkpoint::DataSummary;
use crate::config::{
    DataConfig, EvaluationConfig, Length, ModelOptions, Preset, RunConfig, SavingConfig,
    TrainingOptions,
};
use crate::device;
use dcgan_data::{DataSource, Dataset, PictureOptions};

/// Drawn faces in the data set.
pub const FACES: u32 = 16;

/// Nine steps in batches of four, with a report and a checkpoint every third step.
pub fn config() -> RunConfig {
    RunConfig {
        model: ModelOptions::new(Preset::Small)
            .with_ngf(2)
            .with_ndf(2)
            .with_z_dim(4)
            .build()
            .unwrap(),
        training: TrainingOptions {
            length: Length::Steps(9),
            batch_size: 4,
            report_every: 3,
            ..TrainingOptions::default()
        }
        .build()
        .unwrap(),
        data: DataConfig::drawn_faces(FACES),
        saving: SavingConfig::default(),
        evaluation: EvaluationConfig::default(),
    }
}

/// The pictures of [`config`].
pub fn faces() -> (Arc<Dataset>, DataSummary) {
    faces_of_size(PictureOptions::default().image_size)
}

/// Faces of `image_size`×`image_size` pixels.
pub fn faces_of_size(image_size: u32) -> (Arc<Dataset>, DataSummary) {
    let source = DataSource::Demo {
        count: FACES,
        seed: 0,
    };
    let options = PictureOptions {
        image_size,
        ..PictureOptions::default()
    };
    let faces = Dataset::load(&source, &options, &|_, _| (), &|| false).unwrap();
    let summary = DataSummary {
        source: "drawn faces".to_owned(),
        pictures: u64::from(FACES),
        fingerprint: "faces".to_owned(),
    };
    (Arc::new(faces), summary)
}

/// A new run in `path`.
pub fn start(path: &Path, config: RunConfig) -> Trainer {
    let (faces, summary) = faces_of_size(config.model.image_size as u32);
    let directory = RunDirectory::create(path).unwrap();
    Trainer::start(config, directory, faces, summary, device::of_tests()).unwrap()
}
