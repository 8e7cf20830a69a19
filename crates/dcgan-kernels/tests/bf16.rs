//! Products in bf16: the instructions against their emulations, and the errors of all layers of all
//! presets. (Small shapes, and numbers of threads, are in the tests of all arithmetics.)

mod common;

use common::{
    Random, assert_close, conv, conv_shapes, conv_transpose, conv_transpose_shapes, relative_error,
};
use dcgan_kernels::{Arithmetic, Bf16, conv_transpose2d, conv2d};

/// The forward pass and both gradients of a layer.
macro_rules! three {
    ($module:ident, $shape:expr, $arithmetic:expr, $input:expr, $weight:expr, $gradient:expr) => {{
        let (shape, arithmetic) = ($shape, $arithmetic);
        let mut forward = vec![f32::NAN; shape.output().len()];
        $module::forward(shape, arithmetic, $input, $weight, None, &mut forward);
        let mut of_input = vec![f32::NAN; shape.input().len()];
        $module::input_gradient(shape, arithmetic, $gradient, $weight, &mut of_input);
        let mut of_weight = vec![f32::NAN; shape.weight_len()];
        $module::weight_gradient(shape, arithmetic, $input, $gradient, &mut of_weight);
        [forward, of_input, of_weight]
    }};
}

/// Random numbers, some of them tiny, so that products and sums are denormal, or large.
fn awkward(random: &mut Random, len: usize) -> Vec<f32> {
    let mut values = random.values(len);
    for value in &mut values {
        match random.size(0, 19) {
            0 => *value *= 1e-38,
            1 => *value *= 1e-20,
            2 => *value *= 1e15,
            3 => *value = 0.0,
            _ => {}
        }
    }
    values
}

#[test]
fn vectors_give_the_bits_of_their_emulation() {
    match Bf16::vectors() {
        Some(vectors) => compare_bits(vectors, Bf16::emulated_vectors()),
        None => eprintln!("skipped: this processor has no AVX512-BF16"),
    }
}

#[test]
fn tiles_give_the_bits_of_their_emulation() {
    match Bf16::tiles() {
        Some(tiles) => compare_bits(tiles, Bf16::emulated_tiles()),
        None => eprintln!("skipped: this processor has no AMX-BF16"),
    }
}

/// Compares what all kernels give for layers of all kinds.
fn compare_bits(instruction: Bf16, emulation: Bf16) {
    let both = [instruction, emulation].map(Arithmetic::Bf16);
    let mut random = Random(7);
    let mut compared = 0;
    let mut compare = |name: String, [actual, expected]: [[Vec<f32>; 3]; 2]| {
        for (actual, expected) in actual.iter().zip(&expected) {
            for (index, (actual, expected)) in actual.iter().zip(expected).enumerate() {
                let same = actual.to_bits() == expected.to_bits();
                let same = same || (actual.is_nan() && expected.is_nan());
                assert!(same, "{name}, {index}: {actual:e}, emulated {expected:e}");
                compared += 1;
            }
        }
    };
    for shape in &conv_shapes() {
        let input = awkward(&mut random, shape.input().len());
        let weight = awkward(&mut random, shape.weight_len());
        let gradient = awkward(&mut random, shape.output().len());
        let results =
            both.map(|arithmetic| three!(conv2d, shape, arithmetic, &input, &weight, &gradient));
        compare(format!("{shape:?}"), results);
    }
    for shape in &conv_transpose_shapes() {
        let input = awkward(&mut random, shape.input().len());
        let weight = awkward(&mut random, shape.weight_len());
        let gradient = awkward(&mut random, shape.output().len());
        let results = both.map(|arithmetic| {
            three!(
                conv_transpose2d,
                shape,
                arithmetic,
                &input,
                &weight,
                &gradient
            )
        });
        compare(format!("{shape:?}"), results);
    }
    eprintln!("{compared} numbers have the same bits");
}

