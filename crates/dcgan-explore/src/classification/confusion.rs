//! Confusion matrices.

/// How many pictures of each class were classified as each class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confusion {
    classes: Vec<String>,
    /// `[classes, classes]`: the true class, the predicted class.
    counts: Vec<Vec<u64>>,
}

impl Confusion {
    /// A matrix of zeros.
    pub fn new(classes: Vec<String>) -> Self {
        Self {
            counts: vec![vec![0; classes.len()]; classes.len()],
            classes,
        }
    }

    /// Counts a picture.
    ///
    /// # Panics
    /// If a class is out of range.
    pub fn count(&mut self, class: usize, predicted: usize) {
        self.counts[class][predicted] += 1;
    }

    /// The names of the classes.
    pub fn classes(&self) -> &[String] {
        &self.classes
    }

    /// `[classes, classes]`: for each true class the number of pictures predicted as each class.
    pub fn counts(&self) -> &[Vec<u64>] {
        &self.counts
    }

    /// The number of classified pictures.
    pub fn pictures(&self) -> u64 {
        self.counts.iter().flatten().sum()
    }

    /// The share of correctly classified pictures, 0 to 1; NaN without pictures.
    pub fn accuracy(&self) -> f64 {
        let correct: u64 = (0..self.counts.len())
            .map(|class| self.counts[class][class])
            .sum();
        correct as f64 / self.pictures() as f64
    }

    /// The accuracy of always predicting the most frequent class, 0 to 1; NaN without pictures.
    pub fn majority_accuracy(&self) -> f64 {
        let most = self.counts.iter().map(|row| row.iter().sum::<u64>()).max();
        most.unwrap_or(0) as f64 / self.pictures() as f64
    }

    /// The share of a class's pictures that were classified correctly, 0 to 1; `None` if it has no
    /// pictures.
    pub fn class_accuracy(&self, class: usize) -> Option<f64> {
        let row = &self.counts[class];
        let all: u64 = row.iter().sum();
        (all > 0).then(|| row[class] as f64 / all as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accuracy_is_the_share_of_the_diagonal() {
        let mut confusion = Confusion::new(["a", "b", "c"].map(String::from).to_vec());
        for (class, predicted) in [(0, 0), (0, 0), (0, 1), (1, 1)] {
            confusion.count(class, predicted);
        }
        assert_eq!(confusion.accuracy(), 0.75);
        assert_eq!(confusion.majority_accuracy(), 0.75);
        assert_eq!(confusion.class_accuracy(0), Some(2.0 / 3.0));
        assert_eq!(confusion.class_accuracy(2), None);
    }
}
