//! Closed outlines in unit coordinates, from which all of a face is made.
//!
//! Curves are flattened into short straight lines, using only additions, multiplications and square
//! roots, so that every machine computes the same outline, bit for bit. Lines with a width are
//! outlines too ([`Outline::ribbon`]), so that they can taper like a brush stroke.

/// A point `(x, y)` in unit coordinates: (0, 0) is the picture's top left, (1, 1) its bottom right.
pub(super) type Point = (f32, f32);

/// Straight lines per cubic curve: enough to hide the corners at 1,024 pixels.
const STEPS: usize = 14;

/// The distance of the control points of a cubic that approximates a quarter of the unit circle.
const QUARTER_CIRCLE: f32 = 0.552_284_8;

/// One or more closed contours, filled by the non-zero winding rule.
#[derive(Debug, Clone, Default)]
pub(super) struct Outline {
    contours: Vec<Vec<Point>>,
}

impl Outline {
    /// A contour that starts at `point`; continue it with [`line`](Self::line),
    /// [`curve`](Self::curve) and [`through`](Self::through). It closes by itself.
    pub(super) fn start(point: Point) -> Self {
        Self {
            contours: vec![vec![point]],
        }
    }

    /// A straight line to `end`.
    pub(super) fn line(mut self, end: Point) -> Self {
        self.current().push(end);
        self
    }

    /// A cubic Bézier curve to `end`, pulled towards `first` and then `second`.
    pub(super) fn curve(mut self, first: Point, second: Point, end: Point) -> Self {
        let contour = self.current();
        let start = contour.last().copied().unwrap_or(end);
        push_cubic(contour, [start, first, second, end]);
        self
    }

    /// A smooth curve from the current point through all of `points`.
    pub(super) fn through(mut self, points: &[Point]) -> Self {
        let contour = self.current();
        let start = contour.last().copied();
        let knots: Vec<Point> = start.into_iter().chain(points.iter().copied()).collect();
        contour.extend(spline(&knots).into_iter().skip(1));
        self
    }

    /// A smooth closed shape through all of `points`.
    pub(super) fn smooth(points: &[Point]) -> Self {
        let count = points.len();
        let mut contour = Vec::with_capacity(count * STEPS);
        for i in 0..count {
            let knot = |offset: usize| points[(i + offset) % count];
            let around = [knot(count - 1), knot(0), knot(1), knot(2)];
            push_cubic(&mut contour, catmull_rom(around));
        }
        Self {
            contours: vec![contour],
        }
    }

    /// An ellipse by its centre and its two radii.
    pub(super) fn ellipse((x, y): Point, radius_x: f32, radius_y: f32) -> Self {
        Self::rounded_box((x, y), radius_x, radius_y, 1.0)
    }

    /// A box by its centre and half sizes, with `roundness` from 0 (sharp) to 1 (an ellipse).
    pub(super) fn rounded_box(
        (x, y): Point,
        half_width: f32,
        half_height: f32,
        roundness: f32,
    ) -> Self {
        let (left, right) = (x - half_width, x + half_width);
        let (top, bottom) = (y - half_height, y + half_height);
        let (corner_x, corner_y) = (half_width * roundness, half_height * roundness);
        let reach = 1.0 - QUARTER_CIRCLE;
        let (near_x, near_y) = (corner_x * reach, corner_y * reach);
        Self::start((left + corner_x, top))
            .line((right - corner_x, top))
            .curve(
                (right - near_x, top),
                (right, top + near_y),
                (right, top + corner_y),
            )
            .line((right, bottom - corner_y))
            .curve(
                (right, bottom - near_y),
                (right - near_x, bottom),
                (right - corner_x, bottom),
            )
            .line((left + corner_x, bottom))
            .curve(
                (left + near_x, bottom),
                (left, bottom - near_y),
                (left, bottom - corner_y),
            )
            .line((left, top + corner_y))
            .curve(
                (left, top + near_y),
                (left + near_x, top),
                (left + corner_x, top),
            )
    }

    /// A brush stroke along the smooth curve through `points`: `width` wide in the middle and
    /// `end_width` wide at both round ends.
    pub(super) fn ribbon(points: &[Point], width: f32, end_width: f32) -> Self {
        let middle = spline(points);
        let last = middle.len().saturating_sub(1);
        let mut right_side = Vec::with_capacity(middle.len());
        let mut contour = Vec::with_capacity(middle.len() * 2);
        for (i, &(x, y)) in middle.iter().enumerate() {
            let (before, after) = (middle[i.saturating_sub(1)], middle[(i + 1).min(last)]);
            let (dx, dy) = direction(before, after);
            let along = i as f32 / last.max(1) as f32;
            let bulge = 4.0 * along * (1.0 - along);
            let half = 0.5 * (end_width + (width - end_width) * bulge);
            contour.push((x - dy * half, y + dx * half));
            right_side.push((x + dy * half, y - dx * half));
        }
        contour.extend(right_side.into_iter().rev());
        let mut ribbon = Self {
            contours: vec![contour],
        };
        for end in [middle.first(), middle.last()].into_iter().flatten() {
            ribbon = ribbon.and(Self::ellipse(*end, 0.5 * end_width, 0.5 * end_width));
        }
        ribbon
    }

    /// The union of both outlines.
    pub(super) fn and(mut self, other: Self) -> Self {
        // contours in opposite directions would cut holes where they overlap
        for contour in &mut self.contours {
            make_clockwise(contour);
        }
        self.contours
            .extend(other.contours.into_iter().map(|mut contour| {
                make_clockwise(&mut contour);
                contour
            }));
        self
    }

