//! Good pictures of every format, and damaged ones.

use std::io::Cursor;

use image::{DynamicImage, ImageFormat, Rgb, RgbImage};

use super::mutation::{Random, mutate, overwrite};

/// Widths and heights, most of which no picture has.
const SIDES: [u32; 8] = [0, 1, 255, 4096, 0x7fff, 0xffff, 0x7fff_ffff, 0xffff_ffff];

/// Good pictures: those of other programs (`fixtures`) and some that are encoded here.
pub fn good_pictures(fixtures: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
    let colours = RgbImage::from_fn(24, 18, |x, y| {
        Rgb([(x * 10) as u8, (y * 14) as u8, (x * y) as u8])
    });
    let colours = DynamicImage::from(colours);
    let mut pictures = fixtures;
    for format in [
        ImageFormat::Png,
        ImageFormat::Bmp,
        ImageFormat::Gif,
        ImageFormat::WebP,
        ImageFormat::Jpeg,
    ] {
        pictures.push(encoded(&colours, format));
    }
    for deeper in [
        colours.to_rgba8().into(),
        colours.to_luma8().into(),
        colours.to_rgb16().into(),
    ] {
        pictures.push(encoded(&deeper, ImageFormat::Png));
    }
    // A TIFF, which is not supported.
    pictures.push(
        [
            b"II*\0\x08\0\0\0\x01\0\0\x01\x04\0\x01\0\0\0\x10\0\0\0",
            &[7; 200][..],
        ]
        .concat(),
    );
    pictures
}

fn encoded(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture
        .write_to(&mut bytes, format)
        .expect("a picture in memory");
    bytes.into_inner()
}

/// One of the good pictures, mutated one to three times.
pub fn damaged(good: &[Vec<u8>], random: &mut Random) -> Vec<u8> {
    let mut bytes = random.choose(good).clone();
    for _ in 0..=random.below(3) {
        if random.below(6) == 0 {
            resize(&mut bytes, random);
        } else {
            mutate(&mut bytes, good, random);
        }
    }
    // Otherwise every mutation of a PNG would be caught by its checksums.
    if random.below(2) == 0 {
        correct_png_checksums(&mut bytes);
    }
    bytes
}

/// Gives a picture another width or height.
fn resize(bytes: &mut [u8], random: &mut Random) {
    let side = *random.choose(&SIDES);
    let is_frame_header = |two: &[u8]| two[0] == 0xff && (0xc0..=0xc2).contains(&two[1]);
    let frame = bytes.windows(2).position(is_frame_header);
    let (place, width, is_big_endian) = match image::guess_format(bytes) {
        Ok(ImageFormat::Png) => (16, 4, true),
        Ok(ImageFormat::Bmp) => (18, 4, false),
        Ok(ImageFormat::Gif) => (6, 2, false),
        Ok(ImageFormat::WebP) => (26, 2, false),
        Ok(ImageFormat::Jpeg) => (frame.unwrap_or(0) + 5, 2, true),
        _ => (random.below(bytes.len()), 4, false),
    };
    let place = place + width * random.below(2);
    let number = if is_big_endian {
        side.to_be_bytes()[4 - width..].to_vec()
    } else {
        side.to_le_bytes()[..width].to_vec()
    };
    overwrite(bytes, place, &number);
}

/// Corrects the checksums of a PNG's chunks, as far as they are found.
fn correct_png_checksums(bytes: &mut [u8]) {
    if !bytes.starts_with(b"\x89PNG") {
        return;
    }
    let mut start = 8;
    while let Some(length) = bytes.get(start..start + 4) {
        let length = u32::from_be_bytes(length.try_into().expect("four bytes")) as usize;
        let Some(end) = start
            .checked_add(8 + length)
            .filter(|end| end + 4 <= bytes.len())
        else {
            return;
        };
        let mut checksum = flate2::Crc::new();
        checksum.update(&bytes[start + 4..end]);
        bytes[end..end + 4].copy_from_slice(&checksum.sum().to_be_bytes());
        start = end + 4;
    }
}
