//! State dicts of PyTorch (<https://pytorch.org>): the zip archive that `torch.save` writes.
//!
//! There is one record for each tensor's values, and a pickle with their names and shapes. One more,
//! which PyTorch ignores, says how the network is built; `dcgan import` reads it.

mod pickle;

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use dcgan::checkpoint::FileHeader;
use dcgan::model::Network;
use dcgan::pytorch::HEADER_RECORD;
use dcgan_support::atomic_file;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use self::pickle::{Described, Storage};

/// PyTorch maps the values into memory, where they must be aligned.
const ALIGNMENT: u16 = 64;

/// The version of the archive's layout.
const VERSION: &[u8] = b"3\n";

/// A tensor of a state dict.
struct Entry {
    name: String,
    shape: Vec<usize>,
    storage: Storage,
    /// Little-endian.
    bytes: Vec<u8>,
}

impl Entry {
    fn floats(name: String, shape: &[usize], values: &[f32]) -> Self {
        let bytes = values.iter().flat_map(|value| value.to_le_bytes());
        Self {
            name,
            shape: shape.to_vec(),
            storage: Storage::Float,
            bytes: bytes.collect(),
        }
    }
}

/// Writes a network's state dict, in PyTorch's order.
///
/// # Errors
/// If the file cannot be written. An older file is then unchanged.
pub fn write(path: &Path, network: &Network, header: &FileHeader) -> io::Result<()> {
    let header = serde_json::to_vec_pretty(header)?;
    atomic_file::write_file(path, |file| {
        write_archive(file, &state_dict(network), &header)
    })
}

/// The tensors, each batch norm's statistics after its parameters.
fn state_dict(network: &Network) -> Vec<Entry> {
    let batch_norms = network.batch_norms();
    let spectral_norms = network.spectral_norms();
    let mut entries = Vec::new();
    for parameter in network.parameters() {
        let name = parameter.name();
        let values = parameter.values();
        entries.push(Entry::floats(name.to_owned(), parameter.shape(), &values));
        if let Some(norm) = spectral_norms.iter().find(|norm| norm.name() == name) {
            for (field, values) in ["u", "v"].iter().zip(norm.vectors()) {
                entries.push(Entry::floats(
                    format!("{name}_{field}"),
                    &[values.len()],
                    &values,
                ));
            }
        }
        let shift_of = |norm: &&&dcgan::model::BatchNorm| norm.parameters()[1].name() == name;
        if let Some(norm) = batch_norms.iter().find(shift_of) {
            let statistics = [
                ("running_mean", norm.running_mean()),
                ("running_var", norm.running_var()),
            ];
            for (field, values) in statistics {
                let name = format!("{}.{field}", norm.name());
                entries.push(Entry::floats(name, &[values.len()], &values));
            }
            entries.push(Entry {
                name: format!("{}.num_batches_tracked", norm.name()),
                shape: Vec::new(),
                storage: Storage::Long,
                bytes: norm.batches_tracked().to_le_bytes().to_vec(),
            });
        }
    }
    entries
}

fn write_archive(file: &File, entries: &[Entry], header: &[u8]) -> io::Result<()> {
    let keys: Vec<String> = (0..entries.len())
        .map(|number| number.to_string())
        .collect();
    let described = entries.iter().zip(&keys).map(|(entry, key)| Described {
        name: &entry.name,
        key,
        storage: entry.storage,
        shape: &entry.shape,
    });
    let pickle = pickle::state_dict(described);
    let mut archive = ZipWriter::new(BufWriter::new(file));
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Stored)
        .with_alignment(ALIGNMENT);
    let mut record = |name: &str, bytes: &[u8]| {
        archive.start_file(format!("{FOLDER}/{name}"), options)?;
        archive.write_all(bytes)
    };
    record(HEADER_RECORD, header)?; // first, where `is_ours` finds it
    record("data.pkl", &pickle)?;
    record("byteorder", b"little")?;
    for (entry, key) in entries.iter().zip(&keys) {
        record(&format!("data/{key}"), &entry.bytes)?;
    }
    record("version", VERSION)?;
    archive.finish()?.flush()
}

/// The folder of all records.
const FOLDER: &str = "archive";

/// Whether a file that begins with these bytes is a state dict of this program.
pub fn is_ours(head: &[u8]) -> bool {
    const NAME: usize = 30; // the first record's name, after the fixed part of its header
    let name = format!("{FOLDER}/{HEADER_RECORD}");
    head.starts_with(b"PK\x03\x04")
        && head
            .get(NAME..)
            .is_some_and(|rest| rest.starts_with(name.as_bytes()))
}
