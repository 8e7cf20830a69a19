//! Shapes, sizes, initial weights and learning of the networks.

#[path = "fixture/device.rs"]
mod device;

use burn::tensor::{Tensor, TensorData};
use dcgan::config::{LatentDistribution, ModelConfig, ModelOptions, Preset, TrainingOptions};
use dcgan::gan::Gan;
use dcgan::latent;
use dcgan::loss::{bce_fake, bce_real};
use dcgan::model::{Discriminator, FoldedGenerator, Generator, Pass};
use dcgan::sample::estimate_statistics;
use dcgan_support::random::Purpose;
use device::device;

fn narrow(preset: Preset) -> ModelOptions {
    ModelOptions::new(preset)
        .with_ngf(2)
        .with_ndf(2)
        .with_z_dim(5)
}

fn noise(model: &ModelConfig, index: u64, batch_size: usize) -> Tensor<4> {
    let z = latent::noise(model, 7, Purpose::GeneratorNoise, index, batch_size);
    Tensor::from_data(
        TensorData::new(z, [batch_size, model.z_dim, 1, 1]),
        &device(),
    )
}

fn host<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().iter::<f32>().collect()
}

#[test]
fn every_preset_size_and_channel_count_gives_pictures_and_a_logit_for_each() {
    for preset in Preset::ALL {
        for &size in preset.image_sizes() {
            for channels in [1, 3] {
                let model = narrow(preset)
                    .with_image_size(size)
                    .with_channels(channels)
                    .build()
                    .unwrap();
                let mut generator = Generator::new(&model, 1, &device()).unwrap();
                let mut discriminator = Discriminator::new(&model, 1, &device()).unwrap();
                let pictures = generator.forward_train(noise(&model, 0, 3), &Pass::learn());
                assert_eq!(
                    pictures.dims(),
                    [3, channels, size, size],
                    "{preset} {size}"
                );
                assert!(
                    host(pictures.clone())
                        .iter()
                        .all(|value| value.abs() <= 1.0)
                );
                let logits = discriminator.forward_train(pictures, &Pass::learn());
                assert_eq!(logits.dims(), [3], "{preset} {size}");
                assert_eq!(
                    generator.forward(noise(&model, 0, 3)).dims(),
                    [3, channels, size, size]
                );
            }
        }
    }
}

#[test]
fn published_widths_have_the_parameter_counts_of_the_pytorch_classes() {
    let counts = [
        (Preset::Tutorial, 12_658_438, 430_625),
        (Preset::Pytorch, 3_576_704, 2_765_568),
        (Preset::Paper, 18_885_760, 17_232_768),
    ];
    for (preset, generator_count, discriminator_count) in counts {
        let model = ModelConfig::new(preset);
        let generator = Generator::new(&model, 0, &device()).unwrap();
        let discriminator = Discriminator::new(&model, 0, &device()).unwrap();
        assert_eq!(
            generator.network().parameter_count(),
            generator_count,
            "{preset}"
        );
        assert_eq!(
            discriminator.network().parameter_count(),
            discriminator_count,
            "{preset}"
        );
    }
}

#[test]
fn initial_weights_are_normal_with_the_papers_deviation_and_follow_the_seed() {
    let model = ModelConfig::new(Preset::Small);
    let weights = |seed| {
        let generator = Generator::new(&model, seed, &device()).unwrap();
        let parameters = generator.network().parameters();
        parameters
            .iter()
            .map(|parameter| parameter.values())
            .collect::<Vec<_>>()
    };
    let first = weights(3);
    assert_eq!(first, weights(3));
    assert_ne!(first, weights(4));

    let moments = |values: &[f32]| {
        let mean = values.iter().sum::<f32>() / values.len() as f32;
        let variance = values.iter().map(|v| (v - mean).powi(2)).sum::<f32>() / values.len() as f32;
        (mean, variance.sqrt())
    };
    let (mean, deviation) = moments(&first[0]); // a transposed convolution
    assert!(
        mean.abs() < 1e-3 && (deviation - 0.02).abs() < 1e-3,
        "{mean} {deviation}"
    );
    let (mean, _) = moments(&first[1]); // a scale of batch norm
    assert!((mean - 1.0).abs() < 0.01, "{mean}");
    assert!(first[2].iter().all(|shift| *shift == 0.0)); // its shift
}

#[test]
fn noise_is_uniform_for_the_paper_and_normal_for_the_others() {
    for preset in Preset::ALL {
        let model = ModelConfig::new(preset);
        let z = latent::noise(&model, 0, Purpose::GeneratorNoise, 0, 1000);
        let variance = z.iter().map(|v| v * v).sum::<f32>() / z.len() as f32;
        match model.latent_distribution() {
            LatentDistribution::Uniform => {
                assert_eq!(preset, Preset::Paper);
                assert!(z.iter().all(|v| (-1.0..1.0).contains(v)));
                assert!((variance - 1.0 / 3.0).abs() < 0.01, "{variance}");
            }
            LatentDistribution::Normal => {
                assert!((variance - 1.0).abs() < 0.02, "{variance}");
                assert!(z.iter().any(|v| v.abs() > 3.0));
            }
        }
    }
}

