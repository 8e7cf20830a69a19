//! Time of single layers of the networks, forward and both gradients.
//!
//! ```text
//! cargo bench -p dcgan-kernels --bench layers
//! cargo bench -p dcgan-kernels --bench layers -- "from 16x16 to 32x32"
//! ```
//!
//! The throughput counts the products of the definition, so methods that need fewer of them
//! may exceed what the processor can multiply.

use std::hint::black_box;
use std::time::Duration;

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main};
use dcgan_kernels::{
    Arithmetic, Bf16, Conv2dShape, ConvTranspose2dShape, Nhwc, Window, conv_transpose2d, conv2d,
};

const BATCH: usize = 32;

fn generator(criterion: &mut Criterion) {
    let halving = Window {
        kernel: 4,
        stride: 2,
        padding: 1,
    };
    let paper = Window {
        kernel: 5,
        stride: 2,
        padding: 2,
    };
    let layers = [
        ("wide, from 4x4 to 8x8", 4, 1024, 512, halving, 0),
        ("middle, from 8x8 to 16x16", 8, 512, 256, halving, 0),
        ("middle, from 16x16 to 32x32", 16, 256, 128, halving, 0),
        ("pictures, from 32x32 to 64x64", 32, 128, 3, halving, 0),
        (
            "paper's kernel of 5, from 16x16 to 32x32",
            16,
            256,
            128,
            paper,
            1,
        ),
    ];
    for (name, size, from, to, window, output_padding) in layers {
        let shape = ConvTranspose2dShape::new(images(size, from), to, window, output_padding);
        let shape = shape.expect("possible shape");
        let (input, output) = (values(shape.input().len()), values(shape.output().len()));
        let weight = values(shape.weight_len());
        for (arithmetic, suffix) in arithmetics() {
            let mut group = group(criterion, &format!("generator: {name}{suffix}"));
            let products = shape.input().pixels() * to * from * window.kernel.pow(2);
            group.throughput(Throughput::Elements(products as u64));
            measure(&mut group, "forward", output.len(), |target| {
                conv_transpose2d::forward(&shape, arithmetic, &input, &weight, None, target);
            });
            measure(&mut group, "input gradient", input.len(), |target| {
                conv_transpose2d::input_gradient(&shape, arithmetic, &output, &weight, target);
            });
            measure(&mut group, "weight gradient", weight.len(), |target| {
                conv_transpose2d::weight_gradient(&shape, arithmetic, &input, &output, target);
            });
        }
    }
}

fn discriminator(criterion: &mut Criterion) {
    let window = |stride, padding| Window {
        kernel: 4,
        stride,
        padding,
    };
    let layers = [
        ("pictures, from 64x64 to 32x32", 64, 3, 64, window(2, 1)),
        ("middle, from 32x32 to 16x16", 32, 64, 128, window(2, 1)),
        ("wide, from 8x8 to 4x4", 8, 256, 512, window(2, 1)),
        (
            "without padding, from 31x31 to 14x14",
            31,
            32,
            64,
            window(2, 0),
        ),
        ("stride one, from 14x14 to 11x11", 14, 64, 128, window(1, 0)),
    ];
    for (name, size, from, to, window) in layers {
        let shape = Conv2dShape::new(images(size, from), to, window).expect("possible shape");
        let (input, output) = (values(shape.input().len()), values(shape.output().len()));
        let weight = values(shape.weight_len());
        for (arithmetic, suffix) in arithmetics() {
            let mut group = group(criterion, &format!("discriminator: {name}{suffix}"));
            let products = shape.output().pixels() * to * from * window.kernel.pow(2);
            group.throughput(Throughput::Elements(products as u64));
            measure(&mut group, "forward", output.len(), |target| {
                conv2d::forward(&shape, arithmetic, &input, &weight, None, target);
            });
            measure(&mut group, "input gradient", input.len(), |target| {
                conv2d::input_gradient(&shape, arithmetic, &output, &weight, target);
            });
            measure(&mut group, "weight gradient", weight.len(), |target| {
                conv2d::weight_gradient(&shape, arithmetic, &input, &output, target);
            });
        }
    }
}

/// `f32`, and bf16 where the processor has it, with what it adds to a name.
fn arithmetics() -> Vec<(Arithmetic, &'static str)> {
    let bf16 = Bf16::detect().map(|bf16| (Arithmetic::Bf16(bf16), ", bf16"));
    [(Arithmetic::F32, "")].into_iter().chain(bf16).collect()
}

fn group<'a>(criterion: &'a mut Criterion, name: &str) -> BenchmarkGroup<'a, WallTime> {
    let mut group = criterion.benchmark_group(name);
    group
        .sample_size(10)
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_millis(500));
    group
}

fn measure(
    group: &mut BenchmarkGroup<WallTime>,
    name: &str,
    len: usize,
    kernel: impl Fn(&mut [f32]),
) {
    let mut target = vec![0.0; len];
    group.bench_function(name, |bencher| {
        bencher.iter(|| kernel(black_box(&mut target)));
    });
}

fn images(size: usize, channels: usize) -> Nhwc {
    Nhwc {
        batch: BATCH,
        height: size,
        width: size,
        channels,
    }
}

/// Numbers between -1 and 1 without a pattern that matters.
fn values(len: usize) -> Vec<f32> {
    (0..len).map(|index| (index as f32 * 0.7).sin()).collect()
}

criterion_group!(benches, generator, discriminator);
criterion_main!(benches);
