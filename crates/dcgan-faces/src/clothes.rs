//! Neck, shoulders and clothes.

use super::canvas::Canvas;
use super::choices::Neckline;
use super::color::{darker, lighter};
use super::face::Face;
use super::head::Head;
use super::outline::Outline;

pub(super) fn draw(canvas: &mut Canvas, face: &Face, head: &Head) {
    let neck = 0.105 + 0.02 * face.jaw;
    let color = face.clothes_color;
    let shoulders = Outline::start((0.04, 1.02))
        .curve((0.07, 0.93), (0.22, 0.925), (0.5 - neck, 0.90))
        .line((0.5 + neck, 0.90))
        .curve((0.78, 0.925), (0.93, 0.93), (0.96, 1.02));
    canvas.fill(&shoulders, color);
    match face.neckline {
        Neckline::Crew => {
            let collar = Outline::ellipse((0.5, 0.905), neck + 0.035, 0.065);
            canvas.fill(&collar, darker(color, 0.22));
            canvas.fill(
                &Outline::ellipse((0.5, 0.895), neck + 0.004, 0.05),
                head.shade,
            );
        }
        Neckline::Vee => {
            let opening = Outline::start((0.5 - neck - 0.03, 0.90))
                .line((0.5, 1.03))
                .line((0.5 + neck + 0.03, 0.90));
            canvas.fill(&opening, head.skin);
        }
        Neckline::Collar => {
            for side in [-1.0, 1.0] {
                let wing = Outline::start((0.5 + side * (neck - 0.01), 0.875))
                    .line((0.5 + side * (neck + 0.05), 0.915))
                    .line((0.5 + side * (neck + 0.01), 1.0))
                    .line((0.5, 0.955));
                canvas.fill(&wing, lighter(color, 0.4));
            }
        }
    }
    let throat = Outline::rounded_box((0.5, 0.84), neck, 0.085, 0.35);
    canvas.fill(&throat, head.shade);
}
