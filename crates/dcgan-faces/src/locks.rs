//! The shapes of hair: caps with their hairlines, curls, tails and locks.

use super::head::{Head, SKULL_TOP};
use super::outline::{Outline, Point};

/// The hairline on the forehead, from the right temple to the left one. It consists of pieces,
/// because it may have a corner at the parting.
pub(super) type Hairline = Vec<Vec<Point>>;

/// A fringe down to the eyebrows.
pub(super) fn fringe(head: &Head) -> Hairline {
    vec![place(
        head,
        &[
            (0.99, 0.50),
            (0.93, 0.395),
            (0.50, 0.402),
            (0.0, 0.406),
            (-0.50, 0.402),
            (-0.93, 0.395),
            (-0.99, 0.50),
        ],
    )]
}

/// High on the forehead.
pub(super) fn combed_back(head: &Head) -> Hairline {
    vec![place(
        head,
        &[
            (0.99, 0.51),
            (0.93, 0.40),
            (0.74, 0.315),
            (0.35, 0.285),
            (0.0, 0.28),
            (-0.35, 0.285),
            (-0.74, 0.315),
            (-0.93, 0.40),
            (-0.99, 0.51),
        ],
    )]
}

/// Combed over the forehead towards `side`.
pub(super) fn swept(head: &Head, side: f32) -> Hairline {
    let mut line = place(
        head,
        &[
            (side * 0.99, 0.51),
            (side * 0.94, 0.415),
            (side * 0.80, 0.375),
            (side * 0.30, 0.355),
            (side * -0.25, 0.325),
            (side * -0.62, 0.262),
        ],
    );
    let mut other = place(
        head,
        &[
            (side * -0.80, 0.33),
            (side * -0.94, 0.41),
            (side * -0.99, 0.51),
        ],
    );
    if side < 0.0 {
        line.reverse();
        other.reverse();
        vec![other, line]
    } else {
        vec![line, other]
    }
}

/// Parted at `x`, hanging to both sides.
pub(super) fn parted(head: &Head, x: f32) -> Hairline {
    let middle = |edge: f32| 0.5 * (edge + x);
    vec![
        place(
            head,
            &[
                (0.99, 0.52),
                (0.94, 0.42),
                (middle(0.98), 0.315),
                (x, 0.225),
            ],
        ),
        place(
            head,
            &[(middle(-0.98), 0.315), (-0.94, 0.42), (-0.99, 0.52)],
        ),
    ]
}

/// Hair over the whole skull, `lift` thick, down to `hairline`.
pub(super) fn cap(head: &Head, lift: f32, hairline: Hairline) -> Outline {
    let width = head.half_width + 0.014 + 0.5 * lift;
    let top = SKULL_TOP - lift;
    let start = (0.5 - head.half_width - 0.004, 0.51);
    let end = (0.5 + head.half_width + 0.004, 0.51);
    let outer = Outline::start(start)
        .curve(
            (0.5 - width - 0.004, 0.46),
            (0.5 - width, 0.42),
            (0.5 - width, 0.40),
        )
        .curve(
            (0.5 - width, top + 0.10),
            (0.5 - width * 0.62, top),
            (0.5, top),
        )
        .curve(
            (0.5 + width * 0.62, top),
            (0.5 + width, top + 0.10),
            (0.5 + width, 0.40),
        )
        .curve((0.5 + width, 0.42), (0.5 + width + 0.004, 0.46), end);
    hairline
        .iter()
        .fold(outer, |outline, piece| outline.through(piece))
}

/// Smooth hair behind the head, down to the chin.
pub(super) fn bob(head: &Head, fullness: f32) -> Outline {
    let width = head.half_width + 0.060 + 0.03 * fullness;
    let side = |side: f32| {
        [
            (0.5 + side * width * 0.98, 0.42),
            (0.5 + side * (width + 0.012), 0.62),
            (0.5 + side * (width + 0.016), 0.76),
            (0.5 + side * (width - 0.035), 0.832),
        ]
    };
    hanging(side, 0.845)
}

