//! The font of figures and plots: how wide a text is, and the outline of its letters.

use std::sync::LazyLock;

use ab_glyph::{Font, FontRef, OutlineCurve, Point};
use tiny_skia::{Path, PathBuilder};

/// DejaVu Sans 2.37, reduced to Latin-1 and some punctuation.
static FONT: LazyLock<FontRef> = LazyLock::new(|| {
    FontRef::try_from_slice(include_bytes!("../assets/DejaVuSans.ttf"))
        .expect("the embedded font is valid")
});

/// Height of a capital letter, as a fraction of the font size.
pub const CAP_HEIGHT: f32 = 0.729;

/// No text is wide enough for more letters, so longer ones are not measured.
const MAX_LETTERS: usize = 200;

/// The width of a line of text in pixels.
pub fn width(text: &str, size: f32) -> f32 {
    layout(text).end * scale(size)
}

/// The letters of a line of text, its baseline starting at the origin; `None` if all are blank.
pub fn outline(text: &str, size: f32) -> Option<Path> {
    let scale = scale(size);
    let mut path = PathBuilder::new();
    for (letter, left) in layout(text).letters {
        let Some(outline) = FONT.outline(letter) else {
            continue; // a space
        };
        // the font's y axis points up
        let place = |point: Point| ((left + point.x) * scale, -point.y * scale);
        let mut pen = None;
        for curve in outline.curves {
            let (start, end) = match curve {
                OutlineCurve::Line(start, end)
                | OutlineCurve::Quad(start, _, end)
                | OutlineCurve::Cubic(start, _, _, end) => (start, end),
            };
            if pen != Some(start) {
                let (x, y) = place(start);
                path.move_to(x, y);
            }
            let (x, y) = place(end);
            match curve {
                OutlineCurve::Line(..) => path.line_to(x, y),
                OutlineCurve::Quad(_, control, _) => {
                    let (x1, y1) = place(control);
                    path.quad_to(x1, y1, x, y);
                }
                OutlineCurve::Cubic(_, first, second, _) => {
                    let ((x1, y1), (x2, y2)) = (place(first), place(second));
                    path.cubic_to(x1, y1, x2, y2, x, y);
                }
            }
            pen = Some(end);
        }
    }
    path.finish()
}

/// The text on one line, cut off with an ellipsis if it is wider than `max_width` pixels.
pub fn fit(text: &str, size: f32, max_width: f32) -> String {
    let mut line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut kept: Vec<char> = line.chars().take(MAX_LETTERS).collect();
    while width(&line, size) > max_width && kept.pop().is_some() {
        line = kept.iter().chain(&['…']).collect();
    }
    line
}

/// A line of text in the font's units.
struct Layout {
    /// Each letter and where it starts.
    letters: Vec<(ab_glyph::GlyphId, f32)>,
    end: f32,
}

fn layout(text: &str) -> Layout {
    let mut letters = Vec::new();
    let mut end = 0.0;
    for letter in text.chars().map(|letter| FONT.glyph_id(letter)) {
        if let Some(&(previous, _)) = letters.last() {
            end += FONT.kern_unscaled(previous, letter);
        }
        letters.push((letter, end));
        end += FONT.h_advance_unscaled(letter);
    }
    Layout { letters, end }
}

/// Pixels per unit of the font.
fn scale(size: f32) -> f32 {
    size / FONT.units_per_em().expect("the embedded font has a size")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_outline_is_as_wide_as_measured() {
        let outline = outline("Größe −1…", 100.0).unwrap();
        let measured = width("Größe −1…", 100.0);
        // letters have a little space on either side
        assert!((outline.bounds().width() - measured).abs() < 20.0);
        assert!(outline.bounds().top() < -CAP_HEIGHT * 95.0);
    }

    #[test]
    fn blank_text_has_no_outline() {
        assert!(outline("", 12.0).is_none());
        assert!(outline("  ", 12.0).is_none());
    }

    #[test]
    fn text_that_is_too_wide_ends_in_an_ellipsis() {
        assert_eq!(fit("two\nlines", 12.0, 500.0), "two lines");
        let cut = fit(&"W 漢字 ".repeat(1000), 12.0, 100.0);
        assert!(cut.ends_with('…') && cut.chars().count() > 3, "{cut}");
        assert!(width(&cut, 12.0) <= 100.0);
    }
}
