//! The drawn faces as a source of pictures.

use crate::error::DataError;
use crate::fingerprint::Hasher;
use crate::pixels::Pixels;
use crate::source::{Entries, Item, Names, Opened, RandomAccess, Raw, Reader};

/// The most faces.
const MAX_FACES: u32 = 1_000_000;

/// Opens the first `count` faces of a seed, drawn at a size in pixels, with their attributes.
///
/// # Errors
///
/// [`DataError::NoFaces`] if `count` is 0, and [`DataError::TooManyFaces`] if it is more than
/// [`MAX_FACES`].
pub(crate) fn open(count: u32, seed: u64, image_size: u32) -> Result<Opened, DataError> {
    if count == 0 {
        return Err(DataError::NoFaces);
    }
    if count > MAX_FACES {
        return Err(DataError::TooManyFaces {
            count,
            limit: MAX_FACES,
        });
    }
    let numbers = || 0..u64::from(count);
    let mut names = Names::default();
    for number in numbers() {
        names.push(&format!("demo/{number}"));
    }
    let entries = Entries {
        names,
        attribute_names: dcgan_faces::ATTRIBUTE_NAMES.map(str::to_owned).to_vec(),
        attributes: numbers()
            .flat_map(|number| dcgan_faces::face(seed, number).labels())
            .map(u8::from)
            .collect(),
        ..Entries::default()
    };
    let faces = Faces { seed, image_size };
    Ok(Opened::new(entries, Reader::random_access(faces)))
}

/// Draws faces when they are read.
#[derive(Debug)]
struct Faces {
    seed: u64,
    image_size: u32,
}

impl RandomAccess for Faces {
    fn read(&self, index: usize) -> Result<Item, String> {
        let face = dcgan_faces::face(self.seed, index as u64).draw(self.image_size);
        Ok(Item {
            raw: Raw::Pixels(Pixels::from(face)),
            // The seed and the name determine the face.
            content: Hasher::new().number(self.seed).finish(),
        })
    }
}