/// Smooth hair behind the head, down past the shoulders.
pub(super) fn long(head: &Head, fullness: f32) -> Outline {
    let width = head.half_width + 0.050 + 0.03 * fullness;
    let side = |side: f32| {
        [
            (0.5 + side * width, 0.42),
            (0.5 + side * (width + 0.016), 0.66),
            (0.5 + side * (width + 0.040), 0.88),
            (0.5 + side * (width + 0.048), 1.04),
        ]
    };
    hanging(side, 1.04)
}

/// Waves behind the head, down past the shoulders.
pub(super) fn wavy(head: &Head, fullness: f32) -> Outline {
    let width = head.half_width + 0.065 + 0.03 * fullness;
    let side = |side: f32| {
        [
            (0.5 + side * (width + 0.020), 0.40),
            (0.5 + side * (width - 0.016), 0.505),
            (0.5 + side * (width + 0.040), 0.61),
            (0.5 + side * (width + 0.002), 0.715),
            (0.5 + side * (width + 0.056), 0.82),
            (0.5 + side * (width + 0.016), 0.925),
            (0.5 + side * (width + 0.060), 1.04),
        ]
    };
    hanging(side, 1.04)
}

/// Hair from the top of the head down both sides, to `bottom`.
fn hanging<const N: usize>(side: impl Fn(f32) -> [Point; N], bottom: f32) -> Outline {
    // below the top of every cap, or the darker hair behind would show around it
    let top = (0.5, SKULL_TOP - 0.02);
    let (left, right) = (side(-1.0), side(1.0));
    let width = right[0].0 - 0.5;
    let temple = SKULL_TOP + 0.06;
    let mut up = left;
    up.reverse();
    Outline::start(top)
        .curve(
            (0.5 + width * 0.62, top.1),
            (0.5 + width * 0.96, temple),
            right[0],
        )
        .through(&right[1..])
        .through(&[(0.5, bottom)])
        .through(&up)
        .curve(
            (0.5 - width * 0.96, temple),
            (0.5 - width * 0.62, top.1),
            top,
        )
}

/// A cloud of tight curls around the head.
pub(super) fn cloud(head: &Head, fullness: f32) -> Outline {
    let radius = head.half_width + 0.065 + 0.035 * fullness;
    let centre = (0.5, 0.385);
    AROUND
        .iter()
        .map(|&(x, y)| {
            let place = (centre.0 + x * radius, centre.1 - y * radius * 0.92);
            Outline::ellipse(place, 0.085, 0.085)
        })
        .fold(
            Outline::ellipse(centre, radius, radius * 0.95),
            Outline::and,
        )
}

/// The part of such a cloud that a hat leaves visible: tufts at both sides.
pub(super) fn tufts(head: &Head, fullness: f32) -> Outline {
    let edge = head.half_width + 0.035 + 0.025 * fullness;
    let tuft = |side: f32| {
        Outline::ellipse((0.5 + side * (edge - 0.02), 0.42), 0.075, 0.072)
            .and(Outline::ellipse((0.5 + side * edge, 0.51), 0.085, 0.08))
            .and(Outline::ellipse(
                (0.5 + side * (edge - 0.03), 0.60),
                0.08,
                0.075,
            ))
    };
    tuft(-1.0).and(tuft(1.0))
}

/// The curls of a cloud that frame the face.
pub(super) fn curly_edge(head: &Head) -> Outline {
    [-0.88, -0.62, -0.32, 0.0, 0.32, 0.62, 0.88]
        .into_iter()
        .map(|x: f32| Outline::ellipse(head.hairline_at(x, 0.265 + 0.13 * x * x), 0.058, 0.05))
        .fold(Outline::default(), Outline::and)
}

/// Short curls over the skull.
pub(super) fn curls(head: &Head, fullness: f32) -> Outline {
    let width = head.half_width + 0.002;
    let size = 0.064 + 0.016 * fullness;
    AROUND
        .iter()
        .filter(|(_, y)| *y >= 0.0)
        .map(|&(x, y)| Outline::ellipse((0.5 + x * width, 0.37 - y * 0.175), size, size))
        .fold(curly_edge(head), Outline::and)
}

