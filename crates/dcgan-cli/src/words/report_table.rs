//! The reports of a run as a table, in `train` and in `doctor`.

use dcgan::train::StepMetrics;

/// The heading of the columns.
pub const HEADING: &str = "    step  loss D  loss G  D right on real, fake  variety  distance";

/// The row of a report: means of the steps since the one before, the variety of the fakes (1 is that of
/// the real pictures) and their distance from the real pictures. As wide as the heading.
pub fn row(step: u64, means: &StepMetrics, variety: Option<f32>, distance: Option<f32>) -> String {
    let percent = |share: f32| format!("{:.0}%", share * 100.0);
    let or_none = |value: Option<f32>| value.map_or("-".to_owned(), |value| format!("{value:.2}"));
    format!(
        "{step:>8}  {:>6}  {:>6}  {:>15}, {:>4}  {:>7}  {:>8}",
        loss(means.loss_d),
        loss(means.loss_g),
        percent(means.accuracy_real),
        percent(means.accuracy_fake),
        or_none(variety),
        or_none(distance),
    )
}

/// A loss in six characters, however large it is.
fn loss(loss: f32) -> String {
    match loss.abs() {
        0.0..9.9995 => format!("{loss:.3}"),
        9.9995..99.995 => format!("{loss:.2}"),
        99.995..999.95 => format!("{loss:.1}"),
        _ => format!("{loss:.0e}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_as_wide_as_the_heading() {
        let means = |loss| StepMetrics {
            loss_d: loss,
            loss_g: -loss,
            accuracy_real: 1.0,
            accuracy_fake: 0.034,
            signals: None,
        };
        for loss in [0.1, 9.9999, 99.0, 999.0, 1e9] {
            let row = row(1_000_000, &means(loss), Some(0.871), None);
            assert_eq!(row.len(), HEADING.len(), "{row}");
        }
    }
}
