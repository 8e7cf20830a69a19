//! Pictures of a training: its losses, drawn anew as it goes on, and how it was.
//!
//! Everything is drawn three times as large and then reduced: the drawing library has no
//! antialiasing of its own, and text is spaced better that way.

mod curve;
pub mod health;
pub mod losses;

use std::ops::{Range, RangeInclusive};

use image::RgbImage;
use plotters::coord::Shift;
use plotters::coord::types::{RangedCoordf64, RangedCoordu64};
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use self::curve::Line;
use crate::lettering::{self, FONT};

/// How many times larger a plot is drawn than it is shown.
const SCALE: u32 = 3;

const BLUE: RGBColor = RGBColor(31, 95, 191);
const ORANGE: RGBColor = RGBColor(222, 106, 16);
const LIGHT_BLUE: RGBColor = RGBColor(193, 209, 237);
const LIGHT_ORANGE: RGBColor = RGBColor(247, 216, 189);
const RED: RGBColor = RGBColor(190, 40, 50);
const DARK: RGBColor = RGBColor(38, 42, 51);
const GREY: RGBColor = RGBColor(104, 110, 122);
const GRID: RGBColor = RGBColor(232, 234, 238);

const WIDTH: u32 = 900;

/// Where the plot begins and ends, in pixels from the left.
const LEFT: i32 = 64;
const RIGHT: i32 = 860;

/// Why the plot could not be drawn.
#[derive(Debug, thiserror::Error)]
#[error("cannot draw the plot of the losses: {0}")]
pub struct PlotError(String);

impl PlotError {
    fn new(reason: impl ToString) -> Self {
        Self(reason.to_string())
    }
}

type Canvas<'a> = DrawingArea<BitMapBackend<'a>, Shift>;
type Chart<'a> = ChartContext<'a, BitMapBackend<'a>, Cartesian2d<RangedCoordu64, RangedCoordf64>>;

/// A picture of [`WIDTH`] and this height, with what `draw` puts on it.
fn drawn(
    height: u32,
    draw: impl FnOnce(&Canvas) -> Result<(), PlotError>,
) -> Result<RgbImage, PlotError> {
    lettering::register().map_err(PlotError::new)?;
    let size = (WIDTH * SCALE, height * SCALE);
    let mut pixels = RgbImage::new(size.0, size.1);
    {
        let canvas = BitMapBackend::with_buffer(&mut pixels, size).into_drawing_area();
        canvas.fill(&WHITE).map_err(PlotError::new)?;
        draw(&canvas)?;
        canvas.present().map_err(PlotError::new)?;
    }
    Ok(image::imageops::thumbnail(&pixels, WIDTH, height))
}

/// An empty chart over `steps` and `range`, with so many pixels above it, below it, and for the
/// labels of its steps.
fn chart<'a>(
    canvas: &Canvas<'a>,
    [above, below, labels]: [i32; 3],
    steps: &RangeInclusive<u64>,
    range: &Range<f64>,
) -> Result<Chart<'a>, PlotError> {
    let size = SCALE as i32;
    ChartBuilder::on(canvas)
        .margin_top(above * size)
        .margin_right((WIDTH as i32 - RIGHT) * size)
        .margin_bottom(below * size)
        .margin_left(10 * size)
        .x_label_area_size(labels * size)
        .y_label_area_size((LEFT - 10) * size)
        .build_cartesian_2d(*steps.start()..*steps.end(), range.clone())
        .map_err(PlotError::new)
}

/// Axes and mesh; `names` are those of the axes, `height` is that of the vertical one.
fn draw_axes(chart: &mut Chart, height: f64, names: [&str; 2]) -> Result<(), PlotError> {
    let label = (FONT, 14 * SCALE).into_font().color(&GREY);
    chart
        .configure_mesh()
        .light_line_style(TRANSPARENT)
        .bold_line_style(GRID.stroke_width(SCALE))
        .axis_style(GREY.stroke_width(SCALE))
        .set_all_tick_mark_size(5 * SCALE)
        .x_labels(9)
        .y_labels(7)
        .x_label_formatter(&|step| thousands(*step))
        .y_label_formatter(&|loss| tick(*loss, height))
        .label_style(label)
        .axis_desc_style((FONT, 15 * SCALE).into_font().color(&DARK))
        .x_desc(names[0])
        .y_desc(names[1])
        .draw()
        .map_err(PlotError::new)
}

