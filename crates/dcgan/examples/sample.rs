//! Draws with a trained generator: the pictures of some seeds, an interpolation between two of
//! them, and one latent vector by hand.
//!
//! ```text
//! cargo run --release -p dcgan --example sample -- RUN [--out DIR]
//! ```
//!
//! RUN is a run directory (the example `train` makes one), a checkpoint or a generator file.

use std::path::PathBuf;

use dcgan::latent::{Interpolation, LatentPath};
use dcgan::{Error, Sampler, WeightFile};
use dcgan_render::image_grid::grid;

fn main() -> Result<(), Error> {
    let run = PathBuf::from(std::env::args().nth(1).expect("RUN"));
    let out = PathBuf::from(option("--out").unwrap_or_else(|| ".".to_owned()));

    let file = WeightFile::open(&dcgan::sample::generator_file(&run)?)?;
    let header = file.header();
    println!("{}, trained for {} steps", header.model.preset, header.step);

    let mut sampler = Sampler::load(&run, &dcgan::device::cpu())?;
    let seeds = [3, 7, 12, 40];
    let pictures = sampler.pictures(seeds);
    for (seed, picture) in seeds.iter().zip(&pictures) {
        picture.save(out.join(format!("seed-{seed}.png")))?;
    }
    println!("seeds {seeds:?} are in seed-*.png");

    // a row of pictures from the first seed to the second
    let [from, to] = [seeds[0], seeds[1]].map(|seed| sampler.latent(seed));
    let path = LatentPath {
        interpolation: Interpolation::Spherical,
        steps: 7,
        closed: false,
    };
    let distribution = sampler.config().latent_distribution();
    let row = sampler.draw(&path.through(&[from.clone(), to], distribution));
    grid(&row, row.len()).save(out.join("interpolation.png"))?;
    println!(
        "seed {} turns into {} in interpolation.png",
        seeds[0], seeds[1]
    );

    // any vector of z_dim numbers is a picture: here the opposite of the first seed's
    let opposite: Vec<f32> = from.iter().map(|z| -z).collect();
    sampler.draw(&[opposite])[0].save(out.join("opposite.png"))?;
    println!("the opposite of seed {} is in opposite.png", seeds[0]);
    Ok(())
}

/// The value after `name` on the command line.
fn option(name: &str) -> Option<String> {
    std::env::args().skip_while(|one| one != name).nth(1)
}
