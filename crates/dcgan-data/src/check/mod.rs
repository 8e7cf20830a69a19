//! A report on a data set, before training on it.

mod advice;
mod duplicates;

use std::collections::BTreeMap;

use rayon::prelude::*;
use serde::Serialize;

use crate::error::DataError;
use crate::left_out::{LeftOut, LeftOutReason};
use crate::order::Augmentation;
use crate::skipped::Skipped;
use crate::{Dataset, Format};
pub use advice::Advice;
use duplicates::PerceptualHash;

/// A picture is blank if its values lie within this range.
const BLANK_RANGE: u8 = 8;

/// A report on a data set.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Check {
    /// The format; `None` for drawn faces.
    pub format: Option<Format>,
    /// The number of usable pictures.
    pub pictures: usize,
    /// The others, and why they cannot be used.
    pub unreadable: Vec<Skipped>,
    /// Files that are not used although nothing is wrong with them.
    pub left_out: Vec<LeftOut>,
    /// Notes on what is remarkable.
    pub remarks: Vec<String>,
    /// The number of pictures by encoding.
    pub encodings: BTreeMap<String, usize>,
    /// The sizes before resizing.
    pub sizes: Sizes,
    /// The number of grey pictures.
    pub grey: usize,
    /// The number of pictures in colour.
    pub colour: usize,
    /// The number of pictures with transparent pixels.
    pub transparent: usize,
    /// The channels that networks are trained with, 1 or 3.
    pub channels: usize,
    /// The number of pictures in each class.
    pub labels: Vec<Count>,
    /// The number of pictures for which each attribute holds.
    pub attributes: Vec<Count>,
    /// The number of different persons.
    pub identities: usize,
    /// Groups of pictures whose bytes are the same.
    pub exact_duplicates: Vec<Vec<String>>,
    /// Pairs of pictures that look the same.
    pub near_duplicates: Vec<[String; 2]>,
    /// Pictures of a single colour.
    pub blank: Vec<String>,
    /// Pictures whose shorter side is less than half the image size.
    pub very_small: Vec<String>,
    /// What could be improved, the most important first.
    #[serde(skip)]
    pub advice: Vec<Advice>,
}

/// A name and a count.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Count {
    /// What is counted.
    pub name: String,
    /// The number of pictures.
    pub count: usize,
}

/// The sizes of pictures before resizing: width and height in pixels.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Sizes {
    /// The one with the fewest pixels.
    pub smallest: (u32, u32),
    /// The one with the most pixels.
    pub largest: (u32, u32),
    /// The number of different sizes.
    pub different: usize,
    /// The most frequent sizes, at most five, and the number of pictures of each.
    pub frequent: Vec<((u32, u32), usize)>,
}

/// What a picture looks like.
struct Look {
    is_blank: bool,
    hash: PerceptualHash,
}

impl Check {
    /// Examines all pictures.
    ///
    /// # Errors
    ///
    /// [`DataError::PictureLost`] if one can no longer be read, and [`DataError::Interrupted`] if
    /// `should_stop` returns true.
    pub fn new(
        dataset: &Dataset,
        should_stop: &(dyn Fn() -> bool + Sync),
    ) -> Result<Self, DataError> {
        let looks = (0..dataset.len())
            .into_par_iter()
            .map(|index| {
                if should_stop() {
                    return Err(DataError::Interrupted);
                }
                Look::at(dataset, index)
            })
            .collect::<Result<Vec<_>, _>>()?;
        let facts = || (0..dataset.len()).filter_map(|index| dataset.facts(index));
        let mut encodings = BTreeMap::new();
        for facts in facts() {
            *encodings.entry(facts.encoding.to_string()).or_default() += 1;
        }
        let side = dataset.image_size() as u32;
        let is_small = |(width, height): (u32, u32)| width.min(height) * 2 < side;
        let names = |is_wanted: &dyn Fn(usize) -> bool| -> Vec<String> {
            let wanted = (0..dataset.len()).filter(|&index| is_wanted(index));
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
            left_out: dataset.left_out().to_vec(),
            remarks: dataset.remarks().to_vec(),
            encodings,
            sizes: Sizes::new(facts().map(|facts| facts.source_size)),
            grey,
            colour: dataset.len() - grey,
            transparent: facts().filter(|facts| facts.transparent).count(),
            channels: dataset.channels(),
            labels: labels(dataset),
            attributes: attributes(dataset),
            identities: identities.len(),
            near_duplicates: duplicates::near(dataset, &looks, &exact)?,
            exact_duplicates: exact.names(dataset),
            // A picture of 16 bits that uses a few levels only is dark or pale, but not blank.
            blank: names(&|index| {
                let is_narrow = dataset.facts(index).is_some_and(|facts| facts.is_narrow);
                looks[index].is_blank && !is_narrow
            }),
            very_small: names(&|index| {
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
    fn new(sizes: impl Iterator<Item = (u32, u32)>) -> Self {
        let mut counts = BTreeMap::new();
        for size in sizes {
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

impl Look {
    fn at(dataset: &Dataset, index: usize) -> Result<Self, DataError> {
        let values = dataset.picture(index, Augmentation::NONE)?;
        let channels = dataset.channels();
        let is_flat = |channel: usize| {
            let of_channel = || values.iter().skip(channel).step_by(channels);
            let range = of_channel().min().zip(of_channel().max());
            range.is_none_or(|(least, most)| most - least <= BLANK_RANGE)
        };
        Ok(Self {
            is_blank: (0..channels).all(is_flat),
            hash: PerceptualHash::new(&values, dataset.image_size(), channels),
        })
    }
}

fn labels(dataset: &Dataset) -> Vec<Count> {
    let Some(labels) = dataset.labels() else {
        return Vec::new();
    };
    let counts = labels.classes().iter().zip(labels.counts());
    // folders that hold nothing but pictures that this program drew are no classes
    let mut left_out = dataset.left_out().iter();
    let has_own = left_out.any(|group| group.reason == LeftOutReason::OwnPicture);
    counts
        .filter(|(_, count)| !(has_own && *count == 0))
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
