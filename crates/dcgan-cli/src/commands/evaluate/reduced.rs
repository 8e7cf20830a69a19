//! Pictures as points in which copies are searched for.

use anyhow::Result;
use dcgan_evaluate::{Features, Pictures};

/// The side to which pictures are reduced before they are searched for copies.
const COPY_SIDE: usize = 32;

/// Pictures as rows of mean colours, of at most [`COPY_SIDE`] a side.
pub fn reduced(pictures: &Pictures) -> Result<Features> {
    let (side, channels) = (pictures.side(), pictures.channels());
    let block = side.div_ceil(COPY_SIDE);
    let small = side.div_ceil(block);
    let mut values = Vec::with_capacity(pictures.len() * small * small * channels);
    for picture in pictures.iter() {
        for place in 0..small * small {
            let (top, left) = (place / small * block, place % small * block);
            let (rows, columns) = (top..side.min(top + block), left..side.min(left + block));
            let count = (rows.len() * columns.len()) as f32;
            for channel in 0..channels {
                let values_of = |row| {
                    let place = move |column| (row * side + column) * channels + channel;
                    columns
                        .clone()
                        .map(move |column| f32::from(picture[place(column)]))
                };
                let sum: f32 = rows.clone().flat_map(values_of).sum();
                values.push(sum / count / 255.0);
            }
        }
    }
    Ok(Features::new(values, small * small * channels)?)
}
