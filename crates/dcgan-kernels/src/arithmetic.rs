//! What the products of convolutions are computed in.

use crate::bf16::Unit;

/// What the products of a convolution are computed in. Everything around them is `f32`: inputs,
/// outputs, sums and transforms.
#[derive(Clone, Copy, Debug, Default)]
pub enum Arithmetic {
    /// `f32`.
    #[default]
    F32,
    /// bf16, with sums in `f32`.
    Bf16(Bf16),
}

/// Products in bf16, by the processor's instruction `vdpbf16ps` or by its emulation, to the same
/// bits.
///
/// bf16 has the range of `f32` and 8 bits of precision: a factor is rounded by up to 2⁻⁹ of its
/// value. [`ERROR`](Self::ERROR) bounds what that does to a layer.
#[derive(Clone, Copy, Debug)]
pub struct Bf16(pub(crate) Unit);

impl Bf16 {
    /// What the forward pass of a layer and both gradients are off by at most: the relative L2
    /// error of random values, measured over all layers of all presets.
    pub const ERROR: f64 = 0.008;

    /// By the instruction, if this processor has it (the extension AVX512-BF16).
    ///
    /// ```
    /// match dcgan_kernels::Bf16::detect() {
    ///     Some(_) => println!("f32 and bf16"),
    ///     None => println!("f32 only"),
    /// }
    /// ```
    pub fn detect() -> Option<Self> {
        Unit::detect().map(Self)
    }

    /// By `f32` arithmetic that gives the same bits as the instruction. It is several times slower
    /// than [`Arithmetic::F32`], so it is for tests, and for comparing how networks learn.
    pub fn emulated() -> Self {
        Self(Unit::Emulated)
    }
}
