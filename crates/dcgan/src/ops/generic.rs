//! The operations with Burn's operators, and gradients by Burn: for every device but the CPU.

use std::sync::Arc;

use burn::tensor::activation::{leaky_relu, relu, tanh};
use burn::tensor::module;
use burn::tensor::ops::{ConvOptions, ConvTransposeOptions};
use burn::tensor::{Tensor, TensorData};

use super::all_reduce::all_reduce;
use super::reduction::sum;
use super::{
    Activation, AdamOutput, AdamStep, Augmentation, BATCH_NORM_EPSILON, BatchNormOutput,
    Conv2dOptions, ConvTranspose2dOptions, LEAKY_SLOPE, ScaleShift, SharedBatch, SingularVectors,
    Statistics, UpsamplingFilter,
};

pub(super) fn conv2d(
    x: Tensor<4>,
    weight: Tensor<4>,
    bias: Option<Tensor<1>>,
    options: Conv2dOptions,
) -> Tensor<4> {
    let options = ConvOptions::new([options.stride; 2], [options.padding; 2], [1; 2], 1);
    module::conv2d(x, weight, bias, options)
}

pub(super) fn conv_transpose2d(
    x: Tensor<4>,
    weight: Tensor<4>,
    options: ConvTranspose2dOptions,
) -> Tensor<4> {
    let options = ConvTransposeOptions::new(
        [options.stride; 2],
        [options.padding; 2],
        [options.output_padding; 2],
        [1; 2],
        1,
    );
    module::conv_transpose2d(x, weight, None, options)
}

pub(super) fn activate(x: Tensor<4>, activation: Activation) -> Tensor<4> {
    match activation {
        Activation::None => x,
        Activation::Relu => relu(x),
        Activation::LeakyRelu => leaky_relu(x, LEAKY_SLOPE),
        Activation::Tanh => tanh(x),
    }
}

/// With a shared `batch`, `x` holds this process's rows of it.
pub(super) fn batch_norm_train(
    x: Tensor<4>,
    parameters: ScaleShift,
    activation: Activation,
    batch: Option<&Arc<dyn SharedBatch>>,
) -> BatchNormOutput {
    let mean = channel_means(x.clone(), batch); // [1, C, 1, 1]
    // A clone, so that `x` outlives this: fused into one kernel with the sums below, the
    // difference would be written over an `x` of one channel while others still read it.
    let centered = x.clone() - mean.clone();
    let variance = channel_means(centered.clone().square(), batch); // [1, C, 1, 1]
    let normalised = centered / (variance.clone() + BATCH_NORM_EPSILON).sqrt();
    let [_, channels, ..] = normalised.dims();
    let by_channel = |statistic: Tensor<4>| statistic.reshape([channels]).detach();
    BatchNormOutput {
        output: activate(affine(normalised, parameters), activation),
        statistics: Statistics {
            mean: by_channel(mean),
            variance: by_channel(variance),
        },
    }
}

/// The mean of each channel over the batch, of which `x` holds this process's rows.
fn channel_means(x: Tensor<4>, batch: Option<&Arc<dyn SharedBatch>>) -> Tensor<4> {
    let means = x.mean_dims(&[0, 2, 3]);
    match batch.filter(|batch| !batch.is_whole()) {
        Some(batch) => all_reduce(means * batch.weight(), Arc::clone(batch)),
        None => means,
    }
}

pub(super) fn batch_norm_inference(
    x: Tensor<4>,
    parameters: ScaleShift,
    statistics: Statistics,
    activation: Activation,
) -> Tensor<4> {
    activate(normalise(x, parameters, statistics), activation)
}

pub(super) fn normalise(
    x: Tensor<4>,
    parameters: ScaleShift,
    Statistics { mean, variance }: Statistics,
) -> Tensor<4> {
    let gamma = parameters.gamma / (variance + BATCH_NORM_EPSILON).sqrt();
    let beta = parameters.beta - mean * gamma.clone();
    affine(x, ScaleShift { gamma, beta })
}

