//! Loads pictures, with the cache and a progress bar.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Once};
use std::time::Instant;

use anyhow::Result;
use dcgan::config::{DEMO_FACES, ModelConfig};
use dcgan::train::{TrainError, picture_options};
use dcgan_data::{CacheUse, DataError, DataSource, Dataset, Format, Packed, PictureOptions, Split};

use super::data_arguments::CacheArguments;
use super::progress_log::ProgressLog;
use super::{interrupt, output, progress};
use crate::words::counted;

/// The environment variable that names the cache directory.
const CACHE_VARIABLE: &str = "DCGAN_CACHE_DIR";

/// The name of the task of reading pictures, as progress bars show it.
pub const READING: &str = "reading pictures";

/// The bar moves once per this many pictures.
const BAR_STEP: usize = 32;

/// With at least so many pictures, a log says that they are being read before it is known how long that takes.
const MANY: usize = 10_000;

/// The cache directory that the arguments, the environment or the system name. `None` if there
/// should be no cache, or the system has no directory for caches.
pub fn cache_folder(arguments: &CacheArguments) -> Option<PathBuf> {
    if arguments.no_cache {
        return None;
    }
    let variable = || std::env::var_os(CACHE_VARIABLE).filter(|name| !name.is_empty());
    let system = || dirs::cache_dir().map(|folder| folder.join("dcgan"));
    arguments
        .cache_dir
        .clone()
        .or_else(|| variable().map(PathBuf::from))
        .or_else(system)
}

/// Loads pictures, from the cache if they are in it.
///
/// # Errors
/// If the pictures cannot be read.
pub fn load(
    source: &DataSource,
    options: &PictureOptions,
    arguments: &CacheArguments,
) -> Result<(Dataset, CacheUse), DataError> {
    let start = Instant::now();
    let should_end = progress::should_end();
    let folder = cache_folder(arguments);
    let is_cached = folder.is_some() && matches!(source, DataSource::Files { .. });
    let loaded = with_bar(is_cached, |progress| match &folder {
        Some(folder) => Dataset::load_cached(source, options, folder, progress, &should_end),
        None => Dataset::load(source, options, progress, &should_end)
            .map(|dataset| (dataset, CacheUse::None)),
    })?;
    let name = match source {
        DataSource::Files { path, .. } => path.display().to_string(),
        DataSource::Demo { .. } => "demo".to_owned(),
    };
    output::detail(&format!(
        "{} of {name} at {side}x{side}, read in {:.1} s",
        counted(loaded.0.len(), "picture"),
        start.elapsed().as_secs_f64(),
        side = options.image_size,
    ));
    Ok(loaded)
}

/// Loads pictures that are examined and not learned: a folder of nothing but pictures that a network
/// drew is used too.
///
/// # Errors
/// If the pictures cannot be read.
pub fn load_to_examine(
    source: &DataSource,
    options: &PictureOptions,
    arguments: &CacheArguments,
) -> Result<(Dataset, CacheUse), DataError> {
    match load(source, options, arguments) {
        Err(DataError::OwnOutput { .. }) => {
            let options = PictureOptions {
                own_pictures: true,
                ..options.clone()
            };
            load(source, &options, arguments)
        }
        loaded => loaded,
    }
}

/// Loads pictures as a run's model sees them: in its size and colours, cropped as the run's own
/// were.
///
/// # Errors
/// If the run's configuration or the pictures cannot be read.
pub fn load_for_run(
    run: &Path,
    model: &ModelConfig,
    source: &DataSource,
    arguments: &CacheArguments,
) -> Result<(Dataset, CacheUse), TrainError> {
    let options = picture_options(run, model)?;
    let (dataset, cache) = load_to_examine(source, &options, arguments)?;
    if let [first, ..] = dataset.skipped() {
        output::note(&format!(
            "skipped {}, the first one {first}",
            counted(dataset.skipped().len(), "picture")
        ));
    }
    Ok((dataset, cache))
}

/// Packs pictures into a file.
///
/// # Errors
/// If the pictures cannot be read or the file cannot be written.
pub fn pack(
    source: &DataSource,
    options: &PictureOptions,
    path: &Path,
) -> Result<Packed, DataError> {
    with_bar(false, |progress| {
        Dataset::pack(source, options, path, progress, &|| false)
    })
}

/// Whether DATA is the word for the drawn faces.
pub fn is_demo(data: &Path) -> bool {
    data == Path::new("demo")
}

/// The data set at a path, or the drawn faces for the word `demo`.
pub fn source(data: &Path, format: Option<Format>, split: Option<Split>) -> DataSource {
    if is_demo(data) {
        DataSource::Demo {
            count: DEMO_FACES,
            seed: 0,
        }
    } else {
        DataSource::Files {
            path: data.to_owned(),
            format,
            split,
        }
    }
}

/// The name of a data set: `photos` for `../photos/` and for `photos.zip`.
pub fn name(data: &Path) -> PathBuf {
    let full = data.canonicalize().unwrap_or_else(|_| data.to_owned());
    let name = if full.is_dir() {
        full.file_name()
    } else {
        full.file_stem()
    };
    name.map_or_else(|| PathBuf::from("run"), PathBuf::from)
}

/// Reads pictures, and shows how far that is: with a bar in a terminal, and with a few lines in a log.
fn with_bar<T>(is_cached: bool, read: impl FnOnce(&(dyn Fn(usize, usize) + Sync)) -> T) -> T {
    let bar = progress::bar(READING, 0).that_never_unwinds();
    let log = Arc::new(ProgressLog::new(READING));
    let beginning = Once::new();
    let report = |done: usize, total: usize| {
        // moving the bar takes a lock, and thousands of pictures are read each second
        if !done.is_multiple_of(BAR_STEP) && done != total {
            return;
        }
        if total >= MANY {
            beginning.call_once(|| output::progress(&announcement(total, is_cached)));
        }
        bar.set_length(total as u64);
        bar.set_position(done as u64);
        log.show(done, total);
    };
    let ended = Arc::clone(&log);
    let say_what_is_lost = move || {
        if ended.is_long() {
            output::note("ended while reading pictures: the next start reads all of them again");
        }
    };
    let result = interrupt::undoing(say_what_is_lost, || read(&report));
    bar.finish_and_clear();
    result
}

/// What a log says before many pictures are read.
fn announcement(total: usize, is_cached: bool) -> String {
    let once = if is_cached {
        "; the next time they come from the cache"
    } else {
        ""
    };
    format!(
        "reading {} before anything else{once}",
        counted(total, "picture")
    )
}

/// Reports how the cache was used, if it was.
pub fn report_cache(cache: &CacheUse) {
    match cache {
        CacheUse::None => {}
        CacheUse::Reused(path) => {
            output::line(&format!("pictures from the cache {}", path.display()));
        }
        CacheUse::Made(path) => output::line(&format!(
            "pictures cached in {}; --no-cache turns this off",
            path.display()
        )),
        CacheUse::Remade { path, reason } => output::note(&format!(
            "the cache {} was damaged and has been made again: {reason}",
            path.display()
        )),
        CacheUse::Refused { path, reason } => output::note(&format!(
            "no cache: cannot write {}: {reason}; continuing without it; --cache-dir names another \
             directory",
            path.display()
        )),
    }
}
