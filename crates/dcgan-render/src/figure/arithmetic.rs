//! Vector arithmetic as a figure.

use image::DynamicImage;
use image::RgbImage;

use super::{GAP, LINE_HEIGHT, draw_picture, draw_text, enlarged_side};
use crate::canvas::Canvas;

/// Longer names are broken into two lines.
const MAX_NAME_LETTERS: usize = 16;

/// Vector arithmetic as a figure: the exemplars of each group below one another and their
/// average, then the result among its neighbours.
#[derive(Debug)]
pub struct ArithmeticFigure {
    /// The groups in order.
    pub groups: Vec<Group>,
    /// The most exemplars side by side.
    pub columns: usize,
    /// Nine pictures in three rows: the result in the middle, surrounded by noisy variants.
    pub result: Vec<DynamicImage>,
}

/// One group of an expression.
#[derive(Debug)]
pub struct Group {
    /// Its name, with its sign.
    pub name: String,
    /// The pictures of its vectors.
    pub exemplars: Vec<DynamicImage>,
    /// The texts below them.
    pub captions: Vec<String>,
    /// The picture of the average vector.
    pub average: DynamicImage,
}

impl ArithmeticFigure {
    /// Draws it.
    ///
    /// # Panics
    /// If there is no result.
    pub fn draw(&self) -> RgbImage {
        let side = enlarged_side(self.result[0].width());
        let cell = side + GAP;
        let has_captions = self.groups.iter().any(|group| !group.captions.is_empty());
        let row = if has_captions {
            side + LINE_HEIGHT
        } else {
            cell
        };
        let exemplars = self.groups.iter().map(|group| group.exemplars.len()).max();
        let exemplars = exemplars.unwrap_or(0);
        let columns = self.columns.clamp(1, exemplars.max(1)) as u32;
        let rows = (exemplars as u32).div_ceil(columns).max(2);
        // a group is as wide as its exemplars side by side
        let group_width = columns * cell - GAP;
        let names: Vec<_> = self
            .groups
            .iter()
            .map(|group| in_lines(&group.name))
            .collect();
        let name_lines = names.iter().map(Vec::len).max().unwrap_or(1) as u32;
        // from top to bottom: the name, the exemplars, "average", the average
        let top = GAP + name_lines * LINE_HEIGHT;
        let average_top = top + rows * row + LINE_HEIGHT;
        let height = average_top + cell;
        let result_left = GAP + self.groups.len() as u32 * (group_width + 2 * GAP) + cell / 2;
        let result_top = (height - 3 * cell).max(top + LINE_HEIGHT) - LINE_HEIGHT;

        let mut canvas = Canvas::new(result_left + 3 * cell, height);
        for ((place, group), name) in (0..).zip(&self.groups).zip(names) {
            let left = GAP + place * (group_width + 2 * GAP);
            for (line, text) in (1..).zip(name.iter().rev()) {
                draw_text(
                    &mut canvas,
                    text,
                    left,
                    top - line * LINE_HEIGHT,
                    group_width,
                );
            }
            for (place, exemplar) in (0..).zip(&group.exemplars) {
                let left = left + place % columns * cell;
                let top = top + place / columns * row;
                draw_picture(&mut canvas, exemplar, left, top, side);
                if let Some(caption) = group.captions.get(place as usize) {
                    draw_text(&mut canvas, caption, left, top + side, side);
                }
            }
            draw_text(
                &mut canvas,
                "average",
                left,
                average_top - LINE_HEIGHT,
                side,
            );
            draw_picture(&mut canvas, &group.average, left, average_top, side);
        }
        let caption_top = result_top - LINE_HEIGHT;
        draw_text(&mut canvas, "result", result_left, caption_top, 3 * cell);
        for (place, picture) in (0..).zip(&self.result) {
            let left = result_left + place % 3 * cell;
            let top = result_top + place / 3 * cell;
            draw_picture(&mut canvas, picture, left, top, side);
        }
        canvas.into_image()
    }
}

/// Breaks a name that is too long for one line at the space nearest to its middle.
fn in_lines(name: &str) -> Vec<String> {
    let middle = name.len() / 2;
    let spaces = name.match_indices(' ').map(|(place, _)| place);
    // the sign stays with the first word
    let spaces = spaces.filter(|&place| place > "− ".len());
    match spaces.min_by_key(|place| place.abs_diff(middle)) {
        Some(place) if name.chars().count() > MAX_NAME_LETTERS => {
            vec![name[..place].to_owned(), name[place + 1..].to_owned()]
        }
        _ => vec![name.to_owned()],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_names_take_two_lines() {
        assert_eq!(in_lines("neutral woman"), ["neutral woman"]);
        assert_eq!(
            in_lines("− man without glasses"),
            ["− man", "without glasses"]
        );
        assert_eq!(
            in_lines("− 5_o_Clock_Shadow_and_more"),
            ["− 5_o_Clock_Shadow_and_more"]
        );
    }
}
