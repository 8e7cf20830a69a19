//! What was found in a source besides the pictures that are used.

use crate::ingest::Ingested;
use crate::left_out::LeftOut;
use crate::notes::DeepPictures;
use crate::skipped::Skipped;
use crate::source::Opened;

/// What was found in a source besides the pictures that are used.
#[derive(Clone, Debug, Default)]
pub(crate) struct Findings {
    /// Bad pictures, in order of their names.
    pub skipped: Vec<Skipped>,
    /// Files that are not used.
    pub left_out: Vec<LeftOut>,
    /// What is remarkable, in sentences.
    pub remarks: Vec<String>,
    /// The levels that pictures of 16 bits use.
    pub deep_pictures: Option<DeepPictures>,
    /// The number of pictures that this program drew.
    pub own: usize,
}

impl Findings {
    /// What was known when a source was opened, and what its pictures showed.
    pub fn new(opened: &Opened, ingested: Ingested) -> Self {
        let mut skipped = opened.skipped.clone();
        skipped.extend(ingested.skipped);
        skipped.sort_by(|one, other| one.name.cmp(&other.name));
        let own = ingested.own.into_groups();
        let mut left_out = opened.left_out.clone();
        left_out.append(&own);
        let mut remarks = opened.remarks.clone();
        remarks.extend(ingested.notes.remarks());
        Self {
            skipped,
            left_out: left_out.into_groups(),
            remarks,
            deep_pictures: ingested.notes.deep_pictures(),
            own: own.iter().map(|group| group.count).sum(),
        }
    }
}
