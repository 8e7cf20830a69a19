//! The plot of both losses over the training, redrawn after every report.

use std::ops::RangeInclusive;

use image::RgbImage;

use super::chart::Chart;
use super::curve::{Curve, loss_range};
use super::health::{PANEL, Panel, draw_panel};
use super::ticks::thousands;
use super::{
    BLUE, GREY, LEFT, LEGEND, LIGHT_BLUE, LIGHT_ORANGE, ORANGE, RIGHT, TITLE_SIZE, WIDTH,
    draw_heading, draw_legend, step_range,
};
use crate::canvas::{Align, Canvas, DARK, Point, TextStyle};
use crate::font;

const HEIGHT: u32 = 520;

/// The y coordinates of the title and of the edges of the chart.
const TITLE_Y: f32 = 28.0;
const TOP: f32 = 56.0;
const BOTTOM: f32 = 458.0;

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

/// Draws both losses, 900×520 pixels: the losses as they were in light colours, smoothed ones in
/// strong colours. A panel below them, over the same steps, adds 190 pixels.
///
/// Any number of points may come in any order. Non-finite losses are left out and their number is
/// noted; rare spikes are cut off at the upper edge.
pub fn render(points: &[LossPoint], below: Option<&Panel>, title: &str) -> RgbImage {
    let mut canvas = Canvas::new(WIDTH, HEIGHT + below.map_or(0, |_| PANEL));
    // title and legend lie above the chart, where no curve can be
    draw_legend(&mut canvas, TITLE_Y, ["discriminator", "generator"]);
    let title = font::fit(title, TITLE_SIZE, LEGEND[0] - 20.0 - LEFT);
    draw_heading(&mut canvas, &title, TITLE_Y, TITLE_SIZE);
    draw_note(&mut canvas, points);
    let steps = step_range(points.iter().map(|point| point.step));
    draw_chart(&mut canvas, points, &steps);
    if let Some(panel) = below {
        draw_panel(&mut canvas, HEIGHT as f32, panel, &steps);
    }
    canvas.into_image()
}

/// Says what a curve cannot show: that there is nothing yet, or that losses are missing.
fn draw_note(canvas: &mut Canvas, points: &[LossPoint]) {
    let style = |size, align| TextStyle {
        size,
        colour: GREY,
        align,
    };
    if points.is_empty() {
        let middle = Point::from_xy((LEFT + RIGHT) / 2.0, (TOP + BOTTOM) / 2.0);
        return canvas.text("no steps yet", middle, style(14.0, Align::Centre));
    }
    let losses = points.iter().flat_map(|point| [point.loss_d, point.loss_g]);
    let note = match losses.filter(|loss| !loss.is_finite()).count() {
        0 => return,
        1 => "1 non-finite loss is left out".to_owned(),
        many => format!("{} non-finite losses are left out", thousands(many as u64)),
    };
    let below = Point::from_xy(RIGHT, BOTTOM + 38.0);
    canvas.text(&note, below, style(11.0, Align::Right));
}

fn draw_chart(canvas: &mut Canvas, points: &[LossPoint], steps: &RangeInclusive<u64>) {
    let values = loss_range(points.iter().flat_map(|p| [p.loss_d, p.loss_g]));
    let losses_d = points.iter().map(|point| (point.step, point.loss_d));
    let losses_g = points.iter().map(|point| (point.step, point.loss_g));
    let curve_d = Curve::new(losses_d, steps, &values);
    let curve_g = Curve::new(losses_g, steps, &values);
    let chart = Chart {
        steps: steps.clone(),
        values,
        top: TOP,
        bottom: BOTTOM,
    };
    chart.draw_axes(canvas);
    let style = TextStyle {
        size: 13.0,
        colour: DARK,
        align: Align::Centre,
    };
    canvas.text(
        "step",
        Point::from_xy((LEFT + RIGHT) / 2.0, BOTTOM + 40.0),
        style,
    );
    canvas.upward_text("loss", Point::from_xy(14.0, (TOP + BOTTOM) / 2.0), style);
    chart.draw_curve(canvas, &curve_g.raw(), 1.0, LIGHT_ORANGE);
    chart.draw_curve(canvas, &curve_d.raw(), 1.0, LIGHT_BLUE);
    chart.draw_curve(canvas, &curve_g.smooth(), 2.0, ORANGE);
    chart.draw_curve(canvas, &curve_d.smooth(), 2.0, BLUE);
}

#[cfg(test)]
mod tests {
    use image::Rgb;

