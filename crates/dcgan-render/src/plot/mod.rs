//! Plots of a training run: its losses, and all its metrics with what was wrong.

mod chart;
pub mod comparison;
mod curve;
pub mod health;
pub mod losses;
mod ticks;

use std::ops::RangeInclusive;

use image::Rgb;

use crate::canvas::{Align, Canvas, DARK, Point, TextStyle};

const BLUE: Rgb<u8> = Rgb([31, 95, 191]);
const ORANGE: Rgb<u8> = Rgb([222, 106, 16]);
const LIGHT_BLUE: Rgb<u8> = Rgb([193, 209, 237]);
const LIGHT_ORANGE: Rgb<u8> = Rgb([247, 216, 189]);
const RED: Rgb<u8> = Rgb([190, 40, 50]);
const GREY: Rgb<u8> = Rgb([104, 110, 122]);
const GRID: Rgb<u8> = Rgb([232, 234, 238]);

/// Width of every plot in pixels.
const WIDTH: u32 = 900;

/// The x coordinates between which values are drawn.
const LEFT: f32 = 64.0;
const RIGHT: f32 = 860.0;

/// Where the entries of a legend start.
const LEGEND: [f32; 2] = [RIGHT - 230.0, RIGHT - 102.0];

const TITLE_SIZE: f32 = 16.0;
const TEXT_SIZE: f32 = 12.0;

/// A dark text that starts at the left edge of the chart.
fn draw_heading(canvas: &mut Canvas, text: &str, y: f32, size: f32) {
    let style = TextStyle {
        size,
        colour: DARK,
        align: Align::Left,
    };
    canvas.text(text, Point::from_xy(LEFT, y), style);
}

/// Names the curves, the blue one first.
fn draw_legend<'a>(canvas: &mut Canvas, y: f32, names: impl IntoIterator<Item = &'a str>) {
    let style = TextStyle {
        size: TEXT_SIZE,
        colour: DARK,
        align: Align::Left,
    };
    for ((name, colour), left) in names.into_iter().zip([BLUE, ORANGE]).zip(LEGEND) {
        let sample = [left, left + 17.0].map(|x| Point::from_xy(x, y));
        canvas.line(&sample, 3.0, colour);
        canvas.text(name, Point::from_xy(left + 25.0, y), style);
    }
}

/// From the first to the last step, and at least one step wide.
fn step_range(steps: impl Iterator<Item = u64> + Clone) -> RangeInclusive<u64> {
    let first = steps.clone().min().unwrap_or(0);
    let last = steps.max().unwrap_or(1);
    if first < last {
        first..=last
    } else {
        first.saturating_sub(1)..=last.saturating_add(1)
    }
}
