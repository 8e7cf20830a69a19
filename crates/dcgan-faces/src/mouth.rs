//! The mouth: lips, and teeth and tongue if it is open.

use super::canvas::Canvas;
use super::choices::FacialHair;
use super::color::{Rgb, darker, mix};
use super::face::Face;
use super::head::Head;
use super::outline::{Outline, Point};

/// The height of the mouth's corners when it neither smiles nor frowns.
pub(super) const MOUTH_LINE: f32 = 0.752;

const INSIDE: Rgb = [112, 28, 42];
const TEETH: Rgb = [255, 252, 246];
const TONGUE: Rgb = [232, 104, 108];

/// The measures of one mouth.
struct Mouth {
    left: Point,
    middle: f32,
    right: Point,
    /// How far the middle of the line between the lips hangs below the corners.
    sag: f32,
    /// How far the lower lip is dropped.
    drop: f32,
}

pub(super) fn draw(canvas: &mut Canvas, face: &Face, head: &Head) {
    let half_width = 0.30 + 0.09 * face.smile.max(0.0);
    let corner = MOUTH_LINE - 0.020 * face.smile;
    let mouth = Mouth {
        left: head.at(-half_width, corner),
        middle: head.at(0.0, 0.0).0 + 0.02 * head.turn,
        right: head.at(half_width, corner),
        sag: 0.052 * face.smile,
        drop: 0.085 * face.mouth_open,
    };
    let bare = mix(head.skin, [176, 62, 66], 0.5);
    let color = face.lipstick.unwrap_or(bare);
    if face.mouth_open > 0.0 {
        mouth.draw_open(canvas, color, face.lipstick.is_some());
    } else {
        let bearded = face.facial_hair == FacialHair::Beard;
        mouth.draw_closed(canvas, color, face.lipstick.is_some() || bearded);
    }
}

impl Mouth {
    /// A curve from corner to corner, its middle `hang` below them, `inset` from each corner.
    fn curve(&self, hang: f32, inset: f32) -> [Point; 5] {
        let (left, right) = (self.left.0 + inset, self.right.0 - inset);
        let y = self.left.1;
        // a little rounder than a parabola, whose factor would be 0.75
        let quarter = y + 0.84 * hang;
        [
            (left, y),
            (0.5 * (left + self.middle), quarter),
            (self.middle, y + hang),
            (0.5 * (right + self.middle), quarter),
            (right, y),
        ]
    }

    /// The shape between two such curves.
    fn between(&self, upper: f32, lower: f32, inset: f32) -> Outline {
        let [start, top @ ..] = self.curve(upper, inset);
        let mut bottom = self.curve(lower, inset);
        bottom.reverse();
        Outline::start(start).through(&top).through(&bottom[1..])
    }

    fn draw_closed(&self, canvas: &mut Canvas, color: Rgb, full: bool) {
        if full {
            let lips = self.between(self.sag - 0.022, self.sag + 0.034, 0.004);
            canvas.fill(&lips, color);
        }
        let line = if full {
            darker(color, 0.5)
        } else {
            darker(color, 0.42)
        };
        let width = if full { 0.014 } else { 0.026 };
        canvas.fill(
            &Outline::ribbon(&self.curve(self.sag, 0.0), width, 0.012),
            line,
        );
    }

    fn draw_open(&self, canvas: &mut Canvas, color: Rgb, painted: bool) {
        let (upper, lower) = (0.35 * self.sag, self.sag + self.drop);
        let lip = if painted { 0.020 } else { 0.009 };
        canvas.fill(&self.between(upper - lip, lower + 1.4 * lip, -0.012), color);
        let inside = self.between(upper, lower, 0.0);
        canvas.fill(&inside, INSIDE);
        let opening = lower - upper;
        canvas.inside(&inside, |canvas| {
            let tongue = (self.middle, lower + 0.012);
            let tongue = Outline::ellipse(tongue, 0.055, 0.20 * opening + 0.018);
            canvas.fill(&tongue, TONGUE);
            let teeth = self.between(upper - 0.01, upper + 0.012 + 0.26 * opening, 0.008);
            canvas.fill(&teeth, TEETH);
        });
    }
}
