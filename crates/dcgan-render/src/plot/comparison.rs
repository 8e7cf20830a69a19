//! The plot of several runs: one value of each, over steps and over time.

use std::ops::RangeInclusive;

use image::{Rgb, RgbImage};

use super::chart::Chart;
use super::curve::{Curve, loss_range};
use super::{
    BLUE, GREY, LEFT, ORANGE, RIGHT, TEXT_SIZE, TITLE_SIZE, WIDTH, draw_heading, step_range,
};
use crate::canvas::{Align, Canvas, DARK, Point, TextStyle};
use crate::font;

/// Heights in pixels.
const HEADER: f32 = 52.0;
const CHART: f32 = 250.0;
const BELOW: f32 = 58.0;
const LEGEND_ROW: f32 = 22.0;
const FOOTER: f32 = 14.0;

/// The colours of runs, which the colour-blind can tell apart (Okabe and Ito 2008). Further runs begin
/// again.
const COLOURS: [Rgb<u8>; 7] = [
    BLUE,
    ORANGE,
    Rgb([0, 140, 105]),
    Rgb([196, 86, 150]),
    Rgb([120, 120, 120]),
    Rgb([70, 170, 220]),
    Rgb([150, 120, 0]),
];

/// A run.
#[derive(Debug, Clone)]
pub struct RunCurve {
    /// Its name in the legend.
    pub name: String,
    /// Its values, in any order.
    pub points: Vec<RunPoint>,
}

/// A value of a run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RunPoint {
    /// The number of the step.
    pub step: u64,
    /// Seconds of training up to it, if they are known.
    pub seconds: Option<f64>,
    /// The value; a non-finite one breaks the curve.
    pub value: f32,
}

/// Draws a value of several runs over their steps and, if any run has them, over seconds of training;
/// 900 pixels wide.
pub fn render(title: &str, runs: &[RunCurve]) -> RgbImage {
    let has_seconds = runs.iter().flat_map(|run| &run.points);
    let has_seconds = has_seconds.clone().any(|point| point.seconds.is_some());
    let charts = if has_seconds { 2.0 } else { 1.0 };
    let legend = HEADER + charts * (CHART + BELOW);
    let height = legend + LEGEND_ROW * runs.len() as f32 + FOOTER;
    let mut canvas = Canvas::new(WIDTH, height as u32);
    let title = font::fit(title, TITLE_SIZE, RIGHT - LEFT);
    draw_heading(&mut canvas, &title, 26.0, TITLE_SIZE);

    let points = runs.iter().flat_map(|run| &run.points);
    let values = loss_range(points.map(|point| point.value));
    let by_step = |point: &RunPoint| Some((point.step, point.value));
    let by_second = |point: &RunPoint| Some((point.seconds?.max(0.0).round() as u64, point.value));
    let mut draw = |top: f32, label: &str, place: &dyn Fn(&RunPoint) -> Option<(u64, f32)>| {
        let places = runs.iter().flat_map(|run| &run.points).filter_map(place);
        let across: RangeInclusive<u64> = step_range(places.map(|(x, _)| x));
        let chart = Chart {
            steps: across.clone(),
            values: values.clone(),
            top,
            bottom: top + CHART,
        };
        chart.draw_axes(&mut canvas);
        for (run, colour) in runs.iter().zip(COLOURS.iter().cycle()) {
            let points = run.points.iter().filter_map(place);
            let curve = Curve::new(points, &across, &chart.values);
            chart.draw_curve(&mut canvas, &curve.raw(), 2.0, *colour);
        }
        let middle = Point::from_xy((LEFT + RIGHT) / 2.0, top + CHART + 36.0);
        canvas.text(label, middle, style(GREY, Align::Centre));
    };
    draw(HEADER, "step", &by_step);
    if has_seconds {
        draw(HEADER + CHART + BELOW, "seconds of training", &by_second);
    }
    for (row, (run, colour)) in runs.iter().zip(COLOURS.iter().cycle()).enumerate() {
        let y = legend + LEGEND_ROW * row as f32 + LEGEND_ROW / 2.0;
        canvas.line(
            &[LEFT, LEFT + 22.0].map(|x| Point::from_xy(x, y)),
            3.0,
            *colour,
        );
        let name = font::fit(&run.name, TEXT_SIZE, RIGHT - LEFT - 32.0);
        canvas.text(
            &name,
            Point::from_xy(LEFT + 32.0, y),
            style(DARK, Align::Left),
        );
    }
    canvas.into_image()
}

fn style(colour: Rgb<u8>, align: Align) -> TextStyle {
    TextStyle {
        size: TEXT_SIZE,
        colour,
        align,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(name: &str, scale: f32, seconds: Option<f64>) -> RunCurve {
        let point = |step: u64| RunPoint {
            step: 100 * step,
            seconds: seconds.map(|seconds| seconds * step as f64),
            value: scale / step as f32,
        };
        RunCurve {
            name: name.to_owned(),
            points: (1..=9).map(point).collect(),
        }
    }

    #[test]
    fn every_run_has_a_curve_of_its_own_colour_in_each_chart() {
        let runs = [run("one", 5.0, Some(30.0)), run("other", 9.0, Some(60.0))];
        let plot = render("SWD", &runs);
        let both = (HEADER + CHART) as u32;
        for colour in &COLOURS[..2] {
            let rows = |rows: RangeInclusive<u32>| {
                let pixels = plot.enumerate_pixels();
                pixels
                    .filter(|(_, y, pixel)| rows.contains(y) && *pixel == colour)
                    .count()
            };
            assert!(rows(0..=both) > 100 && rows(both + 1..=plot.height() - 60) > 100);
        }
    }

    #[test]
    fn runs_without_times_have_one_chart() {
        let with = render("SWD", &[run("one", 5.0, Some(30.0))]);
        let without = render("SWD", &[run("one", 5.0, None)]);
        assert_eq!(with.height() - without.height(), (CHART + BELOW) as u32);
        render("SWD", &[]);
    }
}
