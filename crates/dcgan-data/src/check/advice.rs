//! What could be improved about a data set.

use std::collections::HashSet;

use super::Check;
use crate::decode::is_damage;
use crate::left_out::LeftOutReason;
use crate::masks::Masks;
use crate::notes::DeepPictures;
use crate::{Crop, Dataset, FEW_PICTURES, Format, Levels};

/// With fewer pictures than this, mirroring still helps a lot.
const MANY_PICTURES: usize = 10_000;

/// Copies are worth a remark if they are more than one picture in this many.
const MAX_COPY_RATIO: usize = 50;

/// Something that could be improved about a data set.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Advice {
    /// Training needs at least two pictures.
    TooFewPictures,
    /// There are fewer than [`FEW_PICTURES`]: a generator may memorise them.
    FewPictures {
        /// The number of pictures.
        pictures: usize,
        /// Whether mirroring them would help.
        can_flip: bool,
    },
    /// There are not many pictures: mirroring would double them.
    FlipPictures {
        /// The number of pictures.
        pictures: usize,
    },
    /// Pictures will be left out because they cannot be used.
    Unusable {
        /// Their number.
        count: usize,
        /// The number of those whose files are damaged.
        damaged: usize,
    },
    /// Pictures of a format that is not read.
    Convert {
        /// The format, such as `HEIC`.
        format: String,
        /// Their number.
        count: usize,
    },
    /// Pictures look like masks of others.
    Masks(Masks),
    /// Pictures with 16 bits use a small part of the range.
    NarrowLevels(DeepPictures),
    /// Pictures are copies of others, and a generator draws those more often.
    Copies {
        /// The number of copies.
        count: usize,
        /// The number of all pictures.
        pictures: usize,
    },
    /// Most pictures are enlarged by more than a third.
    Enlarged {
        /// Their number.
        count: usize,
        /// The number of all pictures.
        pictures: usize,
        /// The image size in pixels.
        image_size: u32,
    },
    /// Most pictures are elongated, and cropping to the centre hides their ends.
    Elongated {
        /// Their number.
        count: usize,
        /// The number of all pictures.
        pictures: usize,
    },
    /// A few pictures in colour among grey ones make the networks learn colours.
    FewInColour {
        /// The number of pictures in colour.
        colour: usize,
        /// The number of grey pictures.
        grey: usize,
    },
    /// Transparent pictures are laid over the background colour.
    Transparent {
        /// Their number.
        count: usize,
        /// Red, green, blue.
        background: [u8; 3],
    },
    /// Pictures are of a single colour.
    Blank {
        /// Their number.
        count: usize,
    },
}

/// What could be improved, the most important first.
pub(super) fn advice(check: &Check, dataset: &Dataset) -> Vec<Advice> {
    if check.pictures < 2 {
        return vec![Advice::TooFewPictures];
    }
    let unread = check.left_out.iter();
    let unread = unread.filter(|group| group.reason == LeftOutReason::UnreadFormat);
    let convert = unread.map(|group| Advice::Convert {
        format: group.kind.clone(),
        count: group.count,
    });
    let masks = dataset.masks().into_iter().map(Advice::Masks);
    let others = [
        number(check, dataset),
        unusable(check),
        narrow(dataset),
        copies(check),
        enlarged(check, dataset),
        elongated(check, dataset),
        few_in_colour(check, dataset),
        transparent(check, dataset),
        blank(check),
    ];
    convert
        .chain(masks)
        .chain(others.into_iter().flatten())
        .collect()
}

fn narrow(dataset: &Dataset) -> Option<Advice> {
    let deep = dataset.deep_pictures()?;
    let is_full = dataset.options().levels == Levels::Full;
    (is_full && deep.is_narrow()).then_some(Advice::NarrowLevels(deep))
}

fn number(check: &Check, dataset: &Dataset) -> Option<Advice> {
    let pictures = check.pictures;
    // Mirrored digits are wrong.
    let holds_digits = matches!(check.format, Some(Format::Mnist | Format::Svhn));
    let can_flip = !dataset.options().flip && !holds_digits;
    if pictures < FEW_PICTURES as usize {
        Some(Advice::FewPictures { pictures, can_flip })
    } else if pictures < MANY_PICTURES && can_flip {
        Some(Advice::FlipPictures { pictures })
    } else {
        None
    }
}

fn unusable(check: &Check) -> Option<Advice> {
    let count = check.unreadable.len();
    let reasons = check.unreadable.iter().map(|skipped| &skipped.reason);
    let damaged = reasons.filter(|reason| is_damage(reason)).count();
    (count > 0).then_some(Advice::Unusable { count, damaged })
}

fn copies(check: &Check) -> Option<Advice> {
    let groups = check.exact_duplicates.iter();
    let same = groups.flat_map(|group| &group[1..]);
    let alike = check.near_duplicates.iter().map(|[_, other]| other);
    let count = same.chain(alike).collect::<HashSet<_>>().len();
    let pictures = check.pictures;
    (count * MAX_COPY_RATIO > pictures).then_some(Advice::Copies { count, pictures })
}

fn enlarged(check: &Check, dataset: &Dataset) -> Option<Advice> {
    let image_size = dataset.image_size() as u32;
    let is_smaller = |(width, height): (u32, u32)| width.min(height) * 4 < image_size * 3;
    let (count, pictures) = (count_sizes(dataset, is_smaller), check.pictures);
    (count * 2 > pictures).then_some(Advice::Enlarged {
        count,
        pictures,
        image_size,
    })
}

/// Elongated pictures are more than one and a half times as long as wide.
fn elongated(check: &Check, dataset: &Dataset) -> Option<Advice> {
    let is_elongated = |(width, height): (u32, u32)| {
        let (long, short) = (u64::from(width.max(height)), u64::from(width.min(height)));
        long * 2 > short * 3
    };
    let (count, pictures) = (count_sizes(dataset, is_elongated), check.pictures);
    let is_cropped = dataset.options().crop == Crop::Center;
    (is_cropped && count * 2 > pictures).then_some(Advice::Elongated { count, pictures })
}

/// The number of pictures whose size before resizing is as wanted.
fn count_sizes(dataset: &Dataset, is_wanted: impl Fn((u32, u32)) -> bool) -> usize {
    (0..dataset.len())
        .filter_map(|index| dataset.facts(index))
        .filter(|facts| is_wanted(facts.source_size))
        .count()
}

fn few_in_colour(check: &Check, dataset: &Dataset) -> Option<Advice> {
    let (colour, grey) = (check.colour, check.grey);
    let is_few = colour > 0 && colour * 10 < grey && dataset.options().channels.is_none();
    is_few.then_some(Advice::FewInColour { colour, grey })
}

fn transparent(check: &Check, dataset: &Dataset) -> Option<Advice> {
    (check.transparent > 0).then_some(Advice::Transparent {
        count: check.transparent,
        background: dataset.options().background,
    })
}

fn blank(check: &Check) -> Option<Advice> {
    let count = check.blank.len();
    (count > 0).then_some(Advice::Blank { count })
}
