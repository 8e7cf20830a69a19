//! `dcgan bench`: measures the speed of training and sampling.

use std::path::PathBuf;

use anyhow::Result;
use clap::{Args, Subcommand};
use dcgan::bench::{self, Measurement, OperationTime, Plan, StepProfile, WARM_UP_STEPS};
use dcgan::config::{ConfigError, ModelConfig, ModelOptions, Precision, Preset};
use dcgan::model::Generator;
use dcgan::sample::load_generator;

use crate::shared::compute::ComputeArguments;
use crate::shared::named;
use crate::shared::output;
use crate::words::counted;

/// `dcgan bench`
#[derive(Debug, Args)]
#[command(after_help = BENCH_EXAMPLES, arg_required_else_help = false)]
pub struct Bench {
    /// What to measure.
    #[command(subcommand)]
    pub work: BenchWork,
}

const BENCH_EXAMPLES: &str = "\
Examples:
  dcgan bench train --profile
  dcgan bench sample --preset small --batch-size 1 --steps 100";

/// What can be measured.
#[derive(Debug, Subcommand)]
pub enum BenchWork {
    /// Training steps on random pictures in memory
    Train(BenchTrain),
    /// Drawing, from latent vectors to pictures in memory
    Sample(BenchSample),
}

/// `dcgan bench train`
#[derive(Debug, Args)]
#[command(after_help = TRAIN_HELP, allow_negative_numbers = true)]
pub struct BenchTrain {
    #[command(flatten)]
    pub networks: BenchNetworks,

    /// Batch size
    #[arg(long, alias = "batch", value_name = "N", default_value_t = 128)]
    pub batch_size: usize,

    /// Precision of convolutions: f32, or if the device supports it f16 or bf16
    #[arg(long, value_name = "PRECISION", default_value = "f32",
          value_parser = named::one_of(&Precision::ALL, Precision::name),
          hide_possible_values = true)]
    pub precision: Precision,

    #[command(flatten)]
    pub how: BenchOptions,
}

/// `dcgan bench sample`
#[derive(Debug, Args)]
#[command(after_help = SAMPLE_HELP, allow_negative_numbers = true)]
pub struct BenchSample {
    #[command(flatten)]
    pub networks: BenchNetworks,

    /// Draw with a trained generator: a run directory, a checkpoint or a generator.safetensors
    #[arg(long, value_name = "RUN", conflicts_with_all = ["preset", "image_size", "channels"])]
    pub run: Option<PathBuf>,

    /// Batch size
    #[arg(long, alias = "batch", value_name = "N", default_value_t = 64)]
    pub batch_size: usize,

    #[command(flatten)]
    pub how: BenchOptions,
}

const TRAIN_HELP: &str = "\
Examples:
  dcgan bench train --profile

GFLOP/s are effective: they count the multiplications and additions of direct convolution. \
A method that needs fewer, such as Winograd's, can exceed the peak of the processor.";

const SAMPLE_HELP: &str = "\
Examples:
  dcgan bench sample --preset small --batch-size 1 --steps 100

GFLOP/s are effective: they count the multiplications and additions of direct convolution. \
A method that needs fewer, such as Winograd's, can exceed the peak of the processor.";

/// The networks that are measured.
#[derive(Debug, Args)]
pub struct BenchNetworks {
    /// Networks
    #[arg(long, value_name = "PRESET", default_value = "tutorial",
          value_parser = named::presets())]
    pub preset: Preset,

    /// Width and height in pixels: 64; pytorch, paper and laptop also have 32, 128 and 256
    #[arg(long, value_name = "PIXELS", default_value_t = 64)]
    pub image_size: usize,

    /// Colour channels: 1 (grey) or 3 (colour)
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = named::channels)]
    pub channels: usize,
}

impl BenchNetworks {
    /// The configuration of the networks.
    ///
    /// # Errors
    /// If the preset has no networks of this size.
    pub fn model(&self) -> Result<ModelConfig, ConfigError> {
        ModelOptions::new(self.preset)
            .with_image_size(self.image_size)
            .with_channels(self.channels)
            .build()
    }
}

/// How long to measure, and what to print.
#[derive(Debug, Args)]
pub struct BenchOptions {
    /// Steps to measure, after three to warm up
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub steps: usize,

    #[command(flatten)]
    pub compute: ComputeArguments,

