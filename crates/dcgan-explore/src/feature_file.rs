//! Features and labels as NumPy arrays.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::feature_reader::FeatureReader;
use dcgan_data::DataError;
use dcgan_render::npy;
use dcgan_support::atomic_file;
use dcgan_support::npy::header;

/// The label of pictures without one.
const NO_LABEL: i64 = -1;

/// Why features or labels could not be written.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum FeatureFileError {
    /// A picture could not be read, or the work was interrupted.
    #[error(transparent)]
    Data(#[from] DataError),
    /// The file could not be written.
    #[error("cannot write {}: {source}", .path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
}

/// Writes the features of all pictures of a data set as a NumPy array, atomically and without
/// holding all of them in memory. `progress` is called with the number of pictures done, and
/// returns whether to continue.
///
/// ```
/// use dcgan::config::{ModelOptions, Preset};
/// use dcgan_data::{DataSource, Dataset, PictureOptions};
/// use dcgan_explore::feature_file::write_features;
/// use dcgan_explore::feature_reader::FeatureReader;
/// use dcgan::model::Discriminator;
///
/// let device = dcgan::device::by_name("cpu")?;
/// let model = ModelOptions::new(Preset::Small).with_ndf(4).build()?;
/// let discriminator = Discriminator::new(&model, 0, &device)?;
/// let faces = DataSource::Demo { count: 5, seed: 0 };
/// let faces = Dataset::load(&faces, &PictureOptions::default(), &|_, _| {}, &|| false)?;
///
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("features.npy");
/// let reader = FeatureReader::new(&discriminator, &faces)?;
/// write_features(&path, &reader, &|_| true)?;
/// // after the header, 16 cells of 4 bytes for each of 4 + 8 + 16 + 32 maps
/// assert_eq!(path.metadata()?.len(), 128 + 5 * 16 * 60 * 4);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Shapes
/// `[pictures, width]` of `f32`
///
/// # Errors
/// If a picture cannot be read or the file cannot be written, and [`DataError::Interrupted`] if
/// `progress` returns `false`. An existing file is then unchanged.
pub fn write_features(
    path: &Path,
    reader: &FeatureReader,
    progress: &(dyn Fn(usize) -> bool + Sync),
) -> Result<(), FeatureFileError> {
    let indices: Vec<usize> = (0..reader.dataset().len()).collect();
    let shape = [indices.len() as u64, reader.width() as u64];
    // an error that is not the writer's own
    let mut failed = None;
    let written = atomic_file::write(path, |writer| {
        writer.write_all(&header("<f4", &shape))?;
        let done = reader.for_each_batch(&indices, |first, rows| {
            let bytes: Vec<u8> = rows
                .concat()
                .into_iter()
                .flat_map(f32::to_le_bytes)
                .collect();
            writer
                .write_all(&bytes)
                .map_err(|error| write_error(path, error))?;
            if progress(first + rows.len()) {
                Ok(())
            } else {
                Err(DataError::Interrupted.into())
            }
        });
        done.map_err(|error| {
            failed = Some(error);
            io::ErrorKind::Interrupted.into()
        })
    });
    match failed {
        Some(error) => Err(error),
        None => written.map_err(|error| write_error(path, error)),
    }
}

/// Writes labels as a NumPy array of 64-bit integers, −1 for pictures without one.
///
/// # Errors
/// If the file cannot be written.
pub fn write_labels(path: &Path, labels: &[Option<usize>]) -> Result<(), FeatureFileError> {
    let labels: Vec<i64> = labels
        .iter()
        .map(|label| label.map_or(NO_LABEL, |label| label as i64))
        .collect();
    npy::write_integers(path, &labels).map_err(|error| write_error(path, error))
}

fn write_error(path: &Path, source: io::Error) -> FeatureFileError {
    FeatureFileError::Write {
        path: path.to_owned(),
        source,
    }
}
