//! Products and sums of vectors, each on one thread.

use crate::simd::{Loop, Simd};

/// Partial sums: two of the widest vector registers.
const LANES: usize = 32;

/// The scalar product of two vectors, summed in an order that depends on their length alone.
///
/// # Panics
///
/// If the lengths differ.
pub fn dot(one: &[f32], other: &[f32]) -> f32 {
    assert_eq!(one.len(), other.len(), "lengths of vectors");
    let products = pulp::Arch::new().dispatch(Lanes {
        one,
        other,
        term: |x: f32, y: f32| x * y,
    });
    products.iter().sum()
}

/// The Euclidean distance of two vectors, summed in an order that depends on their length alone.
///
/// # Panics
///
/// If the lengths differ.
pub fn distance(one: &[f32], other: &[f32]) -> f64 {
    assert_eq!(one.len(), other.len(), "lengths of vectors");
    let squares = pulp::Arch::new().dispatch(Lanes {
        one,
        other,
        term: |x: f32, y: f32| (x - y) * (x - y),
    });
    squares.into_iter().map(f64::from).sum::<f64>().sqrt()
}

/// Adds `factor` times `vector` to `target`.
///
/// # Panics
///
/// If the lengths differ.
pub fn add_scaled(target: &mut [f32], vector: &[f32], factor: f32) {
    assert_eq!(target.len(), vector.len(), "lengths of vectors");
    pulp::Arch::new().dispatch(AddScaled {
        target,
        vector,
        factor,
    });
}

/// Sums a term of each pair of elements, lane by lane.
struct Lanes<'a, Term> {
    one: &'a [f32],
    other: &'a [f32],
    term: Term,
}

impl<Term: Fn(f32, f32) -> f32> Loop for Lanes<'_, Term> {
    type Output = [f32; LANES];

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> [f32; LANES] {
        let mut lanes = [0.0_f32; LANES];
        let (ones, one_rest) = self.one.as_chunks::<LANES>();
        let (others, other_rest) = self.other.as_chunks::<LANES>();
        for (one, other) in ones.iter().zip(others) {
            for lane in 0..LANES {
                lanes[lane] += (self.term)(one[lane], other[lane]);
            }
        }
        for lane in 0..one_rest.len() {
            lanes[lane] += (self.term)(one_rest[lane], other_rest[lane]);
        }
        lanes
    }
}

struct AddScaled<'a> {
    target: &'a mut [f32],
    vector: &'a [f32],
    factor: f32,
}

impl Loop for AddScaled<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let factor = self.factor;
        for (target, value) in self.target.iter_mut().zip(self.vector) {
            *target += factor * value;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vectors_of_any_length_agree_with_double_precision() {
        for length in [0, 1, 31, 32, 33, 200] {
            let one: Vec<f32> = (0..length).map(|at| at as f32 * 0.5 - 3.0).collect();
            let other: Vec<f32> = (0..length).map(|at| 2.0 - at as f32).collect();
            let pairs = one.iter().zip(&other);
            let expected: f64 = pairs.map(|(&x, &y)| f64::from(x) * f64::from(y)).sum();
            let found = f64::from(dot(&one, &other));
            assert!(
                (found - expected).abs() <= 1e-5 * expected.abs(),
                "{length}"
            );
            let pairs = one.iter().zip(&other);
            let squares = pairs.map(|(&x, &y)| (f64::from(x) - f64::from(y)).powi(2));
            let expected = squares.sum::<f64>().sqrt();
            assert!(
                (distance(&one, &other) - expected).abs() <= 1e-5 * expected,
                "{length}"
            );
            let mut sum = one.clone();
            add_scaled(&mut sum, &other, 2.0);
            let added = sum.iter().zip(one.iter().zip(&other));
            assert!(
                added.into_iter().all(|(sum, (x, y))| *sum == x + 2.0 * y),
                "{length}"
            );
        }
    }
}
