//! The speed and the memory of batches from a pack:
//! `cargo bench -p dcgan-data --bench batches [-- PICTURES]`.
//!
//! Pictures are 64×64 in colour, 128 in a batch; the threads are those of rayon
//! (`RAYON_NUM_THREADS`). This times the iterator that training reads from: uint8 in the mapped
//! file to normalised f32 in a batch.

use std::error::Error;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use dcgan_data::{BatchOptions, BatchPosition, Batches, DataSource, Dataset, PictureOptions};

const SIDE: usize = 64;
const BATCH_SIZE: usize = 128;
const ROUNDS: usize = 7;

fn main() -> Result<(), Box<dyn Error>> {
    let pictures = std::env::args().find_map(|argument| argument.parse().ok());
    let pictures: usize = pictures.unwrap_or(20_000);
    let folder = tempfile::tempdir()?;
    let source = folder.path().join("pictures.npy");
    write_pictures(&source, pictures)?;
    let options = PictureOptions::default();
    let pack = folder.path().join("pictures.pack");
    let start = Instant::now();
    Dataset::pack(
        &DataSource::at(&source),
        &options,
        &pack,
        &|_, _| {},
        &|| false,
    )?;
    let seconds = start.elapsed().as_secs_f64();
    println!(
        "packed {pictures} pictures, {:.0} a second",
        pictures as f64 / seconds
    );
    let dataset = Dataset::load(&DataSource::at(&pack), &options, &|_, _| {}, &|| false)?;
    let dataset = Arc::new(dataset);
    let mut rates = Vec::new();
    for epoch in 0..ROUNDS as u64 {
        let position = BatchPosition { epoch, index: 0 };
        let options = BatchOptions::new(1, BATCH_SIZE);
        let batches = Batches::start(Arc::clone(&dataset), options, position)?;
        let count = batches.per_epoch() as usize;
        let start = Instant::now();
        for batch in batches.take(count) {
            std::hint::black_box(&batch?.pixels);
        }
        rates.push((count * BATCH_SIZE) as f64 / start.elapsed().as_secs_f64());
    }
    rates.sort_by(f64::total_cmp);
    println!(
        "batches of {BATCH_SIZE}: {:.0} pictures/s (median of {ROUNDS} epochs; {:.0} to {:.0})",
        rates[ROUNDS / 2],
        rates[0],
        rates[ROUNDS - 1]
    );
    if let Some(peak) = peak_memory_mib() {
        println!("peak memory {peak:.0} MiB");
    }
    Ok(())
}

/// Writes an array of different pictures.
fn write_pictures(path: &Path, count: usize) -> std::io::Result<()> {
    let mut file = BufWriter::new(File::create(path)?);
    let shape = format!("({count}, {SIDE}, {SIDE}, 3)");
    let header = format!("{{'descr': '|u1', 'fortran_order': False, 'shape': {shape}, }}\n");
    file.write_all(b"\x93NUMPY\x01\0")?;
    file.write_all(&(header.len() as u16).to_le_bytes())?;
    file.write_all(header.as_bytes())?;
    let mut picture = vec![0_u8; SIDE * SIDE * 3];
    for number in 0..count {
        for (place, value) in picture.iter_mut().enumerate() {
            *value = (place * 31 + number * 7) as u8;
        }
        file.write_all(&picture)?;
    }
    file.flush()
}

/// The peak memory of this process, if the system reports it.
fn peak_memory_mib() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kib: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kib / 1024.0)
}
