//! `dcgan bench`: how fast training and sampling are.

use anyhow::Result;
use dcgan::bench::{self, Measurement, OperationTime, Plan, StepProfile, WARM_UP_STEPS};
use dcgan::model::Generator;
use dcgan::sample::load_generator;

use super::{device, threads};
use crate::cli::{Bench, BenchOptions, BenchSample, BenchTrain, BenchWork};
use crate::output;

/// Operations with a smaller share of the time are told together.
const SMALLEST_SHARE: f64 = 0.005;

/// Measures, and tells what was found.
pub fn run(arguments: &Bench) -> Result<()> {
    let (measurement, how) = match &arguments.work {
        BenchWork::Train(arguments) => (train(arguments)?, &arguments.how),
        BenchWork::Sample(arguments) => (sample(arguments)?, &arguments.how),
    };
    if how.json {
        output::line(&measurement.to_json());
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
    threads::limit(arguments.how.compute.threads)?;
    let device = device::open(&arguments.how.compute)?;
    let model = arguments.networks.model()?;
    let plan = plan(arguments.batch, &arguments.how);
    Ok(bench::train(&model, &plan, &device)?)
}

fn sample(arguments: &BenchSample) -> Result<Measurement> {
    threads::limit(arguments.how.compute.threads)?;
    let device = device::open(&arguments.how.compute)?;
    let plan = plan(arguments.batch, &arguments.how);
    let generator = match &arguments.run {
        Some(run) => load_generator(run, &device)?.0,
        None => Generator::new(&arguments.networks.model()?, 0, &device)?,
    };
    Ok(bench::sample(generator, &plan)?)
}

fn plan(batch_size: usize, how: &BenchOptions) -> Plan {
    Plan {
        batch_size,
        steps: how.steps,
        profile: how.profile,
    }
}

fn print(found: &Measurement) {
    let model = &found.model;
    output::line(&format!(
        "{}, preset {}, {size}x{size}, batch {}, {}, {} after {WARM_UP_STEPS} to warm up",
        found.work,
        model.preset,
        found.batch_size,
        counted(found.threads, "thread"),
        counted(found.seconds.len(), "step"),
        size = model.image_size,
    ));
    output::line("");
    row(
        "pictures/s",
        found.pictures_per_second,
        "(the median step's)",
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
        row("MiB at most", mib, "(the whole process)");
    }
}

fn row(name: &str, value: f64, remark: &str) {
    let line = format!("{name:<13} {value:>10.2}  {remark}");
    output::line(line.trim_end());
}

fn counted(count: usize, noun: &str) -> String {
    match count {
        1 => format!("1 {noun}"),
        _ => format!("{count} {noun}s"),
    }
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
    let (told, small): (Vec<_>, Vec<_>) = profile.operations.iter().partition(|operation| {
        operation.share >= SMALLEST_SHARE || operation.calls_per_step.is_none()
    });
    let (between, told): (Vec<_>, Vec<_>) = told
        .into_iter()
        .partition(|operation| operation.calls_per_step.is_none());
    for operation in told {
        print_operation(operation);
    }
    if !small.is_empty() {
        print_operation(&together(&small));
    }
    for operation in between {
        print_operation(operation);
    }
}

/// Many small operations as one.
fn together(operations: &[&OperationTime]) -> OperationTime {
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
