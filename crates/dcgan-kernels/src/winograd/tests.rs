//! The transformed kernels against the plain loops, whichever method the cost model prefers.

use super::plan::{Limits, Plan};
use super::tiling::{Sizes, Tiling};
use crate::arithmetic::{Arithmetic, Bf16};
use crate::blocks::factors::{F32, Factors};
use crate::test_layers::{LayerSize, TestLayer};

/// A relative error above those of these layers (2e-6) and of 1024 by 512 channels (6e-6), and
/// below those that the tests of the public kernels allow.
const TOLERANCE: f64 = 1e-5;

/// Each kind of phase, whole and cut tiles, full and partial blocks, images of odd sides.
const LAYERS: [LayerSize; 14] = [
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

/// Runs the three kernels with every possible side of tiles in `f32` and in bf16, and returns the
/// number of tilings.
fn check(size: LayerSize, limits: Option<Limits>) -> usize {
    let layer = &TestLayer::new(size);
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
    layer: &TestLayer,
    limits: Option<Limits>,
) -> usize {
    let geometry = layer.shape.geometry();
    let (input, weight, output) = (&layer.input, &layer.weight, &layer.output);
    let (coarse_bias, fine_bias) = (Some(&*layer.coarse_bias), Some(&*layer.fine_bias));
    Tiling::all(&geometry, sizes)
        .map(|tiling| {
            let mut plan = Plan::new(&geometry, &tiling, factors);
            plan.limits = limits.unwrap_or(plan.limits);
            let by = format!("in tiles of {}", tiling.side);
            layer.check_gather(&by, tolerance, |actual| {
                plan.gather(input, weight, coarse_bias, actual);
            });
            layer.check_spread(&by, tolerance, |actual| {
                plan.spread(output, weight, fine_bias, actual);
            });
            layer.check_weight_gradient(&by, tolerance, |actual| {
                plan.weight_gradient(input, output, actual);
            });
        })
        .count()
}

#[test]
fn the_kernels_agree_with_the_reference() {
    for size in LAYERS {
        assert!(check(size, None) > 0, "no tiling for {size:?}");
    }
}

/// The tests of the public kernels compare what processors with tiles choose: other methods.
#[test]
fn tiles_give_the_bits_of_their_emulation() {
    let Some(tiles) = Bf16::tiles() else {
        eprintln!("skipped: this processor has no AMX-BF16");
        return;
    };
    for size in LAYERS {
        let layer = TestLayer::new(size);
        let geometry = layer.shape.geometry();
        let (input, weight, output) = (&layer.input, &layer.weight, &layer.output);
        for tiling in Tiling::all(&geometry, &Sizes::of(Arithmetic::Bf16(tiles))) {
            let [actual, expected] = [tiles, Bf16::emulated_tiles()].map(|bf16| {
                let plan = Plan::new(&geometry, &tiling, bf16);
                let mut forward = vec![f32::NAN; output.len()];
                plan.gather(input, weight, None, &mut forward);
                let mut back = vec![f32::NAN; input.len()];
                plan.spread(output, weight, None, &mut back);
                let mut gradient = vec![f32::NAN; weight.len()];
                plan.weight_gradient(input, output, &mut gradient);
                [forward, back, gradient]
                    .map(|values| values.into_iter().map(f32::to_bits).collect::<Vec<_>>())
            });
            let side = tiling.side;
            assert!(actual == expected, "{size:?} in tiles of {side}");
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
    for size in layers {
        for (slab, chunk) in [(1, 1), (1 << 17, 1), (1, 1 << 17)] {
            assert!(check(size, Some(Limits { slab, chunk })) > 0);
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
    for size in layers {
        let limits = Limits {
            slab: 1,
            chunk: 1 << 17,
        };
        assert!(check(size, Some(limits)) > 0);
    }
}
