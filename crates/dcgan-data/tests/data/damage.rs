//! Good pictures of every format, and every way to damage them.

use std::io::Cursor;

use image::{DynamicImage, ImageFormat, Rgb, RgbImage};

/// Marsaglia's xorshift64, enough to choose what to break.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound.max(1) as u64) as usize
    }
}

/// Numbers that stand for a side, of which most are no picture's.
const SIDES: [u32; 8] = [0, 1, 255, 4096, 0x7fff, 0xffff, 0x7fff_ffff, 0xffff_ffff];

/// Good pictures: written here, and by other programs (`fixtures`, the files of a folder).
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
    // a TIFF, which is no format of a data set
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

/// One of the good pictures, damaged in one to three ways.
pub fn damaged(good: &[Vec<u8>], random: &mut Random) -> Vec<u8> {
    let mut bytes = good[random.below(good.len())].clone();
    for _ in 0..=random.below(3) {
        damage(&mut bytes, good, random);
    }
    // or nothing would ever be damaged behind a PNG's checksums
    if random.below(2) == 0 {
        mend_png(&mut bytes);
    }
    bytes
}

fn damage(bytes: &mut Vec<u8>, good: &[Vec<u8>], random: &mut Random) {
    let at = random.below(bytes.len());
    let other = &good[random.below(good.len())];
    match random.below(6) {
        0 => {
            for _ in 0..=random.below(20) {
                let at = random.below(bytes.len());
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= 1 << random.below(8);
                }
            }
        }
        1 => bytes.truncate(at),
        2 => {
            // the rest of another picture, or a piece of it between
            let from = random.below(other.len());
            let end = bytes.len().min(at + random.below(200));
            bytes.splice(at.min(end)..end, other[from..].iter().copied());
        }
        3 => {
            // the head of another format
            let length = random.below(64).min(bytes.len()).min(other.len());
            bytes[..length].copy_from_slice(&other[..length]);
        }
        4 => resize(bytes, random),
        _ => {
            let length = random.below(300);
            let value = random.next() as u8;
            bytes
                .iter_mut()
                .skip(at)
                .take(length)
                .for_each(|byte| *byte = value);
        }
    }
}

/// Gives a picture another width or height, where its format keeps them.
fn resize(bytes: &mut [u8], random: &mut Random) {
    let side = SIDES[random.below(SIDES.len())];
    let frame = bytes
        .windows(2)
        .position(|two| two[0] == 0xff && (0xc0..=0xc2).contains(&two[1]));
    let (place, width, is_big_endian) = match image::guess_format(bytes) {
        Ok(ImageFormat::Png) => (16, 4, true),
        Ok(ImageFormat::Bmp) => (18, 4, false),
        Ok(ImageFormat::Gif) => (6, 2, false),
        Ok(ImageFormat::WebP) => (26, 2, false),
        Ok(ImageFormat::Jpeg) => (frame.unwrap_or(0) + 5, 2, true),
        _ => (random.below(bytes.len()), 4, false),
    };
    let place = place + width * random.below(2);
    let number = match is_big_endian {
        true => side.to_be_bytes()[4 - width..].to_vec(),
        false => side.to_le_bytes()[..width].to_vec(),
    };
    for (byte, value) in bytes.iter_mut().skip(place).zip(number) {
        *byte = value;
    }
}

/// Makes the checksums of a PNG's chunks right again, as far as they can be found.
fn mend_png(bytes: &mut [u8]) {
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
