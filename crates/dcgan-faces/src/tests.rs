//! Properties of the data set as a whole.

use image::RgbImage;

use super::{
    ATTRIBUTE_NAMES, Earrings, Eyewear, Face, FacialHair, HairStyle, Headwear, SIZES, face,
};

/// The smallest box `(left, top, right, bottom)` around all pixels that differ, in unit
/// coordinates; `None` if no pixel differs.
fn difference(one: &RgbImage, other: &RgbImage) -> Option<(f32, f32, f32, f32)> {
    let side = one.width() as f32;
    let pixels = one.enumerate_pixels().zip(other.pixels());
    pixels
        .filter(|((_, _, a), b)| a != b)
        .map(|((x, y, _), _)| (x as f32 / side, y as f32 / side))
        .map(|(x, y)| (x, y, x + 1.0 / side, y + 1.0 / side))
        .reduce(|a, b| (a.0.min(b.0), a.1.min(b.1), a.2.max(b.2), a.3.max(b.3)))
}

/// The boxes in which the pictures of `count` faces change from `before` to `after`.
fn change_of(
    count: u64,
    before: impl Fn(&mut Face),
    after: impl Fn(&mut Face),
) -> Vec<(f32, f32, f32, f32)> {
    let boxes = (0..count).map(|index| {
        let mut one = face(3, index);
        before(&mut one);
        let mut other = one.clone();
        after(&mut other);
        difference(&one.draw(64), &other.draw(64)).expect("the change is visible")
    });
    boxes.collect()
}

#[test]
fn a_picture_depends_on_the_seed_and_the_index() {
    let picture = face(1, 10).draw(64);
    assert_eq!(picture, face(1, 10).draw(64));
    assert_ne!(picture, face(1, 11).draw(64));
    assert_ne!(picture, face(2, 10).draw(64));
}

#[test]
fn no_two_faces_are_equal() {
    let mut pictures: Vec<Vec<u8>> = (0..300).map(|i| face(0, i).draw(32).into_raw()).collect();
    pictures.sort();
    pictures.dedup();
    assert_eq!(pictures.len(), 300);
}

/// The hash of the pictures' bytes. Unless the faces are changed on purpose, a different hash breaks
/// "the same on every machine".
#[test]
fn the_pictures_are_the_same_on_every_machine() {
    let bytes = (0..40).flat_map(|index| face(7, index).draw(64).into_raw());
    let fnv_1a = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    let hash = bytes.fold(0xcbf2_9ce4_8422_2325, fnv_1a);
    assert_eq!(hash, 7_658_364_299_909_836_457);
}

#[test]
fn every_label_holds_for_some_faces_and_not_for_others() {
    let mut counts = [0; ATTRIBUTE_NAMES.len()];
    for index in 0..2000 {
        for (count, holds) in counts.iter_mut().zip(face(0, index).labels()) {
            *count += u32::from(holds);
        }
    }
    for (name, count) in ATTRIBUTE_NAMES.iter().zip(counts) {
        assert!((40..=1960).contains(&count), "{name}: {count} of 2000");
    }
}

#[test]
fn label_names_are_sorted_and_single_words() {
    assert!(ATTRIBUTE_NAMES.is_sorted());
    for name in ATTRIBUTE_NAMES {
        assert!(!name.is_empty() && !name.contains(char::is_whitespace));
    }
}

#[test]
fn labels_agree_with_one_another() {
    let place = |name: &str| ATTRIBUTE_NAMES.iter().position(|other| *other == name);
    for index in 0..2000 {
        let labels = face(9, index).labels();
        let holds = |name: &str| labels[place(name).expect("a known name")];
        let colors = ["Black", "Blond", "Brown", "Dyed", "Gray", "Red"];
        let colors = colors
            .iter()
            .filter(|color| holds(&format!("{color}_Hair")));
        assert_eq!(
            colors.count(),
            usize::from(face(9, index).hair_style != HairStyle::Bald)
        );
        assert!(!holds("Sunglasses") || holds("Eyeglasses"));
        assert!(!holds("Goatee") || !holds("No_Beard"));
        assert!(!holds("Bald") || !(holds("Bangs") || holds("Wearing_Hat")));
        assert!(!(holds("Looking_Left") && holds("Looking_Right")));
        assert!(holds("Male") || (holds("No_Beard") && !holds("Mustache")));
    }
}

