//! ONNX models (<https://onnx.ai>), opset 17, for ONNX Runtime and other programs.
//!
//! ```no_run
//! use dcgan::sample::load_generator;
//! use dcgan_export::onnx::{self, Pictures};
//!
//! let loaded = load_generator("runs/faces".as_ref(), &dcgan::device::cpu())?;
//! let model = onnx::generator(loaded.generator, &loaded.header, Pictures::Floats)?;
//! model.write("faces.onnx".as_ref())?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod graph;
mod messages;

use std::io;
use std::path::Path;

use dcgan::checkpoint::FileHeader;
use dcgan::config::ModelConfig;
use dcgan::{Discriminator, Generator};
use dcgan_support::atomic_file;
use prost::Message;
use thiserror::Error;

use self::graph::Chain;
use self::messages::{ElementType, Graph, Model, OperatorSet, Property};

/// The set of operators.
const OPSET: i64 = 17;

/// The version of the format that came with this set.
const IR_VERSION: i64 = 8;

/// The program in the file.
const PRODUCER: &str = "dcgan";

/// The most bytes that readers of protocol buffers accept.
const MAX_BYTES: usize = (1 << 31) - 1;

/// What a generator gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pictures {
    /// Floats in [−1, 1].
    Floats,
    /// Bytes, as torch-fidelity takes them.
    Bytes,
}

/// An ONNX model in memory.
#[derive(Debug, Clone)]
pub struct OnnxModel(Model);

/// Why a network has no ONNX model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum OnnxError {
    /// It is larger than a protocol buffer can be.
    #[error("the network has {0} bytes, and an ONNX file can have 2 GiB")]
    TooLarge(usize),
}

/// The model of a generator.
///
/// # Shapes
/// `z` `[batch, z_dim]` → `pictures` `[batch, channels, image_size, image_size]`, for any batch size
///
/// # Errors
/// If the network is too large for a file.
pub fn generator(
    generator: Generator,
    header: &FileHeader,
    pictures: Pictures,
) -> Result<OnnxModel, OnnxError> {
    let config = generator.config().clone();
    let about = format!("latent vectors, from {}", config.latent_distribution());
    let mut chain = Chain::new("generator", "z", &[config.z_dim], &about);
    let axes = chain.integers("axes", &[2, 3]);
    chain.node("Unsqueeze", [axes]); // [batch, z_dim, 1, 1]
    for (index, layer) in generator.into_folded_layers().enumerate() {
        chain.layer(index, layer);
    }
    let sizes = [config.channels, config.image_size, config.image_size];
    let graph = match pictures {
        Pictures::Floats => {
            let about = "-1 is black, 1 is white";
            chain.finish("pictures", ElementType::Float, &sizes, about)
        }
        Pictures::Bytes => {
            to_bytes(&mut chain);
            let about = "0 is black, 255 is white";
            chain.finish("pictures", ElementType::Uint8, &sizes, about)
        }
    };
    model(graph, header, &config)
}

/// The model of a discriminator.
///
/// # Shapes
/// `pictures` `[batch, channels, image_size, image_size]`, in [−1, 1] → `logits` `[batch]`, for any
/// batch size
///
/// # Errors
/// If the network is too large for a file.
pub fn discriminator(
    discriminator: Discriminator,
    header: &FileHeader,
) -> Result<OnnxModel, OnnxError> {
    let config = discriminator.config().clone();
    let sizes = [config.channels, config.image_size, config.image_size];
    let about = "-1 is black, 1 is white";
    let mut chain = Chain::new("discriminator", "pictures", &sizes, about);
    for (index, layer) in discriminator.into_folded_layers().enumerate() {
        chain.layer(index, layer);
    }
    let axes = chain.integers("axes", &[1, 2, 3]);
    chain.node("Squeeze", [axes]); // [batch]
    let about = "larger for pictures that look real; the sigmoid makes it a probability";
    let graph = chain.finish("logits", ElementType::Float, &[], about);
    model(graph, header, &config)
}

/// [−1, 1] to 0..255, rounded.
fn to_bytes(chain: &mut Chain) {
    let mut constant = |name: &str, value: f32| chain.floats(name.to_owned(), &[], &[value]);
    let [one, half, least, most] = [
        constant("one", 1.0),
        constant("half", 127.5),
        constant("least", 0.0),
        constant("most", 255.0),
    ];
    chain.node("Add", [one]);
    chain.node("Mul", [half]);
    chain.node("Round", []);
    chain.node("Clip", [least, most]);
    chain.cast(ElementType::Uint8);
}

fn model(graph: Graph, header: &FileHeader, config: &ModelConfig) -> Result<OnnxModel, OnnxError> {
    let property = |key: &str, value: String| Property {
        key: key.to_owned(),
        value,
    };
    let mut properties = vec![
        property("preset", config.preset.to_string()),
        property("z_distribution", config.latent_distribution().to_string()),
    ];
    if header.step > 0 {
        properties.push(property("step", header.step.to_string()));
    }
    let model = Model {
        ir_version: IR_VERSION,
        producer_name: PRODUCER.to_owned(),
        producer_version: env!("CARGO_PKG_VERSION").to_owned(),
        doc_string: format!("The {} of a DCGAN", graph.name),
        graph: Some(graph),
        opset_import: vec![OperatorSet {
            domain: String::new(),
            version: OPSET,
        }],
        metadata_props: properties,
    };
    let length = model.encoded_len();
    if length > MAX_BYTES {
        return Err(OnnxError::TooLarge(length));
    }
    Ok(OnnxModel(model))
}

impl OnnxModel {
    /// Writes the file.
    ///
    /// # Errors
    /// If it cannot be written. An older file is then unchanged.
    pub fn write(&self, path: &Path) -> io::Result<()> {
        let bytes = self.0.encode_to_vec();
        atomic_file::write(path, |writer| writer.write_all(&bytes))
    }
}

/// Whether a file that begins with these bytes is an ONNX model of this program.
pub fn is_ours(head: &[u8]) -> bool {
    let start = Model {
        ir_version: IR_VERSION,
        producer_name: PRODUCER.to_owned(),
        ..Model::default()
    };
    head.starts_with(&start.encode_to_vec())
}
