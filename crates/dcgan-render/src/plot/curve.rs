//! Reduces a series of values to what can be drawn: at most two points per column of pixels,
//! however long the training was, or a smooth curve.

use std::ops::{Range, RangeInclusive};

/// A curve is divided into one column per pixel of the plot's width.
const COLUMNS: usize = 796;

/// Standard deviation of the smoothing, in columns: 1.5 % of the width.
const SMOOTHING: f64 = 12.0;

/// The fraction of all values that the vertical axis must show. Spikes in the first few steps
/// would press everything else flat.
const SHOWN_FRACTION: f64 = 0.995;

/// `(step, value)` pairs joined by a line; a non-finite value starts a new line.
pub type Line = Vec<(u64, f64)>;

/// A series, gathered into columns of equal width between the first and the last step.
pub struct Curve {
    columns: Vec<Column>,
    first: u64,
    last: u64,
}

#[derive(Clone)]
struct Column {
    points: u64,
    finite: u64,
    sum: f64,
    lowest: f64,
    highest: f64,
}

impl Curve {
    /// Gathers `(step, loss)` in any order. Values outside the drawn ranges are clamped, so that a
    /// spike does not bend the smooth curve out of sight.
    pub fn new(
        losses: impl Iterator<Item = (u64, f32)>,
        steps: &RangeInclusive<u64>,
        range: &Range<f64>,
    ) -> Self {
        let (first, last) = (*steps.start(), *steps.end());
        let mut curve = Self {
            columns: vec![Column::EMPTY; COLUMNS],
            first,
            last,
        };
        let scale = (COLUMNS - 1) as f64 / last.saturating_sub(first).max(1) as f64;
        for (step, loss) in losses {
            let column = step.saturating_sub(first) as f64 * scale;
            let column = (column.round() as usize).min(COLUMNS - 1);
            curve.columns[column].add(f64::from(loss), range);
        }
        curve
    }

    /// The lowest and the highest value of each column.
    pub fn raw(&self) -> Vec<Line> {
        self.lines(|index, line| {
            let column = &self.columns[index];
            line.push((self.step(index), column.lowest));
            if column.highest > column.lowest {
                line.push((self.step(index), column.highest));
            }
        })
    }

    /// The trend: around each column, the mean weighted by a Gaussian. Unlike a moving average of
    /// past values it does not lag behind. It is narrower near the first value, so that the curve starts
    /// there: losses fall fast in the first steps.
    pub fn smooth(&self) -> Vec<Line> {
        let first = self.columns.iter().position(|column| column.finite > 0);
        self.lines(|index, line| {
            let (mut sum, mut weights) = (0.0, 0.0);
            let from_first = index - first.unwrap_or(index);
            let deviation = SMOOTHING.min(from_first as f64 / 3.0).max(0.1);
            let reach = (3.0 * deviation) as usize;
            let around = index.saturating_sub(reach)..(index + reach + 1).min(COLUMNS);
            for (other, column) in around.clone().zip(&self.columns[around]) {
                let distance = other.abs_diff(index) as f64 / deviation;
                let weight = (-0.5 * distance * distance).exp();
                sum += weight * column.sum;
                weights += weight * column.finite as f64;
            }
            line.push((self.step(index), sum / weights));
        })
    }

    /// Visits every column that has a finite value; a column of non-finite values ends a line.
    fn lines(&self, mut extend: impl FnMut(usize, &mut Line)) -> Vec<Line> {
        let mut lines = vec![Line::new()];
        for (index, column) in self.columns.iter().enumerate() {
            if column.finite == 0 {
                if column.points > 0 {
                    lines.push(Line::new());
                }
            } else if let Some(line) = lines.last_mut() {
                extend(index, line);
            }
        }
        lines.retain(|line| !line.is_empty());
        lines
    }

    fn step(&self, column: usize) -> u64 {
        let part = column as f64 / (COLUMNS - 1) as f64;
        self.first + ((self.last - self.first) as f64 * part).round() as u64
    }
}

impl Column {
    const EMPTY: Self = Self {
        points: 0,
        finite: 0,
        sum: 0.0,
        lowest: f64::INFINITY,
        highest: f64::NEG_INFINITY,
    };

    fn add(&mut self, loss: f64, range: &Range<f64>) {
        self.points += 1;
        if loss.is_finite() {
            let loss = loss.max(range.start).min(range.end);
            self.finite += 1;
            self.sum += loss;
            self.lowest = self.lowest.min(loss);
            self.highest = self.highest.max(loss);
        }
    }
}

