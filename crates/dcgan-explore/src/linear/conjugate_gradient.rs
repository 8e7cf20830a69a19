//! The conjugate gradient method.

/// Solves `A x = target` for a symmetric positive definite `A`, which only needs to be multiplied
/// by vectors (Hestenes and Stiefel 1952).
///
/// Stops after `max_iterations`, or when the residual has shrunk to 1e-9 of `target`.
pub fn conjugate_gradient(
    multiply: impl Fn(&[f64]) -> Vec<f64>,
    target: &[f64],
    max_iterations: usize,
) -> Vec<f64> {
    let mut solution = vec![0.0; target.len()];
    let mut residual = target.to_vec();
    let mut direction = residual.clone();
    let initial = dot_f64(&residual, &residual);
    let mut squared_residual = initial;
    for _ in 0..max_iterations {
        if squared_residual <= 1e-18 * initial {
            break;
        }
        let product = multiply(&direction);
        let step = squared_residual / dot_f64(&direction, &product);
        add_scaled(&mut solution, step, &direction);
        add_scaled(&mut residual, -step, &product);
        let previous = squared_residual;
        squared_residual = dot_f64(&residual, &residual);
        for (direction, residual) in direction.iter_mut().zip(&residual) {
            *direction = residual + squared_residual / previous * *direction;
        }
    }
    solution
}

/// The dot product of two vectors.
pub fn dot_f64(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn add_scaled(sum: &mut [f64], factor: f64, vector: &[f64]) {
    for (sum, value) in sum.iter_mut().zip(vector) {
        *sum += factor * value;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_system_is_solved_exactly() {
        let multiply = |x: &[f64]| vec![4.0 * x[0] + x[1], x[0] + 3.0 * x[1]];
        let found = conjugate_gradient(multiply, &[1.0, 2.0], 2);
        for (found, expected) in found.iter().zip([1.0 / 11.0, 7.0 / 11.0]) {
            assert!((found - expected).abs() < 1e-12, "{found}, not {expected}");
        }
    }
}
