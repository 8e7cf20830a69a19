//! Batch norm, activations and Adam against the plain loops of `reference`.

mod common;

use common::{FORWARD, GRADIENT, Random, assert_close};
use dcgan_kernels::adam::{self, Adam};
use dcgan_kernels::batch_norm::{self, BatchNorm, Gradients, Statistics};
use dcgan_kernels::{Activation, NEGLIGIBLE, activation, moving_average, reference};

const ACTIVATIONS: [Activation; 4] = [
    Activation::None,
    Activation::Relu,
    Activation::LeakyRelu(0.2),
    Activation::Tanh,
];

/// Rows and channels: single ones, rows that do not fill a long row, several tasks.
const SIZES: [(usize, usize); 8] = [
    (1, 1),
    (2, 3),
    (77, 5),
    (1, 64),
    (500, 65),
    (3000, 16),
    (700, 100),
    (40_000, 3),
];

struct Case {
    rows: usize,
    channels: usize,
    input: Vec<f32>,
    gradient: Vec<f32>,
    gamma: Vec<f32>,
    beta: Vec<f32>,
}

impl Case {
    fn new((rows, channels): (usize, usize), seed: u64) -> Self {
        let mut random = Random(seed);
        let offset = random.values(channels);
        let mut input = random.values(rows * channels);
        for (index, value) in input.iter_mut().enumerate() {
            *value += 3.0 * offset[index % channels];
        }
        let gradient = random.values(rows * channels);
        let gamma = random
            .values(channels)
            .iter()
            .map(|value| 1.0 + 0.1 * value)
            .collect();
        Self {
            rows,
            channels,
            input,
            gradient,
            gamma,
            beta: random.values(channels),
        }
    }

    fn layer(&self, activation: Activation) -> BatchNorm<'_> {
        BatchNorm {
            gamma: &self.gamma,
            beta: &self.beta,
            epsilon: 1e-5,
            activation,
        }
    }

    fn name(&self, activation: Activation) -> String {
        format!(
            "{} rows, {} channels, {activation:?}",
            self.rows, self.channels
        )
    }
}

fn for_each_case(mut check: impl FnMut(&Case, Activation)) {
    for (seed, sizes) in SIZES.into_iter().enumerate() {
        let case = Case::new(sizes, seed as u64);
        ACTIVATIONS
            .into_iter()
            .for_each(|activation| check(&case, activation));
    }
}

#[test]
fn forward_agrees_with_the_reference() {
    for_each_case(|case, activation| {
        let layer = case.layer(activation);
        let stale = || {
            (
                vec![f32::NAN; case.input.len()],
                vec![f32::NAN; case.channels],
            )
        };
        let ((mut output, mut mean), (_, mut variance)) = (stale(), stale());
        let ((mut output2, mut mean2), (_, mut variance2)) = (stale(), stale());
        batch_norm::forward_train(&layer, &case.input, &mut output, &mut mean, &mut variance);
        reference::batch_norm_forward_train(
            &layer,
            &case.input,
            &mut output2,
            &mut mean2,
            &mut variance2,
        );
        let name = case.name(activation);
        assert_close(&name, &mean, &mean2, FORWARD);
        assert_close(&name, &variance, &variance2, FORWARD);
        assert_close(&name, &output, &output2, FORWARD);
    });
}

#[test]
fn inference_uses_the_given_statistics() {
    for_each_case(|case, activation| {
        let layer = case.layer(activation);
        let mut random = Random(5);
        let mean = random.values(case.channels);
        let variance: Vec<f32> = random.values(case.channels).iter().map(|v| v * v).collect();
        let statistics = Statistics {
            mean: &mean,
            variance: &variance,
        };
        let mut actual = vec![f32::NAN; case.input.len()];
        let mut expected = actual.clone();
        batch_norm::forward_inference(&layer, &case.input, statistics, &mut actual);
        reference::batch_norm_forward_inference(&layer, &case.input, statistics, &mut expected);
        assert_close(&case.name(activation), &actual, &expected, FORWARD);
    });
}

#[test]
fn backward_agrees_with_the_reference() {
    for_each_case(|case, activation| {
        // With one or two rows the gradient is a difference of equal numbers.
        if case.rows <= 2 {
            return;
        }
        let layer = case.layer(activation);
        let (mut mean, mut variance) = (vec![0.0; case.channels], vec![0.0; case.channels]);
        let mut output = vec![0.0; case.input.len()];
        batch_norm::forward_train(&layer, &case.input, &mut output, &mut mean, &mut variance);
        let statistics = Statistics {
            mean: &mean,
            variance: &variance,
        };
        let run = |kernel: fn(&BatchNorm, Statistics, &[f32], &[f32], Gradients)| {
            let mut input = vec![f32::NAN; case.input.len()];
            let mut gamma = vec![f32::NAN; case.channels];
            let mut beta = gamma.clone();
            let gradients = Gradients {
                input: &mut input,
                gamma: &mut gamma,
                beta: &mut beta,
            };
            kernel(&layer, statistics, &case.input, &case.gradient, gradients);
            [input, gamma, beta]
        };
        let actual = run(batch_norm::backward);
        let expected = run(reference::batch_norm_backward);
        for (actual, expected) in actual.iter().zip(&expected) {
            assert_close(&case.name(activation), actual, expected, GRADIENT);
        }
    });
}

