//! How often a classifier is right on pictures that it has not learned from.

/// What became of one attribute on the pictures that were held out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct HeldOut {
    /// Pictures that have it, and for how many of those the classifier says so.
    pub with: [usize; 2],
    /// Pictures that do not have it, and for how many of those the classifier says so.
    pub without: [usize; 2],
}

impl HeldOut {
    pub(super) fn count(&mut self, holds: bool, said: bool) {
        let side = if holds {
            &mut self.with
        } else {
            &mut self.without
        };
        side[0] += 1;
        side[1] += usize::from(holds == said);
    }

    /// How many pictures there are.
    pub fn pictures(&self) -> usize {
        self.with[0] + self.without[0]
    }

    /// The share of right answers.
    pub fn accuracy(&self) -> f64 {
        (self.with[1] + self.without[1]) as f64 / self.pictures() as f64
    }

    /// The share that would be right if the more frequent answer were always given.
    pub fn more_frequent(&self) -> f64 {
        self.with[0].max(self.without[0]) as f64 / self.pictures() as f64
    }

    /// The mean of the shares of right answers for pictures with and without: half where nothing
    /// was learned, however rare the attribute is. NaN if there are none of a kind.
    pub fn balanced_accuracy(&self) -> f64 {
        let share = |[all, right]: [usize; 2]| right as f64 / all as f64;
        (share(self.with) + share(self.without)) / 2.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn always_saying_no_is_half_right_when_it_is_balanced() {
        let mut held_out = HeldOut::default();
        for picture in 0..10 {
            held_out.count(picture == 0, false);
        }
        assert_eq!(held_out.pictures(), 10);
        assert_eq!(held_out.accuracy(), 0.9);
        assert_eq!(held_out.more_frequent(), 0.9);
        assert_eq!(held_out.balanced_accuracy(), 0.5);
    }
}
