//! ONNX models, run by ONNX Runtime.

use std::fs;
use std::path::Path;

use dcgan::checkpoint::{DataSummary, FileHeader, FileKind};
use dcgan::config::{DNorm, ModelConfig, ModelOptions, Preset, Upsample};
use dcgan::model::{Pass, to_host};
use dcgan::sample::estimate_statistics;
use dcgan::{Discriminator, Generator, Sampler, device};
use dcgan_export::onnx::{self, Pictures};
use serde_json::json;

use crate::python::{check_exports, python_with};

const MODULES: [&str; 3] = ["onnx", "onnxruntime", "numpy"];

/// The batch that both compute, and its first picture alone.
const BATCH: usize = 64;

/// A narrow network pair for the smallest pictures of a preset.
fn config(preset: Preset) -> ModelOptions {
    ModelOptions::new(preset)
        .with_image_size(preset.image_sizes()[0])
        .with_z_dim(6)
        .with_ngf(3)
        .with_ndf(3)
}

fn header(kind: FileKind, model: &ModelConfig) -> FileHeader {
    FileHeader {
        schema: FileHeader::SCHEMA,
        kind,
        model: model.clone(),
        step: 1,
        retries: 0,
        refused: Vec::new(),
        data: DataSummary {
            source: "nothing".to_owned(),
            pictures: 1,
            fingerprint: String::new(),
        },
        run: None,
    }
}

/// Numbers between −1 and 1 that look random.
fn noise(length: usize) -> Vec<f32> {
    (0..length).map(|at| (at as f32 * 12.9898).sin()).collect()
}

/// A generator whose pictures have colours of all kinds, and whose batch norms differ from channel to
/// channel.
fn generator(model: &ModelConfig) -> Generator {
    let device = device::cpu();
    let mut generator = Generator::new(model, 3, &device).unwrap();
    for parameter in generator.network_mut().parameters_mut() {
        let values = parameter.values();
        let shift = if parameter.name().ends_with(".bias") {
            0.2
        } else {
            0.0
        };
        let scale = if parameter.shape().len() > 1 {
            20.0
        } else {
            1.0
        };
        let changed = values.iter().zip(noise(values.len()));
        let changed = changed.map(|(value, noise)| scale * value + shift * noise);
        parameter.set_values(changed.collect());
    }
    estimate_statistics(&generator, &device)
}

/// Writes a case for `tools/check_exports.py`: what a model is given, and what it must return.
fn write_case(
    folder: &Path,
    name: &str,
    input: (&[f32], &[usize]),
    output: (&[f32], &[usize]),
    kind: (&str, f32),
) {
    let case = json!({
        "input": input.0,
        "input_shape": input.1,
        "output": output.0,
        "output_shape": output.1,
        "type": kind.0,
        "tolerance": kind.1,
    });
    fs::write(folder.join(format!("{name}.json")), case.to_string()).unwrap();
}

/// `[B, side, side, channels]` to `[B, channels, side, side]`.
fn channels_first(values: &[f32], model: &ModelConfig) -> Vec<f32> {
    let (channels, pixels) = (model.channels, model.image_size * model.image_size);
    let pictures = values.chunks_exact(pixels * channels);
    let planes = pictures.flat_map(|picture| {
        (0..channels).flat_map(move |channel| picture.iter().skip(channel).step_by(channels))
    });
    planes.copied().collect()
}

fn write_generator(folder: &Path, name: &str, model: &ModelConfig) {
    let generator = generator(model);
    let header = header(FileKind::Generator, model);
    let z = noise(BATCH * model.z_dim);
    let vectors: Vec<Vec<f32>> = z.chunks(model.z_dim).map(<[f32]>::to_vec).collect();
    let values = Sampler::new(generator.clone()).values(&vectors);
    let expected = channels_first(&values, model);
    let deviation = expected.iter().map(|value| value * value).sum::<f32>() / expected.len() as f32;
    assert!(
        deviation > 0.05,
        "{name} draws next to nothing: {deviation}"
    );
    let shape = [BATCH, model.channels, model.image_size, model.image_size];
    let fed = (&z[..], &[BATCH, model.z_dim][..]);

    let floats = onnx::generator(generator.clone(), &header, Pictures::Floats).unwrap();
    floats.write(&folder.join(format!("{name}.onnx"))).unwrap();
    write_case(folder, name, fed, (&expected, &shape), ("float32", 1e-5));

    let name = format!("{name}-bytes");
    let bytes = onnx::generator(generator, &header, Pictures::Bytes).unwrap();
    bytes.write(&folder.join(format!("{name}.onnx"))).unwrap();
    let in_bytes = expected.iter().map(|value| ((value + 1.0) * 127.5).round());
    let expected: Vec<f32> = in_bytes.collect();
    // a value next to a half may be rounded to either side
    write_case(folder, &name, fed, (&expected, &shape), ("uint8", 1.0));
}

fn write_discriminator(folder: &Path, name: &str, model: &ModelConfig) {
    let device = device::cpu();
    let mut discriminator = Discriminator::new(model, 5, &device).unwrap();
    let shape = [BATCH, model.channels, model.image_size, model.image_size];
    let pictures = noise(shape.iter().product());
    let data = dcgan::burn::tensor::TensorData::new(pictures.clone(), shape);
    let tensor = dcgan::burn::tensor::Tensor::<4>::from_data(data, &device);
    for _ in 0..3 {
        discriminator.forward_train(tensor.clone(), &Pass::freeze()); // statistics that are not 0 and 1
    }
    let logits = to_host(discriminator.forward(tensor));
    let largest = logits
        .iter()
        .fold(1.0_f32, |most, logit| most.max(logit.abs()));
    let header = header(FileKind::Discriminator, model);
    let onnx = onnx::discriminator(discriminator, &header).unwrap();
    onnx.write(&folder.join(format!("{name}.onnx"))).unwrap();
    let tolerance = ("float32", 1e-5 * largest);
    write_case(
        folder,
        name,
        (&pictures, &shape),
        (&logits, &[BATCH]),
        tolerance,
    );
}

#[test]
fn onnx_runtime_computes_what_every_preset_does() {
    let Some(python) = python_with("python", &MODULES) else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let mut count = 0;
    for preset in Preset::ALL {
        for upsample in Upsample::ALL {
            let model = config(preset).with_upsample(upsample).build().unwrap();
            write_generator(folder, &format!("{preset}-{upsample}"), &model);
            count += 2;
        }
        for norm in DNorm::ALL {
            let model = config(preset).with_d_norm(norm);
            let plain = model.clone().build().unwrap();
            write_discriminator(folder, &format!("{preset}-{norm}"), &plain);
            let spectral = model.with_spectral_norm().build().unwrap();
            write_discriminator(folder, &format!("{preset}-{norm}-spectral"), &spectral);
            count += 2;
        }
    }
    let grey = config(Preset::Small).with_channels(1).build().unwrap();
    write_generator(folder, "grey", &grey);
    write_discriminator(folder, "grey-discriminator", &grey);
    count += 3;
    let printed = check_exports(python, "onnx", &[folder]);
    assert!(printed.ends_with(&format!("{count} models\n")), "{printed}");
}
