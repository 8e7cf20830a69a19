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

/// Products in bf16, by instructions of the processor or by their emulation, to the same bits.
///
/// There are two kinds: vectors (`vdpbf16ps`, of the extension AVX512-BF16) and tiles (`tdpbf16ps`,
/// of AMX-BF16). Both round factors alike, and add the products in another order, so that results
/// differ in the last bits.
///
/// bf16 has the range of `f32` and 8 bits of precision: a factor is rounded by up to 2⁻⁹ of its
/// value. [`ERROR`](Self::ERROR) bounds what that does to a layer.
#[derive(Clone, Copy, Debug)]
pub struct Bf16(pub(crate) Unit);

impl Bf16 {
    /// What the forward pass of a layer and both gradients are off by at most: the relative L2
    /// error of random values, measured over all layers of all presets.
    pub const ERROR: f64 = 0.008;

    /// By tiles if this processor has them, else by vectors if it has those.
    ///
    /// ```
    /// match dcgan_kernels::Bf16::detect() {
    ///     Some(_) => println!("f32 and bf16"),
    ///     None => println!("f32 only"),
    /// }
    /// ```
    pub fn detect() -> Option<Self> {
        Self::tiles().or_else(Self::vectors)
    }

    /// By vectors, if this processor has the extension AVX512-BF16.
    pub fn vectors() -> Option<Self> {
        Unit::vectors().map(Self)
    }

    /// By tiles, if this processor has the extensions AMX-BF16 and AVX512-BF16, and the system is
    /// a Linux that lets this process use the tiles. This asks it.
    pub fn tiles() -> Option<Self> {
        Unit::tiles().map(Self)
    }

    /// By `f32` arithmetic that gives the same bits as vectors. It is several times slower than
    /// [`Arithmetic::F32`], so it is for tests, and for comparing how networks learn.
    pub fn emulated_vectors() -> Self {
        Self(Unit::EmulatedVectors)
    }

    /// By `f32` arithmetic that gives the same bits as tiles, as slow as the other.
    pub fn emulated_tiles() -> Self {
        Self(Unit::EmulatedTiles)
    }

    /// Whether the products are those of tiles, by instructions or emulated.
    pub fn has_tiles(self) -> bool {
        self.0.has_tiles()
    }
}
