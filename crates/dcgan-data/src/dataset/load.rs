//! Loading a data set from its source or from a pack.

use std::path::Path;

use super::{Dataset, Store};
use crate::cache::{self, CacheUse, Cached, NoPack, Recipe};
use crate::demo;
use crate::error::DataError;
use crate::findings::Findings;
use crate::format::Format;
use crate::ingest::{Progress, levels_used};
use crate::left_out::{LeftOut, LeftOutList};
use crate::loaded::Loaded;
use crate::options::{Levels, PackedOptions, PictureOptions};
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
    /// Files that were not used.
    pub left_out: Vec<LeftOut>,
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
                    (open(located)?, stamp)
                }
                Located::Pack => {
                    let path = path.clone();
                    return Err(DataError::AlreadyPacked { path });
                }
            },
        };
        let options = &with_known_levels(options, &opened, progress)?;
        let check = |good, findings: &Findings| check_share(source, good, findings);
        let recipe = Recipe {
            options,
            named: options,
            stamp,
        };
        match cache::make(path, &opened, recipe, progress, &check) {
            Ok(made) => Ok(Packed {
                pictures: made.pictures,
                skipped: made.findings.skipped,
                left_out: made.findings.left_out,
                remarks: made.findings.remarks,
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
            let dataset = Self::decode(source, open(located)?, options, progress, format)?;
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
        let beside = located.left_out();
        let open_pack = |pack| {
            let mut dataset = Self::from_pack(Store::Cached, pack, options, format);
            let mut left_out = LeftOutList::default();
            left_out.append(&beside);
            left_out.append(dataset.left_out());
            dataset.findings.left_out = left_out.into_groups();
            dataset
        };
        let damage = match cache::find(file, stamp, options) {
            Cached::Current(pack) => {
                return Ok((open_pack(*pack), CacheUse::Reused(file.to_owned())));
            }
            Cached::Nothing => None,
            Cached::Damaged(error) => Some(error),
        };
        let mut opened = located.open()?;
        let known = &with_known_levels(options, &opened, progress)?;
        let recipe = Recipe {
            options: known,
            named: options,
            stamp,
        };
        let folder = file.parent().unwrap_or(Path::new("."));
        let check = |good, findings: &Findings| check_share(source, good, findings);
        let made = cache::prepare_folder(folder)
            .map_err(NoPack::Disk)
            .and_then(|()| cache::make(file, &opened, recipe, progress, &check));
        let reason = match made {
            Ok(_) => match Pack::open(file) {
                Ok(pack) => {
                    let dataset = open_pack(pack);
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
        opened.left_out.append(&beside);
        let dataset = Self::decode(source, opened, known, progress, format)?;
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
        let options = with_known_levels(options, &opened, progress)?;
        let too_large = || DataError::NeedsCache {
            path: path_of(source).to_owned(),
            limit_mib: options.memory_limit >> 20,
        };
        let (mut loaded, findings) = Loaded::load(opened, &options, progress, &too_large)?;
        check_share(source, loaded.len(), &findings)?;
        let classes = std::mem::take(&mut loaded.entries.classes);
        let attribute_names = loaded.entries.attribute_names.clone();
        Ok(Self {
            fingerprint: loaded.fingerprint(),
            store: Store::Loaded(loaded),
            format,
            channels: 0,
            classes,
            attribute_names,
            findings,
            options,
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
        let deep_pictures = description.deep_pictures;
        let levels = match (options.levels, deep_pictures) {
            (Levels::Auto, Some(deep)) => Levels::Range {
                least: deep.least,
                most: deep.most,
            },
            (Levels::Auto, None) => Levels::Full,
            (levels, _) => levels,
        };
        Self {
            options: PictureOptions {
                levels,
                ..options.clone()
            },
            format,
            channels: 0,
            classes: description.classes.clone(),
            attribute_names: description.attribute_names.clone(),
            findings: Findings {
                skipped: description.skipped.clone(),
                left_out: description.left_out.clone(),
                remarks: description.remarks.clone(),
                deep_pictures,
                own: 0,
            },
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

/// Opens a source, and notes what it does not use of its folder.
fn open(located: LocatedSource) -> Result<Opened, DataError> {
    let beside = located.left_out();
    let mut opened = located.open()?;
    opened.left_out.append(&beside);
    Ok(opened)
}

/// The options with the levels of the pictures instead of [`Levels::Auto`].
fn with_known_levels(
    options: &PictureOptions,
    opened: &Opened,
    progress: Progress<'_>,
) -> Result<PictureOptions, DataError> {
    let levels = match options.levels {
        Levels::Auto => levels_used(opened, options, progress)?,
        levels => levels,
    };
    Ok(PictureOptions {
        levels,
        ..options.clone()
    })
}

/// Refuses a data set if more than half of its pictures are bad, or if this program drew all of them.
fn check_share(source: &DataSource, good: usize, findings: &Findings) -> Result<(), DataError> {
    let path = path_of(source).to_owned();
    let Findings { skipped, own, .. } = findings;
    match skipped.len() {
        0 if good == 0 && *own > 0 => Err(DataError::OwnOutput {
            path,
            pictures: *own,
        }),
        0 if good == 0 => Err(DataError::Empty { path }),
        bad if bad > good => Err(DataError::MostlyBad {
            path,
            total: good + bad,
            skipped: skipped.clone(),
        }),
        _ => Ok(()),
    }
}
