//! Values too small to matter.

/// Gradients and optimizer moments below this magnitude are replaced by zero.
///
/// Arithmetic on denormal numbers (below about 1.2e-38) is many times slower on x86. Changing
/// the processor's rounding mode to avoid them is undefined behaviour in Rust, so the kernels
/// that produce gradients flush small values instead, early enough that the product with a weight
/// is still a normal number. Adam divides by at least its epsilon (1e-8), so nothing this
/// small can move a weight.
pub const NEGLIGIBLE: f32 = 1e-30;

/// `value`, or zero if it is [`NEGLIGIBLE`]. NaN stays NaN.
#[inline(always)]
pub(crate) fn flush(value: f32) -> f32 {
    if value.abs() < NEGLIGIBLE { 0.0 } else { value }
}
