//! A diagnosis as a picture.

use image::RgbImage;

use super::{Diagnosis, ReportLine};
use crate::train::{MetricsLine, Signals, StepMetrics};
use dcgan_render::plot::PlotError;
use dcgan_render::plot::health::{Panel, Series, Span, render};

/// Draws what the metrics of a run tell, one below the other, and what was wrong, when.
///
/// # Errors
/// If the drawing library fails, which no input is known to cause.
pub fn plot(diagnosis: &Diagnosis) -> Result<RgbImage, PlotError> {
    let lines = &diagnosis.lines;
    let mut panels = vec![
        Panel {
            title: "loss",
            series: both(["discriminator", "generator"], |loss| {
                step_points(lines, |metrics| {
                    Some([metrics.loss_d, metrics.loss_g][loss])
                })
            }),
        },
        Panel {
            title: "share of pictures that D is right about",
            series: both(["real", "fake"], |which| {
                step_points(lines, |metrics| {
                    Some([metrics.accuracy_real, metrics.accuracy_fake][which])
                })
            }),
        },
    ];
    if lines.iter().any(|line| line.metrics.signals.is_some()) {
        let signal = |value: fn(&Signals) -> f32| {
            step_points(lines, move |metrics| metrics.signals.as_ref().map(value))
        };
        let logits: [fn(&Signals) -> f32; 2] = [|s| s.logit_real, |s| s.logit_fake];
        let gradients: [fn(&Signals) -> f32; 2] = [|s| s.gradient_d, |s| s.gradient_g];
        panels.push(Panel {
            title: "mean logit of D",
            series: both(["real", "fake"], |which| signal(logits[which])),
        });
        panels.push(Panel {
            title: "length of the gradient",
            series: both(["discriminator", "generator"], |which| {
                signal(gradients[which])
            }),
        });
    }
    panels.extend(of_reports(&diagnosis.reports));
    let spans: Vec<Span> = diagnosis
        .findings
        .iter()
        .map(|finding| Span {
            name: finding.condition.name(),
            steps: finding.steps.clone(),
        })
        .collect();
    render(&diagnosis.run, &panels, &spans)
}

fn of_reports(reports: &[ReportLine]) -> Vec<Panel<'static>> {
    let health = |value: fn(&ReportLine) -> Option<f32>| -> Vec<(u64, f32)> {
        let points = reports
            .iter()
            .filter_map(|report| Some((report.step, value(report)?)));
        points.collect()
    };
    let curve = |name, points| Series {
        name,
        points,
        smooth: false,
    };
    vec![
        Panel {
            title: "variety of the fakes, 1 for that of real pictures",
            series: vec![
                curve("pixels", health(|report| Some(report.health?.diversity))),
                curve(
                    "D's features",
                    health(|report| Some(report.health?.diversity_features)),
                ),
            ],
        },
        Panel {
            title: "distance of the fakes from real pictures",
            series: vec![curve("all together", health(|report| report.distance))],
        },
    ]
}

fn both(
    names: [&'static str; 2],
    points: impl Fn(usize) -> Vec<(u64, f32)>,
) -> Vec<Series<'static>> {
    let series = |(which, name)| Series {
        name,
        points: points(which),
        smooth: true,
    };
    names.into_iter().enumerate().map(series).collect()
}

fn step_points(
    lines: &[MetricsLine],
    value: impl Fn(&StepMetrics) -> Option<f32>,
) -> Vec<(u64, f32)> {
    let points = lines
        .iter()
        .filter_map(|line| Some((line.step, value(&line.metrics)?)));
    points.collect()
}
