//! Activation functions and their gradients.
//!
//! After a batch norm use [`batch_norm`](crate::batch_norm), which applies the activation in
//! the same passes over memory.

use rayon::prelude::*;

use crate::precision::flush;
use crate::profile::Part;
use crate::simd::{self, Loop, Simd};

/// Floats in one task.
const TASK_LEN: usize = 1 << 15;

/// An activation function.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Activation {
    /// `x`
    None,
    /// `max(x, 0)`
    Relu,
    /// `x` if positive, else `slope * x`. The slope must not be negative: the backward pass
    /// takes the sign of the input from the sign of the output.
    LeakyRelu(f32),
    /// The hyperbolic tangent.
    Tanh,
}

impl Activation {
    /// The slope left of zero of an activation whose slope is 1 right of it; `None` for a curved
    /// one.
    #[inline(always)]
    pub(crate) fn negative_slope(self) -> Option<f32> {
        match self {
            Activation::None => Some(1.0),
            Activation::Relu => Some(0.0),
            Activation::LeakyRelu(slope) => Some(slope),
            Activation::Tanh => None,
        }
    }
}

/// Computes `output = activation(input)`.
///
/// # Panics
///
/// If the lengths differ.
pub fn forward(activation: Activation, input: &[f32], output: &mut [f32]) {
    assert_eq!(input.len(), output.len(), "length of output");
    output
        .par_chunks_mut(TASK_LEN)
        .zip(input.par_chunks(TASK_LEN))
        .for_each(|(output, input)| match activation.negative_slope() {
            Some(slope) => simd::run(
                Part::Activations,
                Map {
                    input,
                    output,
                    function: move |x| leaky(x, slope),
                },
            ),
            None => simd::run(
                Part::Activations,
                Map {
                    input,
                    output,
                    function: tanh,
                },
            ),
        });
}

/// Replaces every value by its activation, on the calling thread.
pub(crate) fn in_place(activation: Activation, values: &mut [f32]) {
    match activation.negative_slope() {
        Some(1.0) => {}
        Some(slope) => {
            let function = move |x| leaky(x, slope);
            simd::run(Part::Activations, MapInPlace { values, function });
        }
        None => {
            let function = tanh;
            simd::run(Part::Activations, MapInPlace { values, function });
        }
    }
}

/// Replaces every value by its activation, on all threads.
pub(crate) fn in_place_parallel(activation: Activation, values: &mut [f32]) {
    values
        .par_chunks_mut(TASK_LEN)
        .for_each(|values| in_place(activation, values));
}

/// Computes the gradient with respect to the input from the *output* of the forward pass.
///
/// Values below [`NEGLIGIBLE`](crate::NEGLIGIBLE) become zero.
///
/// # Panics
///
/// If the lengths differ.
pub fn backward(
    activation: Activation,
    output: &[f32],
    output_gradient: &[f32],
    input_gradient: &mut [f32],
) {
    assert_eq!(
        output_gradient.len(),
        output.len(),
        "length of output_gradient"
    );
    assert_eq!(
        input_gradient.len(),
        output.len(),
        "length of input_gradient"
    );
    input_gradient
        .par_chunks_mut(TASK_LEN)
        .zip(
            output
                .par_chunks(TASK_LEN)
                .zip(output_gradient.par_chunks(TASK_LEN)),
        )
        .for_each(
            |(target, (output, gradient))| match activation.negative_slope() {
                Some(slope) => {
                    let function = move |y, g| leaky_gradient(y, g, slope);
                    simd::run(
                        Part::Activations,
                        MapBack {
                            output,
                            gradient,
                            target,
                            function,
                        },
                    );
                }
                None => {
                    let function = |y, g| g * (1.0 - y * y);
                    simd::run(
                        Part::Activations,
                        MapBack {
                            output,
                            gradient,
                            target,
                            function,
                        },
                    );
                }
            },
        );
}

struct Map<'a, F> {
    input: &'a [f32],
    output: &'a mut [f32],
    function: F,
}

