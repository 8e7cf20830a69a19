//! How often a classifier is right on held-out pictures.

/// The results for one attribute on held-out pictures.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct HeldOut {
    /// Pictures with the attribute.
    pub with: Tally,
    /// Pictures without it.
    pub without: Tally,
}

/// How many pictures were classified correctly.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// All pictures.
    pub pictures: usize,
    /// The correctly classified ones.
    pub correct: usize,
}

impl Tally {
    fn accuracy(self) -> f64 {
        self.correct as f64 / self.pictures as f64
    }
}

impl HeldOut {
    pub(super) fn count(&mut self, holds: bool, predicted: bool) {
        let tally = if holds {
            &mut self.with
        } else {
            &mut self.without
        };
        tally.pictures += 1;
        tally.correct += usize::from(holds == predicted);
    }

    /// The number of held-out pictures.
    pub fn pictures(&self) -> usize {
        self.with.pictures + self.without.pictures
    }

    /// The share of correct answers, 0 to 1.
    pub fn accuracy(&self) -> f64 {
        (self.with.correct + self.without.correct) as f64 / self.pictures() as f64
    }

    /// The accuracy of always giving the more frequent answer, 0 to 1.
    pub fn majority_accuracy(&self) -> f64 {
        self.with.pictures.max(self.without.pictures) as f64 / self.pictures() as f64
    }

    /// The mean of the accuracies on pictures with and without the attribute: 0.5 if nothing was
    /// learned, however rare the attribute is. NaN if all pictures are of one kind.
    pub fn balanced_accuracy(&self) -> f64 {
        (self.with.accuracy() + self.without.accuracy()) / 2.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn always_answering_no_has_a_balanced_accuracy_of_one_half() {
        let mut held_out = HeldOut::default();
        for picture in 0..10 {
            held_out.count(picture == 0, false);
        }
        assert_eq!(held_out.pictures(), 10);
        assert_eq!(held_out.accuracy(), 0.9);
        assert_eq!(held_out.majority_accuracy(), 0.9);
        assert_eq!(held_out.balanced_accuracy(), 0.5);
    }
}
