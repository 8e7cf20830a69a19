//! The picture of both losses over the training, drawn anew as it goes on.
//!
//! Everything is drawn three times as large and then reduced: the drawing library has no
//! antialiasing of its own, and text is spaced better that way.

mod curve;

use std::ops::RangeInclusive;

use image::RgbImage;
use plotters::coord::Shift;
use plotters::coord::types::{RangedCoordf64, RangedCoordu64};
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use curve::{Curve, Line, loss_range};

use crate::lettering::{self, FONT};

const WIDTH: u32 = 900;
const HEIGHT: u32 = 520;

/// How many times larger the plot is drawn than it is shown.
const SCALE: u32 = 3;

const BLUE: RGBColor = RGBColor(31, 95, 191);
const ORANGE: RGBColor = RGBColor(222, 106, 16);
const LIGHT_BLUE: RGBColor = RGBColor(193, 209, 237);
const LIGHT_ORANGE: RGBColor = RGBColor(247, 216, 189);
const DARK: RGBColor = RGBColor(38, 42, 51);
const GREY: RGBColor = RGBColor(104, 110, 122);
const GRID: RGBColor = RGBColor(232, 234, 238);

/// Where the plot begins and ends, in pixels from the left.
const LEFT: i32 = 64;
const RIGHT: i32 = 860;

/// The losses of one training step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LossPoint {
    /// The number of the step.
    pub step: u64,
    /// The discriminator's loss.
    pub loss_d: f32,
    /// The generator's loss.
    pub loss_g: f32,
}

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

/// Draws both losses, 900×520 pixels: light curves as they were, bold ones smoothed.
///
/// The points may come in any order and number. Losses that are not finite are left out and
/// counted in the picture; rare spikes end at its upper edge.
///
/// # Errors
/// If the drawing library fails, which no input is known to cause.
pub fn render(points: &[LossPoint], title: &str) -> Result<RgbImage, PlotError> {
    lettering::register().map_err(PlotError::new)?;
    let (width, height) = (WIDTH * SCALE, HEIGHT * SCALE);
    let mut pixels = RgbImage::new(width, height);
    {
        let canvas = BitMapBackend::with_buffer(&mut pixels, (width, height)).into_drawing_area();
        canvas.fill(&WHITE).map_err(PlotError::new)?;
        draw_header(&canvas, title)?;
        draw_note(&canvas, points)?;
        draw_chart(&canvas, points)?;
        canvas.present().map_err(PlotError::new)?;
    }
    Ok(image::imageops::thumbnail(&pixels, WIDTH, HEIGHT))
}

/// The title on the left and the legend on the right, above the plot, where no curve can be.
fn draw_header(canvas: &Canvas, title: &str) -> Result<(), PlotError> {
    let middle = 30;
    let legend = [
        ("discriminator", BLUE, RIGHT - 224),
        ("generator", ORANGE, RIGHT - 96),
    ];
    for (name, color, left) in legend {
        let line = [(left, middle), (left + 18, middle)].map(scaled);
        let line = PathElement::new(line, color.stroke_width(3 * SCALE));
        canvas.draw(&line).map_err(PlotError::new)?;
        draw_text(canvas, name, (left + 25, middle), 14, DARK, HPos::Left)?;
    }
    let title = shortened(canvas, title, 19, RIGHT - 240 - LEFT);
    draw_text(canvas, &title, (LEFT, middle), 19, DARK, HPos::Left)
}

/// Says what a curve cannot show: that there is nothing yet, or that losses are missing.
fn draw_note(canvas: &Canvas, points: &[LossPoint]) -> Result<(), PlotError> {
    if points.is_empty() {
        let middle = ((LEFT + RIGHT) / 2, HEIGHT as i32 / 2);
        return draw_text(canvas, "no steps yet", middle, 16, GREY, HPos::Center);
    }
    let losses = points.iter().flat_map(|point| [point.loss_d, point.loss_g]);
    let note = match losses.filter(|loss| !loss.is_finite()).count() {
        0 => return Ok(()),
        1 => "1 loss that is not a finite number is left out".to_owned(),
        many => format!(
            "{} losses that are not finite numbers are left out",
            thousands(many as u64)
        ),
    };
    draw_text(canvas, &note, (RIGHT, 498), 13, GREY, HPos::Right)
}

