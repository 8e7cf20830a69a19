//! What was taken for what.

/// How many pictures of each class were taken for each class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confusion {
    classes: Vec<String>,
    /// `[classes, classes]`: the class, what it was taken for.
    counts: Vec<Vec<u64>>,
}

impl Confusion {
    /// Nothing was classified yet.
    pub fn new(classes: Vec<String>) -> Self {
        Self {
            counts: vec![vec![0; classes.len()]; classes.len()],
            classes,
        }
    }

    /// Counts a picture.
    ///
    /// # Panics
    /// If there is no such class.
    pub fn count(&mut self, class: usize, taken_for: usize) {
        self.counts[class][taken_for] += 1;
    }

    /// The names of the classes.
    pub fn classes(&self) -> &[String] {
        &self.classes
    }

    /// For each class how many of its pictures were taken for each class.
    pub fn counts(&self) -> &[Vec<u64>] {
        &self.counts
    }

    /// How many pictures were classified.
    pub fn pictures(&self) -> u64 {
        self.counts.iter().flatten().sum()
    }

    /// What part of the pictures was taken for what it is, 0 to 1; NaN without pictures.
    pub fn accuracy(&self) -> f64 {
        let right: u64 = (0..self.counts.len()).map(|at| self.counts[at][at]).sum();
        right as f64 / self.pictures() as f64
    }

    /// What part would be right if all were taken for the most frequent class.
    pub fn by_chance(&self) -> f64 {
        let most = self.counts.iter().map(|row| row.iter().sum::<u64>()).max();
        most.unwrap_or(0) as f64 / self.pictures() as f64
    }

    /// What part of a class's pictures was taken for what it is; none if it had none.
    pub fn accuracy_of(&self, class: usize) -> Option<f64> {
        let row = &self.counts[class];
        let all: u64 = row.iter().sum();
        (all > 0).then(|| row[class] as f64 / all as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accuracy_is_the_diagonal_s_share() {
        let mut confusion = Confusion::new(["a", "b", "c"].map(String::from).to_vec());
        for (class, taken_for) in [(0, 0), (0, 0), (0, 1), (1, 1)] {
            confusion.count(class, taken_for);
        }
        assert_eq!(confusion.accuracy(), 0.75);
        assert_eq!(confusion.by_chance(), 0.75);
        assert_eq!(confusion.accuracy_of(0), Some(2.0 / 3.0));
        assert_eq!(confusion.accuracy_of(2), None);
    }
}
