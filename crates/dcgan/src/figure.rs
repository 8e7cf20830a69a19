//! Figures of pictures and words: the paper's Figure 7 of one's own.

use image::{DynamicImage, Rgb, RgbImage, imageops};

use crate::lettering;

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

/// A drawn picture beside training pictures, each with its distance, where there is one to tell.
#[derive(Debug)]
pub struct NeighbourRow {
    /// The drawn picture.
    pub drawn: DynamicImage,
    /// The nearest in their pixels.
    pub by_pixels: Vec<(DynamicImage, Option<f64>)>,
    /// The nearest in the discriminator's features.
    pub by_features: Vec<(DynamicImage, Option<f64>)>,
}

/// Draws a row for each drawn picture, with the distances under its neighbours.
///
/// # Errors
/// What the drawing library has against it, which nothing is known to cause.
pub fn draw_neighbours(rows: &[NeighbourRow]) -> Result<RgbImage, String> {
    let Some(first) = rows.first() else {
        return Err("there are no pictures to show".to_owned());
    };
    let scale = LEAST_SIDE.div_ceil(first.drawn.width()).max(1);
    let side = first.drawn.width() * scale;
    let (cell, row_height) = (side + GAP, side + LINE);
    let (pixels, features) = (first.by_pixels.len() as u32, first.by_features.len() as u32);
    let left_of_pixels = GAP + cell + cell / 4;
    let left_of_features = left_of_pixels + pixels * cell + cell / 4;
    let size = [
        left_of_features + features * cell,
        LINE + rows.len() as u32 * row_height,
    ];
    let mut figure = RgbImage::from_pixel(size[0], size[1], Rgb([255; 3]));
    let heads = [
        ("drawn", GAP, 1),
        ("nearest in pixels", left_of_pixels, pixels),
        ("nearest in features", left_of_features, features),
    ];
    for (text, left, columns) in heads {
        if columns > 0 {
            let line = lettering::line(text, LETTERS, [columns * cell - GAP, LINE])?;
            imageops::replace(&mut figure, &line, left.into(), 0);
        }
    }
    for (place, row) in (0..).zip(rows) {
        let top = LINE + place * row_height;
        let mut paste = |picture: &DynamicImage, left: u32| {
            let filter = imageops::FilterType::Nearest;
            let large = imageops::resize(&picture.to_rgb8(), side, side, filter);
            imageops::replace(&mut figure, &large, left.into(), top.into());
        };
        paste(&row.drawn, GAP);
        let groups = [
            (&row.by_pixels, left_of_pixels),
            (&row.by_features, left_of_features),
        ];
        for (neighbours, start) in groups {
            for (column, (picture, _)) in (0..).zip(neighbours) {
                paste(picture, start + column * cell);
            }
        }
        for (neighbours, start) in groups {
            for (column, (_, distance)) in (0..).zip(neighbours) {
                let Some(distance) = distance else {
                    continue;
                };
                let line = lettering::line(&format!("{distance:.2}"), LETTERS, [side, LINE])?;
                let (left, top) = (start + column * cell, top + side);
                imageops::replace(&mut figure, &line, left.into(), top.into());
            }
        }
    }
    Ok(figure)
}

/// Pictures side by side under a line of words.
#[derive(Debug)]
pub struct Strip {
    /// One for each picture, one for all of them, or none.
    pub heads: Vec<String>,
    /// The pictures.
    pub pictures: Vec<DynamicImage>,
}

/// Draws strips one below the other.
///
/// # Errors
/// What the drawing library has against it, which nothing is known to cause.
pub fn draw_strips(strips: &[Strip]) -> Result<RgbImage, String> {
    let first = strips.iter().find_map(|strip| strip.pictures.first());
    let Some(first) = first else {
        return Err("there are no pictures to show".to_owned());
    };
    let side = first.width() * LEAST_SIDE.div_ceil(first.width()).max(1);
    let columns = strips.iter().map(|strip| strip.pictures.len()).max();
    let width = GAP + columns.unwrap_or(0) as u32 * (side + GAP);
    let head = |strip: &Strip| if strip.heads.is_empty() { 0 } else { LINE };
    let height = strips
        .iter()
        .map(|strip| head(strip) + side + GAP)
        .sum::<u32>()
        + GAP;
    let mut figure = RgbImage::from_pixel(width, height, Rgb([255; 3]));
    let mut top = GAP;
    for strip in strips {
        let of_each = match strip.heads.len() {
            1 => width - 2 * GAP,
            _ => side,
        };
        for (place, text) in (0..).zip(&strip.heads) {
            let line = lettering::line(text, LETTERS, [of_each, LINE])?;
            let left = GAP + place * (side + GAP);
            imageops::replace(&mut figure, &line, left.into(), (top - GAP / 2).into());
        }
        top += head(strip);
        for (place, picture) in (0..).zip(&strip.pictures) {
            let filter = imageops::FilterType::Nearest;
            let large = imageops::resize(&picture.to_rgb8(), side, side, filter);
            let left = GAP + place * (side + GAP);
            imageops::replace(&mut figure, &large, left.into(), top.into());
        }
        top += side + GAP;
    }
    Ok(figure)
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
