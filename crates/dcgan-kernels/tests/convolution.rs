//! Both convolutions against the plain loops of `reference`.

mod common;

use common::{
    FORWARD, GRADIENT, Random, arithmetics, assert_close, conv_shapes, conv_transpose_shapes,
};
use dcgan_kernels::{Arithmetic, conv_transpose2d, conv2d, reference};

/// Stale contents that a kernel has to overwrite.
fn stale(len: usize) -> Vec<f32> {
    vec![f32::NAN; len]
}

macro_rules! agrees {
    ($shapes:expr, $module:ident, $forward:ident, $input:ident, $weight:ident, $bias:ident) => {
        #[test]
        fn forward_agrees_with_the_reference() {
            for (seed, shape) in $shapes.iter().enumerate() {
                let mut random = Random(seed as u64);
                let input = random.values(shape.input().len());
                let weight = random.values(shape.weight_len());
                let bias = random.values(shape.output().channels);
                for bias in [None, Some(&bias[..])] {
                    let mut expected = stale(shape.output().len());
                    reference::$forward(shape, &input, &weight, bias, &mut expected);
                    for (arithmetic, tolerance) in arithmetics(FORWARD) {
                        let mut actual = stale(shape.output().len());
                        $module::forward(shape, arithmetic, &input, &weight, bias, &mut actual);
                        let what = format!("{arithmetic:?} {shape:?}");
                        assert_close(&what, &actual, &expected, tolerance);
                    }
                }
            }
        }

        #[test]
        fn input_gradient_agrees_with_the_reference() {
            for (seed, shape) in $shapes.iter().enumerate() {
                let mut random = Random(seed as u64);
                let gradient = random.values(shape.output().len());
                let weight = random.values(shape.weight_len());
                let mut expected = stale(shape.input().len());
                reference::$input(shape, &gradient, &weight, &mut expected);
                for (arithmetic, tolerance) in arithmetics(GRADIENT) {
                    let mut actual = stale(shape.input().len());
                    $module::input_gradient(shape, arithmetic, &gradient, &weight, &mut actual);
                    let what = format!("{arithmetic:?} {shape:?}");
                    assert_close(&what, &actual, &expected, tolerance);
                }
            }
        }

        #[test]
        fn weight_gradient_agrees_with_the_reference() {
            for (seed, shape) in $shapes.iter().enumerate() {
                let mut random = Random(seed as u64);
                let input = random.values(shape.input().len());
                let gradient = random.values(shape.output().len());
                let mut expected = stale(shape.weight_len());
                reference::$weight(shape, &input, &gradient, &mut expected);
                for (arithmetic, tolerance) in arithmetics(GRADIENT) {
                    let mut actual = stale(shape.weight_len());
                    $module::weight_gradient(shape, arithmetic, &input, &gradient, &mut actual);
                    let what = format!("{arithmetic:?} {shape:?}");
                    assert_close(&what, &actual, &expected, tolerance);
                }
            }
        }

        #[test]
        fn bias_gradient_agrees_with_the_reference() {
            for (seed, shape) in $shapes.iter().enumerate() {
                let gradient = Random(seed as u64).values(shape.output().len());
                let mut actual = stale(shape.output().channels);
                let mut expected = actual.clone();
                $module::bias_gradient(shape, &gradient, &mut actual);
                reference::$bias(shape, &gradient, &mut expected);
                assert_close(&format!("{shape:?}"), &actual, &expected, GRADIENT);
            }
        }
    };
}

mod convolution {
    use super::*;
    agrees!(
        conv_shapes(),
        conv2d,
        conv2d_forward,
        conv2d_input_gradient,
        conv2d_weight_gradient,
        conv2d_bias_gradient
    );
}

mod transposed_convolution {
    use super::*;
    agrees!(
        conv_transpose_shapes(),
        conv_transpose2d,
        conv_transpose2d_forward,
        conv_transpose2d_input_gradient,
        conv_transpose2d_weight_gradient,
        conv_transpose2d_bias_gradient
    );
}

#[test]
fn transposed_convolution_of_one_pixel_is_its_kernel() {
    let shape = common::conv_transpose([1, 1, 1, 1], 2, [3, 1, 0], 0);
    let weight: Vec<f32> = (0..18).map(|value| value as f32).collect();
    let mut output = vec![0.0; 18];
    conv_transpose2d::forward(&shape, Arithmetic::F32, &[2.0], &weight, None, &mut output);
    let (first, second): (Vec<f32>, Vec<f32>) = output
        .chunks_exact(2)
        .map(|pixel| (pixel[0], pixel[1]))
        .unzip();
    assert_eq!(
        first,
        (0..9).map(|value| 2.0 * value as f32).collect::<Vec<_>>()
    );
    assert_eq!(
        second,
        (9..18).map(|value| 2.0 * value as f32).collect::<Vec<_>>()
    );
}

#[test]
fn convolution_sums_the_window_that_it_covers() {
    let shape = common::conv([1, 3, 3, 1], 1, [2, 1, 0]);
    let input: Vec<f32> = (1..=9).map(|value| value as f32).collect();
    let mut output = vec![0.0; 4];
    conv2d::forward(
        &shape,
        Arithmetic::F32,
        &input,
        &[1.0, 10.0, 100.0, 1000.0],
        Some(&[0.5]),
        &mut output,
    );
    assert_eq!(output, [5421.5, 6532.5, 8754.5, 9865.5]);
}
