//! Loading a data set from its source or from a pack.

use std::path::Path;

use super::{Dataset, Store};
use crate::cache::{self, CacheUse, Cached, NoPack, all_skipped};
use crate::demo;
use crate::error::DataError;
use crate::format::Format;
use crate::ingest::Progress;
use crate::loaded::Loaded;
use crate::options::{PackedOptions, PictureOptions};
use crate::pack::Pack;
use crate::skipped::Skipped;
use crate::source::{DataSource, Located, LocatedSource, Opened, locate};

/// What [`Dataset::pack`] has packed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packed {
    /// The number of pictures.
    pub pictures: usize,
    /// Pictures that could not be used.
    pub skipped: Vec<Skipped>,
    /// What is remarkable about the source, each in one line.
    pub remarks: Vec<String>,
}

impl Dataset {
    /// Decodes each picture of `source` once, on all cores.
    ///
    /// `progress` is called with the number of pictures done and the number of all, from several
    /// threads and not always in order. Loading stops early when `should_stop` returns true.
    ///
    /// # Errors
    ///
    /// If there are no pictures, if more than half of them cannot be used, if an option is
    /// invalid, or [`DataError::Interrupted`]. Fewer bad pictures are [skipped](Self::skipped).
    pub fn load(
        source: &DataSource,
        options: &PictureOptions,
        progress: &(dyn Fn(usize, usize) + Sync),
        should_stop: &(dyn Fn() -> bool + Sync),
    ) -> Result<Self, DataError> {
        let progress = Progress {
            report: progress,
            should_stop,
        };
        Self::load_with(source, options, None, progress).map(|(dataset, _)| dataset)
    }

    /// As [`load`](Self::load), but from a pack in `cache_folder`, which is made if there is none
    /// or the files have changed. If the folder cannot be written, the source is loaded:
    /// [`CacheUse`] says which.
    ///
    /// # Errors
    ///
    /// As [`load`](Self::load).
    pub fn load_cached(
        source: &DataSource,
        options: &PictureOptions,
        cache_folder: &Path,
        progress: &(dyn Fn(usize, usize) + Sync),
        should_stop: &(dyn Fn() -> bool + Sync),
    ) -> Result<(Self, CacheUse), DataError> {
        let progress = Progress {
            report: progress,
            should_stop,
        };
        Self::load_with(source, options, Some(cache_folder), progress)
    }

    /// Packs `source` into a file at `path`, which loads without decoding.
    ///
    /// # Errors
    ///
    /// As [`load`](Self::load), [`DataError::AlreadyPacked`], and [`DataError::WritePack`]. A file
    /// at `path` is then unchanged.
    pub fn pack(
        source: &DataSource,
        options: &PictureOptions,
        path: &Path,
        progress: &(dyn Fn(usize, usize) + Sync),
        should_stop: &(dyn Fn() -> bool + Sync),
    ) -> Result<Packed, DataError> {
        options.check()?;
        let progress = Progress {
            report: progress,
            should_stop,
        };
        let (opened, stamp) = match source {
            &DataSource::Demo { count, seed } => (demo::open(count, seed, options.image_size)?, 0),
            DataSource::Files {
                path,
                format,
                split,
            } => match locate(path, *format, *split)? {
                Located::Source(located) => {
                    let stamp = cache::stamp(&located)?;
                    (located.open()?, stamp)
                }
                Located::Pack => {
                    let path = path.clone();
                    return Err(DataError::AlreadyPacked { path });
                }
            },
        };
        let check = |good, skipped: &[Skipped]| check_share(source, good, skipped);
        match cache::make(path, &opened, options, stamp, progress, &check) {
            Ok(made) => Ok(Packed {
                pictures: made.pictures,
                skipped: made.skipped,
                remarks: opened.remarks,
            }),
            Err(NoPack::Data(error)) => Err(error),
            Err(NoPack::Disk(source)) => {
                let path = path.to_owned();
                Err(DataError::WritePack { path, source })
            }
        }
    }

    fn load_with(
        source: &DataSource,
        options: &PictureOptions,
        cache_folder: Option<&Path>,
        progress: Progress<'_>,
    ) -> Result<(Self, CacheUse), DataError> {
        options.check()?;
        let (path, format, split) = match source {
            &DataSource::Demo { count, seed } => {
                let opened = demo::open(count, seed, options.image_size)?;
                let dataset = Self::decode(source, opened, options, progress, None)?;
                return Ok((dataset, CacheUse::None));
            }
            DataSource::Files {
                path,
                format,
                split,
            } => (path, *format, *split),
        };
        let located = match locate(path, format, split)? {
            Located::Source(located) => located,
            Located::Pack => return Ok((Self::open_pack(path, options)?, CacheUse::None)),
        };
        let Some(folder) = cache_folder else {
            let format = Some(located.format());
            let dataset = Self::decode(source, located.open()?, options, progress, format)?;
            return Ok((dataset, CacheUse::None));
        };
        let file = cache::pack_path(folder, path, format, split, options);
        Self::cached(source, located, options, &file, progress)
    }