impl<F: Fn(f32) -> f32> Loop for Map<'_, F> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        for (output, &input) in self.output.iter_mut().zip(self.input) {
            *output = (self.function)(input);
        }
    }
}

struct MapInPlace<'a, F> {
    values: &'a mut [f32],
    function: F,
}

impl<F: Fn(f32) -> f32> Loop for MapInPlace<'_, F> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        for value in self.values {
            *value = (self.function)(*value);
        }
    }
}

struct MapBack<'a, F> {
    output: &'a [f32],
    gradient: &'a [f32],
    target: &'a mut [f32],
    function: F,
}

impl<F: Fn(f32, f32) -> f32> Loop for MapBack<'_, F> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let sources = self.output.iter().zip(self.gradient);
        for (target, (&output, &gradient)) in self.target.iter_mut().zip(sources) {
            *target = flush((self.function)(output, gradient));
        }
    }
}

#[inline(always)]
pub(crate) fn leaky(x: f32, slope: f32) -> f32 {
    if x > 0.0 { x } else { slope * x }
}

/// `gradient` times the derivative of [`leaky`] at `x` (or at any value of the same sign).
#[inline(always)]
pub(crate) fn leaky_gradient(x: f32, gradient: f32, slope: f32) -> f32 {
    if x > 0.0 { gradient } else { slope * gradient }
}

/// `tanh` to about two units in the last place, in a form that compilers can vectorise.
///
/// `tanh(x) = e / (e + 2)` with `e = exp(2x) - 1`; writing `2x = n ln 2 + r`, `e` is
/// `2^n (exp(r) - 1) + (2^n - 1)`, which keeps its relative precision near zero, where `n = 0`.
#[inline(always)]
pub(crate) fn tanh(x: f32) -> f32 {
    /// tanh rounds to 1 above this.
    const ONE: f32 = 9.02;
    /// Adding it leaves the nearest integer in the low bits of the sum.
    const ROUND: f32 = 12_582_912.0; // 1.5 * 2^23
    /// ln 2 in two parts; multiples of the first are exact.
    const LN_2_HIGH: f32 = 355.0 / 512.0;
    const LN_2_LOW: f32 = (std::f64::consts::LN_2 - 355.0 / 512.0) as f32;

    // not `min`, which would drop NaN
    let magnitude = if x.abs() > ONE { ONE } else { x.abs() };
    let twice = 2.0 * magnitude;
    let shifted = twice * std::f32::consts::LOG2_E + ROUND;
    let n = shifted - ROUND;
    let r = (twice - n * LN_2_HIGH) - n * LN_2_LOW;
    // exp(r) - 1 by its series; |r| <= ln 2 / 2, so the first term left out is below 1e-9.
    let series = 1.0 / 720.0 + r * (1.0 / 5040.0);
    let series = 1.0 / 24.0 + r * (1.0 / 120.0 + r * series);
    let exp_r = r + r * r * (0.5 + r * (1.0 / 6.0 + r * series));
    let power = f32::from_bits((shifted.to_bits() << 23).wrapping_add(1.0_f32.to_bits()));
    let e = power * exp_r + (power - 1.0);
    (e / (e + 2.0)).copysign(x)
}

#[cfg(test)]
mod tests {
    use super::tanh;

    #[test]
    fn tanh_agrees_with_double_precision_at_every_scale() {
        for step in -40_000..=40_000 {
            for scale in [1e-9, 1e-5, 2.5e-4, 1e-3] {
                let x = step as f32 * scale;
                let exact = f64::from(x).tanh();
                let error = (f64::from(tanh(x)) - exact).abs();
                assert!(error <= 3e-7 * exact.abs(), "tanh({x}) is off by {error}");
            }
        }
    }

    #[test]
    fn tanh_handles_non_finite_values() {
        assert_eq!(tanh(f32::INFINITY), 1.0);
        assert_eq!(tanh(f32::NEG_INFINITY), -1.0);
        assert!(tanh(f32::NAN).is_nan());
    }
}
