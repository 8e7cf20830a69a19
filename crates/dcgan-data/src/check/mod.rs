//! What is in a data set, before a step is spent on it.

mod advice;
mod duplicates;

use std::collections::BTreeMap;

use rayon::prelude::*;
use serde::Serialize;

use crate::error::DataError;
use crate::order::Augmentation;
use crate::skipped::Skipped;
use crate::{Dataset, Format};
use duplicates::PerceptualHash;

/// A picture whose values differ by so little is blank.
const BLANK_RANGE: u8 = 8;

/// What is in a data set.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Check {
    /// What kind of data set it is; none for drawn faces.
    pub format: Option<Format>,
    /// Good pictures.
    pub pictures: usize,
    /// Bad ones, and why.
    pub unreadable: Vec<Skipped>,
    /// What was counted beside them: names in lists that have no picture.
    pub remarks: Vec<String>,
    /// How many pictures are stored how.
    pub encodings: BTreeMap<String, usize>,
    /// The sizes before resizing.
    pub sizes: Sizes,
    /// Pictures without colours.
    pub grey: usize,
    /// Pictures with colours.
    pub colour: usize,
    /// Pictures whose files have transparency.
    pub transparent: usize,
    /// 1 or 3: what the networks will have.
    pub channels: usize,
    /// How many pictures each class has.
    pub labels: Vec<Count>,
    /// For how many pictures each attribute holds.
    pub attributes: Vec<Count>,
    /// How many different persons are known.
    pub identities: usize,
    /// Pictures that are the same byte for byte, group by group.
    pub exact_duplicates: Vec<Vec<String>>,
    /// Pairs of pictures that look the same.
    pub near_duplicates: Vec<[String; 2]>,
    /// Pictures of one colour.
    pub blank: Vec<String>,
    /// Pictures whose shorter side is less than half of the image size.
    pub very_small: Vec<String>,
    /// What to do about all this, in plain sentences.
    pub advice: Vec<String>,
}

/// A name and a number.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Count {
    /// What is counted.
    pub name: String,
    /// How many there are.
    pub count: usize,
}

/// Sizes of pictures, width and height in pixels.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Sizes {
    /// The one with the fewest pixels.
    pub smallest: (u32, u32),
    /// The one with the most pixels.
    pub largest: (u32, u32),
    /// How many different ones there are.
    pub different: usize,
    /// The most frequent ones, at most five, and how many pictures have them.
    pub frequent: Vec<((u32, u32), usize)>,
}

/// What is found in one picture's pixels.
struct Look {
    is_blank: bool,
    hash: PerceptualHash,
}

impl Check {
    /// Looks at all pictures.
    ///
    /// # Errors
    ///
    /// [`DataError::PictureLost`] if one can no longer be read, and
    /// [`DataError::Interrupted`] when `should_stop` answers true.
    pub fn of(
        dataset: &Dataset,
        should_stop: &(dyn Fn() -> bool + Sync),
    ) -> Result<Self, DataError> {
        let looks = (0..dataset.len())
            .into_par_iter()
            .map(|index| match should_stop() {
                true => Err(DataError::Interrupted),
                false => look(dataset, index),
            })
            .collect::<Result<Vec<_>, _>>()?;
        let facts = || (0..dataset.len()).filter_map(|index| dataset.facts(index));
        let mut encodings = BTreeMap::new();
        for facts in facts() {
            *encodings.entry(facts.encoding.to_string()).or_default() += 1;
        }
        let side = dataset.image_size() as u32;
        let is_small = |(width, height): (u32, u32)| width.min(height) * 2 < side;
        let named = |wanted: &dyn Fn(usize) -> bool| -> Vec<String> {
            let wanted = (0..dataset.len()).filter(|&index| wanted(index));
            wanted.filter_map(|index| dataset.name(index)).collect()
        };
        let exact = duplicates::exact(dataset);
        let mut identities: Vec<u32> = facts().filter_map(|facts| facts.identity).collect();
        identities.sort_unstable();
        identities.dedup();
        let grey = facts().filter(|facts| facts.is_grey).count();
        let mut check = Self {
            format: dataset.format(),
            pictures: dataset.len(),
            unreadable: dataset.skipped().to_vec(),
            remarks: dataset.remarks().to_vec(),
            encodings,
            sizes: Sizes::of(facts().map(|facts| facts.source_size)),
            grey,
            colour: dataset.len() - grey,
            transparent: facts().filter(|facts| facts.transparent).count(),
            channels: dataset.channels(),
            labels: labels(dataset),
            attributes: attributes(dataset),
            identities: identities.len(),
            near_duplicates: duplicates::near(dataset, &looks, &exact)?,
            exact_duplicates: exact.names(dataset),
            blank: named(&|index| looks[index].is_blank),
            very_small: named(&|index| {
                dataset
                    .facts(index)
                    .is_some_and(|facts| is_small(facts.source_size))
            }),
            advice: Vec::new(),
        };
        check.advice = advice::advice(&check, dataset);
        Ok(check)
    }
}

impl Sizes {
    fn of(all: impl Iterator<Item = (u32, u32)>) -> Self {
        let mut counts = BTreeMap::new();
        for size in all {
            *counts.entry(size).or_default() += 1;
        }
        let area = |&&(width, height): &&(u32, u32)| u64::from(width) * u64::from(height);
        let mut frequent: Vec<((u32, u32), usize)> =
            counts.iter().map(|(&size, &count)| (size, count)).collect();
        frequent.sort_by_key(|&(_, count)| std::cmp::Reverse(count));
        frequent.truncate(5);
        Self {
            smallest: counts.keys().min_by_key(area).copied().unwrap_or_default(),
            largest: counts.keys().max_by_key(area).copied().unwrap_or_default(),
            different: counts.len(),
            frequent,
        }
    }
}

fn look(dataset: &Dataset, index: usize) -> Result<Look, DataError> {
    let values = dataset.picture(index, Augmentation::NONE)?;
    let channels = dataset.channels();
    let is_flat = |channel: usize| {
        let of_channel = || values.iter().skip(channel).step_by(channels);
        let (least, most) = (of_channel().min(), of_channel().max());
        least
            .zip(most)
            .is_none_or(|(least, most)| most - least <= BLANK_RANGE)
    };
    Ok(Look {
        is_blank: (0..channels).all(is_flat),
        hash: PerceptualHash::of(&values, dataset.image_size(), channels),
    })
}

fn labels(dataset: &Dataset) -> Vec<Count> {
    let Some(labels) = dataset.labels() else {
        return Vec::new();
    };
    let counts = labels.classes().iter().zip(labels.counts());
    counts
        .map(|(name, count)| Count {
            name: name.clone(),
            count,
        })
        .collect()
}

fn attributes(dataset: &Dataset) -> Vec<Count> {
    let Some(attributes) = dataset.attributes() else {
        return Vec::new();
    };
    let columns = 0..attributes.names().len();
    columns
        .filter_map(|column| attributes.get(column))
        .map(|attribute| Count {
            name: attribute.name().to_owned(),
            count: attribute.count(),
        })
        .collect()
}
