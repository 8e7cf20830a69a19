//! Conditions that no short training leads to, provoked by changing the networks of a run: copies,
//! and a generator that ignores its latent vector.

use std::path::Path;

use burn::tensor::{Tensor, TensorData};

use super::Condition;
use crate::adam::Adam;
use crate::buffer;
use crate::config::{Length, ModelOptions, Preset, RunConfig, TrainingOptions};
use crate::gan::Gan;
use crate::latent;
use crate::model::{Pass, to_host};
use crate::train::fixture::{self, FACES};
use crate::train::{Progress, Trainer};
use dcgan_data::{Augmentation, Dataset};

/// A run whose steps change next to nothing, with two reports.
fn start(path: &Path, steps: u64) -> Trainer {
    let config = RunConfig {
        model: ModelOptions::new(Preset::Pytorch)
            .with_image_size(32)
            .with_ngf(16)
            .with_ndf(2)
            .with_z_dim(64)
            .build()
            .unwrap(),
        training: TrainingOptions {
            length: Length::Steps(steps),
            batch_size: 4,
            report_every: steps / 2,
            learning_rate: 1e-9,
            ..TrainingOptions::default()
        }
        .build()
        .unwrap(),
        ..fixture::config()
    };
    fixture::start(path, config)
}

/// What the last report finds wrong.
fn found(trainer: &mut Trainer) -> Vec<Condition> {
    let mut found = Vec::new();
    let mut after_step = |progress: &Progress| {
        if let Some(report) = progress.report {
            found.clone_from(&report.conditions);
        }
    };
    trainer.run(&|| false, &mut after_step).unwrap();
    found
}

/// Trains the generator to draw a picture of the data set for each latent vector of a report.
fn memorise(gan: &mut Gan, faces: &Dataset) {
    const SEEDS: u64 = 64;
    let device = gan.generator.network().parameters()[0].leaf().device();
    let model = gan.generator.model.config().clone();
    let z: Vec<f32> = (0..SEEDS)
        .flat_map(|seed| latent::from_seed(&model, seed))
        .collect();
    let z = Tensor::<4>::from_data(
        TensorData::new(z, [SEEDS as usize, model.z_dim, 1, 1]),
        &device,
    );
    let wanted: Vec<f32> = (0..SEEDS)
        .flat_map(|seed| {
            let face = (seed % u64::from(FACES)) as usize;
            faces.picture(face, Augmentation::NONE).unwrap()
        })
        .map(|byte| f32::from(byte) / 127.5 - 1.0)
        .collect();
    let wanted = TensorData::new(wanted, [SEEDS as usize, 32, 32, 3]);
    let wanted = Tensor::<4>::from_data(wanted, &device).permute([0, 3, 1, 2]);
    let training = TrainingOptions {
        learning_rate: 0.01,
        ..TrainingOptions::default()
    }
    .build()
    .unwrap();
    let mut adam = Adam::new(&training, training.learning_rate, gan.generator.network());
    for _ in 0..150 {
        let fakes = gan.generator.model.forward_train(z.clone(), &Pass::learn());
        let loss = (fakes - wanted.clone()).square().mean();
        let mut gradients = loss.backward();
        adam.step(gan.generator.network_mut(), &mut gradients);
    }
    buffer::release();
}

#[test]
fn a_generator_that_has_memorised_its_pictures_is_detected() {
    let folder = tempfile::tempdir().unwrap();
    let mut plain = start(&folder.path().join("plain"), 4);
    assert!(!found(&mut plain).contains(&Condition::Copies));
    let mut trainer = start(&folder.path().join("copies"), 4);
    let (faces, _) = fixture::faces_of_size(32);
    memorise(&mut trainer.state_mut().gan, &faces);
    let found = found(&mut trainer);
    assert!(found.contains(&Condition::Copies), "{found:?}");
    assert!(!found.contains(&Condition::Collapse), "{found:?}");
}

#[test]
fn a_generator_that_ignores_its_latent_vector_has_collapsed() {
    let folder = tempfile::tempdir().unwrap();
    let mut trainer = start(&folder.path().join("run"), 1000);
    let mut parameters = trainer
        .state_mut()
        .gan
        .generator
        .network_mut()
        .parameters_mut();
    let first = parameters.first_mut().unwrap();
    let zeros = to_host(first.leaf().clone().inner())
        .iter()
        .map(|_| 0.0)
        .collect();
    first.set_values(zeros);
    let found = found(&mut trainer);
    assert!(found.contains(&Condition::Collapse), "{found:?}");
}
