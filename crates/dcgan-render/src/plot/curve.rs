//! What is drawn of a loss: as many points as there are columns of pixels, however long the
//! training was, and a smooth curve through them.

use std::ops::{Range, RangeInclusive};

/// Columns that a curve is divided into: one for each pixel of the plot's width.
const COLUMNS: usize = 796;

/// Standard deviation of the smoothing, in columns: 1.5 % of the width.
const SMOOTHING: f64 = 12.0;

/// The part of all values that the vertical axis must show. Beyond are the spikes of the first
/// few steps, which would press everything else flat.
const SHOWN: f64 = 0.995;

/// Points that are joined by a line; a curve is broken where a loss was not finite.
pub type Line = Vec<(u64, f64)>;

/// One loss, gathered into columns of equal width between the first and the last step.
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
    /// Gathers `(step, loss)` in any order. What is outside of the ranges that are drawn counts as
    /// the nearest value inside, so a spike does not bend the smooth curve out of sight.
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

    /// The losses as they were: of each column the lowest and the highest one.
    pub fn raw(&self) -> Vec<Line> {
        self.lines(|index, line| {
            let column = &self.columns[index];
            line.push((self.step(index), column.lowest));
            if column.highest > column.lowest {
                line.push((self.step(index), column.highest));
            }
        })
    }

    /// The trend: of each column the mean of the losses around it, weighted by a Gaussian.
    /// It does not lag behind, as a moving average of the past would.
    pub fn smooth(&self) -> Vec<Line> {
        let reach = (3.0 * SMOOTHING) as usize;
        self.lines(|index, line| {
            let (mut sum, mut weights) = (0.0, 0.0);
            let around = index.saturating_sub(reach)..(index + reach + 1).min(COLUMNS);
            for (other, column) in around.clone().zip(&self.columns[around]) {
                let distance = other.abs_diff(index) as f64 / SMOOTHING;
                let weight = (-0.5 * distance * distance).exp();
                sum += weight * column.sum;
                weights += weight * column.finite as f64;
            }
            line.push((self.step(index), sum / weights));
        })
    }

    /// Visits every column that has a finite loss; a column of which none is finite ends a line.
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

/// The range of the vertical axis: from 0, or below it where losses are negative, to a little
/// above nearly all of the losses.
pub fn loss_range(losses: impl Iterator<Item = f32>) -> Range<f64> {
    let mut finite: Vec<f32> = losses.filter(|loss| loss.is_finite()).collect();
    if finite.is_empty() {
        return 0.0..1.0;
    }
    let mut at = |part: f64| {
        let index = ((finite.len() - 1) as f64 * part).round() as usize;
        f64::from(*finite.select_nth_unstable_by(index, f32::total_cmp).1)
    };
    let (lowest, highest) = (at(1.0 - SHOWN).min(0.0), at(SHOWN).max(0.0));
    // An axis of no height cannot be divided into ticks.
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
    fn a_few_points_are_drawn_where_they_are() {
        let lines = curve(&[0.5, 2.0, 1.0]).raw();
        assert_eq!(lines, [vec![(0, 0.5), (1, 2.0), (2, 1.0)]]);
    }

    #[test]
    fn points_far_apart_are_not_smoothed_into_one_another() {
        let lines = curve(&[0.5, 2.0, 1.0]).smooth();
        assert_eq!(lines, [vec![(0, 0.5), (1, 2.0), (2, 1.0)]]);
    }

    #[test]
    fn a_loss_that_is_not_finite_breaks_both_lines() {
        for loss in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            let curve = curve(&[1.0, 1.0, loss, 3.0]);
            let expected = [vec![(0, 1.0), (1, 1.0)], vec![(3, 3.0)]];
            assert_eq!(curve.raw(), expected);
            assert_eq!(curve.smooth(), expected);
        }
    }

    #[test]
    fn a_million_points_become_a_few_that_keep_the_extremes() {
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
    fn smoothing_keeps_the_mean_and_takes_the_noise_away() {
        let losses: Vec<f32> = (0..20_000).map(|i| [0.0, 4.0][i % 2]).collect();
        for (_, loss) in curve(&losses).smooth().concat() {
            assert!((loss - 2.0).abs() < 0.05, "{loss}");
        }
    }

    #[test]
    fn one_step_and_the_largest_step_are_no_special_cases() {
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
    fn the_axis_goes_below_zero_only_for_negative_losses() {
        let range = loss_range([-3.0, -2.0].into_iter());
        assert!(range.start < -3.0 && range.end >= 0.0, "{range:?}");
    }

    #[test]
    fn a_few_spikes_do_not_press_the_rest_of_the_curve_flat() {
        let losses = (0..1000).map(|i| if i < 3 { 1e30 } else { 0.7 });
        let range = loss_range(losses.clone());
        assert!(range.end < 1.0, "{range:?}");
        let lines = Curve::new((0..).zip(losses), &(0..=999), &range).smooth();
        assert!((lines[0][20].1 - 0.7).abs() < 0.02, "{:?}", lines[0][20]);
    }

    #[test]
    fn nothing_to_show_and_only_zeros_still_give_an_axis() {
        for losses in [vec![], vec![f32::NAN, f32::INFINITY], vec![0.0; 5]] {
            assert_eq!(loss_range(losses.into_iter()), 0.0..1.0);
        }
    }
}