#[test]
fn every_layer_of_every_preset_keeps_its_digits_with_vectors() {
    check_presets(Bf16::vectors().unwrap_or(Bf16::emulated_vectors()));
}

#[test]
fn every_layer_of_every_preset_keeps_its_digits_with_tiles() {
    check_presets(Bf16::tiles().unwrap_or(Bf16::emulated_tiles()));
}

/// Compares with `f32`, whose error is a thousandth of that of bf16. With `--nocapture`, prints the
/// table of errors.
fn check_presets(bf16: Bf16) {
    let bf16 = Arithmetic::Bf16(bf16);
    let mut random = Random(11);
    // batch, side, channels, output channels, window
    let transposed = [
        // tutorial
        ([16, 4, 1024], 512, [4, 2, 1]),
        ([8, 8, 512], 256, [4, 2, 1]),
        ([4, 16, 256], 128, [4, 2, 1]),
        ([2, 32, 128], 3, [4, 2, 1]),
        // pytorch
        ([16, 4, 512], 256, [4, 2, 1]),
        ([4, 16, 128], 64, [4, 2, 1]),
        // paper
        ([4, 16, 256], 128, [5, 2, 2]),
        ([2, 32, 128], 3, [5, 2, 2]),
        // laptop
        ([16, 4, 192], 192, [4, 2, 1]),
        ([8, 8, 192], 96, [4, 2, 1]),
        ([8, 16, 96], 48, [4, 2, 1]),
        ([8, 32, 48], 24, [4, 2, 1]),
        ([2, 64, 24], 3, [3, 1, 1]),
        // small
        ([8, 8, 64], 32, [4, 2, 1]),
    ];
    for ([batch, side, channels], out, window) in transposed {
        let extra = window[0] % 2 * (window[1] - 1);
        let shape = &conv_transpose([batch, side, side, channels], out, window, extra);
        let input = random.values(shape.input().len());
        let weight = random.values(shape.weight_len());
        let gradient = random.values(shape.output().len());
        let results = [bf16, Arithmetic::F32].map(|arithmetic| {
            three!(
                conv_transpose2d,
                shape,
                arithmetic,
                &input,
                &weight,
                &gradient
            )
        });
        check(&format!("T {channels}→{out}, {side}"), &results);
    }
    let plain = [
        // tutorial
        ([4, 64, 3], 32, [4, 2, 0]),
        ([4, 31, 32], 64, [4, 2, 0]),
        ([4, 14, 64], 128, [4, 1, 0]),
        ([4, 11, 128], 128, [4, 2, 0]),
        // pytorch
        ([4, 64, 3], 64, [4, 2, 1]),
        ([4, 32, 64], 128, [4, 2, 1]),
        ([8, 8, 256], 512, [4, 2, 1]),
        // paper
        ([4, 32, 64], 128, [5, 2, 2]),
        // laptop
        ([8, 32, 32], 64, [4, 2, 1]),
        ([8, 16, 64], 128, [4, 2, 1]),
        ([8, 8, 128], 256, [4, 2, 1]),
    ];
    for ([batch, side, channels], out, window) in plain {
        let shape = &conv([batch, side, side, channels], out, window);
        let input = random.values(shape.input().len());
        let weight = random.values(shape.weight_len());
        let gradient = random.values(shape.output().len());
        let results = [bf16, Arithmetic::F32]
            .map(|arithmetic| three!(conv2d, shape, arithmetic, &input, &weight, &gradient));
        check(&format!("C {channels}→{out}, {side}"), &results);
    }
}

fn check(name: &str, [actual, expected]: &[[Vec<f32>; 3]; 2]) {
    let errors: [f64; 3] =
        std::array::from_fn(|index| relative_error(&actual[index], &expected[index]));
    let percent = errors.map(|error| format!("{:.2}", 100.0 * error));
    eprintln!("{name}: {} %", percent.join(", "));
    for (actual, expected) in actual.iter().zip(expected) {
        assert_close(name, actual, expected, Bf16::ERROR);
    }
}
