//! Hats.

use super::canvas::Canvas;
use super::choices::Headwear;
use super::color::{Rgb, darker, lighter};
use super::face::Face;
use super::head::Head;
use super::outline::{Outline, Point};

/// The height of a hat's lower edge at the forehead.
pub(super) const RIM: f32 = 0.355;

pub(super) fn draw(canvas: &mut Canvas, face: &Face, head: &Head) {
    let color = face.headwear_color;
    let half_width = head.half_width + 0.042;
    match face.headwear {
        Headwear::None => {}
        Headwear::Beanie => draw_beanie(canvas, color, half_width),
        Headwear::Cap => draw_cap(canvas, color, half_width, head.turn),
        Headwear::Brimmed => draw_brimmed(canvas, color, half_width),
    }
}

/// The part of a hat over the skull, from temple to temple at height `rim`.
fn crown(half_width: f32, top: f32, rim: f32) -> Outline {
    let corner = |side: f32| -> Point { (0.5 + side * half_width, rim) };
    let shoulder = top + 0.05;
    Outline::start(corner(-1.0))
        .curve(
            (0.5 - half_width * 1.02, shoulder),
            (0.5 - half_width * 0.6, top),
            (0.5, top),
        )
        .curve(
            (0.5 + half_width * 0.6, top),
            (0.5 + half_width * 1.02, shoulder),
            corner(1.0),
        )
        .curve(
            (0.5 + half_width * 0.5, rim + 0.03),
            (0.5 - half_width * 0.5, rim + 0.03),
            corner(-1.0),
        )
}

fn draw_beanie(canvas: &mut Canvas, color: Rgb, half_width: f32) {
    let bobble = Outline::ellipse((0.5, 0.085), 0.075, 0.07);
    canvas.fill(&bobble, lighter(color, 0.55));
    canvas.fill(&crown(half_width, 0.105, RIM), color);
    let band = Outline::rounded_box((0.5, RIM - 0.005), half_width + 0.014, 0.052, 0.55);
    canvas.fill(&band, darker(color, 0.2));
    for i in -3..=3 {
        let x = 0.5 + i as f32 * half_width * 0.28;
        let rib = [(x, RIM - 0.036), (x, RIM + 0.026)];
        canvas.fill(&Outline::ribbon(&rib, 0.012, 0.010), darker(color, 0.32));
    }
}

fn draw_cap(canvas: &mut Canvas, color: Rgb, half_width: f32, turn: f32) {
    canvas.fill(&crown(half_width, 0.095, RIM + 0.005), color);
    canvas.fill(
        &Outline::ellipse((0.5 + 0.1 * turn, 0.098), 0.03, 0.018),
        darker(color, 0.25),
    );
    let panel = crown(half_width * 0.58, 0.118, RIM).map(|(x, y)| (x + 0.22 * turn, y));
    canvas.fill(&panel, lighter(color, 0.35));
    let middle = 0.5 + 0.42 * turn;
    let reach = half_width * 0.98;
    let visor = Outline::start((middle - reach, RIM + 0.012))
        .curve(
            (middle - reach * 0.7, RIM - 0.062),
            (middle + reach * 0.7, RIM - 0.062),
            (middle + reach, RIM + 0.012),
        )
        .curve(
            (middle + reach * 1.02, RIM + 0.085),
            (middle - reach * 1.02, RIM + 0.085),
            (middle - reach, RIM + 0.012),
        );
    canvas.fill(&visor, darker(color, 0.28));
}

fn draw_brimmed(canvas: &mut Canvas, color: Rgb, half_width: f32) {
    canvas.fill(&crown(half_width * 0.92, 0.07, RIM), color);
    let band = crown(half_width * 0.92, 0.07, RIM);
    canvas.inside(&band, |canvas| {
        let ribbon = Outline::rounded_box((0.5, RIM - 0.045), 0.5, 0.04, 0.0);
        canvas.fill(&ribbon, darker(color, 0.45));
    });
    let brim = Outline::ellipse((0.5, RIM + 0.005), half_width + 0.125, 0.052);
    canvas.fill(&brim, darker(color, 0.12));
    let upper = Outline::ellipse((0.5, RIM - 0.006), half_width + 0.115, 0.038);
    canvas.fill(&upper, color);
    let base = Outline::ellipse((0.5, RIM - 0.016), half_width * 0.92, 0.026);
    canvas.fill(&base, darker(color, 0.45));
}