/// Points around a circle, about every 22.5°.
const AROUND: [Point; 14] = [
    (-0.85, -0.53),
    (-0.98, -0.20),
    (-0.99, 0.10),
    (-0.90, 0.44),
    (-0.71, 0.71),
    (-0.42, 0.91),
    (-0.12, 0.99),
    (0.12, 0.99),
    (0.42, 0.91),
    (0.71, 0.71),
    (0.90, 0.44),
    (0.99, 0.10),
    (0.98, -0.20),
    (0.85, -0.53),
];

/// A knot of hair on top of the head.
pub(super) fn bun(fullness: f32) -> Outline {
    let size = 0.085 + 0.02 * fullness;
    Outline::ellipse((0.5, 0.105), size * 1.08, size)
}

/// A tail of hair tied at one `side` of the head.
pub(super) fn tail(head: &Head, side: f32, fullness: f32) -> Outline {
    let edge = head.half_width;
    let width = 0.10 + 0.03 * fullness;
    Outline::smooth(&[
        (0.5 + side * (edge - 0.04), 0.36),
        (0.5 + side * (edge + 0.06), 0.33),
        (0.5 + side * (edge + 0.06 + width), 0.48),
        (0.5 + side * (edge + 0.05 + width), 0.68),
        (0.5 + side * (edge + 0.05), 0.86),
        (0.5 + side * (edge + 0.03), 0.66),
        (0.5 + side * (edge + 0.01), 0.50),
    ])
}

/// The regions beside the face below height `top`, where hair hangs in front of ears and
/// shoulders.
pub(super) fn beside_face(head: &Head, top: f32) -> Outline {
    let place = |side: f32| {
        let edge = |offset: f32| 0.5 + side * (head.half_width + offset);
        Outline::start((edge(-0.035), top))
            .through(&[
                (edge(-0.016), 0.46),
                (edge(-0.014), 0.60),
                (edge(-0.010), 0.76),
                (edge(-0.020), 1.10),
            ])
            .line((edge(0.5), 1.10))
            .line((edge(0.5), top))
    };
    place(-1.0).and(place(1.0))
}

/// Everything below height `rim`, with round corners just outside the head, so that hair bulges
/// out from under a hat.
pub(super) fn below(head: &Head, rim: f32) -> Outline {
    let near = Outline::rounded_box((0.5, rim + 0.5), head.half_width + 0.085, 0.5, 0.12);
    let wide = Outline::rounded_box((0.5, rim + 0.56), 1.0, 0.5, 0.0);
    near.and(wide)
}

/// Hair swept up over the forehead, leaning to `side`.
pub(super) fn quiff(head: &Head, side: f32, fullness: f32) -> Outline {
    let edge = |x: f32| 0.5 + side * x * head.half_width;
    let top = 0.10 - 0.035 * fullness;
    Outline::smooth(&[
        (edge(-0.86), 0.33),
        (edge(-0.90), 0.20),
        (edge(-0.45), top + 0.035),
        (edge(0.25), top),
        (edge(0.88), top + 0.04),
        (edge(0.98), 0.22),
        (edge(0.80), 0.325),
        (edge(0.20), 0.30),
        (edge(-0.40), 0.295),
    ])
}

/// A streak of light on smooth hair.
pub(super) fn shine(head: &Head, fullness: f32) -> Outline {
    let edge = |x: f32| 0.5 + x * head.half_width;
    let y = 0.205 - 0.02 * fullness;
    let streak = [
        (edge(-0.66), y + 0.06),
        (edge(-0.48), y + 0.018),
        (edge(-0.22), y - 0.006),
    ];
    Outline::ribbon(&streak, 0.028, 0.014)
}

fn place(head: &Head, points: &[Point]) -> Vec<Point> {
    points
        .iter()
        .map(|&(x, y)| head.hairline_at(x, y))
        .collect()
}
