//! A table of pictures with headings and captions.

use image::{DynamicImage, RgbImage};

use super::{GAP, LINE_HEIGHT, MIN_SIDE, draw_picture, draw_text, enlarged_side};
use crate::canvas::Canvas;

/// A picture and its caption.
#[derive(Debug, Clone)]
pub struct Cell {
    /// The picture.
    pub picture: DynamicImage,
    /// The text below it.
    pub caption: Option<String>,
}

/// Rows of square pictures of one size, in groups of columns with a gap between them and a
/// heading above.
///
/// ```
/// use dcgan_render::figure::{Cell, PictureTable};
/// use image::RgbImage;
///
/// let cell = |caption: &str| Cell {
///     picture: RgbImage::new(64, 64).into(),
///     caption: Some(caption.to_owned()),
/// };
/// let table = PictureTable {
///     headings: vec!["drawn".to_owned(), "nearest".to_owned()],
///     rows: vec![vec![vec![cell("")], vec![cell("0.7"), cell("0.9")]]],
/// };
/// let figure = table.draw();
/// assert!(figure.width() > 3 * 128 && figure.height() > 128);
/// ```
#[derive(Debug)]
pub struct PictureTable {
    /// One for each group.
    pub headings: Vec<String>,
    /// The pictures of each row, group by group.
    pub rows: Vec<Vec<Vec<Cell>>>,
}

impl PictureTable {
    /// Draws it.
    pub fn draw(&self) -> RgbImage {
        let cells = self.rows.iter().flatten().flatten();
        let width = cells.map(|cell| cell.picture.width()).max();
        let side = width.map_or(MIN_SIDE, enlarged_side);
        let cell = side + GAP;
        let columns = self.columns();
        let mut lefts = Vec::with_capacity(columns.len());
        let (mut left, mut right) = (GAP, GAP);
        for &columns in &columns {
            lefts.push(left);
            // an empty group takes no room
            if columns > 0 {
                right = left + columns * cell;
                left = right + cell / 4;
            }
        }
        let heights = self.rows.iter().map(|row| side + space_below(row));
        let mut canvas = Canvas::new(right, LINE_HEIGHT + heights.sum::<u32>());
        for ((heading, &columns), &left) in self.headings.iter().zip(&columns).zip(&lefts) {
            if columns > 0 {
                draw_text(&mut canvas, heading, left, 0, columns * cell - GAP);
            }
        }
        let mut top = LINE_HEIGHT;
        for row in &self.rows {
            for (group, &left) in row.iter().zip(&lefts) {
                for (left, content) in (left..).step_by(cell as usize).zip(group) {
                    draw_picture(&mut canvas, &content.picture, left, top, side);
                    if let Some(caption) = &content.caption {
                        draw_text(&mut canvas, caption, left, top + side, side);
                    }
                }
            }
            top += side + space_below(row);
        }
        canvas.into_image()
    }

    /// The number of columns of each group: that of its longest row.
    fn columns(&self) -> Vec<u32> {
        let longest = |group: usize| {
            let rows = self.rows.iter().filter_map(|row| row.get(group));
            rows.map(|cells| cells.len() as u32).max().unwrap_or(0)
        };
        (0..self.headings.len()).map(longest).collect()
    }
}

/// Pixels below the pictures of a row.
fn space_below(row: &[Vec<Cell>]) -> u32 {
    if row.iter().flatten().any(|cell| cell.caption.is_some()) {
        LINE_HEIGHT
    } else {
        GAP
    }
}
