//! Figures of pictures and words: the paper's figures of one's own.

mod strips;
mod table;

use image::{DynamicImage, Rgb, RgbImage, imageops};

use crate::lettering;

pub use strips::{Strip, draw_strips};
pub use table::{Cell, PictureTable};

/// Pixels around pictures.
const GAP: u32 = 6;

/// Height of a line of words, and size of its letters, in pixels.
const LINE: u32 = 26;
const LETTERS: u32 = 15;

/// The least side of a picture in a figure: smaller ones are enlarged by a whole number.
const LEAST_SIDE: u32 = 128;

/// Letters that fit over a picture.
const LONGEST_NAME: usize = 16;

/// Vector arithmetic as a figure: the exemplars of each group one below the other and their average,
/// then the result among its neighbours.
#[derive(Debug)]
pub struct ArithmeticFigure {
    /// The groups in order.
    pub groups: Vec<Group>,
    /// Nine pictures in three rows: the result in the middle, around it the same with noise.
    pub result: Vec<DynamicImage>,
}

/// One group of an expression.
#[derive(Debug)]
pub struct Group {
    /// What it is called, with its sign.
    pub name: String,
    /// The pictures of its vectors.
    pub exemplars: Vec<DynamicImage>,
    /// The picture of the average vector.
    pub average: DynamicImage,
}

impl ArithmeticFigure {
    /// Draws it.
    ///
    /// # Errors
    /// What the drawing library has against it, which nothing is known to cause.
    pub fn draw(&self) -> Result<RgbImage, String> {
        let picture = &self.result[0];
        let scale = LEAST_SIDE.div_ceil(picture.width()).max(1);
        let side = picture.width() * scale;
        let cell = side + GAP;
        let most = self.groups.iter().map(|group| group.exemplars.len()).max();
        let rows = most.unwrap_or(0).max(2) as u32;
        let names = self.groups.iter().map(|group| in_lines(&group.name));
        let names: Vec<_> = names.collect();
        let name_lines = names.iter().map(Vec::len).max().unwrap_or(1) as u32;
        // a name, the exemplars, a word, the average
        let top = GAP + name_lines * LINE;
        let height = top + rows * cell + LINE + cell;
        let left_of_result = GAP + self.groups.len() as u32 * (cell + GAP) + cell / 2;
        let width = left_of_result + 3 * cell;
        let mut figure = RgbImage::from_pixel(width, height, Rgb([255; 3]));
        let mut paste = |picture: &DynamicImage, [x, y]: [u32; 2]| {
            let picture = picture.to_rgb8();
            let filter = imageops::FilterType::Nearest;
            let large = imageops::resize(&picture, side, side, filter);
            imageops::replace(&mut figure, &large, x.into(), y.into());
        };
        let average_top = top + rows * cell + LINE;
        let result_top = (height - 3 * cell).max(top + LINE) - LINE;
        let mut words = vec![(
            "result".to_owned(),
            [left_of_result, result_top - LINE],
            3 * cell,
        )];
        for ((place, group), name) in (0..).zip(&self.groups).zip(names) {
            let left = GAP + place * (cell + GAP);
            let lowest = (0..).zip(name.into_iter().rev());
            words.extend(lowest.map(|(line, text)| (text, [left, top - (line + 1) * LINE], side)));
            for (row, exemplar) in (0..).zip(&group.exemplars) {
                paste(exemplar, [left, top + row * cell]);
            }
            words.push(("average".to_owned(), [left, average_top - LINE], side));
            paste(&group.average, [left, average_top]);
        }
        for (place, picture) in (0..).zip(&self.result) {
            let [column, row] = [place % 3, place / 3];
            paste(
                picture,
                [left_of_result + column * cell, result_top + row * cell],
            );
        }
        for (text, [x, y], width) in words {
            let line = lettering::line(&text, LETTERS, [width, LINE])?;
            imageops::replace(&mut figure, &line, x.into(), y.into());
        }
        Ok(figure)
    }
}

/// A name of several words on two lines, if it is too long for one over a picture.
fn in_lines(name: &str) -> Vec<String> {
    let middle = name.len() / 2;
    let spaces = name.match_indices(' ').map(|(place, _)| place);
    // not behind the sign
    let spaces = spaces.filter(|&place| place > "− ".len());
    match spaces.min_by_key(|place| place.abs_diff(middle)) {
        Some(place) if name.chars().count() > LONGEST_NAME => {
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