/// `gamma * x + beta`, channel by channel.
fn affine(x: Tensor<4>, parameters: ScaleShift) -> Tensor<4> {
    let [_, channels, ..] = x.dims();
    let ScaleShift { gamma, beta } =
        parameters.map(|vector| vector.reshape::<4, _>([1, channels, 1, 1]));
    x * gamma + beta
}

pub(super) fn adam_step(
    adam: AdamStep,
    t: u64,
    parameter: Tensor<1>,
    gradient: Tensor<1>,
    [first, second]: [Tensor<1>; 2],
) -> AdamOutput {
    let t = t as f64;
    let correction1 = 1.0 - adam.beta1.powf(t);
    let correction2 = 1.0 - adam.beta2.powf(t);
    let first = first * adam.beta1 + gradient.clone() * (1.0 - adam.beta1);
    let square = gradient.square();
    let squares = sum(square.clone());
    let second = second * adam.beta2 + square * (1.0 - adam.beta2);
    let denominator = second.clone().sqrt() / correction2.sqrt() + adam.epsilon;
    let update = first.clone() / denominator * (adam.learning_rate / correction1);
    AdamOutput {
        parameter: parameter - update,
        moments: [first, second],
        squares,
    }
}

pub(super) fn moving_average(decay: f64, average: Tensor<1>, values: Tensor<1>) -> Tensor<1> {
    average.clone() + (values - average) * (1.0 - decay)
}

pub(super) fn augment(pictures: Tensor<4>, augmentations: &[Augmentation]) -> Tensor<4> {
    let device = pictures.device();
    let [batch, channels, height, width] = pictures.dims();
    let by_picture = |value: fn(&Augmentation) -> f32| {
        let values: Vec<f32> = augmentations.iter().map(value).collect();
        Tensor::<4>::from_data(TensorData::new(values, [batch, 1, 1, 1]), &device)
    };
    let x = pictures + by_picture(|one| one.brightness);
    let mean = x.clone().mean_dim(1);
    let x = (x - mean.clone()) * by_picture(|one| one.saturation) + mean;
    let mean = x.clone().mean_dims(&[1, 2, 3]);
    let x = (x - mean.clone()) * by_picture(|one| one.contrast) + mean;
    let moved = augmentations.iter().enumerate().map(|(index, one)| {
        let picture = x.clone().narrow(0, index, 1);
        let [of_rows, of_columns] = one.shift;
        let picture = moved_along::<2>(picture, of_rows);
        moved_along::<3>(picture, of_columns)
    });
    let moved = Tensor::cat(moved.collect(), 0);
    let is_kept = |one: &Augmentation| {
        let pixels = (0..height).flat_map(|y| (0..width).map(move |x| (y, x)));
        let [rows, columns] = one.cutout.clone();
        let kept = move |(y, x)| f32::from(!(rows.contains(&y) && columns.contains(&x)));
        pixels.map(kept).collect::<Vec<f32>>()
    };
    let mask: Vec<f32> = augmentations.iter().flat_map(is_kept).collect();
    let mask = TensorData::new(mask, [batch, 1, height, width]);
    moved * Tensor::<4>::from_data(mask, &device).expand([batch, channels, height, width])
}

/// Moves pictures along a side; zeros move in.
fn moved_along<const SIDE: usize>(x: Tensor<4>, by: isize) -> Tensor<4> {
    let mut sizes = x.dims();
    let side = sizes[SIDE];
    let distance = by.unsigned_abs().min(side);
    if distance == 0 {
        return x;
    }
    if distance == side {
        return x.zeros_like(); // nothing is left of it
    }
    let kept = if by > 0 {
        x.clone().narrow(SIDE, 0, side - distance)
    } else {
        x.clone().narrow(SIDE, distance, side - distance)
    };
    sizes[SIDE] = distance;
    let zeros = Tensor::zeros(sizes, &x.device());
    let parts = if by > 0 { [zeros, kept] } else { [kept, zeros] };
    Tensor::cat(parts.to_vec(), SIDE)
}