#[test]
fn a_large_mean_does_not_spoil_the_variance() {
    let input: Vec<f32> = Random(3)
        .values(20_000)
        .iter()
        .map(|v| 1000.0 + v)
        .collect();
    let layer = BatchNorm {
        gamma: &[1.0, 1.0],
        beta: &[0.0, 0.0],
        epsilon: 1e-5,
        activation: Activation::None,
    };
    let mut output = vec![0.0; input.len()];
    let (mut mean, mut variance) = ([0.0; 2], [0.0; 2]);
    let (mut mean2, mut variance2) = ([0.0; 2], [0.0; 2]);
    batch_norm::forward_train(&layer, &input, &mut output, &mut mean, &mut variance);
    reference::batch_norm_forward_train(&layer, &input, &mut output, &mut mean2, &mut variance2);
    assert_close("mean", &mean, &mean2, 1e-7);
    assert_close("variance", &variance, &variance2, FORWARD);
}

#[test]
fn activations_agree_with_the_reference() {
    let mut random = Random(11);
    for len in [1, 63, 1000, 100_001] {
        let (input, gradient) = (random.values(len), random.values(len));
        for function in ACTIVATIONS {
            let (mut output, mut expected) = (vec![f32::NAN; len], vec![f32::NAN; len]);
            activation::forward(function, &input, &mut output);
            reference::activation_forward(function, &input, &mut expected);
            assert_close(&format!("{function:?}"), &output, &expected, FORWARD);
            let (mut back, mut expected) = (vec![f32::NAN; len], vec![f32::NAN; len]);
            activation::backward(function, &output, &gradient, &mut back);
            reference::activation_backward(function, &input, &gradient, &mut expected);
            assert_close(&format!("{function:?}"), &back, &expected, GRADIENT);
        }
    }
}

#[test]
fn activations_propagate_nan() {
    for function in ACTIVATIONS {
        let mut output = [0.0; 3];
        activation::forward(function, &[1.0, f32::NAN, -1.0], &mut output);
        assert!(output[1].is_nan() && !output[0].is_nan() && !output[2].is_nan());
    }
}

const ADAM: Adam = Adam {
    learning_rate: 2e-4,
    beta1: 0.5,
    beta2: 0.999,
    epsilon: 1e-8,
};

#[test]
fn adam_agrees_with_the_reference_over_many_steps() {
    let mut random = Random(21);
    let len = 40_003;
    let mut fast = [random.values(len), vec![0.0; len], vec![0.0; len]];
    let start = fast[0].clone();
    let mut slow = fast.clone();
    for t in 1..=12 {
        let gradient = random.values(len);
        let [parameter, m, v] = &mut fast;
        adam::step(&ADAM, t, parameter, &gradient, m, v);
        let [parameter, m, v] = &mut slow;
        reference::adam_step(&ADAM, t, parameter, &gradient, m, v);
    }
    let moved = |[parameter, ..]: &[Vec<f32>; 3]| -> Vec<f32> {
        parameter
            .iter()
            .zip(&start)
            .map(|(now, before)| now - before)
            .collect()
    };
    assert_close("parameter", &fast[0], &slow[0], 1e-7);
    assert_close("movement", &moved(&fast), &moved(&slow), 2e-4);
    assert_close("first moment", &fast[1], &slow[1], 1e-6);
    assert_close("second moment", &fast[2], &slow[2], 1e-6);
}

#[test]
fn a_moving_average_agrees_with_the_reference_over_many_steps() {
    let mut random = Random(22);
    let len = 40_003;
    let start = random.values(len);
    let (mut fast, mut slow) = (start.clone(), start);
    for decay in [0.0, 0.3, 0.9, 0.99, 0.999, 0.999] {
        let values = random.values(len);
        moving_average::update(decay, &mut fast, &values);
        reference::moving_average(decay, &mut slow, &values);
    }
    assert_close("average", &fast, &slow, 1e-6);
    moving_average::update(0.0, &mut fast, &[2.5; 40_003]);
    assert!(fast.iter().all(|value| (value - 2.5).abs() < 1e-6));
}

#[test]
fn the_first_step_of_adam_has_the_size_of_the_learning_rate() {
    let mut parameter = [1.0, 1.0, 1.0];
    let (mut m, mut v) = ([0.0; 3], [0.0; 3]);
    adam::step(&ADAM, 1, &mut parameter, &[0.3, -40.0, 0.0], &mut m, &mut v);
    let expected = [1.0 - 2e-4, 1.0 + 2e-4, 1.0];
    assert!(
        parameter
            .iter()
            .zip(expected)
            .all(|(p, e)| (p - e).abs() < 1e-7),
        "{parameter:?}"
    );
}

