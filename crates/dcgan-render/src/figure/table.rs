//! Pictures in groups side by side, with words above and below.

use image::{DynamicImage, Rgb, RgbImage, imageops};

use super::{GAP, LEAST_SIDE, LETTERS, LINE};
use crate::lettering;

/// A picture and the words below it.
#[derive(Debug, Clone)]
pub struct Cell {
    /// The picture.
    pub picture: DynamicImage,
    /// What is written below it.
    pub words: Option<String>,
}

/// Rows of square pictures of one size, in groups with a gap between them and words above.
///
/// ```
/// use dcgan_render::figure::{Cell, PictureTable};
/// use image::RgbImage;
///
/// let cell = |words: &str| Cell {
///     picture: RgbImage::new(64, 64).into(),
///     words: Some(words.to_owned()),
/// };
/// let table = PictureTable {
///     heads: vec!["drawn".to_owned(), "nearest".to_owned()],
///     rows: vec![vec![vec![cell("")], vec![cell("0.7"), cell("0.9")]]],
/// };
/// let figure = table.draw()?;
/// assert!(figure.width() > 3 * 128 && figure.height() > 128);
/// # Ok::<(), String>(())
/// ```
#[derive(Debug)]
pub struct PictureTable {
    /// Of each group what it is.
    pub heads: Vec<String>,
    /// The pictures of each row, group by group.
    pub rows: Vec<Vec<Vec<Cell>>>,
}

impl PictureTable {
    /// Draws it.
    ///
    /// # Errors
    /// A table without pictures; what the drawing library has against it, which nothing is known
    /// to cause.
    pub fn draw(&self) -> Result<RgbImage, String> {
        let cells = self.rows.iter().flatten().flatten();
        let width = cells.map(|cell| cell.picture.width()).max();
        let Some(width) = width.filter(|&width| width > 0) else {
            return Err("there are no pictures to show".to_owned());
        };
        let side = width * LEAST_SIDE.div_ceil(width);
        let cell = side + GAP;
        let columns = self.columns();
        let lefts: Vec<u32> = columns
            .iter()
            .scan(GAP, |left, &columns| {
                let here = *left;
                // an empty group takes no room
                *left += columns * cell + if columns > 0 { cell / 4 } else { 0 };
                Some(here)
            })
            .collect();
        let right = lefts
            .iter()
            .zip(&columns)
            .map(|(left, columns)| left + columns * cell);
        let heights = self.rows.iter().map(|row| side + below(row));
        let size = [right.max().unwrap_or(GAP), LINE + heights.sum::<u32>()];
        let mut figure = RgbImage::from_pixel(size[0], size[1], Rgb([255; 3]));
        let heads = self.heads.iter().zip(&columns).zip(&lefts);
        for ((words, &columns), &left) in heads {
            if columns > 0 {
                write(&mut figure, words, [left, 0], columns * cell - GAP)?;
            }
        }
        let mut top = LINE;
        for row in &self.rows {
            for (group, &left) in row.iter().zip(&lefts) {
                for (cell_left, content) in (left..).step_by(cell as usize).zip(group) {
                    content.draw(&mut figure, [cell_left, top], side)?;
                }
            }
            top += side + below(row);
        }
        Ok(figure)
    }

    /// How many pictures the fullest row of each group has.
    fn columns(&self) -> Vec<u32> {
        let most = |group: usize| {
            let rows = self.rows.iter().filter_map(|row| row.get(group));
            rows.map(|cells| cells.len() as u32).max().unwrap_or(0)
        };
        (0..self.heads.len()).map(most).collect()
    }
}

/// Pixels below the pictures of a row.
fn below(row: &[Vec<Cell>]) -> u32 {
    match row.iter().flatten().any(|cell| cell.words.is_some()) {
        true => LINE,
        false => GAP,
    }
}

impl Cell {
    fn draw(&self, figure: &mut RgbImage, [left, top]: [u32; 2], side: u32) -> Result<(), String> {
        let filter = imageops::FilterType::Nearest;
        let large = imageops::resize(&self.picture.to_rgb8(), side, side, filter);
        imageops::replace(figure, &large, left.into(), top.into());
        match &self.words {
            Some(words) => write(figure, words, [left, top + side], side),
            None => Ok(()),
        }
    }
}

fn write(
    figure: &mut RgbImage,
    words: &str,
    [left, top]: [u32; 2],
    width: u32,
) -> Result<(), String> {
    let line = lettering::line(words, LETTERS, [width, LINE])?;
    imageops::replace(figure, &line, left.into(), top.into());
    Ok(())
}
