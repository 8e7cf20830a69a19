//! Prepared layers, whose weights are laid out once, and folded batch norm.

mod common;

use common::{FORWARD, Random, assert_close, conv_transpose, conv_transpose_shapes};
use dcgan_kernels::batch_norm::{self, BatchNorm, Statistics};
use dcgan_kernels::{Activation, ConvTranspose2dShape, PreparedConvTranspose2d, reference};

const ACTIVATIONS: [Activation; 4] = [
    Activation::None,
    Activation::Relu,
    Activation::LeakyRelu(0.2),
    Activation::Tanh,
];

fn activated(activation: Activation, value: f32) -> f32 {
    match activation {
        Activation::None => value,
        Activation::Relu => value.max(0.0),
        Activation::LeakyRelu(slope) => value.max(slope * value),
        Activation::Tanh => value.tanh(),
    }
}

fn shapes() -> Vec<ConvTranspose2dShape> {
    let mut shapes = conv_transpose_shapes();
    shapes.extend([
        // One picture, wide and narrow, and a small weight for many pictures.
        conv_transpose([1, 4, 4, 128], 96, [4, 2, 1], 0),
        conv_transpose([1, 1, 1, 100], 70, [4, 1, 0], 0),
        conv_transpose([1, 32, 32, 40], 3, [4, 2, 1], 0),
        conv_transpose([20, 32, 32, 16], 3, [4, 2, 1], 0),
        conv_transpose([33, 16, 16, 8], 1, [5, 2, 2], 1),
    ]);
    shapes
}

#[test]
fn a_prepared_layer_agrees_with_the_reference() {
    for (seed, shape) in shapes().iter().enumerate() {
        let mut random = Random(seed as u64);
        let input = random.values(shape.input().len());
        let weight = random.values(shape.weight_len());
        let bias = random.values(shape.output().channels);
        let activation = ACTIVATIONS[seed % 4];
        let mut expected = vec![0.0; shape.output().len()];
        reference::conv_transpose2d_forward(shape, &input, &weight, Some(&bias), &mut expected);
        for value in &mut expected {
            *value = activated(activation, *value);
        }
        let layer = PreparedConvTranspose2d::new(*shape, weight, bias, activation);
        for _ in 0..2 {
            let mut actual = vec![f32::NAN; expected.len()];
            layer.forward(&input, &mut actual);
            assert_close(&format!("{shape:?}"), &actual, &expected, FORWARD);
        }
    }
}

#[test]
fn a_bias_may_have_one_number_per_value_of_an_image() {
    for shape in [
        conv_transpose([3, 1, 1, 10], 40, [4, 1, 0], 0),
        conv_transpose([8, 8, 8, 64], 64, [4, 2, 1], 0),
    ] {
        let mut random = Random(5);
        let input = random.values(shape.input().len());
        let weight = random.values(shape.weight_len());
        let bias = random.values(shape.output().len() / shape.output().batch);
        let mut expected = vec![0.0; shape.output().len()];
        reference::conv_transpose2d_forward(&shape, &input, &weight, None, &mut expected);
        for image in expected.chunks_exact_mut(bias.len()) {
            image.iter_mut().zip(&bias).for_each(|(sum, b)| *sum += b);
        }
        let layer = PreparedConvTranspose2d::new(shape, weight, bias, Activation::None);
        let mut actual = vec![f32::NAN; expected.len()];
        layer.forward(&input, &mut actual);
        assert_close(&format!("{shape:?}"), &actual, &expected, FORWARD);
    }
}

#[test]
fn results_do_not_depend_on_the_number_of_threads() {
    for shape in shapes() {
        let mut random = Random(3);
        let input = random.values(shape.input().len());
        let weight = random.values(shape.weight_len());
        let bias = random.values(shape.output().channels);
        let draw = |threads: usize| -> Vec<u32> {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
            pool.expect("pool").install(|| {
                let (weight, bias) = (weight.clone(), bias.clone());
                let layer = PreparedConvTranspose2d::new(shape, weight, bias, Activation::Tanh);
                let mut output = vec![0.0; shape.output().len()];
                layer.forward(&input, &mut output);
                output.into_iter().map(f32::to_bits).collect()
            })
        };
        assert!(draw(1) == draw(3), "{shape:?}");
    }
}

#[test]
fn a_folded_batch_norm_agrees_with_inference() {
    let mut random = Random(9);
    let channels = 37;
    let [gamma, beta, mean] = std::array::from_fn(|_| random.values(channels));
    let variance: Vec<f32> = random.values(channels).iter().map(|v| v * v).collect();
    let layer = BatchNorm {
        gamma: &gamma,
        beta: &beta,
        epsilon: 1e-5,
        activation: Activation::None,
    };
    let statistics = Statistics {
        mean: &mean,
        variance: &variance,
    };
    let input = random.values(50 * channels);
    let mut expected = vec![0.0; input.len()];
    batch_norm::forward_inference(&layer, &input, statistics, &mut expected);
    let (scale, shift) = batch_norm::fold(&layer, statistics);
    let channel = |index: usize| index % channels;
    let actual: Vec<f32> = input
        .iter()
        .enumerate()
        .map(|(index, x)| scale[channel(index)] * x + shift[channel(index)])
        .collect();
    assert_close("folded", &actual, &expected, FORWARD);
}
