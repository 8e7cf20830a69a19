//! The plot of a whole run: its metrics below one another, and what was wrong when.

use std::ops::RangeInclusive;

use image::RgbImage;
use tiny_skia::Rect;

use super::chart::{Chart, step_x};
use super::curve::{Curve, loss_range};
use super::{
    BLUE, GREY, LEFT, ORANGE, RED, RIGHT, TEXT_SIZE, TITLE_SIZE, WIDTH, draw_heading, draw_legend,
    step_range,
};
use crate::canvas::{Align, Canvas, DARK, Point, TextStyle};
use crate::font;

/// Heights in pixels.
const HEADER: u32 = 52;
pub(super) const PANEL: u32 = 190;
/// The name of the horizontal axis.
const LABEL: u32 = 14;
const SPAN: u32 = 26;
const FOOTER: u32 = 18;

/// A chart of one or two curves.
pub struct Panel<'a> {
    /// What the curves show.
    pub title: &'a str,
    /// The first is blue, the second orange.
    pub series: Vec<Series<'a>>,
}

/// A curve.
pub struct Series<'a> {
    /// Its name in the legend.
    pub name: &'a str,
    /// Its points, in any order.
    pub points: Vec<SeriesPoint>,
    /// Whether to smooth it, as values of single steps need it.
    pub smooth: bool,
}

/// A value at a step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SeriesPoint {
    /// The number of the step.
    pub step: u64,
    /// Its value; a non-finite one breaks the curve.
    pub value: f32,
}

/// A problem that lasted from one step to another.
pub struct Span<'a> {
    /// What was wrong.
    pub name: &'a str,
    /// The first and the last step.
    pub steps: RangeInclusive<u64>,
}

/// Draws the panels, and below them the spans; 900 pixels wide.
pub fn render(title: &str, panels: &[Panel], spans: &[Span]) -> RgbImage {
    let series = panels.iter().flat_map(|panel| &panel.series);
    let points = series.flat_map(|series| &series.points);
    let steps = step_range(points.map(|point| point.step));
    let panels_bottom = HEADER + PANEL * panels.len().max(1) as u32;
    let spans_top = panels_bottom + LABEL;
    let height = spans_top + SPAN * spans.len().max(1) as u32 + FOOTER;

    let mut canvas = Canvas::new(WIDTH, height);
    let title = font::fit(title, TITLE_SIZE, RIGHT - LEFT);
    draw_heading(&mut canvas, &title, 26.0, TITLE_SIZE);
    for (panel, top) in panels.iter().zip((HEADER..).step_by(PANEL as usize)) {
        draw_panel(&mut canvas, top as f32, panel, &steps);
    }
    let style = TextStyle {
        size: TEXT_SIZE,
        colour: DARK,
        align: Align::Centre,
    };
    let below = Point::from_xy((LEFT + RIGHT) / 2.0, panels_bottom as f32 - 1.0);
    canvas.text("step", below, style);
    if spans.is_empty() {
        let style = TextStyle {
            size: TEXT_SIZE,
            colour: GREY,
            align: Align::Left,
        };
        let middle = (spans_top + SPAN / 2) as f32;
        canvas.text("no problems found", Point::from_xy(LEFT, middle), style);
    }
    for (span, top) in spans.iter().zip((spans_top..).step_by(SPAN as usize)) {
        draw_span(&mut canvas, (top + SPAN / 2) as f32, span, &steps);
    }
    canvas.into_image()
}

/// Draws a panel whose upper edge is at `top`.
pub(super) fn draw_panel(
    canvas: &mut Canvas,
    top: f32,
    panel: &Panel,
    steps: &RangeInclusive<u64>,
) {
    draw_heading(canvas, panel.title, top + 10.0, TEXT_SIZE);
    let names = panel.series.iter().map(|series| series.name);
    draw_legend(canvas, top + 10.0, names);

    let points = panel.series.iter().flat_map(|series| &series.points);
    let values = loss_range(points.map(|point| point.value));
    let chart = Chart {
        steps: steps.clone(),
        values,
        top: top + 26.0,
        bottom: top + PANEL as f32 - 30.0,
    };
    chart.draw_axes(canvas);
    for (series, colour) in panel.series.iter().zip([BLUE, ORANGE]) {
        let points = series.points.iter().map(|point| (point.step, point.value));
        let curve = Curve::new(points, steps, &chart.values);
        let lines = if series.smooth {
            curve.smooth()
        } else {
            curve.raw()
        };
        chart.draw_curve(canvas, &lines, 2.0, colour);
    }
}

/// A bar over the steps of the span, with its name on the side that has more room.
fn draw_span(canvas: &mut Canvas, middle: f32, span: &Span, steps: &RangeInclusive<u64>) {
    let [left, right] = [span.steps.start(), span.steps.end()].map(|step| step_x(steps, *step));
    // a span of a single step is visible too
    if let Some(bar) = Rect::from_ltrb(left - 2.0, middle - 5.0, right + 2.0, middle + 5.0) {
        canvas.fill_rect(bar, RED);
    }
    let (x, align) = if left - LEFT > RIGHT - right {
        (left - 9.0, Align::Right)
    } else {
        (right + 9.0, Align::Left)
    };
    let style = TextStyle {
        size: TEXT_SIZE,
        colour: DARK,
        align,
    };
    canvas.text(span.name, Point::from_xy(x, middle), style);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn panels_and_spans_have_a_row_each() {
        let panel = || Panel {
            title: "loss",
            series: vec![Series {
                name: "generator",
                points: vec![
                    SeriesPoint {
                        step: 1,
                        value: 2.0,
                    },
                    SeriesPoint {
                        step: 9,
                        value: 1.0,
                    },
                ],
                smooth: false,
            }],
        };
        let span = |steps| Span {
            name: "collapse",
            steps,
        };
        let plot = render("run", &[panel(), panel()], &[span(1..=9), span(5..=5)]);
        let spans_top = HEADER + 2 * PANEL + LABEL;
        assert_eq!(plot.dimensions(), (WIDTH, spans_top + 2 * SPAN + FOOTER));
        let red = |y| {
            plot.enumerate_pixels()
                .filter(|(_, row, pixel)| *row == y && **pixel == RED)
                .count()
        };
        assert!(red(spans_top + SPAN / 2) as f32 > RIGHT - LEFT);
        assert!((3..6).contains(&red(spans_top + SPAN + SPAN / 2)));
    }

    #[test]
    fn a_run_without_metrics_is_drawn() {
        render("run", &[], &[]);
    }
}
