//! Eyes, lashes and eyebrows.

use super::canvas::Canvas;
use super::choices::HairStyle;
use super::color::{Rgb, darker, mix};
use super::face::Face;
use super::head::{EYE_LINE, Head};
use super::outline::Outline;

/// The distance of the eyes from the middle of the face, whose edge is at 1.
pub(super) const EYE_OFFSET: f32 = 0.43;

const DARK: Rgb = [40, 26, 34];
const WHITE: Rgb = [255, 253, 250];

pub(super) fn draw(canvas: &mut Canvas, face: &Face, head: &Head) {
    for side in [-1.0, 1.0] {
        draw_eye(canvas, face, head, side);
        draw_brow(canvas, face, head, side);
    }
}

fn draw_eye(canvas: &mut Canvas, face: &Face, head: &Head, side: f32) {
    let (x, y) = head.at(side * EYE_OFFSET, EYE_LINE);
    let scale = head.foreshortening(side * EYE_OFFSET);
    let (width, height) = (0.066 * scale, 0.030 + 0.028 * face.eye_openness);
    canvas.fill(&Outline::ellipse((x, y), width, height), WHITE);

    let gaze = x + 0.05 * head.turn;
    let part = |radius: f32| Outline::ellipse((gaze, y), radius * scale, radius.min(height));
    canvas.fill(&part(0.048), darker(face.eye_color.rgb(), 0.25));
    canvas.fill(&part(0.041), face.eye_color.rgb());
    canvas.fill(&part(0.024), DARK);
    let glint = Outline::ellipse((gaze - 0.013, y - height.min(0.043) * 0.38), 0.011, 0.011);
    canvas.fill(&glint, WHITE);

    let edge = width * 1.05;
    let lid = [
        (x - edge, y - height * 0.30),
        (x - edge * 0.6, y - height * 0.86),
        (x, y - height * 1.06),
        (x + edge * 0.6, y - height * 0.86),
        (x + edge, y - height * 0.30),
    ];
    let thickness = if face.lashes { 0.026 } else { 0.016 };
    canvas.fill(&Outline::ribbon(&lid, thickness, 0.010), DARK);
    if face.lashes {
        let outer = x + side * edge;
        let flick = [
            (outer - side * 0.022, y - height * 0.58),
            (outer + side * 0.004, y - height * 0.62),
            (outer + side * 0.024, y - height * 0.98),
        ];
        canvas.fill(&Outline::ribbon(&flick, 0.020, 0.007), DARK);
    }
}

fn draw_brow(canvas: &mut Canvas, face: &Face, head: &Head, side: f32) {
    let hair = face.hair_color.rgb(face.hair_shade);
    let color = if face.hair_style == HairStyle::Bald {
        darker(hair, 0.3)
    } else {
        // fair brows would not stand out from fair skin
        mix(darker(hair, 0.35), head.shade, 0.1)
    };
    let lift = 0.012 * face.eye_openness;
    let y = EYE_LINE - 0.096 - lift;
    let arch = 0.022 * face.brow_arch;
    let brow = [
        head.at(side * (EYE_OFFSET - 0.23), y + 0.002),
        head.at(side * (EYE_OFFSET + 0.03), y - 0.010 - arch),
        head.at(side * (EYE_OFFSET + 0.25), y + 0.016),
    ];
    let width = 0.016 + 0.030 * face.brow_thickness;
    canvas.fill(&Outline::ribbon(&brow, width, 0.5 * width), color);
}
