//! Glasses and sunglasses.

use super::canvas::Canvas;
use super::choices::Eyewear;
use super::color::Rgb;
use super::eyes::EYE_OFFSET;
use super::face::Face;
use super::head::{EYE_LINE, Head};
use super::outline::Outline;

const DARK_GLASS: Rgb = [38, 36, 50];
const WHITE: Rgb = [255, 255, 255];

pub(super) fn draw(canvas: &mut Canvas, face: &Face, head: &Head) {
    let (half_width, half_height, roundness) = match face.eyewear {
        Eyewear::None => return,
        Eyewear::Round => (0.093, 0.088, 1.0),
        Eyewear::Square => (0.098, 0.070, 0.45),
        Eyewear::Sunglasses => (0.102, 0.078, 0.65),
    };
    let y = EYE_LINE + 0.006;
    for side in [-1.0, 1.0] {
        let (x, _) = head.at(side * EYE_OFFSET, y);
        let half_width = half_width * head.foreshortening(side * EYE_OFFSET);
        let lens = Outline::rounded_box((x, y), half_width, half_height, roundness);
        let rim = 0.011;
        let hole = Outline::rounded_box((x, y), half_width - rim, half_height - rim, roundness);
        let edge = x + side * half_width;
        let temple = 0.5 + side * (head.half_width + 0.004);
        let arm = [(edge - side * 0.01, y - 0.022), (temple, y - 0.028)];
        canvas.fill(&Outline::ribbon(&arm, 0.020, 0.018), face.frame_color);
        if face.eyewear == Eyewear::Sunglasses {
            canvas.fill(&lens, DARK_GLASS);
            let shine = [(x - 0.045, y + 0.012), (x - 0.005, y - 0.042)];
            canvas.fill_translucent(&Outline::ribbon(&shine, 0.022, 0.018), WHITE, 0.35);
        } else {
            canvas.fill_translucent(&hole, WHITE, 0.16);
        }
        canvas.fill(&lens.without(hole), face.frame_color);
    }
    let inner = |side: f32| {
        let (x, _) = head.at(side * EYE_OFFSET, y);
        x - side * (half_width * head.foreshortening(side * EYE_OFFSET) - 0.008)
    };
    let middle = 0.5 * (inner(-1.0) + inner(1.0));
    let bridge = [
        (inner(-1.0), y - 0.012),
        (middle, y - 0.026),
        (inner(1.0), y - 0.012),
    ];
    canvas.fill(&Outline::ribbon(&bridge, 0.018, 0.018), face.frame_color);
}
