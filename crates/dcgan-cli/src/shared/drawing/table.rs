//! A table of pictures with headings and captions, whose pictures can be written one by one too.

use dcgan_render::figure::{Cell, PictureTable};
use image::{DynamicImage, RgbImage};

use super::Label;

/// A picture of a table.
pub struct TableCell {
    pub picture: DynamicImage,
    /// The text below it.
    pub caption: Option<String>,
    /// What `--labels` writes on it.
    pub label: Option<Label>,
}

/// Rows of pictures in groups of columns.
pub struct Table {
    /// One for each group.
    pub headings: Vec<String>,
    /// The pictures of each row, group by group.
    pub rows: Vec<Vec<Vec<TableCell>>>,
}

impl Table {
    /// Its pictures with their labels, row by row, and what puts them into the table again once
    /// they are as they are to be seen.
    #[expect(clippy::type_complexity, reason = "both are used at once")]
    pub fn into_parts(
        self,
    ) -> (
        Vec<(DynamicImage, Option<Label>)>,
        impl FnOnce(Vec<DynamicImage>) -> RgbImage,
    ) {
        let mut pictures = Vec::new();
        let mut captions = Vec::new();
        for row in self.rows {
            let mut groups = Vec::new();
            for group in row {
                let mut cells = Vec::new();
                for cell in group {
                    pictures.push((cell.picture, cell.label));
                    cells.push(cell.caption);
                }
                groups.push(cells);
            }
            captions.push(groups);
        }
        let headings = self.headings;
        let arrange = move |pictures: Vec<DynamicImage>| {
            let mut pictures = pictures.into_iter();
            let mut cell = |caption| {
                let picture = pictures.next().unwrap_or_default();
                Cell { picture, caption }
            };
            let mut rows = Vec::new();
            for groups in captions {
                let mut row = Vec::new();
                for group in groups {
                    row.push(group.into_iter().map(&mut cell).collect());
                }
                rows.push(row);
            }
            PictureTable { headings, rows }.draw()
        };
        (pictures, arrange)
    }
}