pub(super) fn upsampling_kernel(weight: Tensor<4>, filter: UpsamplingFilter) -> Tensor<4> {
    let [c_out, c_in, ..] = weight.dims();
    let side = filter.kernel();
    let matrix = TensorData::new(filter.matrix_of_kernels(), [1, 9, side * side]);
    let matrix = Tensor::<3>::from_data(matrix, &weight.device());
    let kernels = (weight.reshape([c_out * c_in, 9, 1]) * matrix).sum_dim(1);
    let kernels: Tensor<4> = kernels.reshape([c_out, c_in, side, side]);
    kernels.swap_dims(0, 1)
}

/// As [`dcgan_kernels::spectral_norm`], without matrix products.
pub(super) fn power_iteration(weight: Tensor<1>, vectors: SingularVectors) -> SingularVectors {
    let [rows] = vectors.u.dims();
    let [columns] = vectors.v.dims();
    let weight: Tensor<2> = weight.reshape([rows, columns]);
    let u = vectors.u.reshape([rows, 1]);
    let v: Tensor<1> = (weight.clone() * u).sum_dim(0).reshape([columns]);
    let v = normalised(v);
    let row = v.clone().reshape([1, columns]);
    let u = normalised((weight * row).sum_dim(1).reshape([rows]));
    SingularVectors { u, v }
}

fn normalised(vector: Tensor<1>) -> Tensor<1> {
    let length = sum(vector.clone().square()).sqrt().clamp_min(1e-12);
    vector / length
}

pub(super) fn divide_by_norm(weight: Tensor<4>, vectors: &SingularVectors) -> Tensor<4> {
    let [rows] = vectors.u.dims();
    let [columns] = vectors.v.dims();
    let [u, v] = [&vectors.u, &vectors.v].map(|vector| Tensor::from_inner(vector.clone()));
    let (u, v): (Tensor<2>, Tensor<2>) = (u.reshape([rows, 1]), v.reshape([1, columns]));
    let matrix: Tensor<2> = weight.clone().reshape([rows, columns]);
    let norm = sum(matrix * u * v);
    weight / norm.reshape([1, 1, 1, 1])
}

#[cfg(test)]
mod tests {
    use burn::tensor::{Device, TensorData};

    use super::*;
    use crate::{device, ops};

    /// Some numbers between −1 and 1, the same for the same seed.
    fn values<const D: usize>(seed: usize, shape: [usize; D]) -> Tensor<D> {
        let count = shape.iter().product();
        let value = |i: usize| (((i + 7 * seed) * 7919 % 1009) as f32 / 504.5 - 1.0).sin();
        let data = TensorData::new((0..count).map(value).collect(), shape);
        Tensor::<D>::from_data(data, &device::cpu())
    }

