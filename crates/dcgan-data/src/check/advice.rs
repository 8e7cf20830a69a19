//! What to do about a data set, in plain sentences.

use super::Check;
use crate::FEW_PICTURES;
use crate::{Crop, Dataset, Format};

/// With fewer pictures, mirrored ones still help much.
const NOT_MANY: usize = 10_000;

/// Sentences, the most important first; none if all is well.
pub(super) fn advice(check: &Check, dataset: &Dataset) -> Vec<String> {
    let mut advice = Vec::new();
    let mut say = |sentence: String| advice.push(sentence);
    if check.pictures < 2 {
        say("training needs at least two pictures".to_owned());
        return advice;
    }
    number(check, dataset, &mut say);
    if !check.unreadable.is_empty() {
        say(format!(
            "{} will be left out: download or copy them again if they matter",
            count(
                check.unreadable.len(),
                "picture that cannot be used",
                "pictures that cannot be used"
            )
        ));
    }
    let copies: usize = check
        .exact_duplicates
        .iter()
        .map(|group| group.len() - 1)
        .sum();
    let copies = copies + check.near_duplicates.len();
    if copies * 50 > check.pictures {
        say(format!(
            "{copies} of {} pictures are copies of others: the generator will draw those more often, so remove them",
            check.pictures
        ));
    }
    sizes(check, dataset, &mut say);
    channels(check, dataset, &mut say);
    if !check.blank.is_empty() {
        say(format!(
            "{} teach nothing: remove them",
            count(check.blank.len(), "blank picture", "blank pictures")
        ));
    }
    advice
}

fn number(check: &Check, dataset: &Dataset, say: &mut dyn FnMut(String)) {
    let pictures = check.pictures;
    // Digits and letters must not be mirrored.
    let digits = matches!(check.format, Some(Format::Mnist | Format::Svhn));
    let can_flip = !dataset.options().flip && !digits;
    let flip = if can_flip { "; use --flip" } else { "" };
    if pictures < FEW_PICTURES as usize {
        say(format!("{pictures} pictures is few: expect copies{flip}"));
    } else if pictures < NOT_MANY && can_flip {
        say(format!(
            "{pictures} pictures is not many: --flip doubles them, where left and right may be swapped"
        ));
    }
}

fn sizes(check: &Check, dataset: &Dataset, say: &mut dyn FnMut(String)) {
    let side = dataset.image_size() as u32;
    let sizes = || {
        let facts = (0..dataset.len()).filter_map(|index| dataset.facts(index));
        facts.map(|facts| facts.source_size)
    };
    let enlarged = sizes()
        .filter(|&(width, height)| width.min(height) < side)
        .count();
    if enlarged * 2 > check.pictures {
        say(format!(
            "{enlarged} of {} pictures are smaller than {side} pixels and will be enlarged, which shows: choose a smaller --image-size",
            check.pictures
        ));
    }
    let long = sizes().filter(|&(width, height)| {
        let (long, short) = (u64::from(width.max(height)), u64::from(width.min(height)));
        long * 2 > short * 3
    });
    let long = long.count();
    if long * 2 > check.pictures && dataset.options().crop == Crop::Center {
        say(format!(
            "{long} of {} pictures are more than one and a half times as long as wide, and only their middle is seen: --crop random sees all of them, --crop none squeezes them",
            check.pictures
        ));
    }
}

fn channels(check: &Check, dataset: &Dataset, say: &mut dyn FnMut(String)) {
    if check.colour > 0 && check.colour * 10 < check.grey && dataset.options().channels.is_none() {
        say(format!(
            "{} among {} grey ones make the networks learn colours: --channels 1 trains in grey",
            count(check.colour, "picture in colour", "pictures in colour"),
            check.grey
        ));
    }
    if check.transparent > 0 {
        let [red, green, blue] = dataset.options().background;
        say(format!(
            "{} will lie over the colour {red:02x}{green:02x}{blue:02x}: --background chooses another",
            count(
                check.transparent,
                "transparent picture",
                "transparent pictures"
            )
        ));
    }
}

/// `1 picture`, `2 pictures`.
fn count(number: usize, one: &str, many: &str) -> String {
    match number {
        1 => format!("1 {one}"),
        _ => format!("{number} {many}"),
    }
}