    /// Print where the time goes, by operation and by kind of work
    #[arg(long)]
    pub profile: bool,

    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

/// Operations with a smaller share of the time are summed up in one row.
const SMALLEST_SHARE: f64 = 0.005;

/// Measures, and prints the result.
pub fn run(arguments: &Bench) -> Result<()> {
    let (measurement, how) = match &arguments.work {
        BenchWork::Train(arguments) => (train(arguments)?, &arguments.how),
        BenchWork::Sample(arguments) => (sample(arguments)?, &arguments.how),
    };
    if how.json {
        output::json(&measurement.to_json());
        return Ok(());
    }
    print(&measurement);
    if let Some(profile) = &measurement.profile {
        print_operations(profile);
        print_parts(profile);
    }
    Ok(())
}

fn train(arguments: &BenchTrain) -> Result<Measurement> {
    arguments.how.compute.limit_threads()?;
    let device = arguments.how.compute.open_device()?;
    let model = arguments.networks.model()?;
    let plan = plan(arguments.batch_size, arguments.precision, &arguments.how);
    Ok(bench::train(&model, &plan, &device)?)
}

fn sample(arguments: &BenchSample) -> Result<Measurement> {
    arguments.how.compute.limit_threads()?;
    let device = arguments.how.compute.open_device()?;
    let plan = plan(arguments.batch_size, Precision::F32, &arguments.how);
    let generator = match &arguments.run {
        Some(run) => load_generator(run, &device)?.generator,
        None => Generator::new(&arguments.networks.model()?, 0, &device)?,
    };
    Ok(bench::sample(generator, &plan)?)
}

fn plan(batch_size: usize, precision: Precision, how: &BenchOptions) -> Plan {
    Plan {
        batch_size,
        steps: how.steps,
        precision,
        profile: how.profile,
    }
}

fn print(found: &Measurement) {
    let model = &found.model;
    output::line(&format!(
        "{}, preset {}, {size}x{size}, batch {}, {}, {}, {} after {WARM_UP_STEPS} to warm up",
        found.work,
        model.preset,
        found.batch_size,
        found.precision,
        counted(found.threads, "thread"),
        counted(found.seconds.len(), "step"),
        size = model.image_size,
    ));
    output::line("");
    row(
        "pictures/s",
        found.pictures_per_second,
        "(of the median step)",
    );
    let milliseconds = 1e3 * found.median_seconds;
    let (least, most) = range(&found.seconds);
    let unit = match found.batch_size {
        1 => "ms a picture",
        _ => "ms a step",
    };
    let spread = format!("({:.2} to {:.2})", 1e3 * least, 1e3 * most);
    row(unit, milliseconds, &spread);
    row("GFLOP a step", found.gflop_per_step, "");
    row(
        "GFLOP/s",
        found.gflop_per_second,
        "(effective: multiplications and additions of direct convolutions)",
    );
    if let Some(mib) = found.peak_memory_mib {
        row("MiB peak", mib, "(the whole process)");
    }
}

fn row(name: &str, value: f64, remark: &str) {
    let line = format!("{name:<13} {value:>10.2}  {remark}");
    output::line(line.trim_end());
}

fn range(values: &[f64]) -> (f64, f64) {
    let least = values.iter().copied().fold(f64::INFINITY, f64::min);
    let most = values.iter().copied().fold(0.0, f64::max);
    (least, most)
}

fn print_operations(profile: &StepProfile) {
    output::line("");
    output::line(&format!(
        "{:<50} {:>10} {:>10} {:>8}",
        "operation", "calls/step", "ms/step", "share"
    ));
    let (shown, small): (Vec<_>, Vec<_>) = profile.operations.iter().partition(|operation| {
        operation.share >= SMALLEST_SHARE || operation.calls_per_step.is_none()
    });
    let (between, shown): (Vec<_>, Vec<_>) = shown
        .into_iter()
        .partition(|operation| operation.calls_per_step.is_none());
    for operation in shown {
        print_operation(operation);
    }
    if !small.is_empty() {
        print_operation(&summed(&small));
    }
    for operation in between {
        print_operation(operation);
    }
}

/// Many small operations as one row.
fn summed(operations: &[&OperationTime]) -> OperationTime {
    let sum = |of: fn(&OperationTime) -> f64| operations.iter().map(|one| of(one)).sum();
    OperationTime {
        name: format!(
            "{} below {:.1} % each",
            operations.len(),
            100.0 * SMALLEST_SHARE
        ),
        calls_per_step: Some(sum(|one| one.calls_per_step.unwrap_or(0.0))),
        milliseconds_per_step: sum(|one| one.milliseconds_per_step),
        share: sum(|one| one.share),
    }
}

fn print_operation(operation: &OperationTime) {
    let calls = operation
        .calls_per_step
        .map_or(String::new(), |calls| format!("{calls:.0}"));
    output::line(&format!(
        "{:<50} {calls:>10} {:>10.2} {:>6.1} %",
        operation.name,
        operation.milliseconds_per_step,
        100.0 * operation.share
    ));
}

fn print_parts(profile: &StepProfile) {
    output::line("");
    output::line(&format!(
        "{:<50} {:>21} {:>8}",
        "part, summed over threads", "ms/step", "share"
    ));
    for part in &profile.parts {
        output::line(&format!(
            "{:<50} {:>21.2} {:>6.1} %",
            part.name,
            part.thread_milliseconds_per_step,
            100.0 * part.share
        ));
    }
}