/// The range of the vertical axis: from 0, or below if values are negative, to a little above
/// nearly all of the values.
pub fn loss_range(losses: impl Iterator<Item = f32>) -> Range<f64> {
    let mut finite: Vec<f32> = losses.filter(|loss| loss.is_finite()).collect();
    if finite.is_empty() {
        return 0.0..1.0;
    }
    let mut at = |part: f64| {
        let index = ((finite.len() - 1) as f64 * part).round() as usize;
        f64::from(*finite.select_nth_unstable_by(index, f32::total_cmp).1)
    };
    let (lowest, highest) = (
        at(1.0 - SHOWN_FRACTION).min(0.0),
        at(SHOWN_FRACTION).max(0.0),
    );
    // an axis without height has no ticks
    let height = highest - lowest;
    if height < 1e-9 {
        return 0.0..1.0;
    }
    let margin = 0.06 * height;
    let below = if lowest < 0.0 { margin } else { 0.0 };
    lowest - below..highest + margin
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANY_LOSS: Range<f64> = f64::MIN..f64::MAX;

    fn curve(losses: &[f32]) -> Curve {
        let steps = 0..=(losses.len() as u64 - 1);
        Curve::new((0..).zip(losses.iter().copied()), &steps, &ANY_LOSS)
    }

    #[test]
    fn a_few_points_are_drawn_unchanged() {
        let lines = curve(&[0.5, 2.0, 1.0]).raw();
        assert_eq!(lines, [vec![(0, 0.5), (1, 2.0), (2, 1.0)]]);
    }

    #[test]
    fn points_far_apart_are_not_smoothed_together() {
        let lines = curve(&[0.5, 2.0, 1.0]).smooth();
        assert_eq!(lines, [vec![(0, 0.5), (1, 2.0), (2, 1.0)]]);
    }

    #[test]
    fn a_non_finite_loss_breaks_both_lines() {
        for loss in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            let curve = curve(&[1.0, 1.0, loss, 3.0]);
            let expected = [vec![(0, 1.0), (1, 1.0)], vec![(3, 3.0)]];
            assert_eq!(curve.raw(), expected);
            assert_eq!(curve.smooth(), expected);
        }
    }

    #[test]
    fn reducing_a_million_points_keeps_the_extremes() {
        let mut losses = vec![1.0; 1_000_000];
        losses[123_456] = 9.0;
        losses[654_321] = -9.0;
        let lines = curve(&losses).raw();
        assert_eq!(lines.len(), 1);
        assert!(lines[0].len() <= 2 * COLUMNS);
        for extreme in [9.0, -9.0] {
            assert!(lines[0].iter().any(|&(_, loss)| loss == extreme));
        }
    }

    #[test]
    fn smoothing_keeps_the_mean_and_removes_the_noise() {
        let losses: Vec<f32> = (0..20_000).map(|i| [0.0, 4.0][i % 2]).collect();
        // the first columns are hardly smoothed
        for &(_, loss) in &curve(&losses).smooth().concat()[20..] {
            assert!((loss - 2.0).abs() < 0.05, "{loss}");
        }
    }

    #[test]
    fn the_smooth_curve_starts_where_the_losses_do() {
        let losses: Vec<f32> = (0..2000)
            .map(|i| 1.0 + 9.0 * (-0.01 * i as f32).exp())
            .collect();
        let smooth = curve(&losses).smooth().concat();
        assert!((smooth[0].1 - 10.0).abs() < 0.2, "{:?}", smooth[0]);
        assert!((smooth[795].1 - 1.0).abs() < 0.01, "{:?}", smooth[795]);
    }

    #[test]
    fn a_single_step_and_the_largest_step_are_handled() {
        let steps = 7..=7;
        let lines = Curve::new([(7, 1.5)].into_iter(), &steps, &ANY_LOSS).raw();
        assert_eq!(lines, [vec![(7, 1.5)]]);
        let steps = 0..=u64::MAX;
        let losses = [(0, 1.0), (u64::MAX, 2.0)];
        let lines = Curve::new(losses.into_iter(), &steps, &ANY_LOSS).smooth();
        assert_eq!(lines, [vec![(0, 1.0), (u64::MAX, 2.0)]]);
    }

    #[test]
    fn the_axis_starts_at_zero_and_ends_above_the_losses() {
        let range = loss_range([0.7, 0.6, 1.5].into_iter());
        assert_eq!(range.start, 0.0);
        assert!(range.end > 1.5 && range.end < 2.0, "{range:?}");
    }

    #[test]
    fn the_axis_extends_below_zero_only_for_negative_losses() {
        let range = loss_range([-3.0, -2.0].into_iter());
        assert!(range.start < -3.0 && range.end >= 0.0, "{range:?}");
    }

    #[test]
    fn a_few_spikes_do_not_flatten_the_rest_of_the_curve() {
        let losses = (0..1000).map(|i| if i < 3 { 1e30 } else { 0.7 });
        let range = loss_range(losses.clone());
        assert!(range.end < 1.0, "{range:?}");
        let lines = Curve::new((0..).zip(losses), &(0..=999), &range).smooth();
        assert!((lines[0][20].1 - 0.7).abs() < 0.02, "{:?}", lines[0][20]);
    }

    #[test]
    fn no_values_and_only_zeros_still_give_an_axis() {
        for losses in [vec![], vec![f32::NAN, f32::INFINITY], vec![0.0; 5]] {
            assert_eq!(loss_range(losses.into_iter()), 0.0..1.0);
        }
    }
}