/// Draws lines `width` pixels wide, and a dot for a point that has no neighbour.
///
/// Each segment is drawn alone and with round ends: a path's mitred corners would reach far
/// beyond the highest and lowest losses.
fn draw_lines(
    chart: &mut Chart,
    lines: &[Line],
    color: RGBColor,
    width: u32,
) -> Result<(), PlotError> {
    let area = chart.plotting_area();
    for line in lines {
        let radius = if line.len() == 1 {
            4 * SCALE
        } else {
            width * SCALE / 2
        };
        for &point in line {
            let dot = Circle::new(point, radius, color.filled());
            area.draw(&dot).map_err(PlotError::new)?;
        }
        for segment in line.windows(2) {
            let segment = PathElement::new(segment, color.stroke_width(width * SCALE));
            area.draw(&segment).map_err(PlotError::new)?;
        }
    }
    Ok(())
}

/// What the curves are: a name, a colour, and the place from the left.
fn draw_legend(
    canvas: &Canvas,
    middle: i32,
    entries: &[(&str, RGBColor, i32)],
) -> Result<(), PlotError> {
    for &(name, color, left) in entries {
        let line = [(left, middle), (left + 18, middle)].map(scaled);
        let line = PathElement::new(line, color.stroke_width(3 * SCALE));
        canvas.draw(&line).map_err(PlotError::new)?;
        draw_text(canvas, name, (left + 25, middle), 14, DARK, HPos::Left)?;
    }
    Ok(())
}

/// Draws text at a position and of a height in pixels of the finished picture.
fn draw_text(
    canvas: &Canvas,
    text: &str,
    position: (i32, i32),
    height: u32,
    color: RGBColor,
    anchor: HPos,
) -> Result<(), PlotError> {
    let style = (FONT, height * SCALE).into_font().color(&color);
    let style = style.pos(Pos::new(anchor, VPos::Center));
    let text = Text::new(text, scaled(position), style);
    canvas.draw(&text).map_err(PlotError::new)
}

fn scaled((x, y): (i32, i32)) -> (i32, i32) {
    (x * SCALE as i32, y * SCALE as i32)
}

/// The steps from the first to the last one, and at least one step wide.
fn step_range(steps: impl Iterator<Item = u64> + Clone) -> RangeInclusive<u64> {
    let first = steps.clone().min().unwrap_or(0);
    let last = steps.max().unwrap_or(1);
    if first < last {
        first..=last
    } else {
        first.saturating_sub(1)..=last.saturating_add(1)
    }
}

/// The title on one line, cut where it would be wider than `width` pixels.
fn shortened(canvas: &Canvas, title: &str, height: u32, width: i32) -> String {
    let style = (FONT, height * SCALE).into_font().color(&DARK);
    lettering::shortened(title, |line| {
        let size = canvas.estimate_text_size(line, &style);
        size.is_ok_and(|(needed, _)| needed <= width as u32 * SCALE)
    })
}

/// A whole number with a comma after every three digits.
fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A number of the vertical axis, with the decimals that an axis of this height needs.
fn tick(loss: f64, height: f64) -> String {
    if !(1e-3..1e5).contains(&height) {
        return format!("{loss:.1e}");
    }
    let decimals = (1.0 - height.log10().floor()).clamp(0.0, 5.0) as usize;
    format!("{loss:.decimals$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_have_a_comma_after_every_three_digits() {
        assert_eq!(
            [0, 999, 1000, 1_234_567].map(thousands),
            ["0", "999", "1,000", "1,234,567"]
        );
    }

    #[test]
    fn the_vertical_axis_has_the_decimals_that_its_height_needs() {
        assert_eq!(tick(0.2, 0.75), "0.20");
        assert_eq!(tick(1.5, 3.0), "1.5");
        assert_eq!(tick(20.0, 42.0), "20");
        assert_eq!(tick(3e38, 6e38), "3.0e38");
    }
}
