//! `dcgan sample`: pictures from a trained generator.

use std::fs;
use std::ops::RangeInclusive;
use std::path::Path;

use anyhow::{Result, anyhow, bail};
use dcgan::atomic_file::advice;
use dcgan::image_grid::{grid, write_png};
use dcgan::sample::Sampler;
use image::DynamicImage;
use indicatif::ProgressBar;
use rayon::prelude::*;

use super::threads;
use crate::cli::Sample;
use crate::output;

/// Pictures that are held in memory at once.
const CHUNK: u64 = 64;

/// The most pictures that one grid can show.
const LARGEST_GRID: u64 = 10_000;

/// Draws the pictures.
pub fn run(arguments: &Sample) -> Result<()> {
    threads::limit(arguments.threads)?;
    if arguments.out.is_none() && arguments.grid.is_none() {
        bail!("no place for the pictures: give --out DIR for single ones, or --grid FILE.png");
    }
    let Some(last) = arguments.seed.checked_add(arguments.count - 1) else {
        bail!(
            "seed {} and {} pictures pass the last seed: take a smaller --seed",
            arguments.seed,
            arguments.count
        );
    };
    if arguments.grid.is_some() && arguments.count > LARGEST_GRID {
        bail!(
            "a grid of {} pictures is too large: take -n {LARGEST_GRID} or fewer",
            arguments.count
        );
    }
    if let Some(path) = &arguments.grid
        && path
            .extension()
            .is_some_and(|ending| !ending.eq_ignore_ascii_case("png"))
    {
        bail!("a grid is a PNG file: name {} .png", path.display());
    }
    let device = dcgan::device::by_name(&arguments.device)?;
    let (mut sampler, header) = Sampler::load(&arguments.run, &device)?;
    if let Some(path) = &arguments.grid {
        let pictures = sampler.pictures(arguments.seed..=last);
        let columns = (pictures.len() as f64).sqrt().ceil() as usize;
        let grid = grid(&pictures, columns).into();
        write(path, &grid)?;
        output::line(&format!(
            "{} pictures of step {} in {}",
            arguments.count,
            header.step,
            path.display()
        ));
    }
    if let Some(folder) = &arguments.out {
        write_single(&mut sampler, arguments.seed..=last, folder)?;
        output::line(&format!(
            "{} pictures of step {} in {}",
            arguments.count,
            header.step,
            folder.display()
        ));
    }
    Ok(())
}

fn write_single(sampler: &mut Sampler, seeds: RangeInclusive<u64>, folder: &Path) -> Result<()> {
    fs::create_dir_all(folder).map_err(|error| {
        anyhow!(
            "cannot make the folder {}: {error}{}",
            folder.display(),
            advice(&error)
        )
    })?;
    let (first, last) = seeds.into_inner();
    let progress = ProgressBar::new(last - first + 1);
    let mut start = first;
    loop {
        let end = last.min(start.saturating_add(CHUNK - 1));
        let pictures = sampler.pictures(start..=end);
        pictures
            .par_iter()
            .enumerate()
            .try_for_each(|(place, picture)| {
                let seed = start + place as u64;
                write(&folder.join(format!("seed-{seed:06}.png")), picture)?;
                progress.inc(1);
                anyhow::Ok(())
            })?;
        if end == last {
            break;
        }
        start = end + 1;
    }
    progress.finish_and_clear();
    Ok(())
}

fn write(path: &Path, picture: &DynamicImage) -> Result<()> {
    write_png(path, picture)
        .map_err(|error| anyhow!("cannot write {}: {error}{}", path.display(), advice(&error)))
}
