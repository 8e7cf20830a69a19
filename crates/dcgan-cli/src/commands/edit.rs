//! `dcgan edit`: pictures along a direction.

use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow, bail};
use dcgan::checkpoint::FileHeader;
use dcgan::config::ModelConfig;
use dcgan::latent::{self, Direction};
use dcgan::sample::Sampler;
use dcgan_render::figure::{Strip, draw_strips};

use super::{device, pictures_out, threads};
use crate::cli::{Edit, Strength};
use crate::output;

/// The most rows of a figure.
const MOST: usize = 64;

/// Draws the rows.
pub fn run(arguments: &Edit) -> Result<()> {
    threads::limit(arguments.compute.threads)?;
    pictures_out::check_figure(&arguments.out)?;
    let device = device::open(&arguments.compute)?;
    let (mut sampler, header) = Sampler::load(&arguments.run, &device)?;
    let model = sampler.config().clone();
    let path = direction_file(&arguments.direction, &arguments.run)?;
    let direction = Direction::read(&path, model.z_dim)?;
    tell_other_model(&path, &direction, &header);
    let vectors = vectors(arguments, &model)?;
    let strengths = strengths(arguments.strength, arguments.steps);
    let mut strips = Vec::new();
    for (row, z) in vectors.iter().enumerate() {
        let moved: Vec<_> = strengths.iter().map(|&by| direction.moved(z, by)).collect();
        let heads = strengths.iter().map(|&by| head(by));
        strips.push(Strip {
            heads: if row == 0 {
                heads.collect()
            } else {
                Vec::new()
            },
            pictures: sampler.draw(&moved),
        });
    }
    pictures_out::write_figure(&arguments.out, draw_strips(&strips))?;
    output::line(&format!(
        "{} along {} by {} to {} in {}",
        match vectors.len() {
            1 => "one picture".to_owned(),
            count => format!("{count} pictures"),
        },
        direction.origin.attribute,
        arguments.strength.from,
        arguments.strength.to,
        arguments.out.display()
    ));
    Ok(())
}

/// The file itself, or the one of that name here or in the run's folder.
fn direction_file(name: &Path, run: &Path) -> Result<PathBuf> {
    let mut with_ending = name.as_os_str().to_owned();
    with_ending.push(".safetensors");
    let with_ending = PathBuf::from(with_ending);
    let places = [
        name.to_owned(),
        with_ending.clone(),
        run.join(name),
        run.join(&with_ending),
    ];
    let found = places.into_iter().find(|path| path.is_file());
    found.ok_or_else(|| {
        anyhow!(
            "there is no direction {name}, here or in {run}: `dcgan direction {run} ATTRIBUTE \
             --data DATA -o {file}` makes one",
            name = name.display(),
            run = run.display(),
            file = match name.extension() {
                Some(_) => name.display(),
                None => with_ending.display(),
            },
        )
    })
}

/// A direction of another run is of no use, though its length may be right.
fn tell_other_model(path: &Path, direction: &Direction, header: &FileHeader) {
    let origin = &direction.origin;
    let same = origin.model == header.model
        && origin.step == header.step
        && origin.data_fingerprint == header.data.fingerprint;
    if !same {
        output::note(&format!(
            "{} was found for another generator, after {} steps; this one has made {}, and \
             {} may lie elsewhere",
            path.display(),
            origin.step,
            header.step,
            origin.attribute
        ));
    }
}

fn vectors(arguments: &Edit, model: &ModelConfig) -> Result<Vec<Vec<f32>>> {
    let too_many = |count| anyhow!("{count} pictures: take at most {MOST}");
    let mut vectors = match &arguments.z {
        Some(path) => latent::read_z(path, model.z_dim)?,
        None => Vec::new(),
    };
    if let Some(seeds) = &arguments.seeds {
        if seeds.len() > MOST as u64 {
            return Err(too_many(seeds.len()));
        }
        vectors.extend(seeds.iter().map(|seed| latent::from_seed(model, seed)));
    }
    if vectors.len() > MOST {
        bail!(too_many(vectors.len() as u64));
    }
    Ok(vectors)
}

/// A strength as people write it: −1, 0, +1.5.
fn head(strength: f64) -> String {
    let rounded = (strength * 100.0).round() / 100.0;
    match rounded {
        0.0 => "0".to_owned(),
        below if below < 0.0 => format!("−{}", -below),
        above => format!("+{above}"),
    }
}

/// From the first to the last in equal steps.
fn strengths(range: Strength, count: u64) -> Vec<f64> {
    let step = (range.to - range.from) / (count.max(2) - 1) as f64;
    let each = (0..count).map(|place| range.from + place as f64 * step);
    each.collect()
}
