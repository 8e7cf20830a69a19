//! The picture of both losses over the training, drawn anew as it goes on.

use image::RgbImage;
use plotters::style::text_anchor::HPos;

use super::curve::{Curve, loss_range};
use super::{
    BLUE, Canvas, DARK, GREY, LEFT, LIGHT_BLUE, LIGHT_ORANGE, ORANGE, PlotError, RIGHT, chart,
    draw_axes, draw_legend, draw_lines, draw_text, drawn, shortened, step_range, thousands,
};

const HEIGHT: u32 = 520;

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

/// Draws both losses, 900×520 pixels: light curves as they were, bold ones smoothed.
///
/// The points may come in any order and number. Losses that are not finite are left out and
/// counted in the picture; rare spikes end at its upper edge.
///
/// # Errors
/// If the drawing library fails, which no input is known to cause.
pub fn render(points: &[LossPoint], title: &str) -> Result<RgbImage, PlotError> {
    drawn(HEIGHT, |canvas| {
        draw_header(canvas, title)?;
        draw_note(canvas, points)?;
        draw_chart(canvas, points)
    })
}

/// The title on the left and the legend on the right, above the plot, where no curve can be.
fn draw_header(canvas: &Canvas, title: &str) -> Result<(), PlotError> {
    let middle = 30;
    let legend = [
        ("discriminator", BLUE, RIGHT - 224),
        ("generator", ORANGE, RIGHT - 96),
    ];
    draw_legend(canvas, middle, &legend)?;
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
    let steps = step_range(points.iter().map(|point| point.step));
    let range = loss_range(points.iter().flat_map(|p| [p.loss_d, p.loss_g]));
    let mut chart = chart(canvas, [56, 10, 52], &steps, &range)?;
    draw_axes(&mut chart, range.end - range.start, ["step", "loss"])?;

    let losses_d = points.iter().map(|point| (point.step, point.loss_d));
    let losses_g = points.iter().map(|point| (point.step, point.loss_g));
    let curve_d = Curve::new(losses_d, &steps, &range);
    let curve_g = Curve::new(losses_g, &steps, &range);
    draw_lines(&mut chart, &curve_g.raw(), LIGHT_ORANGE, 1)?;
    draw_lines(&mut chart, &curve_d.raw(), LIGHT_BLUE, 1)?;
    draw_lines(&mut chart, &curve_g.smooth(), ORANGE, 2)?;
    draw_lines(&mut chart, &curve_d.smooth(), BLUE, 2)
}

#[cfg(test)]
mod tests {
    use plotters::style::RGBColor;

    use super::super::{GRID, WIDTH};
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
}