#[test]
fn moments_never_become_denormal() {
    let mut parameter = [1.0; 4];
    let (mut m, mut v) = ([0.0; 4], [0.0; 4]);
    adam::step(
        &ADAM,
        1,
        &mut parameter,
        &[1.0, 1e-12, 1e-20, 1e-38],
        &mut m,
        &mut v,
    );
    for t in 2..500 {
        adam::step(&ADAM, t, &mut parameter, &[0.0; 4], &mut m, &mut v);
        let acceptable = |value: &f32| *value == 0.0 || value.abs() >= NEGLIGIBLE;
        assert!(m.iter().chain(&v).all(acceptable), "step {t}: {m:?} {v:?}");
    }
    assert_eq!(m, [0.0; 4]);
}

#[test]
fn negligible_gradients_become_zero_in_the_backward_pass() {
    let gradient = [1e-38, -1e-31, 1e-20, f32::NAN];
    let mut back = [1.0; 4];
    activation::backward(Activation::LeakyRelu(0.2), &[-1.0; 4], &gradient, &mut back);
    assert_eq!(back[..2], [0.0, 0.0]);
    assert!((back[2] - 2e-21).abs() < 1e-26 && back[3].is_nan());
}

/// The sums of all parts, reduced as several processes would.
fn added<T>(sums: impl Iterator<Item = T>, add: impl Fn(&mut T, T)) -> T {
    sums.reduce(|mut total, part| {
        add(&mut total, part);
        total
    })
    .expect("there is a part")
}

fn add_all(total: &mut [f64], part: &[f64]) {
    total
        .iter_mut()
        .zip(part)
        .for_each(|(total, part)| *total += part);
}

/// Statistics, gradients of gamma and beta, output and input gradient.
type Outcome = [Vec<f32>; 6];

fn as_a_whole(case: &Case, layer: &BatchNorm) -> Outcome {
    let zeros = |len| vec![0.0; len];
    let [mut mean, mut variance, mut gamma, mut beta] = [(); 4].map(|()| zeros(case.channels));
    let [mut output, mut input] = [(); 2].map(|()| zeros(case.input.len()));
    batch_norm::forward_train(layer, &case.input, &mut output, &mut mean, &mut variance);
    let statistics = Statistics {
        mean: &mean,
        variance: &variance,
    };
    let gradients = Gradients {
        input: &mut input,
        gamma: &mut gamma,
        beta: &mut beta,
    };
    batch_norm::backward(layer, statistics, &case.input, &case.gradient, gradients);
    [mean, variance, gamma, beta, output, input]
}

fn in_three_parts(case: &Case, layer: &BatchNorm) -> Outcome {
    let part = case.rows.div_ceil(3) * case.channels; // the last one is shorter
    let parts = || case.input.chunks(part).zip(case.gradient.chunks(part));
    let values = parts().map(|(input, _)| batch_norm::value_sums(input, case.channels));
    let values = added(values, |total, part| {
        total.rows += part.rows;
        add_all(&mut total.plain, &part.plain);
        add_all(&mut total.squares, &part.squares);
    });
    let (mean, variance) = values.statistics();
    let statistics = Statistics {
        mean: &mean,
        variance: &variance,
    };
    let sums = parts()
        .map(|(input, gradient)| batch_norm::gradient_sums(layer, statistics, input, gradient));
    let sums = added(sums, |total, part| {
        total.rows += part.rows;
        add_all(&mut total.plain, &part.plain);
        add_all(&mut total.centred, &part.centred);
    });
    let [mut gamma, mut beta] = [(); 2].map(|()| vec![f32::NAN; case.channels]);
    sums.parameters(layer, statistics, &mut gamma, &mut beta);
    let [mut output, mut of_input] = [(); 2].map(|()| vec![f32::NAN; case.input.len()]);
    let targets = output.chunks_mut(part).zip(of_input.chunks_mut(part));
    for ((input, gradient), (output, of_input)) in parts().zip(targets) {
        batch_norm::forward_inference(layer, input, statistics, output);
        batch_norm::backward_part(layer, statistics, input, gradient, &sums, of_input);
    }
    [mean, variance, gamma, beta, output, of_input]
}

#[test]
fn uneven_parts_of_a_batch_give_the_results_of_the_whole() {
    for_each_case(|case, activation| {
        let layer = case.layer(activation);
        let outcomes = in_three_parts(case, &layer)
            .into_iter()
            .zip(as_a_whole(case, &layer));
        for (parts, whole) in outcomes {
            assert_close(&case.name(activation), &parts, &whole, GRADIENT);
        }
    });
}
