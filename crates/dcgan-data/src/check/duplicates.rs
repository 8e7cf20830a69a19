//! Exact and near duplicates among pictures.

use std::collections::HashMap;

use image::GrayImage;
use image::imageops::{FilterType, resize};
use image_hasher::{Hasher, HasherConfig};

use super::Look;
use crate::error::DataError;
use crate::order::Augmentation;
use crate::pixels::luma;
use crate::{Dataset, Encoding};

/// Hashes of pictures that look the same differ in at most this many of their 64 bits.
const MAX_DIFFERENT_BITS: u32 = 5;

/// Two such hashes, cut into one part more than that, agree in at least one part.
const HASH_PARTS: u32 = MAX_DIFFERENT_BITS + 1;

/// A picture is compared with at most this many others whose hashes share a part.
const MAX_COMPARED: usize = 2000;

/// The largest mean difference, in levels of 255, of two pictures that look the same.
const MAX_MEAN_DIFFERENCE: u64 = 8;

/// And the largest in any part of them. A small object in another colour on a plain background changes the mean
/// of the whole picture by less than compression does, but not that of the parts that it fills.
const MAX_PART_DIFFERENCE: u64 = 32;

/// Parts along each side.
const PARTS: usize = 8;

/// 64 bits that describe what a picture looks like: the signs of its lowest frequencies (Zauner
/// 2010, "Implementation and Benchmarking of Perceptual Image Hash Functions").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct PerceptualHash(u64);

thread_local! {
    /// Reuses its cosine tables.
    static HASHER: Hasher = HasherConfig::new().hash_size(8, 8).preproc_dct().to_hasher();
}

impl PerceptualHash {
    pub fn new(values: &[u8], side: usize, channels: usize) -> Self {
        let grey = match channels {
            1 => values.to_vec(),
            _ => values.chunks_exact(channels).map(luma).collect(),
        };
        let side = side as u32;
        let Some(grey) = GrayImage::from_raw(side, side, grey) else {
            return Self(0);
        };
        let small = resize(&grey, 32, 32, FilterType::Triangle);
        let hash = HASHER.with(|hasher| hasher.hash_image(&small));
        let bytes = hash.as_bytes().iter().take(8);
        Self(bytes.fold(0, |bits, &byte| bits << 8 | u64::from(byte)))
    }

    /// The number of bits in which two hashes differ.
    fn distance(self, other: Self) -> u32 {
        (self.0 ^ other.0).count_ones()
    }

    /// One of its [`HASH_PARTS`] parts.
    fn part(self, part: u32) -> u64 {
        let width = 64_u32.div_ceil(HASH_PARTS);
        self.0 >> (part * width) & ((1 << width) - 1)
    }
}

/// Groups of pictures with the same bytes.
pub(super) struct Exact {
    groups: Vec<Vec<usize>>,
    /// For each picture, whether it is the same as an earlier one.
    is_copy: Vec<bool>,
}

pub(super) fn exact(dataset: &Dataset) -> Exact {
    let mut by_content: HashMap<(u64, (u32, u32), Encoding), Vec<usize>> = HashMap::new();
    // The content of drawn faces is not hashed.
    let pictures = if dataset.format().is_some() {
        dataset.len()
    } else {
        0
    };
    for index in 0..pictures {
        if let Some(facts) = dataset.facts(index) {
            let key = (facts.content, facts.source_size, facts.encoding);
            by_content.entry(key).or_default().push(index);
        }
    }
    let mut groups: Vec<Vec<usize>> = by_content
        .into_values()
        .filter(|group| group.len() > 1)
        .collect();
    groups.sort();
    let mut is_copy = vec![false; dataset.len()];
    for &index in groups.iter().flat_map(|group| &group[1..]) {
        is_copy[index] = true;
    }
    Exact { groups, is_copy }
}

impl Exact {
    pub fn names(&self, dataset: &Dataset) -> Vec<Vec<String>> {
        let name = |&index: &usize| dataset.name(index);
        let groups = self.groups.iter();
        groups
            .map(|group| group.iter().filter_map(name).collect())
            .collect()
    }
}

/// Pairs of pictures that look the same, without exact copies and blank pictures.
///
/// # Errors
///
/// If a picture can no longer be read.
pub(super) fn near(
    dataset: &Dataset,
    looks: &[Look],
    exact: &Exact,
) -> Result<Vec<[String; 2]>, DataError> {
    let mut pairs = Vec::new();
    for (one, other) in candidates(looks, exact) {
        if look_the_same(dataset, one, other)? {
            pairs.push([one, other].map(|index| dataset.name(index).unwrap_or_default()));
        }
    }
    Ok(pairs)
}

/// Pairs of pictures whose hashes are close, in order.
fn candidates(looks: &[Look], exact: &Exact) -> Vec<(usize, usize)> {
    let compared = |&index: &usize| !looks[index].is_blank && !exact.is_copy[index];
    let mut order: Vec<usize> = (0..looks.len()).filter(compared).collect();
    let mut found = Vec::new();
    for part in 0..HASH_PARTS {
        let key = |index: usize| looks[index].hash.part(part);
        order.sort_by_key(|&index| (key(index), index));
        for (place, &one) in order.iter().enumerate() {
            let followers = order[place + 1..].iter().take(MAX_COMPARED);
            for &other in followers.take_while(|&&other| key(other) == key(one)) {
                if looks[one].hash.distance(looks[other].hash) <= MAX_DIFFERENT_BITS {
                    found.push((one, other));
                }
            }
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}

fn look_the_same(dataset: &Dataset, one: usize, other: usize) -> Result<bool, DataError> {
    let [one, other] = [one, other].map(|index| dataset.picture(index, Augmentation::NONE));
    let side = dataset.image_size();
    Ok(are_alike(&one?, &other?, side))
}

/// Whether two pictures of the same size differ little as a whole and in each part.
fn are_alike(one: &[u8], other: &[u8], side: usize) -> bool {
    let row = one.len() / side;
    let mut parts = [[0; PARTS]; PARTS];
    for (place, (&one, &other)) in one.iter().zip(other).enumerate() {
        let [vertical, horizontal] = [place / row * PARTS / side, place % row * PARTS / row];
        parts[vertical][horizontal] += u64::from(one.abs_diff(other));
    }
    let len = one.len() as u64;
    let parts = parts.as_flattened();
    let part_len = len / parts.len() as u64;
    parts.iter().sum::<u64>() <= MAX_MEAN_DIFFERENCE * len
        && parts
            .iter()
            .all(|&sum| sum <= MAX_PART_DIFFERENCE * part_len)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A square of a colour on white.
    fn square(colour: [u8; 3]) -> Vec<u8> {
        let is_inside = |at: usize| (26..38).contains(&at);
        let pixel = |at: usize| {
            if is_inside(at / 64) && is_inside(at % 64) {
                colour
            } else {
                [255; 3]
            }
        };
        (0..64 * 64).flat_map(pixel).collect()
    }

    #[test]
    fn a_small_object_in_another_colour_is_another_picture() {
        let red = square([200, 60, 60]);
        let compressed: Vec<u8> = red.iter().map(|&value| value.saturating_sub(5)).collect();
        assert!(are_alike(&red, &compressed, 64));
        assert!(!are_alike(&red, &square([60, 200, 60]), 64));
    }
}
