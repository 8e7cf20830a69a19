//! Round numbers along an axis, and how they are written.

use std::ops::{Range, RangeInclusive};

/// Multiples of the smallest round number (1, 2 or 5 times a power of ten) of which at most
/// `max_ticks` lie in the range.
pub fn step_ticks(steps: &RangeInclusive<u64>, max_ticks: u64) -> Vec<u64> {
    let powers = std::iter::successors(Some(1_u64), |power| power.checked_mul(10));
    let spacings = powers.flat_map(|power| [1, 2, 5].map(|digit| power.saturating_mul(digit)));
    let multiples = |spacing: u64| steps.start().div_ceil(spacing)..=steps.end() / spacing;
    spacings
        .map(|spacing| (spacing, multiples(spacing)))
        .find(|(_, multiples)| {
            multiples.is_empty() || multiples.end() - multiples.start() < max_ticks
        })
        .map(|(spacing, multiples)| multiples.map(|multiple| multiple * spacing).collect())
        .unwrap_or_default()
}

/// The same for a range of real numbers that is not empty.
pub fn value_ticks(values: &Range<f64>, max_ticks: u32) -> Vec<f64> {
    let height = values.end - values.start;
    let power = 10_f64.powf((height / f64::from(max_ticks)).log10().floor());
    [1.0, 2.0, 5.0, 10.0, 20.0]
        .map(|digit| digit * power)
        .into_iter()
        .map(|spacing| {
            let first = (values.start / spacing).ceil() as i64;
            let last = (values.end / spacing).floor() as i64;
            let multiples = first..=last;
            multiples
                .map(|multiple| multiple as f64 * spacing)
                .collect::<Vec<_>>()
        })
        .find(|ticks| ticks.len() <= max_ticks as usize)
        .unwrap_or_default()
}

/// A whole number with a comma after every three digits.
pub fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A number of the vertical axis, with the decimals that an axis of this height needs.
pub fn value_label(value: f64, axis_height: f64) -> String {
    if !(1e-3..1e5).contains(&axis_height) {
        return format!("{value:.1e}");
    }
    let decimals = (1.0 - axis_height.log10().floor()).clamp(0.0, 5.0) as usize;
    format!("{value:.decimals$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_marked_at_round_numbers() {
        assert_eq!(step_ticks(&(1..=2170), 9), [500, 1000, 1500, 2000]);
        assert_eq!(step_ticks(&(0..=5), 9), [0, 1, 2, 3, 4, 5]);
        assert_eq!(step_ticks(&(7..=8), 9), [7, 8]);
        assert_eq!(step_ticks(&(0..=u64::MAX), 9).len(), 4);
        assert_eq!(
            step_ticks(&(u64::MAX - 1..=u64::MAX), 9),
            [u64::MAX - 1, u64::MAX]
        );
    }

    #[test]
    fn values_are_marked_at_round_numbers() {
        assert_eq!(value_ticks(&(0.0..8.9), 7), [0.0, 2.0, 4.0, 6.0, 8.0]);
        assert_eq!(
            value_ticks(&(-7.2..7.2), 7),
            [-6.0, -4.0, -2.0, 0.0, 2.0, 4.0, 6.0]
        );
        assert_eq!(
            value_ticks(&(0.0..1.0), 7),
            [0.0, 0.2, 0.4, 0.6000000000000001, 0.8, 1.0]
        );
        for height in [1e-8, 3.4e38, 6.9e38] {
            let ticks = value_ticks(&(0.0..height), 7);
            assert!((3..=7).contains(&ticks.len()), "{ticks:?}");
        }
    }

    #[test]
    fn whole_numbers_have_a_comma_after_every_three_digits() {
        assert_eq!(
            [0, 999, 1000, 1_234_567].map(thousands),
            ["0", "999", "1,000", "1,234,567"]
        );
    }

    #[test]
    fn values_have_the_decimals_that_the_height_of_the_axis_needs() {
        assert_eq!(value_label(0.2, 0.75), "0.20");
        assert_eq!(value_label(1.5, 3.0), "1.5");
        assert_eq!(value_label(20.0, 42.0), "20");
        assert_eq!(value_label(3e38, 6e38), "3.0e38");
    }
}
