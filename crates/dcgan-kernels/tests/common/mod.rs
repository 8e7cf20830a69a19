//! Random inputs, shapes to test, and the error measure.
#![allow(dead_code)] // each test file uses a part of it

use dcgan_kernels::{Arithmetic, Bf16, Conv2dShape, ConvTranspose2dShape, Nhwc, Window};

/// Relative error allowed to an output, and to a gradient.
pub const FORWARD: f64 = 2e-5;
pub const GRADIENT: f64 = 5e-5;

/// All arithmetics, with the relative error allowed to each.
pub fn arithmetics(of_f32: f64) -> [(Arithmetic, f64); 3] {
    let vectors = Bf16::vectors().unwrap_or(Bf16::emulated_vectors());
    let tiles = Bf16::tiles().unwrap_or(Bf16::emulated_tiles());
    [
        (Arithmetic::F32, of_f32),
        (Arithmetic::Bf16(vectors), Bf16::ERROR),
        (Arithmetic::Bf16(tiles), Bf16::ERROR),
    ]
}

/// A small generator of random numbers (SplitMix64).
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A whole number from `low` to `high`, both included.
    pub fn size(&mut self, low: usize, high: usize) -> usize {
        low + self.next() as usize % (high - low + 1)
    }

    /// Roughly normal numbers.
    pub fn values(&mut self, len: usize) -> Vec<f32> {
        let uniform = |bits: u64| (bits >> 40) as f32 / (1 << 24) as f32 - 0.5;
        (0..len)
            .map(|_| (0..4).map(|_| uniform(self.next())).sum::<f32>() * 1.7)
            .collect()
    }
}

/// The relative L2 error.
pub fn relative_error(actual: &[f32], expected: &[f32]) -> f64 {
    let (mut error, mut size) = (0.0, 0.0);
    for (&a, &e) in actual.iter().zip(expected) {
        error += (f64::from(a) - f64::from(e)).powi(2);
        size += f64::from(e).powi(2);
    }
    (error / size).sqrt()
}

/// Checks the relative L2 error.
#[track_caller]
pub fn assert_close(what: &str, actual: &[f32], expected: &[f32], tolerance: f64) {
    assert_eq!(actual.len(), expected.len(), "{what}: lengths");
    let (mut error, mut size) = (0.0, 0.0);
    for (&a, &e) in actual.iter().zip(expected) {
        error += (f64::from(a) - f64::from(e)).powi(2);
        size += f64::from(e).powi(2);
    }
    // Written so that NaN fails.
    let small = error.sqrt() <= tolerance * size.sqrt() + 1e-30;
    assert!(small, "{what}: relative error {:e}", (error / size).sqrt());
}

pub fn conv(sizes: [usize; 4], out: usize, window: [usize; 3]) -> Conv2dShape {
    Conv2dShape::new(nhwc(sizes), out, to_window(window)).expect("possible shape")
}

pub fn conv_transpose(
    sizes: [usize; 4],
    out: usize,
    window: [usize; 3],
    output_padding: usize,
) -> ConvTranspose2dShape {
    ConvTranspose2dShape::new(nhwc(sizes), out, to_window(window), output_padding)
        .expect("possible shape")
}

fn nhwc([batch, height, width, channels]: [usize; 4]) -> Nhwc {
    Nhwc {
        batch,
        height,
        width,
        channels,
    }
}

fn to_window([kernel, stride, padding]: [usize; 3]) -> Window {
    Window {
        kernel,
        stride,
        padding,
    }
}

/// Small versions of the networks' layers, and awkward sizes.
pub fn conv_shapes() -> Vec<Conv2dShape> {
    let mut shapes = vec![
        conv([3, 16, 16, 3], 8, [4, 2, 1]),
        conv([2, 8, 8, 20], 33, [4, 2, 1]),
        conv([9, 8, 8, 70], 40, [4, 2, 1]),
        conv([2, 8, 8, 300], 17, [4, 2, 1]),
        conv([1, 6, 6, 600], 5, [4, 2, 1]),
        conv([5, 4, 4, 24], 1, [4, 1, 0]),
        conv([1, 4, 4, 7], 3, [4, 2, 0]),
        conv([2, 31, 31, 6], 10, [4, 2, 0]),
        conv([3, 14, 14, 12], 9, [4, 1, 0]),
        conv([2, 16, 16, 3], 12, [5, 2, 2]),
        conv([1, 1, 1, 1], 1, [1, 1, 0]),
        conv([1, 1, 1, 3], 2, [3, 1, 1]),
        conv([2, 2, 3, 2], 2, [3, 2, 4]),
        conv([40, 13, 9, 2], 1, [3, 3, 1]),
        // wide enough for Winograd's method
        conv([8, 16, 16, 64], 64, [4, 2, 1]),
        conv([8, 10, 10, 64], 64, [4, 1, 0]),
        conv([8, 16, 16, 64], 64, [5, 2, 2]),
    ];
    let mut random = Random(1);
    while shapes.len() < 40 {
        let sizes = [
            random.size(1, 4),
            random.size(1, 13),
            random.size(1, 13),
            random.size(1, 40),
        ];
        let window = [random.size(1, 5), random.size(1, 3), random.size(0, 3)];
        shapes.extend(Conv2dShape::new(
            nhwc(sizes),
            random.size(1, 40),
            to_window(window),
        ));
    }
    shapes
}

/// As [`conv_shapes`], for the transposed convolution.
pub fn conv_transpose_shapes() -> Vec<ConvTranspose2dShape> {
    let mut shapes = vec![
        conv_transpose([5, 1, 1, 10], 40, [4, 1, 0], 0),
        conv_transpose([2, 4, 4, 33], 20, [4, 2, 1], 0),
        conv_transpose([9, 4, 4, 40], 70, [4, 2, 1], 0),
        conv_transpose([2, 4, 4, 17], 300, [4, 2, 1], 0),
        conv_transpose([3, 8, 8, 16], 3, [4, 2, 1], 0),
        conv_transpose([2, 8, 8, 12], 3, [5, 2, 2], 1),
        conv_transpose([1, 20, 20, 4], 9, [5, 2, 2], 1),
        conv_transpose([1, 1, 1, 1], 1, [1, 1, 0], 0),
        conv_transpose([2, 3, 2, 3], 2, [3, 2, 2], 1),
        conv_transpose([40, 5, 3, 1], 2, [2, 3, 0], 2),
        // wide enough for Winograd's method
        conv_transpose([8, 8, 8, 64], 64, [4, 2, 1], 0),
        conv_transpose([8, 8, 8, 64], 64, [5, 2, 2], 1),
    ];
    let mut random = Random(2);
    while shapes.len() < 40 {
        let sizes = [
            random.size(1, 4),
            random.size(1, 7),
            random.size(1, 7),
            random.size(1, 40),
        ];
        let window = [random.size(1, 5), random.size(1, 3), random.size(0, 3)];
        let (out, extra) = (random.size(1, 40), random.size(0, 2));
        shapes.extend(ConvTranspose2dShape::new(
            nhwc(sizes),
            out,
            to_window(window),
            extra,
        ));
    }
    shapes
}
