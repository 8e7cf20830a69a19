/// A figure with its standard deviation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MeanAndDeviation {
    /// The mean.
    pub mean: f64,
    /// The standard deviation, divided by n.
    pub deviation: f64,
}

pub(crate) fn mean_and_deviation(values: &[f64]) -> MeanAndDeviation {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    MeanAndDeviation {
        mean,
        deviation: (squares / count).sqrt(),
    }
}
