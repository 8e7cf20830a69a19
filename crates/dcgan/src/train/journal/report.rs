//! What is shown and saved every so many steps.

use std::path::{Path, PathBuf};

use burn::tensor::{Device, Tensor};
use image::DynamicImage;

use super::health::{Condition, Health};
use super::measured::{Signals, StepMetrics};
use super::metrics::MetricsLine;
use super::{RunFolder, TrainError};
use crate::buffer;
use crate::checkpoint::{FileHeader, FileKind, save_discriminator, save_generator};
use crate::config::ModelConfig;
use crate::gan::Gan;
use crate::model::{Discriminator, Generator, to_host};
use crate::sample::{Sampler, estimate_statistics};
use dcgan_render::image_grid::{PictureShape, cut_grid, grid, picture_from_planes};
use dcgan_render::picture_file::{self, PictureFormat};
use dcgan_render::plot::losses::{self, LossPoint};

/// Pictures in a grid, 8 in a row.
const GRID: usize = 64;

/// The means over the steps since the last report, and the files written.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// The step reported after.
    pub step: u64,
    /// The epoch it belongs to, counted from 1.
    pub epoch: u64,
    /// Means over the steps since the last report.
    pub means: StepMetrics,
    /// How the fakes are, at a report by plan.
    pub health: Option<Health>,
    /// What is wrong.
    pub conditions: Vec<Condition>,
    /// The grid of fakes from fixed noise.
    pub fake_grid: PathBuf,
    /// The grid of real pictures.
    pub real_grid: PathBuf,
}

/// What a report shows of the networks: drawn before anything is written.
pub(super) struct Drawing {
    /// The generator with the statistics for sampling.
    generator: Generator,
    fakes: Vec<DynamicImage>,
}

impl Drawing {
    /// Draws the fakes of fixed noise.
    pub fn of(gan: &Gan, device: &Device) -> Self {
        // A report is no step: it would add its own buffers to those of the steps.
        buffer::release();
        let generator = estimate_statistics(&gan.generator, device);
        let fakes = Sampler::new(generator.clone()).pictures(0..GRID as u64);
        buffer::release();
        Self { generator, fakes }
    }

    /// The fakes.
    pub fn fakes(&self) -> &[DynamicImage] {
        &self.fakes
    }

    /// Writes both grids and the plot, then the weights.
    ///
    /// `real` is the last batch, `[B, C, H, W]`; `lines` are those of all steps.
    pub fn write(
        &self,
        folder: &RunFolder,
        discriminator: &Discriminator,
        real: Tensor<4>,
        header: &FileHeader,
        lines: &[MetricsLine],
    ) -> Result<(), TrainError> {
        let step = header.step;
        write_grid(folder.fake_grid(step), &self.fakes)?;
        write_grid(folder.real_grid(step), &pictures(real))?;
        write_plot(folder, lines)?;
        let weights = |kind| FileHeader {
            kind,
            run: None,
            retries: 0,
            ..header.clone()
        };
        save_generator(
            &folder.generator(),
            &self.generator,
            &weights(FileKind::Generator),
        )?;
        let header = weights(FileKind::Discriminator);
        Ok(save_discriminator(
            &folder.discriminator(),
            discriminator,
            &header,
        )?)
    }
}

/// The means over the lines after step `previous`; NaN of none.
pub fn means(lines: &[MetricsLine], previous: u64) -> StepMetrics {
    let recent: Vec<_> = lines.iter().filter(|line| line.step > previous).collect();
    let mean = |value: fn(&StepMetrics) -> f32| {
        let values = recent.iter().map(|line| f64::from(value(&line.metrics)));
        (values.sum::<f64>() / recent.len() as f64) as f32
    };
    let mean_signal = |value: fn(&Signals) -> f32| {
        let signals = recent
            .iter()
            .filter_map(|line| line.metrics.signals.as_ref());
        let sum: f64 = signals.map(|signals| f64::from(value(signals))).sum();
        (sum / recent.len() as f64) as f32
    };
    let measured = recent.iter().all(|line| line.metrics.signals.is_some());
    StepMetrics {
        loss_d: mean(|metrics| metrics.loss_d),
        loss_g: mean(|metrics| metrics.loss_g),
        accuracy_real: mean(|metrics| metrics.accuracy_real),
        accuracy_fake: mean(|metrics| metrics.accuracy_fake),
        signals: measured.then(|| Signals {
            logit_real: mean_signal(|signals| signals.logit_real),
            logit_fake: mean_signal(|signals| signals.logit_fake),
            gradient_d: mean_signal(|signals| signals.gradient_d),
            gradient_g: mean_signal(|signals| signals.gradient_g),
        }),
    }
}

fn write_grid(path: PathBuf, pictures: &[DynamicImage]) -> Result<(), TrainError> {
    let grid = grid(pictures, 8).into();
    picture_file::write(&path, &grid, PictureFormat::Png)
        .map_err(|source| TrainError::write(&path, source))
}

/// The pictures of a grid of fakes; none if it has gone or is another one.
pub(super) fn read_grid(path: &Path, model: &ModelConfig) -> Option<Vec<DynamicImage>> {
    let grid = image::open(path).ok()?.into_rgb8();
    cut_grid(&grid, GRID, 8, model.image_size as u32)
}

fn write_plot(folder: &RunFolder, lines: &[MetricsLine]) -> Result<(), TrainError> {
    let points: Vec<_> = lines
        .iter()
        .map(|line| LossPoint {
            step: line.step,
            loss_d: line.metrics.loss_d,
            loss_g: line.metrics.loss_g,
        })
        .collect();
    let name = folder
        .path()
        .file_name()
        .unwrap_or_default()
        .to_string_lossy();
    let plot = losses::render(&points, &name).into();
    let path = folder.losses();
    picture_file::write(&path, &plot, PictureFormat::Png)
        .map_err(|source| TrainError::write(&path, source))
}

/// At most a grid full of a batch `[B, C, H, W]`.
fn pictures(batch: Tensor<4>) -> Vec<DynamicImage> {
    let [count, channels, height, width] = batch.dims();
    let shape = PictureShape {
        height,
        width,
        channels,
    };
    let shown = batch.narrow(0, 0, count.min(GRID));
    to_host(shown)
        .chunks(shape.values())
        .map(|values| picture_from_planes(values, shape))
        .collect()
}