    fn host<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
        tensor.into_data().iter::<f32>().collect()
    }

    /// The same numbers on a device.
    fn on<const D: usize>(device: &Device, tensor: Tensor<D>) -> Tensor<D> {
        Tensor::from_data(tensor.detach().into_data(), device)
    }

    #[track_caller]
    fn assert_near<const D: usize>(what: &str, one: Tensor<D>, other: Tensor<D>) {
        assert_eq!(one.dims(), other.dims(), "{what}");
        for (one, other) in host(one).into_iter().zip(host(other)) {
            assert!((one - other).abs() < 2e-4, "{what}: {one} and {other}");
        }
    }

    /// Compares the outputs of two operations, and the gradients of their inputs.
    #[track_caller]
    fn assert_alike<const N: usize>(
        what: &str,
        inputs: [Tensor<4>; N],
        operations: [&dyn Fn([Tensor<4>; N]) -> Tensor<4>; 2],
    ) {
        let mut devices = [device::cpu(), device::of_tests()].into_iter();
        let [ours, burns] = operations.map(|operation| {
            let device = devices.next().expect("a device for each");
            let leaves = inputs
                .clone()
                .map(|input| on(&device, input).require_grad());
            let output = operation(leaves.clone());
            let weights = on(&device, values(9, output.dims()));
            let gradients = sum(output.clone() * weights).backward();
            let of_leaf = |leaf: &Tensor<4>| leaf.grad(&gradients).expect("a gradient");
            (output.inner(), leaves.each_ref().map(of_leaf))
        });
        assert_near(what, ours.0, burns.0);
        for (ours, burns) in ours.1.into_iter().zip(burns.1) {
            assert_near(&format!("{what}, gradient"), ours, burns);
        }
    }

    fn vector(tensor: Tensor<4>) -> Tensor<1> {
        let count = tensor.dims().iter().product::<usize>();
        tensor.reshape([count])
    }

    #[test]
    fn convolutions_agree_with_the_kernels() {
        let x = values(1, [2, 5, 9, 9]);
        for (kernel, stride, padding) in [(4, 2, 1), (4, 1, 0), (5, 2, 2)] {
            let options = Conv2dOptions {
                stride,
                padding,
                parts: 1,
                arithmetic: ops::Arithmetic::F32,
            };
            let inputs = [
                x.clone(),
                values(2, [7, 5, kernel, kernel]),
                values(3, [7, 1, 1, 1]),
            ];
            assert_alike(
                "conv2d",
                inputs,
                [
                    &|[x, w, b]| ops::conv2d(x, w, Some(vector(b)), options),
                    &|[x, w, b]| conv2d(x, w, Some(vector(b)), options),
                ],
            );
            let inputs = [x.clone(), values(4, [5, 3, kernel, kernel])];
            let options = ConvTranspose2dOptions {
                stride,
                padding,
                output_padding: kernel % 2,
                parts: 1,
                arithmetic: ops::Arithmetic::F32,
            };
            assert_alike(
                "conv_transpose2d",
                inputs,
                [&|[x, w]| ops::conv_transpose2d(x, w, options), &|[x, w]| {
                    conv_transpose2d(x, w, options)
                }],
            );
        }
    }

    #[test]
    fn batch_norm_and_activations_agree_with_the_kernels() {
        use Activation::{LeakyRelu, None, Relu, Tanh};
        for activation in [None, Relu, LeakyRelu, Tanh] {
            let inputs = [
                values(1, [3, 6, 4, 5]),
                values(2, [6, 1, 1, 1]) + 1.5,
                values(3, [6, 1, 1, 1]),
            ];
            assert_alike(
                "batch norm",
                inputs.clone(),
                [
                    &|[x, gamma, beta]| {
                        let parameters = ScaleShift { gamma, beta }.map(vector);
                        ops::batch_norm_train(x, parameters, activation, Option::None).output
                    },
                    &|[x, gamma, beta]| {
                        let parameters = ScaleShift { gamma, beta }.map(vector);
                        batch_norm_train(x, parameters, activation, Option::None).output
                    },
                ],
            );
            assert_alike(
                "activation",
                [inputs[0].clone()],
                [&|[x]| ops::activate(x, activation) * 1.0, &|[x]| {
                    activate(x, activation) * 1.0
                }],
            );
            let [x, gamma, beta] = inputs;
            let device = device::of_tests();
            let parameters = ScaleShift { gamma, beta }.map(vector);
            let ours =
                ops::batch_norm_train(x.clone(), parameters.clone(), activation, Option::None);
            let burns = batch_norm_train(
                on(&device, x.clone()),
                parameters.clone().map(|vector| on(&device, vector)),
                activation,
                Option::None,
            );
            let (ours, burns) = (ours.statistics, burns.statistics);
            assert_near("mean", ours.mean.inner(), burns.mean.inner());
            assert_near("variance", ours.variance.inner(), burns.variance.inner());
            let statistics = Statistics {
                mean: values(4, [6]),
                variance: values(5, [6]).square() + 0.1,
            };
            let ours = ops::batch_norm_inference(
                x.clone(),
                parameters.clone(),
                statistics.clone(),
                activation,
            );
            let burns = batch_norm_inference(
                on(&device, x),
                parameters.map(|vector| on(&device, vector)),
                statistics.map(|vector| on(&device, vector)),
                activation,
            );
            assert_near("inference", ours.inner(), burns.inner());
        }
    }

    #[test]
    fn adam_agrees_with_the_kernel() {
        let adam = AdamStep {
            learning_rate: 0.01,
            beta1: 0.5,
            beta2: 0.999,
            epsilon: 1e-8,
        };
        let [ours, burns] = [
            (device::cpu(), ops::adam_step as fn(_, _, _, _, _) -> _),
            (device::of_tests(), adam_step),
        ]
        .map(|(device, step)| {
            let start = |seed| on(&device, values(seed, [50])).inner();
            step(adam, 3, start(1), start(2), [start(3), start(4).square()])
        });
        assert_near("parameter", ours.parameter, burns.parameter);
        assert_near("squares", ours.squares, burns.squares);
        for (ours, burns) in ours.moments.into_iter().zip(burns.moments) {
            assert_near("moment", ours, burns);
        }
    }

    #[test]
    fn moving_averages_agree_with_the_kernel() {
        let [ours, burns] = [
            (device::cpu(), ops::moving_average as fn(_, _, _) -> _),
            (device::of_tests(), moving_average),
        ]
        .map(|(device, update)| {
            let values = |seed| on(&device, values(seed, [50])).inner();
            update(0.9, values(1), values(2))
        });
        assert_near("average", ours, burns);
    }

    #[test]
    fn upsampling_agrees_with_the_kernel() {
        for filter in [UpsamplingFilter::Nearest, UpsamplingFilter::Bilinear] {
            assert_alike(
                "upsampling",
                [values(1, [4, 3, 3, 3])],
                [&|[w]| ops::upsampling_kernel(w, filter), &|[w]| {
                    upsampling_kernel(w, filter)
                }],
            );
        }
    }

    #[test]
    fn spectral_norms_agree_with_the_kernel() {
        let weight = values(1, [6, 5, 4, 4]);
        let vectors = |device: &Device| SingularVectors {
            u: on(device, values(2, [6])).inner(),
            v: on(device, values(3, [80])).inner(),
        };
        let [ours, burns] = [
            (device::cpu(), ops::power_iteration as fn(_, _) -> _),
            (device::of_tests(), power_iteration),
        ]
        .map(|(device, iterate)| {
            let weight = on(&device, vector(weight.clone())).inner();
            iterate(weight, vectors(&device))
        });
        assert_near("u", ours.u.clone(), burns.u.clone());
        assert_near("v", ours.v.clone(), burns.v.clone());
        assert_alike(
            "division by the norm",
            [weight],
            [&|[w]| ops::divide_by_norm(w, &ours), &|[w]| {
                divide_by_norm(w, &burns)
            }],
        );
    }

    #[test]
    fn augmentation_agrees_with_the_kernel() {
        let augmentation = |shift, cutout| Augmentation {
            brightness: 0.3,
            saturation: 1.6,
            contrast: 0.7,
            shift,
            cutout,
        };
        let augmentations = [
            Augmentation::none(),
            augmentation([2, -1], [1..4, 0..3]),
            augmentation([-1, 3], [0..0, 0..0]),
            augmentation([0, 6], [3..6, 2..6]),
        ];
        assert_alike(
            "augmentation",
            [values(1, [4, 3, 6, 6])],
            [
                &|[x]| ops::augment(x, Arc::new(augmentations.clone())),
                &|[x]| augment(x, &augmentations),
            ],
        );
    }
}