    /// This outline with `hole` cut out of it. `hole` must lie inside.
    pub(super) fn without(mut self, hole: Self) -> Self {
        self = self.and(hole.clone());
        let kept = self.contours.len() - hole.contours.len();
        for contour in self.contours.iter_mut().skip(kept) {
            contour.reverse();
        }
        self
    }

    /// The outline with every point moved by `change`.
    pub(super) fn map(mut self, change: impl Fn(Point) -> Point) -> Self {
        for point in self.contours.iter_mut().flatten() {
            *point = change(*point);
        }
        self
    }

    /// The contours, each a closed polygon.
    pub(super) fn contours(&self) -> impl Iterator<Item = &[Point]> {
        self.contours.iter().map(Vec::as_slice)
    }

    fn current(&mut self) -> &mut Vec<Point> {
        if self.contours.is_empty() {
            self.contours.push(Vec::new());
        }
        let last = self.contours.len() - 1;
        &mut self.contours[last]
    }
}

/// The smooth open curve through `knots`, as points along it.
fn spline(knots: &[Point]) -> Vec<Point> {
    let mut points: Vec<Point> = knots.first().copied().into_iter().collect();
    for i in 1..knots.len() {
        let before = knots[i.saturating_sub(2)];
        let after = knots[(i + 1).min(knots.len() - 1)];
        push_cubic(
            &mut points,
            catmull_rom([before, knots[i - 1], knots[i], after]),
        );
    }
    points
}

/// The Bézier control points of the Catmull–Rom curve from the second point to the third.
fn catmull_rom([p0, p1, p2, p3]: [Point; 4]) -> [Point; 4] {
    let first = (p1.0 + (p2.0 - p0.0) / 6.0, p1.1 + (p2.1 - p0.1) / 6.0);
    let second = (p2.0 - (p3.0 - p1.0) / 6.0, p2.1 - (p3.1 - p1.1) / 6.0);
    [p1, first, second, p2]
}

/// Adds the points of a cubic Bézier curve, all but its first.
fn push_cubic(contour: &mut Vec<Point>, [p0, p1, p2, p3]: [Point; 4]) {
    for step in 1..=STEPS {
        let t = step as f32 / STEPS as f32;
        let s = 1.0 - t;
        let weights = [s * s * s, 3.0 * s * s * t, 3.0 * s * t * t, t * t * t];
        let x = weights[0] * p0.0 + weights[1] * p1.0 + weights[2] * p2.0 + weights[3] * p3.0;
        let y = weights[0] * p0.1 + weights[1] * p1.1 + weights[2] * p2.1 + weights[3] * p3.1;
        contour.push((x, y));
    }
}

/// The unit vector from `start` to `end`; zero if they are the same point.
fn direction(start: Point, end: Point) -> Point {
    let (dx, dy) = (end.0 - start.0, end.1 - start.1);
    let length = (dx * dx + dy * dy).sqrt();
    if length > 0.0 {
        (dx / length, dy / length)
    } else {
        (0.0, 0.0)
    }
}

/// Reverses a counter-clockwise contour.
fn make_clockwise(contour: &mut [Point]) {
    if doubled_area(contour) < 0.0 {
        contour.reverse();
    }
}

/// Twice the area of a polygon, negative if it is counter-clockwise.
fn doubled_area(contour: &[Point]) -> f32 {
    let next = contour.iter().cycle().skip(1);
    contour
        .iter()
        .zip(next)
        .map(|(a, b)| a.0 * b.1 - b.0 * a.1)
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The area inside; holes count as negative.
    fn area(outline: &Outline) -> f32 {
        let doubled: f32 = outline.contours().map(doubled_area).sum();
        doubled / 2.0
    }

    #[test]
    fn an_ellipse_has_the_area_of_an_ellipse() {
        let ellipse = Outline::ellipse((0.5, 0.4), 0.3, 0.2);
        let expected = std::f32::consts::PI * 0.3 * 0.2;
        assert!((area(&ellipse) - expected).abs() < 0.005 * expected);
    }

    #[test]
    fn a_hole_removes_its_area_in_either_direction() {
        let whole = Outline::rounded_box((0.5, 0.5), 0.4, 0.4, 0.0);
        let forwards = Outline::start((0.4, 0.4))
            .line((0.6, 0.4))
            .line((0.6, 0.6))
            .line((0.4, 0.6));
        let backwards = Outline::start((0.4, 0.4))
            .line((0.4, 0.6))
            .line((0.6, 0.6))
            .line((0.6, 0.4));
        for hole in [forwards, backwards] {
            assert!((area(&whole.clone().without(hole)) - 0.60).abs() < 1e-4);
        }
    }

    #[test]
    fn a_straight_ribbon_has_the_given_length_and_width() {
        let ribbon = Outline::ribbon(&[(0.2, 0.5), (0.5, 0.5), (0.8, 0.5)], 0.1, 0.1);
        let inside = |axis: fn(&Point) -> f32| {
            let values = ribbon.contours().flatten().map(axis);
            let (low, high) = values.fold((1.0_f32, 0.0_f32), |(low, high), value| {
                (low.min(value), high.max(value))
            });
            high - low
        };
        assert!(
            (inside(|point| point.0) - 0.7).abs() < 1e-4,
            "round ends add half the width each"
        );
        assert!((inside(|point| point.1) - 0.1).abs() < 1e-4);
    }

    #[test]
    fn a_smooth_curve_passes_through_its_points() {
        let points = [(0.1, 0.2), (0.4, 0.7), (0.9, 0.3)];
        let curve = spline(&points);
        for point in points {
            let near = |other: &Point| (other.0 - point.0).abs() + (other.1 - point.1).abs() < 1e-5;
            assert!(curve.iter().any(near), "{point:?}");
        }
    }
}
