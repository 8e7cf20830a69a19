//! The kernels against the reference.

use super::{gather, spread, weight_gradient};
use crate::arithmetic::Bf16;
use crate::nhwc::{Nhwc, Window};
use crate::reference;
use crate::shape::Conv2dShape;

/// Only the factors are rounded. A sum of few products may lose more than one of many.
const TOLERANCE: f64 = 0.004;

/// `[batch, height, width, fine channels, coarse channels]`, and `[kernel, stride, padding]`.
const LAYERS: [([usize; 5], [usize; 3]); 14] = [
    ([3, 8, 8, 32, 32], [4, 2, 1]),
    ([2, 16, 16, 40, 70], [4, 2, 1]),
    ([1, 12, 6, 5, 9], [4, 2, 1]),
    ([2, 31, 31, 16, 33], [4, 2, 0]),
    ([2, 14, 14, 33, 16], [4, 1, 0]),
    ([2, 9, 10, 17, 18], [5, 2, 2]),
    ([2, 8, 8, 24, 3], [3, 1, 1]),
    ([1, 20, 20, 3, 24], [3, 1, 1]),
    // as many images as take several tasks and chunks
    ([70, 8, 8, 96, 200], [4, 2, 1]),
    // fine pixels past the last window
    ([2, 11, 12, 8, 8], [4, 3, 0]),
    // more strides than taps
    ([2, 10, 10, 8, 8], [2, 3, 1]),
    ([2, 7, 7, 8, 8], [1, 2, 0]),
    // padding wider than the image
    ([2, 2, 1, 8, 8], [5, 1, 3]),
    ([1, 1, 1, 1, 1], [1, 1, 0]),
];

#[test]
fn the_kernels_agree_with_the_reference() {
    for layer in &LAYERS {
        for bf16 in [
            Bf16::tiles().unwrap_or(Bf16::emulated_tiles()),
            Bf16::emulated_vectors(),
        ] {
            check(bf16, layer);
        }
    }
}

fn check(bf16: Bf16, layer: &([usize; 5], [usize; 3])) {
    let &([batch, height, width, fine, coarse], [kernel, stride, padding]) = layer;
    let input = Nhwc {
        batch,
        height,
        width,
        channels: fine,
    };
    let window = Window {
        kernel,
        stride,
        padding,
    };
    let shape = Conv2dShape::new(input, coarse, window).expect("possible");
    let geometry = shape.geometry();
    let input = values(1, shape.input().len());
    let weight = values(2, shape.weight_len());
    let output = values(3, shape.output().len());
    let (coarse_bias, fine_bias) = (values(4, coarse), values(5, fine));
    let stale = |values: &[f32]| vec![f32::NAN; values.len()];
    let assert_close = |kernel, actual: &[f32], expected: &[f32]| {
        let error = error(actual, expected);
        // written so that NaN fails
        let is_small = error <= TOLERANCE;
        assert!(is_small, "{kernel} of {layer:?} by {bf16:?}: {error:e}");
    };

    let (mut actual, mut expected) = (stale(&output), stale(&output));
    gather(
        &geometry,
        bf16,
        &input,
        &weight,
        Some(&coarse_bias),
        &mut actual,
    );
    reference::conv2d_forward(&shape, &input, &weight, Some(&coarse_bias), &mut expected);
    assert_close("gather", &actual, &expected);

    let (mut actual, mut expected) = (stale(&input), stale(&input));
    spread(
        &geometry,
        bf16,
        &output,
        &weight,
        Some(&fine_bias),
        &mut actual,
    );
    reference::conv2d_input_gradient(&shape, &output, &weight, &mut expected);
    let biases = fine_bias.iter().cycle();
    expected.iter_mut().zip(biases).for_each(|(x, b)| *x += b);
    assert_close("spread", &actual, &expected);

    let (mut actual, mut expected) = (stale(&weight), stale(&weight));
    weight_gradient(&geometry, bf16, &input, &output, &mut actual);
    reference::conv2d_weight_gradient(&shape, &input, &output, &mut expected);
    assert_close("weight gradient", &actual, &expected);
}

/// Random numbers from -1 to 1.
fn values(seed: u64, len: usize) -> Vec<f32> {
    let number = |index: u64| {
        let step = (index + (seed << 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let mixed = (step ^ (step >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) >> 40) as f32 / (1 << 23) as f32 - 1.0
    };
    (0..len as u64).map(number).collect()
}

/// The relative L2 error.
fn error(actual: &[f32], expected: &[f32]) -> f64 {
    let square = |values: &mut dyn Iterator<Item = f64>| values.map(|x| x * x).sum::<f64>().sqrt();
    let pairs = actual.iter().zip(expected);
    let error = square(&mut pairs.map(|(&a, &e)| f64::from(a) - f64::from(e)));
    error / square(&mut expected.iter().map(|&e| f64::from(e)))
}
