//! pytorch-fid's statistics: a `.npz` with `mu` `[d]` and `sigma` `[d, d]`.

use std::fs::File;
use std::io::{self, BufReader, Read, Write};
use std::path::Path;

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use dcgan_support::atomic_file;
use dcgan_support::npy::{Header, header};
use dcgan_support::path_error::PathError;
use dcgan_support::regular_file;

use crate::error::EvaluationError;
use crate::statistics::Statistics;

/// The most features that a file may have.
const MOST_FEATURES: u64 = 1 << 13;

/// How far a covariance may be from symmetric, relative to its largest element.
const ASYMMETRY: f64 = 1e-6;

impl Statistics {
    /// Reads a file that pytorch-fid, clean-fid or [`write`](Self::write) wrote.
    ///
    /// # Errors
    /// If it cannot be read, or holds no mean and covariance of finite numbers.
    pub fn read(path: &Path) -> Result<Self, EvaluationError> {
        let invalid = |reason: String| EvaluationError::Statistics {
            path: path.to_owned(),
            reason,
        };
        let file = regular_file::open(path).map_err(|error| PathError::read(path, error))?;
        let mut archive = ZipArchive::new(BufReader::new(file))
            .map_err(|error| invalid(format!("it is no .npz file: {error}")))?;
        let mean = read_array(&mut archive, "mu").map_err(invalid)?;
        let covariance = read_array(&mut archive, "sigma").map_err(invalid)?;
        let width = mean.shape[0];
        if mean.shape.len() != 1 || width == 0 {
            return Err(invalid(format!("its mu has the shape {:?}", mean.shape)));
        }
        if covariance.shape != [width, width] {
            let reason = format!(
                "its sigma has the shape {:?}, and {width} means need {:?}",
                covariance.shape,
                [width, width]
            );
            return Err(invalid(reason));
        }
        let width = width as usize;
        let values = &covariance.values;
        let largest = values
            .iter()
            .fold(0.0, |most: f64, value| most.max(value.abs()));
        let differs = |at: usize| (values[at] - values[at % width * width + at / width]).abs();
        if (0..values.len()).any(|at| differs(at) > ASYMMETRY * largest) {
            return Err(invalid("its sigma is not symmetric".to_owned()));
        }
        if (0..width).any(|index| values[index * (width + 1)] < 0.0) {
            return Err(invalid("its sigma has a negative variance".to_owned()));
        }
        Ok(Self::from_parts(mean.values, covariance.values))
    }

    /// Writes a file that pytorch-fid and clean-fid read.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn write(&self, path: &Path) -> Result<(), EvaluationError> {
        let width = self.width() as u64;
        // an archive is written with seeks, so it is made in memory
        let mut archive = ZipWriter::new(io::Cursor::new(Vec::new()));
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
        let arrays: [(&str, &[u64], &[f64]); 2] = [
            ("mu.npy", &[width], self.mean()),
            ("sigma.npy", &[width, width], self.covariance()),
        ];
        let mut write = || -> io::Result<()> {
            for (name, shape, values) in arrays {
                archive.start_file(name, options)?;
                archive.write_all(&header("<f8", shape))?;
                let bytes: Vec<u8> = values
                    .iter()
                    .flat_map(|value| value.to_le_bytes())
                    .collect();
                archive.write_all(&bytes)?;
            }
            Ok(())
        };
        let written = write()
            .and_then(|()| Ok(archive.finish()?.into_inner()))
            .and_then(|bytes| atomic_file::write(path, |writer| writer.write_all(&bytes)));
        Ok(written.map_err(|error| PathError::write(path, error))?)
    }
}

struct Array {
    shape: Vec<u64>,
    values: Vec<f64>,
}

/// One array of floating-point numbers, whose size is checked before it is read.
fn read_array(archive: &mut ZipArchive<BufReader<File>>, name: &str) -> Result<Array, String> {
    let Ok(mut entry) = archive.by_name(&format!("{name}.npy")) else {
        return Err(format!("it has no {name}"));
    };
    let header = Header::read(&mut entry).map_err(|reason| format!("{name}: {reason}"))?;
    if header.shape.is_empty() || header.shape.iter().any(|&length| length > MOST_FEATURES) {
        return Err(format!("its {name} has the shape {:?}", header.shape));
    }
    let count: u64 = header.shape.iter().take(2).product();
    if header.shape.len() > 2 {
        return Err(format!("its {name} has the shape {:?}", header.shape));
    }
    let size = match header.kind.as_str() {
        "<f8" => 8,
        "<f4" => 4,
        other => return Err(format!("its {name} is of type {other}, not <f8")),
    };
    let mut bytes = Vec::new();
    entry
        .take(count * size)
        .read_to_end(&mut bytes)
        .map_err(|error| format!("{name}: {error}"))?;
    if bytes.len() as u64 != count * size {
        return Err(format!("its {name} is truncated"));
    }
    let values: Vec<f64> = match size {
        8 => bytes
            .as_chunks()
            .0
            .iter()
            .map(|&bytes| f64::from_le_bytes(bytes))
            .collect(),
        _ => bytes
            .as_chunks()
            .0
            .iter()
            .map(|&bytes| f64::from(f32::from_le_bytes(bytes)))
            .collect(),
    };
    if values.iter().any(|value| !value.is_finite()) {
        return Err(format!("its {name} has values that are not finite"));
    }
    Ok(Array {
        shape: header.shape,
        values,
    })
}
