//! The kernels against the reference.

use super::{gather, spread, weight_gradient};
use crate::arithmetic::Bf16;
use crate::test_layers::{LayerSize, TestLayer};

/// Only the factors are rounded. A sum of few products may lose more than one of many.
const TOLERANCE: f64 = 0.004;

const LAYERS: [LayerSize; 14] = [
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
    for size in LAYERS {
        let layer = TestLayer::new(size);
        for bf16 in [
            Bf16::tiles().unwrap_or(Bf16::emulated_tiles()),
            Bf16::emulated_vectors(),
        ] {
            check(bf16, &layer);
        }
    }
}

fn check(bf16: Bf16, layer: &TestLayer) {
    let geometry = layer.shape.geometry();
    let by = format!("by {bf16:?}");
    let (input, weight, output) = (&layer.input, &layer.weight, &layer.output);
    let (coarse_bias, fine_bias) = (Some(&*layer.coarse_bias), Some(&*layer.fine_bias));
    layer.check_gather(&by, TOLERANCE, |actual| {
        gather(&geometry, bf16, input, weight, coarse_bias, actual);
    });
    layer.check_spread(&by, TOLERANCE, |actual| {
        spread(&geometry, bf16, output, weight, fine_bias, actual);
    });
    layer.check_weight_gradient(&by, TOLERANCE, |actual| {
        weight_gradient(&geometry, bf16, input, output, actual);
    });
}
