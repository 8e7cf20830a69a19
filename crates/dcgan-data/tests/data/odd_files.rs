//! Files that are not quite as their formats demand, and that other programs read.

use dcgan_data::{Crop, Dataset, Levels, PictureOptions};
use image::{DynamicImage, ImageBuffer, ImageFormat, Luma, RgbImage};

use super::support::*;

/// A picture that is wider than high, with a gradient.
fn gradient() -> DynamicImage {
    RgbImage::from_fn(96, 80, |x, y| {
        image::Rgb([(x * 2) as u8, (y * 3) as u8, 77])
    })
    .into()
}

fn whole(side: u32) -> PictureOptions {
    PictureOptions {
        image_size: side,
        crop: Crop::None,
        ..PictureOptions::default()
    }
}

fn load_files(files: &[(&str, &[u8])]) -> Dataset {
    load_with(folder(files).path(), &whole(32)).unwrap()
}

/// Loads files that show the same picture.
fn assert_same(files: &[(&str, &[u8])]) -> Dataset {
    let dataset = load_files(files);
    assert_eq!(dataset.skipped(), []);
    for index in 1..dataset.len() {
        assert_eq!(
            plain(&dataset, index),
            plain(&dataset, 0),
            "{}",
            dataset.name(index).unwrap()
        );
    }
    dataset
}

fn with_inserted(bytes: &[u8], before: &[u8], inserted: &[u8]) -> Vec<u8> {
    let at = bytes
        .windows(before.len())
        .position(|part| part == before)
        .unwrap();
    [&bytes[..at], inserted, &bytes[at..]].concat()
}

#[test]
fn stray_bytes_and_cut_metadata_in_a_jpeg_change_nothing() {
    let bytes = encoded(&gradient(), ImageFormat::Jpeg);
    let table = b"\xff\xdb";
    let stray = with_inserted(&bytes, table, b"\0\0");
    let noise = with_inserted(&bytes, b"\xff\xda", b"\x12\x34\x56");
    let before_end = [&bytes[..bytes.len() - 2], b"\0\0\0\xff\xd9"].concat();
    let empty = with_inserted(&bytes, table, b"\xff\xe1\0\x02");
    let adobe = with_inserted(&bytes, table, b"\xff\xee\0\x05Ado");
    let exif = with_inserted(&bytes, table, b"\xff\xe1\0\x0aExif\0\0MM");
    let trailing = [&bytes[..], b"more"].concat();
    let dataset = assert_same(&[
        ("a.jpg", &bytes),
        ("b.jpg", &stray),
        ("c.jpg", &noise),
        ("d.jpg", &before_end),
        ("e.jpg", &empty),
        ("f.jpg", &adobe),
        ("g.jpg", &exif),
        ("h.jpg", &trailing),
    ]);
    assert_eq!(
        dataset.remarks(),
        [
            "2 files are not quite as their formats demand, and were read nevertheless, the first one b.jpg"
        ]
    );
}

#[test]
fn a_png_or_gif_without_its_end_is_read_with_a_note() {
    let png = encoded(&gradient(), ImageFormat::Png);
    let dataset = assert_same(&[
        ("a.png", &png),
        ("b.png", &png[..png.len() - 12]),
        ("c.png", &png[..png.len() - 5]),
    ]);
    assert!(
        dataset.remarks()[0].starts_with("2 files are not quite"),
        "{:?}",
        dataset.remarks()
    );
    let gif = encoded(&gradient(), ImageFormat::Gif);
    let dataset = assert_same(&[("a.gif", &gif), ("b.gif", &gif[..gif.len() - 1])]);
    assert!(
        dataset.remarks()[0].starts_with("1 file is not quite"),
        "{:?}",
        dataset.remarks()
    );
}

#[test]
fn further_frames_are_mentioned() {
    let animation = fixture_bytes("pictures/animated.gif");
    let dataset = load_files(&[("a.gif", &animation), ("b.png", &png([1; 3]))]);
    let remark = &dataset.remarks()[0];
    assert!(
        remark.contains("several frames or pages") && remark.contains("a.gif"),
        "{remark}"
    );
}

/// EXIF data that says that a picture lies on its side.
const EXIF: &[u8] = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0";
const XMP: &str = "<x:xmpmeta><rdf:Description tiff:Orientation=\"6\"/></x:xmpmeta>";

/// A chunk with its checksum.
fn png_chunk(name: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let mut checksum = flate2::Crc::new();
    checksum.update(name);
    checksum.update(content);
    let length = (content.len() as u32).to_be_bytes();
    [&length[..], name, content, &checksum.sum().to_be_bytes()].concat()
}

