//! Loading a data set: from its source, or from a pack of it.

use std::path::Path;

use super::{Dataset, Store};
use crate::cache::{self, CacheUse, NoPack, all_skipped};
use crate::error::{DataError, Skipped};
use crate::ingest::Watch;
use crate::loaded::Loaded;
use crate::options::PictureOptions;
use crate::pack::{Pack, PackedOptions};
use crate::source::{DataSource, Entries, Format, Located, Names, Opened, Reader, locate};

impl Dataset {
    /// Finds the pictures of `source` and decodes each once, on all cores.
    ///
    /// `progress` is called with the number of pictures done and the number of
    /// all, from several threads and not always in order. Loading ends early
    /// when `should_stop` answers true.
    ///
    /// # Errors
    ///
    /// A [`DataError`] if there are no pictures, if more than half of them
    /// cannot be used, if an option makes no sense, or
    /// [`DataError::Interrupted`]. Fewer bad pictures are [skipped](Self::skipped).
    pub fn load(
        source: &DataSource,
        options: &PictureOptions,
        progress: &(dyn Fn(usize, usize) + Sync),
        should_stop: &(dyn Fn() -> bool + Sync),
    ) -> Result<Self, DataError> {
        let watch = Watch {
            progress,
            should_stop,
        };
        Self::load_with(source, options, None, watch).map(|(dataset, _)| dataset)
    }