fn draw_chart(canvas: &Canvas, points: &[LossPoint]) -> Result<(), PlotError> {
    let steps = step_range(points);
    let range = loss_range(points.iter().flat_map(|p| [p.loss_d, p.loss_g]));
    let size = SCALE as i32;
    let mut chart: Chart = ChartBuilder::on(canvas)
        .margin_top(56 * size)
        .margin_right((WIDTH as i32 - RIGHT) * size)
        .margin_bottom(10 * size)
        .margin_left(10 * size)
        .x_label_area_size(52 * size)
        .y_label_area_size((LEFT - 10) * size)
        .build_cartesian_2d(*steps.start()..*steps.end(), range.clone())
        .map_err(PlotError::new)?;
    draw_axes(&mut chart, range.end - range.start)?;

    let losses_d = points.iter().map(|point| (point.step, point.loss_d));
    let losses_g = points.iter().map(|point| (point.step, point.loss_g));
    let curve_d = Curve::new(losses_d, &steps, &range);
    let curve_g = Curve::new(losses_g, &steps, &range);
    draw_lines(&mut chart, &curve_g.raw(), LIGHT_ORANGE, 1)?;
    draw_lines(&mut chart, &curve_d.raw(), LIGHT_BLUE, 1)?;
    draw_lines(&mut chart, &curve_g.smooth(), ORANGE, 2)?;
    draw_lines(&mut chart, &curve_d.smooth(), BLUE, 2)
}

fn draw_axes(chart: &mut Chart, height: f64) -> Result<(), PlotError> {
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
        .x_desc("step")
        .y_desc("loss")
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
fn step_range(points: &[LossPoint]) -> RangeInclusive<u64> {
    let steps = points.iter().map(|point| point.step);
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

    fn points(losses: &[(f32, f32)]) -> Vec<LossPoint> {
        let numbered = (1..).zip(losses);
        let point = |(step, &(loss_d, loss_g))| LossPoint {
            step,
            loss_d,
            loss_g,
        };
        numbered.map(point).collect()
    }

    /// How many pixels inside the plot have exactly this color.
    fn count(plot: &RgbImage, color: RGBColor) -> usize {
        let inside = |x: u32, y: u32| x > LEFT as u32 + 1 && y > 60;
        let color = [color.0, color.1, color.2];
        let pixels = plot.enumerate_pixels();
        pixels
            .filter(|(x, y, pixel)| inside(*x, *y) && pixel.0 == color)
            .count()
    }

    #[test]
    fn both_curves_are_seen() {
        let plot = render(&points(&[(0.7, 1.0), (0.5, 2.0), (0.3, 3.0)]), "faces").unwrap();
        assert_eq!(plot.dimensions(), (WIDTH, HEIGHT));
        assert!(count(&plot, BLUE) > 300, "{}", count(&plot, BLUE));
        assert!(count(&plot, ORANGE) > 300, "{}", count(&plot, ORANGE));
    }

    #[test]
    fn a_single_step_is_seen_as_a_dot_for_each_loss() {
        let plot = render(&points(&[(0.7, 1.0)]), "faces").unwrap();
        for color in [BLUE, ORANGE] {
            let dot = count(&plot, color);
            assert!((20..100).contains(&dot), "{dot}");
        }
    }

    #[test]
    fn without_steps_or_finite_losses_there_is_a_plot_without_curves() {
        let nothing = points(&[(f32::NAN, f32::INFINITY), (f32::NEG_INFINITY, f32::NAN)]);
        for losses in [vec![], nothing] {
            let plot = render(&losses, "faces").unwrap();
            assert_eq!(count(&plot, BLUE) + count(&plot, ORANGE), 0);
            assert!(count(&plot, GRID) > 0);
        }
    }

    #[test]
    fn a_loss_at_infinity_does_not_hide_the_others() {
        let plot = render(
            &points(&[(0.7, 1.0), (0.6, 2.0), (f32::INFINITY, 3.0)]),
            "faces",
        );
        assert!(count(&plot.unwrap(), BLUE) > 100);
    }

    #[test]
    fn no_curve_leaves_the_plot() {
        // With one or two points in a column, mitred corners would reach farthest.
        let noise = |i: u64| (i * 2_654_435_761 % (1 << 32)) as f32 / (1_u64 << 32) as f32;
        let losses: Vec<_> = (0..1500).map(|i| (noise(i), 3.0 * noise(i + 7))).collect();
        let plot = render(&points(&losses), "faces").unwrap();
        let white = |x, y| plot.get_pixel(x, y).0 == [255; 3];
        assert!((LEFT as u32..WIDTH).all(|x| (44..54).all(|y| white(x, y))));
        assert!((60..450).all(|y| (RIGHT as u32 + 4..WIDTH).all(|x| white(x, y))));
    }

    #[test]
    fn extreme_steps_and_losses_are_drawn() {
        let mut extreme = points(&[(f32::MAX, f32::MIN), (0.0, f32::MIN_POSITIVE)]);
        extreme[0].step = u64::MAX;
        extreme[1].step = 0;
        render(&extreme, "").unwrap();
        render(&extreme[..1], "").unwrap();
    }

    #[test]
    fn a_long_title_stays_clear_of_the_legend() {
        let legend = |title: &str| {
            let plot = render(&[], title).unwrap();
            image::imageops::crop_imm(&plot, RIGHT as u32 - 230, 0, 240, 50).to_image()
        };
        assert!(legend("short") == legend(&"W 漢字 …".repeat(1000)));
    }

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