#[test]
fn glasses_change_only_the_eyes() {
    let without = |face: &mut Face| face.eyewear = Eyewear::None;
    for eyewear in [Eyewear::Round, Eyewear::Square, Eyewear::Sunglasses] {
        for (left, top, right, bottom) in change_of(20, without, |face| face.eyewear = eyewear) {
            assert!(top > 0.38 && bottom < 0.68, "rows {top} to {bottom}");
            assert!(left < 0.35 && right > 0.65, "both eyes: {left} to {right}");
        }
    }
}

#[test]
fn a_smile_changes_only_the_mouth() {
    let neutral = |face: &mut Face| face.smile = 0.0;
    for (left, top, right, bottom) in change_of(20, neutral, |face| face.smile = 1.0) {
        assert!(top > 0.64 && bottom < 0.94, "rows {top} to {bottom}");
        assert!(left > 0.25 && right < 0.75, "columns {left} to {right}");
    }
}

#[test]
fn a_hat_changes_nothing_below_the_eyes_of_short_hair() {
    let bare = |face: &mut Face| {
        face.hair_style = HairStyle::Short;
        face.headwear = Headwear::None;
    };
    for headwear in [Headwear::Beanie, Headwear::Cap, Headwear::Brimmed] {
        for (_, top, _, bottom) in change_of(10, bare, |face| face.headwear = headwear) {
            assert!(top < 0.15 && bottom < 0.56, "rows {top} to {bottom}");
        }
    }
}

#[test]
fn a_beard_changes_only_the_lower_half() {
    let shaven = |face: &mut Face| face.facial_hair = FacialHair::None;
    let kinds = [
        FacialHair::Stubble,
        FacialHair::Mustache,
        FacialHair::Goatee,
        FacialHair::Beard,
    ];
    for kind in kinds {
        for (_, top, _, bottom) in change_of(10, shaven, |face| face.facial_hair = kind) {
            assert!(top > 0.44 && bottom < 0.95, "rows {top} to {bottom}");
        }
    }
}

#[test]
fn earrings_hang_at_both_sides() {
    let bare = |face: &mut Face| face.earrings = Earrings::None;
    for kind in [Earrings::Studs, Earrings::Hoops] {
        for (left, top, right, bottom) in change_of(10, bare, |face| face.earrings = kind) {
            assert!(left < 0.27 && right > 0.73, "columns {left} to {right}");
            assert!(top > 0.5 && bottom < 0.8, "rows {top} to {bottom}");
        }
    }
}

#[test]
fn a_face_looks_the_same_at_every_size() {
    let large = face(4, 2).draw(256);
    let small = face(4, 2).draw(64);
    let mut off = 0.0;
    for (x, y, pixel) in small.enumerate_pixels() {
        for channel in 0..3 {
            let block = (0..16).map(|i| large.get_pixel(4 * x + i % 4, 4 * y + i / 4)[channel]);
            let mean = block.map(f32::from).sum::<f32>() / 16.0;
            off += (mean - f32::from(pixel[channel])).abs();
        }
    }
    let off = off / (64.0 * 64.0 * 3.0);
    assert!(off < 1.5, "{off} of 255 a pixel");
}

#[test]
fn every_size_can_be_drawn() {
    for size in (16..=256).step_by(9).chain([127, 128, 129, 255, 256]) {
        let picture = face(0, u64::from(size)).draw(size);
        assert_eq!(picture.dimensions(), (size, size));
    }
}

#[test]
fn sizes_are_clamped_to_the_range() {
    assert_eq!(face(0, 0).draw(0).width(), *SIZES.start());
    assert_eq!(face(0, 0).draw(u32::MAX).width(), *SIZES.end());
}

#[test]
fn numbers_are_clamped_to_their_range() {
    let mut wild = face(0, 1);
    let mut tame = wild.clone();
    (wild.smile, tame.smile) = (f32::INFINITY, 1.0);
    (wild.yaw, tame.yaw) = (-1e30, -1.0);
    (wild.face_width, tame.face_width) = (f32::NAN, 0.0);
    assert_eq!(wild.draw(64), tame.draw(64));
}
