//! What a report draws and writes.

use std::path::{Path, PathBuf};

use burn::tensor::{Device, Tensor};
use image::DynamicImage;

use super::metrics::{Measure, MetricsLine, distances};
use super::run_directory::RunDirectory;
use crate::buffer;
use crate::checkpoint::{FileHeader, FileKind, save_discriminator, save_generator};
use crate::config::ModelConfig;
use crate::gan::Gan;
use crate::model::{Discriminator, Generator, to_host};
use crate::sample::{Sampler, estimate_statistics};
use crate::train::TrainError;
use dcgan_render::image_grid::{PictureShape, cut_grid, grid, picture_from_planes};
use dcgan_render::picture_file::{self, PictureFormat};
use dcgan_render::plot::health::{Panel, Series, SeriesPoint};
use dcgan_render::plot::losses::{self, LossPoint};
use dcgan_support::picture_mark::Origin;
use dcgan_support::regular_file;

/// Pictures in a grid.
const GRID_PICTURES: usize = 64;

/// Pictures in a row of a grid.
const GRID_COLUMNS: usize = 8;

/// The pictures and weights of a report. Drawn before anything is written.
pub(in crate::train) struct Drawing {
    /// With statistics for sampling.
    generator: Generator,
    fakes: Vec<DynamicImage>,
}

impl Drawing {
    /// Draws fakes of latent vectors that never change.
    pub fn new(gan: &Gan, device: &Device) -> Self {
        // the free buffers fit a step, and drawing would add its own to them
        buffer::release();
        let generator = estimate_statistics(&gan.drawing_generator(), device);
        let fakes = Sampler::new(generator.clone()).pictures(0..GRID_PICTURES as u64);
        buffer::release();
        Self { generator, fakes }
    }

    /// The fakes.
    pub fn fakes(&self) -> &[DynamicImage] {
        &self.fakes
    }

    /// Writes both grids, the plot of the losses, and the weights.
    ///
    /// `real` is the last batch, `[B, C, H, W]`; `lines` are the metrics of all steps.
    ///
    /// # Errors
    /// If a file cannot be written.
    pub fn write(
        &self,
        directory: &RunDirectory,
        discriminator: &Discriminator,
        real: Tensor<4>,
        header: &FileHeader,
        lines: &[MetricsLine],
    ) -> Result<(), TrainError> {
        let step = header.step;
        // not the run: it is the folder of these files, and equal runs have equal files
        let mut origin = Origin {
            step: Some(step),
            ..Origin::default()
        };
        write_grid(directory.real_grid(step), &pictures(real), &origin)?;
        origin.seeds = Some(format!("0-{}", GRID_PICTURES - 1));
        write_grid(directory.fake_grid(step), &self.fakes, &origin)?;
        write_plot(directory, lines)?;
        self.write_weights(directory, discriminator, header)
    }

    /// Writes the weights alone.
    ///
    /// # Errors
    /// If a file cannot be written.
    pub fn write_weights(
        &self,
        directory: &RunDirectory,
        discriminator: &Discriminator,
        header: &FileHeader,
    ) -> Result<(), TrainError> {
        let weights = |kind| FileHeader {
            kind,
            run: None,
            retries: 0,
            refused: Vec::new(),
            ..header.clone()
        };
        save_generator(
            &directory.generator(),
            &self.generator,
            &weights(FileKind::Generator),
        )?;
        let header = weights(FileKind::Discriminator);
        Ok(save_discriminator(
            &directory.discriminator(),
            discriminator,
            &header,
        )?)
    }
}

/// The name of a run.
fn name(directory: &RunDirectory) -> String {
    let name = directory.path().file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

fn write_grid(path: PathBuf, pictures: &[DynamicImage], origin: &Origin) -> Result<(), TrainError> {
    let grid = grid(pictures, GRID_COLUMNS).into();
    picture_file::write_drawn(&path, &grid, PictureFormat::Png, origin)
        .map_err(|source| TrainError::write(&path, source))
}

/// The pictures of a grid of fakes; `None` if it is missing or has another size.
pub(super) fn read_grid(path: &Path, model: &ModelConfig) -> Option<Vec<DynamicImage>> {
    let bytes = regular_file::read(path).ok()?;
    let grid = image::load_from_memory(&bytes).ok()?.into_rgb8();
    cut_grid(&grid, GRID_PICTURES, GRID_COLUMNS, model.image_size as u32)
}

/// Writes the plot of the losses of all steps.
pub(super) fn write_plot(
    directory: &RunDirectory,
    lines: &[MetricsLine],
) -> Result<(), TrainError> {
    let points: Vec<_> = lines
        .iter()
        .map(|line| LossPoint {
            step: line.step,
            loss_d: line.metrics.loss_d,
            loss_g: line.metrics.loss_g,
        })
        .collect();
    let name = name(directory);
    let distances = distance_panel(lines);
    let plot = losses::render(&points, distances.as_ref(), &name).into();
    let path = directory.losses();
    let origin = Origin {
        step: lines.last().map(|line| line.step),
        ..Origin::default()
    };
    picture_file::write_drawn(&path, &plot, PictureFormat::Png, &origin)
        .map_err(|source| TrainError::write(&path, source))
}

/// The distances at evaluations; `None` in a run without them.
pub fn distance_panel(lines: &[MetricsLine]) -> Option<Panel<'static>> {
    let measure = Measure::best_of(lines);
    let (title, name) = match measure {
        Measure::Kid => ("distance from the real pictures, at evaluations", "KID"),
        Measure::Swd => (
            "distance from the real pictures, at evaluations",
            "SWD x 1000",
        ),
        Measure::Report => return None,
    };
    let points = distances(lines, measure).map(|measured| SeriesPoint {
        step: measured.step,
        value: measured.distance,
    });
    Some(Panel {
        title,
        series: vec![Series {
            name,
            points: points.collect(),
            smooth: false,
        }],
    })
}

/// The first pictures of a batch `[B, C, H, W]`, at most as many as a grid has.
fn pictures(batch: Tensor<4>) -> Vec<DynamicImage> {
    let [count, channels, height, width] = batch.dims();
    let shape = PictureShape {
        height,
        width,
        channels,
    };
    let shown = batch.narrow(0, 0, count.min(GRID_PICTURES));
    to_host(shown)
        .chunks(shape.values())
        .map(|values| picture_from_planes(values, shape))
        .collect()
}