    use super::super::GRID;
    use super::super::health::{Series, SeriesPoint};
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

    /// How many pixels inside the plot have exactly this colour.
    fn count(plot: &RgbImage, colour: Rgb<u8>) -> usize {
        let inside = |x: u32, y: u32| x > LEFT as u32 + 1 && y > 60;
        let pixels = plot.enumerate_pixels();
        pixels
            .filter(|(x, y, pixel)| inside(*x, *y) && **pixel == colour)
            .count()
    }

    #[test]
    fn both_curves_are_visible() {
        let plot = render(
            &points(&[(0.7, 1.0), (0.5, 2.0), (0.3, 3.0)]),
            None,
            "faces",
        );
        assert_eq!(plot.dimensions(), (WIDTH, HEIGHT));
        assert!(count(&plot, BLUE) > 300, "{}", count(&plot, BLUE));
        assert!(count(&plot, ORANGE) > 300, "{}", count(&plot, ORANGE));
    }

    #[test]
    fn a_single_step_is_drawn_as_a_dot_per_loss() {
        let plot = render(&points(&[(0.7, 1.0)]), None, "faces");
        for colour in [BLUE, ORANGE] {
            let dot = count(&plot, colour);
            assert!((20..100).contains(&dot), "{dot}");
        }
    }

    #[test]
    fn without_finite_losses_the_plot_has_no_curves() {
        let nothing = points(&[(f32::NAN, f32::INFINITY), (f32::NEG_INFINITY, f32::NAN)]);
        for losses in [vec![], nothing] {
            let plot = render(&losses, None, "faces");
            assert_eq!(count(&plot, BLUE) + count(&plot, ORANGE), 0);
            assert!(count(&plot, GRID) > 0);
        }
    }

    #[test]
    fn an_infinite_loss_does_not_hide_the_others() {
        let plot = render(
            &points(&[(0.7, 1.0), (0.6, 2.0), (f32::INFINITY, 3.0)]),
            None,
            "faces",
        );
        assert!(count(&plot, BLUE) > 100);
    }

    #[test]
    fn no_curve_leaves_the_plot() {
        // mitred corners would reach farthest with one or two points per column
        let noise = |i: u64| (i * 2_654_435_761 % (1 << 32)) as f32 / (1_u64 << 32) as f32;
        let losses: Vec<_> = (0..1500).map(|i| (noise(i), 3.0 * noise(i + 7))).collect();
        let plot = render(&points(&losses), None, "faces");
        let white = |x, y| plot.get_pixel(x, y).0 == [255; 3];
        assert!((LEFT as u32..WIDTH).all(|x| (44..54).all(|y| white(x, y))));
        assert!((60..450).all(|y| (RIGHT as u32 + 4..WIDTH).all(|x| white(x, y))));
    }

    #[test]
    fn extreme_steps_and_losses_are_drawn() {
        let mut extreme = points(&[(f32::MAX, f32::MIN), (0.0, f32::MIN_POSITIVE)]);
        extreme[0].step = u64::MAX;
        extreme[1].step = 0;
        render(&extreme, None, "");
        render(&extreme[..1], None, "");
    }

    #[test]
    fn a_long_title_stays_clear_of_the_legend() {
        let legend = |title: &str| {
            let plot = render(&[], None, title);
            image::imageops::crop_imm(&plot, RIGHT as u32 - 230, 0, 240, 50).to_image()
        };
        assert!(legend("short") == legend(&"W 漢字 …".repeat(1000)));
    }

    #[test]
    fn a_panel_is_drawn_below_the_losses() {
        let losses = points(&[(0.7, 1.0), (0.5, 2.0), (0.3, 3.0)]);
        let panel = Panel {
            title: "SWD",
            series: vec![Series {
                name: "SWD",
                points: [(1, 9.0), (3, 4.0)]
                    .map(|(step, value)| SeriesPoint { step, value })
                    .to_vec(),
                smooth: false,
            }],
        };
        let plot = render(&losses, Some(&panel), "faces");
        assert_eq!(plot.dimensions(), (WIDTH, HEIGHT + PANEL));
        let upper = image::imageops::crop_imm(&plot, 0, 0, WIDTH, HEIGHT).to_image();
        assert!(upper == render(&losses, None, "faces"));
        let lower = image::imageops::crop_imm(&plot, 0, HEIGHT, WIDTH, PANEL).to_image();
        assert!(lower.pixels().filter(|pixel| **pixel == BLUE).count() > 300);
    }
}
