//! Layers with random values, and what the plain loops make of them, for the tests of kernels.

use crate::nhwc::{Nhwc, Window};
use crate::reference;
use crate::shape::Conv2dShape;

/// `[batch, height, width, fine channels, coarse channels]`, and `[kernel, stride, padding]`.
pub(crate) type LayerSize = ([usize; 5], [usize; 3]);

/// A convolution with values for all that its kernels read, and the results of the reference.
pub(crate) struct TestLayer {
    size: LayerSize,
    pub shape: Conv2dShape,
    pub input: Vec<f32>,
    pub weight: Vec<f32>,
    pub output: Vec<f32>,
    pub coarse_bias: Vec<f32>,
    pub fine_bias: Vec<f32>,
    gathered: Vec<f32>,
    spread: Vec<f32>,
    weight_gradient: Vec<f32>,
}

impl TestLayer {
    pub(crate) fn new(size: LayerSize) -> Self {
        let ([batch, height, width, fine, coarse], [kernel, stride, padding]) = size;
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
        let input = values(1, shape.input().len());
        let weight = values(2, shape.weight_len());
        let output = values(3, shape.output().len());
        let (coarse_bias, fine_bias) = (values(4, coarse), values(5, fine));

        let (mut gathered, mut spread) = (stale(&output), stale(&input));
        let mut weight_gradient = stale(&weight);
        reference::conv2d_forward(&shape, &input, &weight, Some(&coarse_bias), &mut gathered);
        reference::conv2d_input_gradient(&shape, &output, &weight, &mut spread);
        let biases = fine_bias.iter().cycle();
        spread.iter_mut().zip(biases).for_each(|(x, b)| *x += b);
        reference::conv2d_weight_gradient(&shape, &input, &output, &mut weight_gradient);
        Self {
            size,
            shape,
            input,
            weight,
            output,
            coarse_bias,
            fine_bias,
            gathered,
            spread,
            weight_gradient,
        }
    }

    /// Runs `kernel` on an output of NaN, and compares it with the convolution and `coarse_bias`.
    pub(crate) fn check_gather(&self, by: &str, tolerance: f64, kernel: impl FnOnce(&mut [f32])) {
        self.check("gather", &self.gathered, by, tolerance, kernel);
    }

    /// The same for the convolution's input gradient and `fine_bias`.
    pub(crate) fn check_spread(&self, by: &str, tolerance: f64, kernel: impl FnOnce(&mut [f32])) {
        self.check("spread", &self.spread, by, tolerance, kernel);
    }

    /// The same for the gradient of the weights.
    pub(crate) fn check_weight_gradient(
        &self,
        by: &str,
        tolerance: f64,
        kernel: impl FnOnce(&mut [f32]),
    ) {
        self.check(
            "weight gradient",
            &self.weight_gradient,
            by,
            tolerance,
            kernel,
        );
    }

    fn check(
        &self,
        name: &str,
        expected: &[f32],
        by: &str,
        tolerance: f64,
        kernel: impl FnOnce(&mut [f32]),
    ) {
        let mut actual = stale(expected);
        kernel(&mut actual);
        let error = error(&actual, expected);
        // written so that NaN fails
        let is_small = error <= tolerance;
        assert!(is_small, "{name} of {:?} {by}: {error:e}", self.size);
    }
}

fn stale(values: &[f32]) -> Vec<f32> {
    vec![f32::NAN; values.len()]
}

/// Random numbers from -1 to 1 (SplitMix64).
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
