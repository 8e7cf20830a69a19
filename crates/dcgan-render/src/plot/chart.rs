//! A chart of values over steps: axes, grid and curves.

use std::ops::{Range, RangeInclusive};

use image::Rgb;
use tiny_skia::Rect;

use super::curve::Line;
use super::ticks::{step_ticks, thousands, value_label, value_ticks};
use super::{GREY, GRID, LEFT, RIGHT};
use crate::canvas::{Align, Canvas, Point, TextStyle};

/// Length of the marks at an axis.
const TICK: f32 = 5.0;

const MAX_STEP_TICKS: u64 = 9;
const MAX_VALUE_TICKS: u32 = 7;

/// Radius of the dot for a point without neighbours.
const DOT_RADIUS: f32 = 4.0;

/// What the axes show, and where. Horizontally a chart reaches from [`LEFT`] to [`RIGHT`].
pub struct Chart {
    pub steps: RangeInclusive<u64>,
    pub values: Range<f64>,
    /// The y coordinates of its edges.
    pub top: f32,
    pub bottom: f32,
}

impl Chart {
    /// Draws the grid and the axes with their numbers.
    pub fn draw_axes(&self, canvas: &mut Canvas) {
        let step_ticks = step_ticks(&self.steps, MAX_STEP_TICKS);
        let value_ticks = value_ticks(&self.values, MAX_VALUE_TICKS);
        for &step in &step_ticks {
            fill(
                canvas,
                vertical(step_x(&self.steps, step), self.top, self.bottom),
                GRID,
            );
        }
        for &value in &value_ticks {
            fill(canvas, horizontal(LEFT, RIGHT, self.y(value)), GRID);
        }
        fill(canvas, vertical(LEFT, self.top, self.bottom), GREY);
        fill(canvas, horizontal(LEFT, RIGHT, self.bottom), GREY);

        let style = |align| TextStyle {
            size: 12.0,
            colour: GREY,
            align,
        };
        for step in step_ticks {
            let x = step_x(&self.steps, step);
            fill(canvas, vertical(x, self.bottom, self.bottom + TICK), GREY);
            let below = Point::from_xy(x, self.bottom + 14.0);
            canvas.text(&thousands(step), below, style(Align::Centre));
        }
        let height = self.values.end - self.values.start;
        for value in value_ticks {
            let y = self.y(value);
            fill(canvas, horizontal(LEFT - TICK, LEFT, y), GREY);
            let left_of_axis = Point::from_xy(LEFT - 11.0, y);
            canvas.text(
                &value_label(value, height),
                left_of_axis,
                style(Align::Right),
            );
        }
    }

    /// Draws lines of this width, and a dot for a point without neighbours.
    pub fn draw_curve(&self, canvas: &mut Canvas, lines: &[Line], width: f32, colour: Rgb<u8>) {
        let place =
            |&(step, value): &(u64, f64)| Point::from_xy(step_x(&self.steps, step), self.y(value));
        for line in lines {
            match line.as_slice() {
                [point] => canvas.dot(place(point), DOT_RADIUS, colour),
                points => {
                    let points: Vec<Point> = points.iter().map(place).collect();
                    canvas.line(&points, width, colour);
                }
            }
        }
    }

    fn y(&self, value: f64) -> f32 {
        let part = (value - self.values.start) / (self.values.end - self.values.start);
        self.bottom - part as f32 * (self.bottom - self.top)
    }
}

/// Where a step lies on the horizontal axis.
pub fn step_x(steps: &RangeInclusive<u64>, step: u64) -> f32 {
    let length = (steps.end() - steps.start()).max(1);
    let part = step.saturating_sub(*steps.start()) as f64 / length as f64;
    LEFT + part as f32 * (RIGHT - LEFT)
}

/// A line one pixel wide, on whole pixels so that it is sharp.
fn horizontal(left: f32, right: f32, y: f32) -> Option<Rect> {
    Rect::from_ltrb(
        left.round(),
        y.round(),
        right.round() + 1.0,
        y.round() + 1.0,
    )
}

fn vertical(x: f32, top: f32, bottom: f32) -> Option<Rect> {
    Rect::from_ltrb(
        x.round(),
        top.round(),
        x.round() + 1.0,
        bottom.round() + 1.0,
    )
}

fn fill(canvas: &mut Canvas, line: Option<Rect>, colour: Rgb<u8>) {
    if let Some(line) = line {
        canvas.fill_rect(line, colour);
    }
}