/// An extended WebP with one more chunk.
fn webp_with(name: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let picture = encoded(&gradient(), ImageFormat::WebP);
    let flag = if name == b"EXIF" { 8 } else { 4 };
    let mut body = b"WEBPVP8X\x0a\0\0\0".to_vec();
    body.extend([flag, 0, 0, 0]);
    body.extend(
        95_u32.to_le_bytes()[..3]
            .iter()
            .chain(&79_u32.to_le_bytes()[..3]),
    );
    body.extend(&picture[12..]);
    body.extend(name);
    body.extend((content.len() as u32).to_le_bytes());
    body.extend(content);
    body.resize(body.len().next_multiple_of(2), 0);
    [b"RIFF", &(body.len() as u32).to_le_bytes()[..], &body].concat()
}

#[test]
fn the_orientation_is_found_wherever_programs_put_it() {
    let upright = encoded(&gradient().rotate90(), ImageFormat::Png);
    let lying = encoded(&gradient(), ImageFormat::Png);
    let in_png = |name: &[u8; 4], content: &[u8]| {
        let chunk = png_chunk(name, content);
        [&lying[..33], &chunk, &lying[33..]].concat()
    };
    let digits: String = EXIF.iter().map(|byte| format!("{byte:02x}")).collect();
    let profile = format!(
        "Raw profile type exif\0\nexif\n    {}\n{digits}\n",
        EXIF.len()
    );
    let xmp = [b"XML:com.adobe.xmp\0\0\0\0\0", XMP.as_bytes()].concat();
    let mut packed = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    let (keyword, text) = profile.split_once('\0').unwrap();
    std::io::Write::write_all(&mut packed, text.as_bytes()).unwrap();
    let packed = [keyword.as_bytes(), b"\0\0", &packed.finish().unwrap()].concat();
    let prefixed = [b"Exif\0\0", EXIF].concat();
    let dataset = assert_same(&[
        ("0.png", &upright),
        ("1.png", &in_png(b"eXIf", EXIF)),
        ("2.png", &in_png(b"tEXt", profile.as_bytes())),
        ("3.png", &in_png(b"zTXt", &packed)),
        ("4.png", &in_png(b"iTXt", &xmp)),
        ("5.webp", &webp_with(b"EXIF", EXIF)),
        ("6.webp", &webp_with(b"EXIF", &prefixed)),
        ("7.webp", &webp_with(b"XMP ", XMP.as_bytes())),
    ]);
    assert_eq!(dataset.len(), 8);
    for index in 0..8 {
        assert_eq!(
            dataset.facts(index).unwrap().source_size,
            (80, 96),
            "{index}"
        );
    }
    let jpeg = encoded(&gradient(), ImageFormat::Jpeg);
    let segment = [b"http://ns.adobe.com/xap/1.0/\0", XMP.as_bytes()].concat();
    let length = ((segment.len() + 2) as u16).to_be_bytes();
    let segment = [b"\xff\xe1", &length[..], &segment].concat();
    let turned = with_inserted(&jpeg, b"\xff\xdb", &segment);
    let dataset = load_files(&[("a.jpg", &turned)]);
    assert_eq!(dataset.facts(0).unwrap().source_size, (80, 96));
}

#[test]
fn opaque_pictures_with_an_alpha_channel_are_not_transparent() {
    let opaque = encoded(&gradient().to_rgba8().into(), ImageFormat::Png);
    let mut clear = gradient().to_rgba8();
    clear.get_pixel_mut(3, 3)[3] = 254;
    let clear = encoded(&clear.into(), ImageFormat::Png);
    let dataset = load_files(&[("a.png", &opaque), ("b.png", &clear)]);
    let transparent = |index| dataset.facts(index).unwrap().transparent;
    assert_eq!((transparent(0), transparent(1)), (false, true));
}

/// A picture of 16 bits that a camera of 12 bits made: a disc on a dark ground.
fn microscope(number: u16) -> Vec<u8> {
    let picture = ImageBuffer::from_fn(32, 32, |x, y| {
        let is_disc = x.abs_diff(16).pow(2) + y.abs_diff(14).pow(2) < 60;
        Luma([if is_disc { 1500 + 10 * number } else { 700 }])
    });
    let picture: DynamicImage = DynamicImage::ImageLuma16(picture);
    encoded(&picture, ImageFormat::Png)
}

