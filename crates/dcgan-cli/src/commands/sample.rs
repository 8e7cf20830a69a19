//! `dcgan sample`: pictures from a trained generator.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use dcgan::image_grid::{grid, write_png};
use dcgan::sample::Sampler;
use indicatif::ProgressBar;

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
    let Some(end) = arguments.seed.checked_add(arguments.count) else {
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
    let device = dcgan::device::by_name(&arguments.device)?;
    let (sampler, header) = Sampler::load(&arguments.run, &device)?;
    if let Some(path) = &arguments.grid {
        let pictures = sampler.pictures(arguments.seed..end);
        let columns = (pictures.len() as f64).sqrt().ceil() as usize;
        let grid = grid(&pictures, columns).into();
        write_png(path, &grid).with_context(|| format!("cannot write {}", path.display()))?;
        output::line(&format!(
            "{} pictures of step {} in {}",
            arguments.count,
            header.step,
            path.display()
        ));
    }
    if let Some(folder) = &arguments.out {
        write_single(&sampler, arguments.seed..end, folder)?;
        output::line(&format!(
            "{} pictures of step {} in {}",
            arguments.count,
            header.step,
            folder.display()
        ));
    }
    Ok(())
}

fn write_single(sampler: &Sampler, seeds: std::ops::Range<u64>, folder: &Path) -> Result<()> {
    fs::create_dir_all(folder)
        .with_context(|| format!("cannot make the folder {}", folder.display()))?;
    let progress = ProgressBar::new(seeds.end - seeds.start);
    let mut start = seeds.start;
    while start < seeds.end {
        let end = seeds.end.min(start.saturating_add(CHUNK));
        for (seed, picture) in (start..end).zip(sampler.pictures(start..end)) {
            let path = folder.join(format!("seed-{seed:06}.png"));
            write_png(&path, &picture)
                .with_context(|| format!("cannot write {}", path.display()))?;
        }
        progress.inc(end - start);
        start = end;
    }
    progress.finish_and_clear();
    Ok(())
}
