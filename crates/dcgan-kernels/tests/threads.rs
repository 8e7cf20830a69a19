//! Results do not depend on the number of threads, bit for bit.

mod common;

use common::{Random, arithmetics, conv, conv_transpose};
use dcgan_kernels::adam::{self, Adam};
use dcgan_kernels::batch_norm::{self, BatchNorm, Gradients, Statistics};
use dcgan_kernels::{Activation, activation, conv_transpose2d, conv2d, moving_average};

/// Runs `kernel` with 1, 2 and 3 threads, and twice with 3, and compares all bits.
fn assert_same_bits(what: &str, kernel: impl Fn() -> Vec<f32> + Sync) {
    let bits = |threads: usize| -> Vec<u32> {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .expect("pool");
        pool.install(&kernel)
            .into_iter()
            .map(f32::to_bits)
            .collect()
    };
    let expected = bits(1);
    for threads in [2, 3, 3] {
        assert!(
            bits(threads) == expected,
            "{what} differs with {threads} threads"
        );
    }
}

fn written(len: usize, kernel: impl FnOnce(&mut [f32])) -> Vec<f32> {
    let mut values = vec![0.0; len];
    kernel(&mut values);
    values
}

#[test]
fn convolutions_give_the_same_bits() {
    let shapes = [
        conv([16, 32, 32, 16], 24, [4, 2, 1]),
        conv([64, 8, 8, 40], 72, [4, 2, 1]),
        conv([32, 4, 4, 64], 1, [4, 1, 0]),
        conv([8, 64, 64, 3], 16, [4, 2, 1]),
        conv([5, 16, 16, 130], 70, [5, 2, 2]),
        // Wide enough for Winograd's method.
        conv([8, 16, 16, 64], 64, [4, 2, 1]),
        conv([8, 22, 22, 64], 64, [4, 2, 0]),
    ];
    for shape in &shapes {
        let mut random = Random(1);
        let input = random.values(shape.input().len());
        let weight = random.values(shape.weight_len());
        let bias = random.values(shape.output().channels);
        let gradient = random.values(shape.output().len());
        for (arithmetic, _) in arithmetics(0.0) {
            let name = format!("{arithmetic:?} {shape:?}");
            assert_same_bits(&name, || {
                written(shape.output().len(), |output| {
                    conv2d::forward(shape, arithmetic, &input, &weight, Some(&bias), output);
                })
            });
            assert_same_bits(&name, || {
                written(input.len(), |target| {
                    conv2d::input_gradient(shape, arithmetic, &gradient, &weight, target);
                })
            });
            assert_same_bits(&name, || {
                written(weight.len(), |target| {
                    conv2d::weight_gradient(shape, arithmetic, &input, &gradient, target);
                })
            });
        }
        assert_same_bits("bias", || {
            written(bias.len(), |target| {
                conv2d::bias_gradient(shape, &gradient, target);
            })
        });
    }
}

#[test]
fn transposed_convolutions_give_the_same_bits() {
    let shapes = [
        conv_transpose([32, 1, 1, 100], 64, [4, 1, 0], 0),
        conv_transpose([64, 4, 4, 72], 40, [4, 2, 1], 0),
        conv_transpose([16, 16, 16, 24], 16, [4, 2, 1], 0),
        conv_transpose([8, 32, 32, 16], 3, [4, 2, 1], 0),
        conv_transpose([5, 8, 8, 70], 130, [5, 2, 2], 1),
        // Wide enough for Winograd's method.
        conv_transpose([32, 8, 8, 64], 64, [4, 2, 1], 0),
        conv_transpose([8, 8, 8, 64], 64, [5, 2, 2], 1),
    ];
    for shape in &shapes {
        let mut random = Random(2);
        let input = random.values(shape.input().len());
        let weight = random.values(shape.weight_len());
        let bias = random.values(shape.output().channels);
        let gradient = random.values(shape.output().len());
        for (arithmetic, _) in arithmetics(0.0) {
            let name = format!("{arithmetic:?} {shape:?}");
            assert_same_bits(&name, || {
                written(shape.output().len(), |output| {
                    conv_transpose2d::forward(
                        shape,
                        arithmetic,
                        &input,
                        &weight,
                        Some(&bias),
                        output,
                    );
                })
            });
            assert_same_bits(&name, || {
                written(input.len(), |target| {
                    conv_transpose2d::input_gradient(shape, arithmetic, &gradient, &weight, target);
                })
            });
            assert_same_bits(&name, || {
                written(weight.len(), |target| {
                    conv_transpose2d::weight_gradient(shape, arithmetic, &input, &gradient, target);
                })
            });
        }
        assert_same_bits("bias", || {
            written(bias.len(), |target| {
                conv_transpose2d::bias_gradient(shape, &gradient, target);
            })
        });
    }
}

#[test]
fn batch_norm_gives_the_same_bits() {
    let (rows, channels) = (20_000, 24);
    let mut random = Random(3);
    let (input, gradient) = (
        random.values(rows * channels),
        random.values(rows * channels),
    );
    let (gamma, beta) = (random.values(channels), random.values(channels));
    for activation in [Activation::LeakyRelu(0.2), Activation::Tanh] {
        let layer = BatchNorm {
            gamma: &gamma,
            beta: &beta,
            epsilon: 1e-5,
            activation,
        };
        assert_same_bits("batch norm", || {
            let mut all = vec![vec![0.0; channels]; 4];
            let (mut output, mut back) = (vec![0.0; input.len()], vec![0.0; input.len()]);
            let [mean, variance, gamma, beta] = all.get_disjoint_mut([0, 1, 2, 3]).expect("four");
            batch_norm::forward_train(&layer, &input, &mut output, mean, variance);
            let gradients = Gradients {
                input: &mut back,
                gamma,
                beta,
            };
            let statistics = Statistics { mean, variance };
            batch_norm::backward(&layer, statistics, &input, &gradient, gradients);
            [all.concat(), output, back].concat()
        });
    }
}

#[test]
fn activations_and_adam_give_the_same_bits() {
    let mut random = Random(4);
    let (input, gradient) = (random.values(200_001), random.values(200_001));
    let adam = Adam {
        learning_rate: 2e-4,
        beta1: 0.5,
        beta2: 0.999,
        epsilon: 1e-8,
    };
    assert_same_bits("activation and Adam", || {
        let (mut output, mut back) = (input.clone(), input.clone());
        activation::forward(Activation::Tanh, &input, &mut output);
        activation::backward(Activation::Tanh, &output, &gradient, &mut back);
        let (mut m, mut v) = (vec![0.0; input.len()], vec![0.0; input.len()]);
        let mut parameter = input.clone();
        adam::step(&adam, 1, &mut parameter, &back, &mut m, &mut v);
        let mut average = input.clone();
        moving_average::update(0.9, &mut average, &parameter);
        [output, back, parameter, m, v, average].concat()
    });
}