#[test]
fn pictures_of_few_levels_are_not_blank_and_can_be_stretched() {
    let files: Vec<(String, Vec<u8>)> = (0..10)
        .map(|number| (format!("{number}.png"), microscope(number)))
        .collect();
    let files: Vec<(&str, &[u8])> = files
        .iter()
        .map(|(name, bytes)| (name.as_str(), &bytes[..]))
        .collect();
    let data = folder(&files);
    let dataset = load_with(data.path(), &whole(32)).unwrap();
    let deep = dataset.deep_pictures().unwrap();
    assert_eq!((deep.pictures, deep.least, deep.most), (10, 700, 1590));
    assert!(deep.is_narrow() && (1.0..2.0).contains(&deep.percent()));
    let check = dcgan_data::Check::new(&dataset, &|| false).unwrap();
    assert!(check.blank.is_empty());
    assert!(
        check
            .advice
            .contains(&dcgan_data::Advice::NarrowLevels(deep))
    );
    assert!(plain(&dataset, 9).iter().all(|value| *value < 10));

    let auto = PictureOptions {
        levels: Levels::Auto,
        ..whole(32)
    };
    let cache = folder(&[]);
    let source = dcgan_data::DataSource::at(data.path());
    let cached = || {
        Dataset::load_cached(&source, &auto, cache.path(), &|_, _| {}, &|| false)
            .unwrap()
            .0
    };
    for dataset in [load_with(data.path(), &auto).unwrap(), cached(), cached()] {
        assert_eq!(
            dataset.options().levels,
            Levels::Range {
                least: 700,
                most: 1590
            }
        );
        let (first, last) = (plain(&dataset, 0), plain(&dataset, 9));
        assert_eq!((first[0], first[14 * 32 + 16]), (0, 229));
        assert_eq!((last[0], last[14 * 32 + 16]), (0, 255));
    }
    // A single grey really is blank.
    let flat: DynamicImage = DynamicImage::ImageLuma16(ImageBuffer::from_pixel(9, 9, Luma([900])));
    let dataset = load_files(&[
        ("a.png", &encoded(&flat, ImageFormat::Png)),
        ("b.png", &microscope(1)),
    ]);
    let check = dcgan_data::Check::new(&dataset, &|| false).unwrap();
    assert_eq!(check.blank, ["a.png"]);
}

#[test]
fn a_picture_of_a_hundred_megapixels_is_read() {
    let large = RgbImage::from_fn(12_000, 9_000, |x, y| {
        image::Rgb([(x / 64) as u8, (y / 64) as u8, 77])
    });
    let large: DynamicImage = large.into();
    let small = large.resize_exact(120, 90, image::imageops::FilterType::Triangle);
    let dataset = load_files(&[
        ("large.jpg", &encoded(&large, ImageFormat::Jpeg)),
        ("small.png", &encoded(&small, ImageFormat::Png)),
    ]);
    assert_eq!(dataset.skipped(), []);
    assert_eq!(dataset.facts(0).unwrap().source_size, (12_000, 9_000));
    assert_close(
        &plain(&dataset, 0),
        &plain(&dataset, 1),
        3,
        "at reduced scale",
    );
}

#[test]
fn floating_point_pictures_are_refused_with_the_reason() {
    let floats = image::Rgb32FImage::from_pixel(4, 4, image::Rgb([0.5, 0.25, 1.0]));
    let tiff = encoded(&floats.into(), ImageFormat::Tiff);
    let good = png([1; 3]);
    let dataset = load_files(&[
        ("a.png", &good),
        ("b.png", &good),
        ("c.png", &good),
        ("d.tif", &tiff),
        ("e.hdr.png", b"#?RADIANCE\n"),
    ]);
    let skipped: Vec<String> = dataset.skipped().iter().map(ToString::to_string).collect();
    assert!(
        skipped[0].contains("32-bit floating-point numbers"),
        "{skipped:?}"
    );
    assert!(
        skipped[1].contains("Radiance HDR, which is not read"),
        "{skipped:?}"
    );
}

#[test]
fn a_reason_never_holds_the_words_of_a_library() {
    let bytes = encoded(&gradient(), ImageFormat::Png);
    let mut broken = bytes.clone();
    let middle = broken.len() / 2;
    broken[middle] ^= 0xff;
    let jpeg = encoded(&gradient(), ImageFormat::Jpeg);
    let mut tables = jpeg.clone();
    let at = jpeg
        .windows(2)
        .position(|part| part == b"\xff\xc4")
        .unwrap();
    tables[at + 5..at + 20].fill(0xff);
    let dataset = load_files(&[
        ("a.png", &bytes),
        ("b.png", &bytes),
        ("c.png", &broken),
        ("d.jpg", &tables),
    ]);
    for skipped in dataset.skipped() {
        assert!(
            skipped.reason.ends_with("data is invalid")
                || skipped.reason.starts_with("is truncated"),
            "{skipped}"
        );
    }
    assert_eq!(dataset.skipped().len(), 2);
}