    /// As [`load`](Self::load), but from a pack in `cache_folder`, which is made
    /// if there is none, or one of files that have changed since. A folder that
    /// cannot be written to does no harm: [`CacheUse`] tells what became of it.
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
        let watch = Watch {
            progress,
            should_stop,
        };
        Self::load_with(source, options, Some(cache_folder), watch)
    }

    /// Packs `source` into one file at `path`, from which it loads at once.
    ///
    /// # Errors
    ///
    /// As [`load`](Self::load), and [`DataError::WritePack`]. What was at `path`
    /// is then unchanged.
    pub fn pack(
        source: &DataSource,
        options: &PictureOptions,
        path: &Path,
        progress: &(dyn Fn(usize, usize) + Sync),
        should_stop: &(dyn Fn() -> bool + Sync),
    ) -> Result<Self, DataError> {
        options.check()?;
        let watch = Watch {
            progress,
            should_stop,
        };
        let (opened, format, stamp) = match source {
            &DataSource::Demo { count, seed } => (open_demo(count, seed)?, None, 0),
            DataSource::Files {
                path,
                format,
                split,
            } => {
                let located = locate(path, *format, *split)?;
                let (format, stamp) = (located.format(), cache::stamp(&located)?);
                if format == Format::Packed {
                    let message = format!("{} is a pack already", path.display());
                    return Err(DataError::InvalidOption(message));
                }
                (located.open()?, Some(format), stamp)
            }
        };
        let check = |good, skipped: &[Skipped]| check_share(source, good, skipped);
        match cache::make(path, &opened, options, stamp, watch, &check) {
            Ok(()) => {}
            Err(NoPack::Data(error)) => return Err(error),
            Err(NoPack::Disk(source)) => {
                let path = path.to_owned();
                return Err(DataError::WritePack { path, source });
            }
        }
        Ok(Self::of_pack(Pack::open(path)?, options, format))
    }

    fn load_with(
        source: &DataSource,
        options: &PictureOptions,
        cache_folder: Option<&Path>,
        watch: Watch<'_>,
    ) -> Result<(Self, CacheUse), DataError> {
        options.check()?;
        let (path, format, split) = match source {
            &DataSource::Demo { count, seed } => {
                let opened = open_demo(count, seed)?;
                let dataset = Self::in_memory_of(source, opened, options, watch, None)?;
                return Ok((dataset, CacheUse::None));
            }
            DataSource::Files {
                path,
                format,
                split,
            } => (path, *format, *split),
        };
        let located = locate(path, format, split)?;
        if located.format() == Format::Packed {
            return Ok((Self::open_pack(path, options)?, CacheUse::None));
        }
        let Some(folder) = cache_folder else {
            let dataset = Self::uncached(source, located, options, watch)?;
            return Ok((dataset, CacheUse::None));
        };
        let file = cache::pack_path(folder, path, format, split, options);
        Self::cached(source, located, options, &file, watch)
    }

    fn cached(
        source: &DataSource,
        located: Located,
        options: &PictureOptions,
        file: &Path,
        watch: Watch<'_>,
    ) -> Result<(Self, CacheUse), DataError> {
        let (format, stamp) = (Some(located.format()), cache::stamp(&located)?);
        if let Some(pack) = cache::find(file, stamp, options) {
            let dataset = Self::of_pack(pack, options, format);
            return Ok((dataset, CacheUse::Reused(file.to_owned())));
        }
        let opened = located.open()?;
        let folder = file.parent().unwrap_or(Path::new("."));
        let check = |good, skipped: &[Skipped]| check_share(source, good, skipped);
        let made = cache::prepare_folder(folder)
            .map_err(NoPack::Disk)
            .and_then(|()| cache::make(file, &opened, options, stamp, watch, &check));
        let reason = match made {
            Ok(()) => match Pack::open(file) {
                Ok(pack) => {
                    let dataset = Self::of_pack(pack, options, format);
                    return Ok((dataset, CacheUse::Made(file.to_owned())));
                }
                Err(error) => error.to_string(),
            },
            Err(NoPack::Data(error)) => return Err(error),
            Err(NoPack::Disk(error)) => error.to_string(),
        };
        let dataset = Self::in_memory_of(source, opened, options, watch, format)?;
        let path = file.to_owned();
        Ok((dataset, CacheUse::Refused { path, reason }))
    }

    fn uncached(
        source: &DataSource,
        located: Located,
        options: &PictureOptions,
        watch: Watch<'_>,
    ) -> Result<Self, DataError> {
        let format = located.format();
        Self::in_memory_of(source, located.open()?, options, watch, Some(format))
    }

    fn in_memory_of(
        source: &DataSource,
        opened: Opened,
        options: &PictureOptions,
        watch: Watch<'_>,
        format: Option<Format>,
    ) -> Result<Self, DataError> {
        let too_large = || DataError::NeedsCache {
            path: path_of(source).to_owned(),
            limit: options.memory_limit >> 20,
        };
        let remarks = opened.remarks.clone();
        let known_bad = opened.skipped.clone();
        let (mut loaded, bad) = Loaded::load(opened, options, watch, &too_large)?;
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

    /// Opens a pack that the user names, which must have been made for `options`.
    fn open_pack(path: &Path, options: &PictureOptions) -> Result<Self, DataError> {
        let pack = Pack::open(path)?;
        let (packed, wanted) = (pack.description().options, PackedOptions::of(options));
        if packed != wanted {
            let (packed, wanted) = packed.differences(&wanted);
            return Err(DataError::PackedOtherwise {
                path: path.to_owned(),
                packed,
                wanted,
            });
        }
        Ok(Self::of_pack(pack, options, Some(Format::Packed)))
    }

    fn of_pack(pack: Pack, options: &PictureOptions, format: Option<Format>) -> Self {
        let description = pack.description();
        Self {
            options: options.clone(),
            format,
            channels: 0,
            classes: description.classes.clone(),
            attribute_names: description.attribute_names.clone(),
            skipped: description.skipped.clone(),
            remarks: description.remarks.clone(),
            fingerprint: description.fingerprint,
            store: Store::Packed(pack),
        }
        .with_channels()
    }

    /// Lets the data decide between grey and colour, if the options do not.
    fn with_channels(mut self) -> Self {
        let is_grey = |index| self.facts(index).is_some_and(|facts| facts.is_grey);
        self.channels =
            self.options
                .channels
                .unwrap_or_else(|| match (0..self.len()).all(is_grey) {
                    true => 1,
                    false => 3,
                });
        self
    }
}

/// Faces to draw, with their attributes.
fn open_demo(count: u32, seed: u64) -> Result<Opened, DataError> {
    if count == 0 {
        let message = "the demo needs at least one face".to_owned();
        return Err(DataError::InvalidOption(message));
    }
    let numbers = 0..u64::from(count);
    let mut names = Names::default();
    numbers
        .clone()
        .for_each(|number| names.push(&format!("demo/{number}")));
    Ok(Opened {
        entries: Entries {
            names,
            attribute_names: dcgan_faces::ATTRIBUTE_NAMES.map(str::to_owned).to_vec(),
            attributes: numbers
                .flat_map(|number| dcgan_faces::face(seed, number).labels())
                .map(u8::from)
                .collect(),
            ..Entries::default()
        },
        reader: Reader::Demo { seed },
        skipped: Vec::new(),
        remarks: Vec::new(),
    })
}

/// What messages call a source.
fn path_of(source: &DataSource) -> &Path {
    match source {
        DataSource::Files { path, .. } => path,
        DataSource::Demo { .. } => Path::new("demo"),
    }
}

/// Refuses data of which more than half is bad: something is wrong with it.
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
