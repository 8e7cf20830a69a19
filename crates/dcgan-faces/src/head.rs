//! The head: its outline, ears, cheeks and nose, and the positions of the features on it.

use super::canvas::{Canvas, GradientEnd};
use super::choices::Earrings;
use super::color::{Rgb, darker, lighter, mix, skin};
use super::face::Face;
use super::outline::{Outline, Point};

/// The height of the eyes, about that of CelebA's aligned and cropped pictures.
pub(super) const EYE_LINE: f32 = 0.53;

/// The top of the skull, without hair.
pub(super) const SKULL_TOP: f32 = 0.19;

const EAR_LINE: f32 = 0.56;

/// The sine of the largest turn to one side.
const MAX_TURN: f32 = 0.24;

/// The measures of one head, in unit coordinates.
pub(super) struct Head {
    /// Half of the face's width.
    pub(super) half_width: f32,
    /// The lowest point of the chin.
    pub(super) chin: f32,
    /// The sine of the angle that the head is turned by, positive to the picture's right.
    pub(super) turn: f32,
    /// The skin.
    pub(super) skin: Rgb,
    /// The skin in shadow.
    pub(super) shade: Rgb,
    jaw: f32,
}

impl Head {
    pub(super) fn new(face: &Face) -> Self {
        let color = skin(face.skin_tone);
        Self {
            half_width: 0.252 + 0.048 * face.face_width,
            chin: 0.875 - 0.015 * face.face_width,
            turn: face.yaw * MAX_TURN,
            skin: color,
            shade: darker(color, 0.2),
            jaw: face.jaw,
        }
    }

    /// The position of the feature at `x` (−1 is the left edge and 1 the right edge of a face that
    /// looks straight ahead) and height `y`. The face is round, so features shift as it turns.
    pub(super) fn at(&self, x: f32, y: f32) -> Point {
        let depth = (1.0 - x * x).max(0.0).sqrt();
        let cosine = (1.0 - self.turn * self.turn).sqrt();
        (0.5 + self.half_width * (x * cosine + depth * self.turn), y)
    }

    /// As [`at`](Self::at), but nothing at the face's edges moves: for hairlines, which must meet
    /// the hair at the sides.
    pub(super) fn hairline_at(&self, x: f32, y: f32) -> Point {
        let shift = (1.0 - x * x).max(0.0) * self.turn;
        (0.5 + self.half_width * (x + shift), y)
    }

    /// The apparent width of a feature at `x`, relative to a face that looks straight ahead.
    pub(super) fn foreshortening(&self, x: f32) -> f32 {
        let depth = (1.0 - x * x).max(0.1).sqrt();
        (1.0 - self.turn * self.turn).sqrt() - x / depth * self.turn
    }

    /// The face's outline, `grow` larger all round.
    pub(super) fn outline(&self, grow: f32) -> Outline {
        let width = self.half_width + grow;
        let (top, chin) = (SKULL_TOP - grow, self.chin + grow);
        let chin_width = width * (0.34 + 0.32 * self.jaw);
        let jaw_line = 0.70 + 0.05 * self.jaw;
        // the chin follows the turn a little; the skull is round and does not
        let middle = 0.5 + 0.25 * self.turn * self.half_width;
        Outline::start((0.5, top))
            .curve(
                (0.5 + width * 0.62, top),
                (0.5 + width, top + 0.12),
                (0.5 + width, 0.48),
            )
            .curve(
                (0.5 + width, jaw_line),
                (middle + chin_width, chin),
                (middle, chin),
            )
            .curve(
                (middle - chin_width, chin),
                (0.5 - width, jaw_line),
                (0.5 - width, 0.48),
            )
            .curve(
                (0.5 - width, top + 0.12),
                (0.5 - width * 0.62, top),
                (0.5, top),
            )
    }

    /// The centre of the ear at `side` (−1 left, 1 right): turning away hides it.
    fn ear(&self, side: f32) -> Point {
        let offset = side * (self.half_width + 0.008) - 0.16 * self.turn;
        (0.5 + offset, EAR_LINE)
    }

