//! A diagnosis as a plot.

use dcgan_render::plot::health::{Panel, Series, SeriesPoint, Span, render};
use image::RgbImage;

use super::{Diagnosis, ReportLine, State};
use crate::train::{MetricsLine, Signals, StepMetrics, distance_panel};

/// Plots the metrics of a run below one another, and what was wrong when.
pub fn plot(diagnosis: &Diagnosis) -> RgbImage {
    let mut panels = step_panels(&diagnosis.lines);
    panels.extend(report_panels(&diagnosis.reports));
    panels.extend(distance_panel(&diagnosis.lines));
    let spans: Vec<Span> = diagnosis
        .findings
        .iter()
        .map(|finding| Span {
            name: finding.condition.name(),
            steps: finding.steps.clone(),
        })
        .collect();
    render(&headline(diagnosis), &panels, &spans)
}

/// The run, how far it is and what is wrong now.
fn headline(diagnosis: &Diagnosis) -> String {
    let state = match &diagnosis.state {
        State::Running => "training",
        State::Complete => "complete",
        State::Stopped => "stopped",
        State::GaveUp(_) => "gave up",
    };
    let ongoing = diagnosis.findings.iter().filter(|finding| finding.ongoing);
    let mut wrong: Vec<&str> = ongoing.map(|finding| finding.condition.name()).collect();
    if wrong.is_empty() {
        wrong.push(if diagnosis.is_early() {
            "too early to judge"
        } else {
            "nothing wrong"
        });
    }
    let (run, step) = (&diagnosis.run, diagnosis.step);
    format!("{run}, {state} at step {step}: {}", wrong.join(", "))
}

/// What is measured at every step.
fn step_panels(lines: &[MetricsLine]) -> Vec<Panel<'static>> {
    let metric = |name, value: fn(&StepMetrics) -> f32| Series {
        name,
        points: points(lines, |line| Some((line.step, value(&line.metrics)))),
        smooth: true,
    };
    let signal = |name, value: fn(&Signals) -> f32| Series {
        name,
        points: points(lines, |line| {
            Some((line.step, value(line.metrics.signals.as_ref()?)))
        }),
        smooth: true,
    };
    let mut panels = vec![
        Panel {
            title: "loss",
            series: vec![
                metric("discriminator", |metrics| metrics.loss_d),
                metric("generator", |metrics| metrics.loss_g),
            ],
        },
        Panel {
            title: "accuracy of the discriminator",
            series: vec![
                metric("real", |metrics| metrics.accuracy_real),
                metric("fake", |metrics| metrics.accuracy_fake),
            ],
        },
    ];
    if lines.iter().any(|line| line.metrics.signals.is_some()) {
        panels.push(Panel {
            title: "mean logit of the discriminator",
            series: vec![
                signal("real", |signals| signals.logit_real),
                signal("fake", |signals| signals.logit_fake),
            ],
        });
        panels.push(Panel {
            title: "gradient norm",
            series: vec![
                signal("discriminator", |signals| signals.gradient_d),
                signal("generator", |signals| signals.gradient_g),
            ],
        });
    }
    panels
}

/// What is measured at every report.
fn report_panels(reports: &[ReportLine]) -> [Panel<'static>; 2] {
    let series = |name, value: fn(&ReportLine) -> Option<f32>| Series {
        name,
        points: points(reports, |report| Some((report.step, value(report)?))),
        smooth: false,
    };
    [
        Panel {
            title: "diversity of the fakes (real pictures: 1)",
            series: vec![
                series("pixels", |report| Some(report.health?.diversity)),
                series("D's features", |report| {
                    Some(report.health?.diversity_features)
                }),
            ],
        },
        Panel {
            title: "distance between fakes and real pictures",
            series: vec![series("sliced Wasserstein", |report| report.distance)],
        },
    ]
}

fn points<T>(items: &[T], point: impl Fn(&T) -> Option<(u64, f32)>) -> Vec<SeriesPoint> {
    let points = items.iter().filter_map(point);
    points
        .map(|(step, value)| SeriesPoint { step, value })
        .collect()
}
