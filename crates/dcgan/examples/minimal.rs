//! A DCGAN in one file: two networks learn from 64 drawn faces.
//!
//! The generator G turns noise z into pictures, the discriminator D tells real pictures x from
//! fakes G(z). Each step updates first D, then G (Goodfellow et al. 2014, with the non-saturating
//! loss; Radford, Metz and Chintala 2016). `train.rs` adds what a real training needs: batches
//! from disk, reports, checkpoints and resuming.
//!
//! ```text
//! cargo run --release -p dcgan --example minimal -- [--steps N] [--out FILE.png]
//! ```

use dcgan::burn::tensor::{Distribution, Tensor, TensorData};
use dcgan::data::PictureOptions;
use dcgan::loss::{bce_fake, bce_real};
use dcgan::model::Weights::{Freeze, Learn};
use dcgan::model::to_host;
use dcgan::{
    DataSource, Dataset, Device, Error, Gan, ModelConfig, ModelOptions, Preset, TrainingOptions,
};
use dcgan_render::image_grid::{PictureShape, grid, picture_from_planes};

/// Pictures in the data set, and in each batch: a step sees all of them.
const BATCH_SIZE: usize = 64;

fn main() -> Result<(), Error> {
    let steps = option("--steps").map_or(300, |steps| steps.parse().expect("a number of steps"));
    let out = option("--out").unwrap_or_else(|| "minimal.png".to_owned());
    let device = dcgan::device::cpu();
    device.seed(0);

    // Both networks, half as wide as the preset `small`, and an Adam for each.
    let model = ModelOptions::new(Preset::Small)
        .with_ngf(12)
        .with_ndf(8)
        .build()?;
    let training = TrainingOptions {
        learning_rate: 1e-3, // the paper's 0.0002 is for long trainings of wide networks
        beta1: 0.5,
        ..TrainingOptions::default()
    };
    let mut gan = Gan::new(&model, &training.build()?, &device)?;
    let (g, d) = (&mut gan.generator, &mut gan.discriminator);

    let real = faces(&model, &device)?; // [B, 3, 64, 64]
    for step in 1..=steps {
        // (1) Update D: maximise log D(x) + log(1 − D(G(z)))
        let fake = g.pictures(noise(&model, &device), Freeze).detach();
        let loss_fake = bce_fake(d.logits(fake, Learn));
        let loss_real = bce_real(d.logits(real.clone(), Learn));
        let loss_d = (loss_fake + loss_real) / 2.0;
        d.descend(loss_d.clone());

        // (2) Update G: maximise log D(G(z)), with new noise and the updated D
        let fake = g.pictures(noise(&model, &device), Learn);
        let loss_g = bce_real(d.logits(fake, Freeze));
        g.descend(loss_g.clone());

        if step % 10 == 0 || step == steps {
            let (loss_d, loss_g) = (to_host(loss_d)[0], to_host(loss_g)[0]);
            println!("step {step} of {steps}: loss D {loss_d:.3}, G {loss_g:.3}");
        }
    }

    let fakes = g.pictures(noise(&model, &device), Freeze); // [B, 3, 64, 64], in [−1, 1]
    let shape = PictureShape::square(model.image_size, model.channels);
    let pictures: Vec<_> = to_host(fakes)
        .chunks(shape.values())
        .map(|values| picture_from_planes(values, shape))
        .collect();
    grid(&pictures, 8).save(&out)?;
    println!("{out} has {BATCH_SIZE} fakes");
    Ok(())
}

/// A batch of z, N(0, 1) in every coordinate: `[B, z_dim, 1, 1]`.
fn noise(model: &ModelConfig, device: &Device) -> Tensor<4> {
    let shape = [BATCH_SIZE, model.z_dim, 1, 1];
    Tensor::random(shape, Distribution::Normal(0.0, 1.0), device)
}

/// All pictures as one batch: `[B, channels, image_size, image_size]`, in [−1, 1].
fn faces(model: &ModelConfig, device: &Device) -> Result<Tensor<4>, Error> {
    let source = DataSource::Demo {
        count: BATCH_SIZE as u32,
        seed: 0,
    };
    let faces = Dataset::load(&source, &PictureOptions::default(), &|_, _| (), &|| false)?;
    let mut values = Vec::new(); // [B, image_size, image_size, channels]
    for index in 0..faces.len() {
        values.extend(faces.scaled_picture(index)?);
    }
    let size = model.image_size;
    let data = TensorData::new(values, [BATCH_SIZE, size, size, model.channels]);
    Ok(Tensor::<4>::from_data(data, device).permute([0, 3, 1, 2]))
}

/// The value after `name` on the command line.
fn option(name: &str) -> Option<String> {
    std::env::args().skip_while(|one| one != name).nth(1)
}
