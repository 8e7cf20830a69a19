//! Stubble, moustache, goatee and beard.

use super::canvas::Canvas;
use super::choices::FacialHair;
use super::color::{Rgb, darker};
use super::face::Face;
use super::head::Head;
use super::outline::Outline;

pub(super) fn draw(canvas: &mut Canvas, face: &Face, head: &Head) {
    let color = darker(face.hair_color.rgb(face.hair_shade), 0.08);
    match face.facial_hair {
        FacialHair::None => {}
        FacialHair::Stubble => draw_jaws(canvas, head, color, 0.0, 0.3),
        FacialHair::Mustache => draw_mustache(canvas, head, color),
        FacialHair::Goatee => {
            let chin = [
                head.at(-0.24, 0.822),
                head.at(0.0, 0.80),
                head.at(0.24, 0.822),
                head.at(0.20, head.chin),
                head.at(0.0, head.chin + 0.035),
                head.at(-0.20, head.chin),
            ];
            canvas.fill(&Outline::smooth(&chin), color);
        }
        FacialHair::Beard => {
            draw_jaws(canvas, head, color, 0.022, 1.0);
            draw_mustache(canvas, head, color);
        }
    }
}

fn draw_mustache(canvas: &mut Canvas, head: &Head, color: Rgb) {
    for side in [-1.0, 1.0] {
        let half = [
            head.at(side * -0.02, 0.690),
            head.at(side * 0.16, 0.688),
            head.at(side * 0.36, 0.728),
            head.at(side * 0.46, 0.770),
            head.at(side * 0.26, 0.745),
            head.at(side * -0.02, 0.732),
        ];
        canvas.fill(&Outline::smooth(&half), color);
    }
}

/// Hair from ear to ear along the jaws and up to the nose, `grow` beyond the face's edge.
fn draw_jaws(canvas: &mut Canvas, head: &Head, color: Rgb, grow: f32, opacity: f32) {
    let cheeks = Outline::start(head.at(-1.3, 0.50))
        .line(head.at(-0.97, 0.50))
        .through(&[
            head.at(-0.86, 0.615),
            head.at(-0.62, 0.705),
            head.at(-0.30, 0.700),
            head.at(0.0, 0.685),
            head.at(0.30, 0.700),
            head.at(0.62, 0.705),
            head.at(0.86, 0.615),
            head.at(0.97, 0.50),
        ])
        .line(head.at(1.3, 0.50))
        .line((1.0, 1.0))
        .line((0.0, 1.0));
    canvas.inside(&cheeks, |canvas| {
        canvas.fill_translucent(&head.outline(grow), color, opacity);
    });
}
