//! Dividing pictures into those to learn from and those to judge on.

use rand::seq::SliceRandom;

use super::{ClassificationError, LabelledPictures};
use dcgan_support::random::{Purpose, stream};

/// One of this many pictures of each class is kept to judge on if there is no test set.
const KEPT_ONE_IN: usize = 5;

/// The fewest labelled pictures of a class: one to learn from, one to choose C with.
const MIN_LABELLED: usize = 2;

/// Which pictures to learn from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Selection {
    /// How many of each class; `None` for all.
    pub labels_per_class: Option<usize>,
    /// The seed of the choice.
    pub seed: u64,
}

/// Indices of pictures to learn from and, if there is no test set, to judge on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Division {
    /// The pictures to learn from.
    pub training: Vec<usize>,
    /// The other labelled pictures: a fifth of each class, or all others if labels per class are
    /// limited.
    pub others: Vec<usize>,
}

impl Selection {
    /// Divides pictures. The same seed gives the same division.
    ///
    /// With a test set to judge on, `has_test_set`, all pictures may be learned from.
    ///
    /// # Errors
    /// If a class has too few pictures.
    pub fn divide(
        &self,
        pictures: &LabelledPictures,
        has_test_set: bool,
    ) -> Result<Division, ClassificationError> {
        let mut division = Division {
            training: Vec::new(),
            others: Vec::new(),
        };
        for (class, mut members) in pictures.by_class().into_iter().enumerate() {
            members.shuffle(&mut stream(
                self.seed,
                Purpose::LabelledPictures,
                class as u64,
            ));
            let kept = if has_test_set {
                0
            } else {
                members.len().div_ceil(KEPT_ONE_IN)
            };
            let wanted = self.labels_per_class.unwrap_or(members.len() - kept);
            let needed = wanted.max(MIN_LABELLED) + usize::from(!has_test_set);
            if members.len() < needed {
                return Err(ClassificationError::TooFew {
                    class: pictures.classes()[class].clone(),
                    found: members.len(),
                    needed,
                });
            }
            division.others.extend(members.split_off(wanted));
            division.training.extend(members);
        }
        division.training.sort_unstable();
        division.others.sort_unstable();
        Ok(division)
    }
}
