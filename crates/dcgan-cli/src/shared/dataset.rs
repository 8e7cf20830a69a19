//! Reading pictures, as `train` and `data` do: with a bar where there is a
//! terminal, and with the cache.

use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow};
use dcgan::config::{DEMO_FACES, ModelConfig};
use dcgan::train::{TrainError, picture_options};
use dcgan_data::{CacheUse, DataError, DataSource, Dataset, Format, PictureOptions, Split};

use super::data_arguments::CacheArguments;
use super::{interrupt, output, progress};

/// The environment variable that names the cache folder.
const CACHE_VARIABLE: &str = "DCGAN_CACHE_DIR";

/// Pictures after which the bar moves.
const BAR_STEP: usize = 32;

/// The folder that the arguments, the environment or the system name; none if
/// there shall be no cache, or the system has no place for one.
fn cache_folder(arguments: &CacheArguments) -> Option<PathBuf> {
    if arguments.no_cache {
        return None;
    }
    let named = arguments.cache_dir.clone();
    let variable = || std::env::var_os(CACHE_VARIABLE).filter(|name| !name.is_empty());
    let system = || dirs::cache_dir().map(|folder| folder.join("dcgan"));
    named
        .or_else(|| variable().map(PathBuf::from))
        .or_else(system)
}

/// Loads pictures, from the cache if there is one.
///
/// # Errors
///
/// What the library says, in words of the command.
pub fn load(
    source: &DataSource,
    options: &PictureOptions,
    arguments: &CacheArguments,
) -> Result<(Dataset, CacheUse), DataError> {
    with_bar(|progress| match cache_folder(arguments) {
        Some(folder) => {
            Dataset::load_cached(source, options, &folder, progress, &interrupt::requested)
        }
        None => Dataset::load(source, options, progress, &interrupt::requested)
            .map(|dataset| (dataset, CacheUse::None)),
    })
}

/// Loads pictures as the model of a run sees them: in its size and colours, resized and cropped as
/// the run's own were. The word `demo` stands for the drawn faces.
///
/// # Errors
///
/// What the library says.
pub fn load_for_run(
    (run, model): (&Path, &ModelConfig),
    source: &DataSource,
    arguments: &CacheArguments,
) -> Result<(Dataset, CacheUse), TrainError> {
    let options = picture_options(run, model)?;
    let (dataset, cache) = load(source, &options, arguments)?;
    if let [first, ..] = dataset.skipped() {
        output::note(&format!(
            "{} pictures could not be used and are left out, such as {first}",
            dataset.skipped().len()
        ));
    }
    Ok((dataset, cache))
}

/// What is at a path, or for the word `demo` the drawn faces.
pub fn source(data: &Path, format: Option<Format>, split: Option<Split>) -> DataSource {
    match data == Path::new("demo") {
        true => DataSource::Demo {
            count: DEMO_FACES,
            seed: 0,
        },
        false => DataSource::Files {
            path: data.to_owned(),
            format,
            split,
        },
    }
}

/// Packs pictures into a file.
///
/// # Errors
///
/// What the library says.
pub fn pack(
    source: &DataSource,
    options: &PictureOptions,
    path: &Path,
) -> Result<Dataset, DataError> {
    with_bar(|progress| Dataset::pack(source, options, path, progress, &interrupt::requested))
}

/// `photos` for `../photos/` and for `photos.zip`.
pub fn name_of(data: &Path) -> PathBuf {
    let full = data.canonicalize().unwrap_or_else(|_| data.to_owned());
    let name = match full.is_dir() {
        true => full.file_name(),
        false => full.file_stem(),
    };
    name.map_or_else(|| PathBuf::from("run"), PathBuf::from)
}

fn with_bar<T>(read: impl FnOnce(&(dyn Fn(usize, usize) + Sync)) -> T) -> T {
    let bar = progress::bar("reading pictures", 0);
    let result = read(&|done, total| {
        // Moving the bar takes a lock, and pictures come by the thousand.
        if done.is_multiple_of(BAR_STEP) || done == total {
            bar.set_length(total as u64);
            bar.set_position(done as u64);
        }
    });
    bar.finish_and_clear();
    result
}

/// Says where the pictures come from, if it is a cache or should have been one.
pub fn report_cache(cache: &CacheUse) {
    match cache {
        CacheUse::None => {}
        CacheUse::Reused(path) => {
            output::line(&format!("pictures from the cache {}", path.display()))
        }
        CacheUse::Made(path) => output::line(&format!(
            "pictures cached in {}; --no-cache does without",
            path.display()
        )),
        CacheUse::Refused { path, reason } => output::note(&format!(
            "no cache: cannot write {}: {reason}; going on without, --cache-dir names another folder",
            path.display()
        )),
    }
}

/// An error of reading in words of the command; `what` was not done.
pub fn explain(error: impl Into<TrainError>, what: &str) -> anyhow::Error {
    match error.into() {
        TrainError::Data(DataError::Interrupted) => {
            anyhow!("stopped while reading the pictures: {what}")
        }
        error => error.into(),
    }
}