    pub(super) fn draw(&self, canvas: &mut Canvas, face: &Face) {
        for side in [-1.0, 1.0] {
            let (x, y) = self.ear(side);
            canvas.fill(&Outline::ellipse((x, y), 0.042, 0.064), self.skin);
            let inner = Outline::ellipse((x + side * 0.006, y), 0.02, 0.036);
            canvas.fill(&inner, self.shade);
        }
        canvas.fill_gradient(
            &self.outline(0.0),
            GradientEnd {
                at: (0.4, 0.3),
                color: lighter(self.skin, 0.08),
            },
            GradientEnd {
                at: (0.62, 0.92),
                color: darker(self.skin, 0.06),
            },
        );
        self.draw_cheeks(canvas, face);
        if !face.young {
            self.draw_wrinkles(canvas);
        }
        self.draw_nose(canvas);
    }

    fn draw_cheeks(&self, canvas: &mut Canvas, face: &Face) {
        let rosy = mix(self.skin, [226, 62, 74], 0.55);
        for side in [-1.0, 1.0] {
            let x = side * 0.56;
            let radius = 0.062 * self.foreshortening(x);
            for (size, opacity) in [(1.0, 0.45), (0.7, 0.35)] {
                let cheek = Outline::ellipse(self.at(x, 0.665), radius * size, 0.046 * size);
                canvas.fill_translucent(&cheek, rosy, opacity * face.blush);
            }
        }
        if face.freckles {
            for (x, y) in FRECKLES {
                for side in [-1.0, 1.0] {
                    let freckle = Outline::ellipse(self.at(side * x, y), 0.0085, 0.008);
                    canvas.fill_translucent(&freckle, mix(self.shade, [150, 74, 40], 0.5), 0.8);
                }
            }
        }
    }

    fn draw_wrinkles(&self, canvas: &mut Canvas) {
        let line = darker(self.skin, 0.18);
        for y in [0.34, 0.385] {
            let forehead = [
                self.at(-0.42, y + 0.008),
                self.at(0.0, y),
                self.at(0.42, y + 0.008),
            ];
            canvas.fill(&Outline::ribbon(&forehead, 0.012, 0.005), line);
        }
        for side in [-1.0, 1.0] {
            let cheek = [
                self.at(side * 0.30, 0.645),
                self.at(side * 0.42, 0.69),
                self.at(side * 0.46, 0.74),
            ];
            canvas.fill(&Outline::ribbon(&cheek, 0.012, 0.005), line);
            let bag = [
                self.at(side * 0.28, 0.608),
                self.at(side * 0.44, 0.62),
                self.at(side * 0.60, 0.605),
            ];
            canvas.fill(&Outline::ribbon(&bag, 0.010, 0.004), line);
        }
    }

    fn draw_nose(&self, canvas: &mut Canvas) {
        // The nose stands out of the face, so it shifts further than its base.
        let (x, y) = self.at(0.0, 0.645);
        let tip = x + 0.05 * self.turn;
        let wing = 0.034;
        let under = [
            (tip - wing, y - 0.012),
            (tip, y + 0.014),
            (tip + wing, y - 0.012),
        ];
        canvas.fill(
            &Outline::ribbon(&under, 0.026, 0.014),
            darker(self.skin, 0.25),
        );
    }

    pub(super) fn draw_earrings(&self, canvas: &mut Canvas, face: &Face) {
        const GOLD: Rgb = [246, 200, 74];
        for side in [-1.0, 1.0] {
            let (ear, y) = self.ear(side);
            // next to the face, even if the ear itself is hidden
            let x = 0.5 + side * (side * (ear - 0.5) + 0.012).max(self.half_width);
            let earring = match face.earrings {
                Earrings::None => return,
                Earrings::Studs => Outline::ellipse((x, y + 0.066), 0.021, 0.021),
                Earrings::Hoops => Outline::ellipse((x, y + 0.105), 0.042, 0.046)
                    .without(Outline::ellipse((x, y + 0.105), 0.026, 0.030)),
            };
            canvas.fill(&earring, GOLD);
        }
    }
}

/// The freckles of one side, placed as by [`Head::at`]; the other side mirrors them.
const FRECKLES: [Point; 5] = [
    (0.36, 0.635),
    (0.50, 0.650),
    (0.43, 0.675),
    (0.60, 0.628),
    (0.16, 0.610),
];
