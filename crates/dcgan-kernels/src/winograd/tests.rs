//! The transformed kernels against the plain loops, whichever method the cost model prefers.

use super::plan::{Limits, Plan};
use super::tiling::{Sizes, Tiling};
use crate::arithmetic::{Arithmetic, Bf16};
use crate::blocks::factors::{F32, Factors};
use crate::nhwc::{Nhwc, Window};
use crate::reference;
use crate::shape::Conv2dShape;

/// A relative error above those of these layers (2e-6) and of 1024 by 512 channels (6e-6), and
/// below those that the tests of the public kernels allow.
const TOLERANCE: f64 = 1e-5;

/// A layer: batch, height, width, fine and coarse channels, then kernel, stride and padding.
type Layer = ([usize; 5], [usize; 3]);

/// Each kind of phase, whole and cut tiles, full and partial blocks, images of odd sides.
const LAYERS: [Layer; 14] = [
    ([2, 8, 8, 32, 64], [4, 2, 1]),
    ([3, 16, 12, 20, 33], [4, 2, 1]),
    ([9, 8, 8, 3, 40], [4, 2, 1]),
    ([2, 31, 31, 6, 5], [4, 2, 0]),
    ([2, 14, 14, 40, 9], [4, 1, 0]),
    ([3, 11, 11, 33, 70], [4, 2, 0]),
    ([2, 16, 16, 35, 34], [5, 2, 2]),
    ([1, 13, 9, 4, 70], [5, 2, 1]),
    ([2, 7, 6, 10, 12], [3, 1, 1]),
    ([1, 4, 4, 5, 6], [4, 1, 0]),
    ([1, 9, 20, 2, 3], [6, 2, 3]),
    ([1, 21, 17, 2, 3], [7, 2, 0]),
    ([1, 22, 20, 5, 4], [6, 3, 1]),
    ([70, 8, 8, 5, 6], [4, 2, 1]),
];

/// Numbers between -1 and 1 (SplitMix64).
fn values(seed: u64, len: usize) -> Vec<f32> {
    let number = |index: u64| {
        let step = (seed << 32 | (index + 1)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
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

/// Runs the three kernels with every possible side of tiles in `f32` and in bf16, and returns the
/// number of tilings.
fn check(layer: &Layer, limits: Option<Limits>) -> usize {
    let vectors = Bf16::emulated_vectors();
    let of_f32 = check_in(F32, &Sizes::of(Arithmetic::F32), TOLERANCE, layer, limits);
    let few = Sizes::of(Arithmetic::Bf16(vectors));
    // exact with f32 too
    let of_few_points = check_in(F32, &few, TOLERANCE, layer, limits);
    for bf16 in [vectors, Bf16::tiles().unwrap_or(Bf16::emulated_tiles())] {
        let of_bf16 = check_in(bf16, &few, Bf16::ERROR, layer, limits);
        assert_eq!(of_few_points, of_bf16);
    }
    of_f32 + of_few_points
}

/// Runs the three kernels with every possible side of tiles and returns the number of tilings.
fn check_in<F: Factors>(
    factors: F,
    sizes: &Sizes,
    tolerance: f64,
    layer: &Layer,
    limits: Option<Limits>,
) -> usize {
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

    let (mut forward, mut back, mut gradient) = (stale(&output), stale(&input), stale(&weight));
    reference::conv2d_forward(&shape, &input, &weight, Some(&coarse_bias), &mut forward);
    reference::conv2d_input_gradient(&shape, &output, &weight, &mut back);
    let biases = fine_bias.iter().cycle();
    back.iter_mut().zip(biases).for_each(|(x, b)| *x += b);
    reference::conv2d_weight_gradient(&shape, &input, &output, &mut gradient);

    Tiling::all(&geometry, sizes)
        .map(|tiling| {
            let mut plan = Plan::new(&geometry, &tiling, factors);
            plan.limits = limits.unwrap_or(plan.limits);
            let assert_close = |kernel, actual: &[f32], expected: &[f32]| {
                let error = error(actual, expected);
                let side = tiling.side;
                // Written so that NaN fails.
                let is_small = error <= tolerance;
                assert!(
                    is_small,
                    "{kernel} of {layer:?} in tiles of {side}: {error:e}"
                );
            };
            let mut actual = stale(&output);
            plan.gather(&input, &weight, Some(&coarse_bias), &mut actual);
            assert_close("gather", &actual, &forward);
            let mut actual = stale(&input);
            plan.spread(&output, &weight, Some(&fine_bias), &mut actual);
            assert_close("spread", &actual, &back);
            let mut actual = stale(&weight);
            plan.weight_gradient(&input, &output, &mut actual);
            assert_close("weight gradient", &actual, &gradient);
        })
        .count()
}

#[test]
fn the_kernels_agree_with_the_reference() {
    for layer in &LAYERS {
        assert!(check(layer, None) > 0, "no tiling for {layer:?}");
    }
}

/// The tests of the public kernels compare what processors with tiles choose: other methods.
#[test]
fn tiles_give_the_bits_of_their_emulation() {
    let Some(tiles) = Bf16::tiles() else {
        eprintln!("skipped: this processor has no AMX-BF16");
        return;
    };
    for ([batch, height, width, fine, coarse], [kernel, stride, padding]) in LAYERS {
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
        for tiling in Tiling::all(&geometry, &Sizes::of(Arithmetic::Bf16(tiles))) {
            let [actual, expected] = [tiles, Bf16::emulated_tiles()].map(|bf16| {
                let plan = Plan::new(&geometry, &tiling, bf16);
                let mut forward = vec![f32::NAN; output.len()];
                plan.gather(&input, &weight, None, &mut forward);
                let mut back = vec![f32::NAN; input.len()];
                plan.spread(&output, &weight, None, &mut back);
                let mut gradient = vec![f32::NAN; weight.len()];
                plan.weight_gradient(&input, &output, &mut gradient);
                [forward, back, gradient]
                    .map(|values| values.into_iter().map(f32::to_bits).collect::<Vec<_>>())
            });
            let side = tiling.side;
            assert!(
                actual == expected,
                "{fine} to {coarse} channels in tiles of {side}"
            );
        }
    }
}

#[test]
fn results_do_not_depend_on_slabs_and_chunks() {
    let layers = [
        ([140, 8, 8, 40, 70], [4, 2, 1]),
        ([70, 9, 9, 70, 150], [4, 2, 0]),
        ([17, 8, 8, 33, 40], [5, 2, 2]),
    ];
    for layer in &layers {
        for (slab, chunk) in [(1, 1), (1 << 17, 1), (1, 1 << 17)] {
            assert!(check(layer, Some(Limits { slab, chunk })) > 0);
        }
    }
}

#[test]
fn small_batches_of_wide_layers_agree_with_the_reference() {
    let layers = [
        ([6, 8, 8, 70, 150], [4, 2, 1]),
        ([4, 16, 16, 70, 150], [5, 2, 2]),
        ([1, 14, 14, 70, 150], [4, 1, 0]),
    ];
    for layer in &layers {
        let limits = Limits {
            slab: 1,
            chunk: 1 << 17,
        };
        assert!(check(layer, Some(limits)) > 0);
    }
}
