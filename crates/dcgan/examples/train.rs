//! Trains on a directory of pictures, or on drawn faces, and writes a grid of fakes. Run it again
//! with more steps, and it resumes the run.
//!
//! ```text
//! cargo run --release -p dcgan --example train -- [--data DIR] [--steps N] [--run DIR]
//! ```

use std::path::{Path, PathBuf};

use dcgan::train::{RunDirectory, SavedRun};
use dcgan::{
    DataConfig, Device, Error, Length, Preset, RunConfig, Sampler, Trainer, TrainingOptions,
};
use dcgan_render::image_grid::grid;

fn main() -> Result<(), Error> {
    let run = PathBuf::from(option("--run").unwrap_or_else(|| "runs/example".to_owned()));
    let steps = option("--steps").map_or(200, |steps| steps.parse().expect("a number of steps"));
    let device = dcgan::device::cpu();

    let mut trainer = if run.is_dir() {
        resume(&run, steps, &device)?
    } else {
        start(&run, steps, &device)?
    };
    let outcome = trainer.run(&|| false, &mut |step| {
        if let Some(report) = step.report {
            let (d, g) = (report.means.loss_d, report.means.loss_g);
            let total = step.total_steps;
            println!("step {} of {total}: loss D {d:.3}, G {g:.3}", step.step);
        }
    })?;
    println!("{outcome:?}: {} has the run's files", run.display());

    // what the command line does with `dcgan sample RUN -n 16 --grid faces.png`
    let pictures = Sampler::load(&run, &device)?.pictures(0..16);
    let path = run.join("faces.png");
    grid(&pictures, 4).save(&path)?;
    println!("{} has 16 fakes", path.display());
    Ok(())
}

/// A new run with small networks and batches, which shows faces after some hundred steps.
fn start(run: &Path, steps: u64, device: &Device) -> Result<Trainer, Error> {
    let data = match option("--data") {
        Some(directory) => DataConfig::files(directory),
        None => DataConfig::drawn_faces(500),
    };
    let training = TrainingOptions {
        length: Length::Steps(steps),
        batch_size: 32,
        learning_rate: 4e-4,
        report_every: (steps / 4).max(1),
        ..TrainingOptions::default()
    };
    let config = RunConfig {
        training: training.build()?,
        ..RunConfig::new(Preset::Small, data)
    };
    println!("starting {}", run.display());
    Ok(Trainer::create(config, run, device)?)
}

/// An earlier run, continued to `steps`.
fn resume(run: &Path, steps: u64, device: &Device) -> Result<Trainer, Error> {
    let mut saved = SavedRun::open(RunDirectory::open(run)?, device)?;
    println!("resuming {} at step {}", run.display(), saved.step());
    let training = TrainingOptions {
        length: Length::Steps(steps),
        ..saved.config.training.into_options()
    };
    saved.config.training = training.build()?;
    Ok(saved.resume()?)
}

/// The value after `name` on the command line.
fn option(name: &str) -> Option<String> {
    std::env::args().skip_while(|one| one != name).nth(1)
}
