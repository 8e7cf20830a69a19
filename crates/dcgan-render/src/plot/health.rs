//! The picture of how a training was: what its metrics tell, one below the other, and what was
//! found wrong, when.

use std::ops::{Range, RangeInclusive};

use image::RgbImage;
use plotters::prelude::*;
use plotters::style::text_anchor::HPos;

use super::curve::{Curve, Line, loss_range};
use super::{
    BLUE, Canvas, DARK, GREY, LEFT, ORANGE, PlotError, RED, RIGHT, SCALE, chart, draw_axes,
    draw_legend, draw_lines, draw_text, drawn, scaled, shortened, step_range,
};

/// Heights in pixels: of the title, of a panel, of a row that tells of something wrong, and of
/// what is below all.
const TITLE: u32 = 52;
const PANEL: u32 = 190;
const ROW: u32 = 26;
const FOOT: u32 = 18;

/// Curves over the same steps that are drawn together.
pub struct Panel<'a> {
    /// What they are of.
    pub title: &'a str,
    /// The first in blue, the second in orange.
    pub series: Vec<Series<'a>>,
}

/// A curve.
pub struct Series<'a> {
    /// What it is.
    pub name: &'a str,
    /// `(step, value)`.
    pub points: Vec<(u64, f32)>,
    /// Whether it is drawn smoothed, as values of single steps need it.
    pub smooth: bool,
}

/// What went on from one step to another.
pub struct Span<'a> {
    /// What.
    pub name: &'a str,
    /// When.
    pub steps: RangeInclusive<u64>,
}

/// Draws the panels, and below them the spans; 900 pixels wide.
///
/// # Errors
/// If the drawing library fails, which no input is known to cause.
pub fn render(title: &str, panels: &[Panel], spans: &[Span]) -> Result<RgbImage, PlotError> {
    let all = panels.iter().flat_map(|panel| &panel.series);
    let steps = all.flat_map(|series| series.points.iter().map(|(step, _)| *step));
    let steps = step_range(steps);
    let rows = spans.len().max(1) as u32;
    let below = TITLE + PANEL * panels.len() as u32;
    drawn(below + ROW * rows + FOOT, |canvas| {
        let title = shortened(canvas, title, 19, RIGHT - LEFT);
        draw_text(canvas, &title, (LEFT, 28), 19, DARK, HPos::Left)?;
        let areas = canvas.margin(TITLE * SCALE, (ROW * rows + FOOT) * SCALE, 0, 0);
        let areas = areas.split_evenly((panels.len().max(1), 1));
        for (panel, area) in panels.iter().zip(&areas) {
            draw_panel(area, panel, &steps)?;
        }
        draw_spans(canvas, below as i32, spans, &steps)
    })
}

fn draw_panel(
    canvas: &Canvas,
    panel: &Panel,
    steps: &RangeInclusive<u64>,
) -> Result<(), PlotError> {
    draw_text(canvas, panel.title, (LEFT, 12), 14, DARK, HPos::Left)?;
    let places = [RIGHT - 240, RIGHT - 110].into_iter().zip([BLUE, ORANGE]);
    let named = panel.series.iter().zip(places);
    let legend: Vec<_> = named
        .map(|(series, (left, color))| (series.name, color, left))
        .collect();
    draw_legend(canvas, 12, &legend)?;

    let values = panel.series.iter().flat_map(|series| &series.points);
    let range = loss_range(values.map(|(_, value)| *value));
    let mut chart = chart(canvas, [26, 0, 30], steps, &range)?;
    draw_axes(&mut chart, range.end - range.start, ["", ""])?;
    for (series, color) in panel.series.iter().zip([BLUE, ORANGE]) {
        draw_lines(&mut chart, &lines(series, steps, &range), color, 2)?;
    }
    Ok(())
}

fn lines(series: &Series, steps: &RangeInclusive<u64>, range: &Range<f64>) -> Vec<Line> {
    let curve = Curve::new(series.points.iter().copied(), steps, range);
    match series.smooth {
        true => curve.smooth(),
        false => curve.raw(),
    }
}

/// One row for each span: a bar over its steps, with its name where there is more room.
fn draw_spans(
    canvas: &Canvas,
    top: i32,
    spans: &[Span],
    steps: &RangeInclusive<u64>,
) -> Result<(), PlotError> {
    if spans.is_empty() {
        let place = (LEFT, top + ROW as i32 / 2);
        return draw_text(
            canvas,
            "nothing wrong was found",
            place,
            14,
            GREY,
            HPos::Left,
        );
    }
    let length = (steps.end() - steps.start()).max(1) as f64;
    let left_of = |step: u64| {
        let part = step.saturating_sub(*steps.start()) as f64 / length;
        LEFT + (part * f64::from(RIGHT - LEFT)).round() as i32
    };
    for (row, span) in (0..).zip(spans) {
        let middle = top + row * ROW as i32 + ROW as i32 / 2;
        let [left, right] = [*span.steps.start(), *span.steps.end()].map(left_of);
        let bar = [(left - 2, middle - 5), (right + 2, middle + 5)].map(scaled);
        let bar = Rectangle::new(bar, RED.filled());
        canvas.draw(&bar).map_err(PlotError::new)?;
        let (place, anchor) = match left - LEFT > RIGHT - right {
            true => (left - 9, HPos::Right),
            false => (right + 9, HPos::Left),
        };
        draw_text(canvas, span.name, (place, middle), 14, DARK, anchor)?;
    }
    Ok(())
}