#[test]
fn a_wrong_size_names_the_sizes_that_the_preset_has() {
    let wrong = ModelOptions::new(Preset::Tutorial).with_image_size(128);
    let message = wrong.build().unwrap_err().to_string();
    assert!(
        message.contains("tutorial") && message.contains("it has 64"),
        "{message}"
    );
    let wrong = ModelOptions::new(Preset::Paper).with_image_size(100);
    let message = wrong.build().unwrap_err().to_string();
    assert!(message.contains("32, 64, 128 or 256"), "{message}");
}

#[test]
fn the_discriminator_overfits_one_batch() {
    let model = narrow(Preset::Pytorch)
        .with_image_size(32)
        .with_ndf(8)
        .build()
        .unwrap();
    let training = TrainingOptions {
        learning_rate: 2e-3,
        ..TrainingOptions::default()
    }
    .build()
    .unwrap();
    let mut gan = Gan::new(&model, &training, &device()).unwrap();
    let pixels = narrow(Preset::Pytorch)
        .with_z_dim(32 * 32 * 3)
        .build()
        .unwrap();
    let real = noise(&pixels, 0, 8).reshape([8, 3, 32, 32]).tanh();
    let fake = noise(&pixels, 1, 8).reshape([8, 3, 32, 32]).tanh();
    let mut losses = Vec::new();
    for _ in 0..60 {
        let logits_fake = gan
            .discriminator
            .model
            .forward_train(fake.clone(), &Pass::learn());
        let logits_real = gan
            .discriminator
            .model
            .forward_train(real.clone(), &Pass::learn());
        let loss = (bce_fake(logits_fake) + bce_real(logits_real)) / 2.0;
        losses.push(host(loss.clone())[0]);
        let mut gradients = loss.backward();
        gan.discriminator
            .adam
            .step(gan.discriminator.model.network_mut(), &mut gradients);
    }
    assert!(
        losses[0] > 0.5 && losses[59] < 0.05,
        "{} to {}",
        losses[0],
        losses[59]
    );
}

#[test]
fn the_generator_learns_against_a_frozen_discriminator() {
    let model = narrow(Preset::Small)
        .with_ngf(4)
        .with_ndf(4)
        .build()
        .unwrap();
    let training = TrainingOptions {
        learning_rate: 2e-3,
        ..TrainingOptions::default()
    }
    .build()
    .unwrap();
    let mut gan = Gan::new(&model, &training, &device()).unwrap();
    let mut losses = Vec::new();
    for step in 0..40 {
        let fake = gan
            .generator
            .model
            .forward_train(noise(&model, step, 8), &Pass::learn());
        let logits = gan.discriminator.model.forward(fake.clone().detach());
        assert_eq!(logits.dims(), [8]);
        // with batch statistics the logits hardly depend on the fakes: judge by mean brightness
        let loss = bce_real(fake.reshape([8, 3 * 64 * 64]).mean_dim(1).reshape([8]));
        losses.push(host(loss.clone())[0]);
        let mut gradients = loss.backward();
        gan.generator
            .adam
            .step(gan.generator.model.network_mut(), &mut gradients);
    }
    assert!(
        losses[39] < losses[0] - 0.2,
        "{} to {}",
        losses[0],
        losses[39]
    );
}

#[test]
fn estimated_statistics_match_those_of_a_large_batch() {
    let model = narrow(Preset::Small).with_ngf(4).build().unwrap();
    let mut generator = Generator::new(&model, 0, &device()).unwrap();
    let estimated = estimate_statistics(&generator, &device());
    assert_ne!(
        estimated.network().batch_norms()[0].running_mean(),
        generator.network().batch_norms()[0].running_mean()
    );
    // in training mode a large batch is normalised with its own statistics, which should be close
    let by_batch = host(generator.forward_train(noise(&model, 0, 512), &Pass::freeze()));
    let by_estimate = host(estimated.forward(noise(&model, 0, 512)));
    let distance: f32 = by_batch
        .iter()
        .zip(&by_estimate)
        .map(|(a, b)| (a - b).powi(2))
        .sum();
    let norm: f32 = by_batch.iter().map(|a| a * a).sum();
    assert!(
        (distance / norm).sqrt() < 0.15,
        "{}",
        (distance / norm).sqrt()
    );
}

#[test]
fn a_folded_generator_draws_the_same_pictures() {
    for preset in Preset::ALL {
        for (channels, batch_size) in [(1, 1), (3, 1), (3, 6)] {
            let model = narrow(preset)
                .with_ngf(9)
                .with_channels(channels)
                .build()
                .unwrap();
            let mut generator = Generator::new(&model, 1, &device()).unwrap();
            // running statistics other than the initial ones
            generator.forward_train(noise(&model, 0, 40), &Pass::freeze());
            let expected = generator.forward(noise(&model, 1, batch_size));
            let expected = host(expected.permute([0, 2, 3, 1]));
            let z = latent::noise(&model, 7, Purpose::GeneratorNoise, 1, batch_size);
            let mut folded = FoldedGenerator::new(generator, batch_size);
            for _ in 0..2 {
                let pictures = folded.draw(&z);
                assert_eq!(pictures.len(), expected.len());
                let near = |(a, b): (&f32, &f32)| (a - b).abs() < 1e-5;
                assert!(
                    pictures.iter().zip(&expected).all(near),
                    "{preset}, {channels} channels, batch {batch_size}"
                );
            }
        }
    }
}