    fn cached(
        source: &DataSource,
        located: LocatedSource,
        options: &PictureOptions,
        file: &Path,
        progress: Progress<'_>,
    ) -> Result<(Self, CacheUse), DataError> {
        let (format, stamp) = (Some(located.format()), cache::stamp(&located)?);
        let damage = match cache::find(file, stamp, options) {
            Cached::Current(pack) => {
                let dataset = Self::from_pack(Store::Cached, pack, options, format);
                return Ok((dataset, CacheUse::Reused(file.to_owned())));
            }
            Cached::Nothing => None,
            Cached::Damaged(error) => Some(error),
        };
        let opened = located.open()?;
        let folder = file.parent().unwrap_or(Path::new("."));
        let check = |good, skipped: &[Skipped]| check_share(source, good, skipped);
        let made = cache::prepare_folder(folder)
            .map_err(NoPack::Disk)
            .and_then(|()| cache::make(file, &opened, options, stamp, progress, &check));
        let reason = match made {
            Ok(_) => match Pack::open(file) {
                Ok(pack) => {
                    let dataset = Self::from_pack(Store::Cached, pack, options, format);
                    let path = file.to_owned();
                    let cache = match damage {
                        None => CacheUse::Made(path),
                        Some(error) => CacheUse::Remade {
                            path,
                            reason: error.to_string(),
                        },
                    };
                    return Ok((dataset, cache));
                }
                Err(error) => error.to_string(),
            },
            Err(NoPack::Data(error)) => return Err(error),
            Err(NoPack::Disk(error)) => error.to_string(),
        };
        let dataset = Self::decode(source, opened, options, progress, format)?;
        let path = file.to_owned();
        Ok((dataset, CacheUse::Refused { path, reason }))
    }

    /// Decodes all pictures and keeps them in memory, as far as the limit allows.
    fn decode(
        source: &DataSource,
        opened: Opened,
        options: &PictureOptions,
        progress: Progress<'_>,
        format: Option<Format>,
    ) -> Result<Self, DataError> {
        let too_large = || DataError::NeedsCache {
            path: path_of(source).to_owned(),
            limit_mib: options.memory_limit >> 20,
        };
        let remarks = opened.remarks.clone();
        let known_bad = opened.skipped.clone();
        let (mut loaded, bad) = Loaded::load(opened, options, progress, &too_large)?;
        let skipped = all_skipped(&known_bad, bad);
        check_share(source, loaded.len(), &skipped)?;
        let classes = std::mem::take(&mut loaded.entries.classes);
        let attribute_names = loaded.entries.attribute_names.clone();
        Ok(Self {
            fingerprint: loaded.fingerprint(),
            store: Store::Loaded(loaded),
            format,
            channels: 0,
            classes,
            attribute_names,
            skipped,
            remarks,
            options: options.clone(),
        }
        .with_channels())
    }

    /// Opens a pack that the user names, which must have been made with `options`.
    fn open_pack(path: &Path, options: &PictureOptions) -> Result<Self, DataError> {
        let pack = Pack::open(path)?;
        let (packed, wanted) = (pack.description().options, PackedOptions::from(options));
        if packed != wanted {
            return Err(DataError::PackedOtherwise {
                path: path.to_owned(),
                packed,
                wanted,
            });
        }
        Ok(Self::from_pack(
            Store::Packed,
            pack,
            options,
            Some(Format::Packed),
        ))
    }

    fn from_pack(
        store: fn(Pack) -> Store,
        pack: Pack,
        options: &PictureOptions,
        format: Option<Format>,
    ) -> Self {
        let description = pack.description();
        Self {
            options: options.clone(),
            format,
            channels: 0,
            classes: description.classes.clone(),
            attribute_names: description.attribute_names.clone(),
            skipped: description.skipped.clone(),
            remarks: description.remarks.clone(),
            fingerprint: description.fingerprint(),
            store: store(pack),
        }
        .with_channels()
    }

    /// Chooses between grey and colour by the data, if the options do not.
    fn with_channels(mut self) -> Self {
        let is_grey = |index| self.facts(index).is_some_and(|facts| facts.is_grey);
        let by_data = || if (0..self.len()).all(is_grey) { 1 } else { 3 };
        self.channels = self.options.channels.unwrap_or_else(by_data);
        self
    }
}

/// What messages call a source.
fn path_of(source: &DataSource) -> &Path {
    match source {
        DataSource::Files { path, .. } => path,
        DataSource::Demo { .. } => Path::new("demo"),
    }
}

/// Refuses a data set if more than half of its pictures are bad.
fn check_share(source: &DataSource, good: usize, skipped: &[Skipped]) -> Result<(), DataError> {
    let path = path_of(source).to_owned();
    match skipped.len() {
        0 if good == 0 => Err(DataError::Empty { path }),
        bad if bad > good => Err(DataError::MostlyBad {
            path,
            total: good + bad,
            skipped: skipped.to_vec(),
        }),
        _ => Ok(()),
    }
}
