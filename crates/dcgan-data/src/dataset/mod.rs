//! Pictures of one size, ready to train on.

mod annotation_names;
mod load;

pub use annotation_names::AnnotationNames;
pub use load::Packed;

use std::path::Path;

use dcgan_support::atomic_file;

use crate::annotations::{Attributes, Labels};
use crate::cache;
use crate::error::DataError;
use crate::facts::Facts;
use crate::findings::Findings;
use crate::fingerprint::Fingerprint;
use crate::format::Format;
use crate::left_out::LeftOut;
use crate::loaded::Loaded;
use crate::masks::{self, Masks};
use crate::notes::DeepPictures;
use crate::options::PictureOptions;
use crate::order::Augmentation;
use crate::pack::Pack;
use crate::pixels::PixelsView;
use crate::skipped::Skipped;
use crate::transform::{self, Cut};

/// The usable pictures of a [`DataSource`](crate::DataSource), each decoded once. They are in a pack,
/// or in memory up to [`PictureOptions::memory_limit`].
#[derive(Debug)]
pub struct Dataset {
    store: Store,
    options: PictureOptions,
    format: Option<Format>,
    channels: usize,
    classes: Vec<String>,
    attribute_names: Vec<String>,
    findings: Findings,
    fingerprint: Fingerprint,
}

/// Where the pictures are.
#[derive(Debug)]
enum Store {
    Loaded(Loaded),
    /// In a pack that the user names.
    Packed(Pack),
    /// In a pack of the cache.
    Cached(Pack),
}

impl Dataset {
    /// The number of pictures.
    pub fn len(&self) -> usize {
        match &self.store {
            Store::Loaded(loaded) => loaded.len(),
            Store::Packed(pack) | Store::Cached(pack) => pack.len(),
        }
    }

    /// Whether there are no pictures. A loaded data set always has some.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// 1 if pictures are grey, 3 if they are in colour.
    pub fn channels(&self) -> usize {
        self.channels
    }

    /// The width and height of every picture in pixels.
    pub fn image_size(&self) -> usize {
        self.options.image_size as usize
    }

    /// The options that the data set was loaded with.
    pub fn options(&self) -> &PictureOptions {
        &self.options
    }

    /// The format; `None` for drawn faces.
    pub fn format(&self) -> Option<Format> {
        self.format
    }

    /// The number of pictures that need not be decoded again: those in memory or in a pack.
    pub fn in_memory(&self) -> usize {
        match &self.store {
            Store::Loaded(loaded) => loaded.in_memory(),
            Store::Packed(pack) | Store::Cached(pack) => pack.len(),
        }
    }

    /// Whether the pictures are read from a pack.
    pub(super) fn is_packed(&self) -> bool {
        matches!(self.store, Store::Packed(_) | Store::Cached(_))
    }

    /// The name of a picture within its source; `None` if there is no such picture.
    pub fn name(&self, index: usize) -> Option<String> {
        match &self.store {
            Store::Loaded(loaded) => loaded.name(index).map(str::to_owned),
            Store::Packed(pack) | Store::Cached(pack) => {
                (index < pack.len()).then(|| pack.name(index).into_owned())
            }
        }
    }

    /// What is known about a picture apart from its pixels; `None` if there is no such picture.
    pub fn facts(&self, index: usize) -> Option<Facts> {
        match &self.store {
            Store::Loaded(loaded) => loaded.facts(index),
            Store::Packed(pack) | Store::Cached(pack) => pack.facts(index),
        }
    }

    /// The classes of the pictures; `None` if there are fewer than two.
    pub fn labels(&self) -> Option<Labels<'_>> {
        (self.classes.len() > 1).then(|| Labels::new(self, &self.classes))
    }

    /// The attributes of the pictures; `None` if there are none.
    pub fn attributes(&self) -> Option<Attributes<'_>> {
        let names = &self.attribute_names;
        (!names.is_empty()).then(|| Attributes::new(self, names))
    }

    /// A byte for each attribute, 1 if it holds.
    pub(super) fn attribute_row(&self, index: usize) -> Option<&[u8]> {
        match &self.store {
            Store::Loaded(loaded) => loaded.attribute_row(index),
            Store::Packed(pack) | Store::Cached(pack) => pack.attribute_row(index),
        }
    }

    /// The pictures that were skipped, in order of their names.
    pub fn skipped(&self) -> &[Skipped] {
        &self.findings.skipped
    }

    /// Files that are not used although nothing is wrong with them, by kind: other formats, other
    /// splits, what lies beside the data set.
    pub fn left_out(&self) -> &[LeftOut] {
        &self.findings.left_out
    }

    /// Notes on what is remarkable, such as names in a list that have no picture.
    pub fn remarks(&self) -> &[String] {
        &self.findings.remarks
    }

    /// The levels that pictures with 16 bits use; `None` if there are no such pictures.
    pub fn deep_pictures(&self) -> Option<DeepPictures> {
        self.findings.deep_pictures
    }

    /// Folders that look like masks of the pictures in other folders.
    pub fn masks(&self) -> Vec<Masks> {
        masks::find(self)
    }

    /// Identifies the names and contents of all pictures.
    pub fn fingerprint(&self) -> &Fingerprint {
        &self.fingerprint
    }

    /// One picture, augmented.
    ///
    /// # Shapes
    ///
    /// `image_size × image_size × channels` values from 0 to 255, in rows from
    /// the top, channels last.
    ///
    /// # Errors
    ///
    /// [`DataError::PictureLost`] if the picture is not in memory and its file has changed or is
    /// missing, [`DataError::PackDamaged`] and [`DataError::CacheDamaged`] if it is in a pack that
    /// was changed, and [`DataError::NoSuchPicture`].
    pub fn picture(&self, index: usize, augmentation: Augmentation) -> Result<Vec<u8>, DataError> {
        let mut values = vec![0; self.image_size() * self.image_size() * self.channels];
        self.cut(index, augmentation, &mut values, |value| value)?;
        Ok(values)
    }

    /// One picture as the networks see it, without augmentation.
    ///
    /// # Shapes
    ///
    /// `[image_size, image_size, channels]`, in [−1, 1]
    ///
    /// # Errors
    ///
    /// As [`picture`](Self::picture).
    pub fn scaled_picture(&self, index: usize) -> Result<Vec<f32>, DataError> {
        let mut values = vec![0.0; self.image_size() * self.image_size() * self.channels];
        self.write_scaled(index, Augmentation::NONE, &mut values)?;
        Ok(values)
    }

    /// Writes one picture, augmented and scaled to [−1, 1], into `target`.
    pub(super) fn write_scaled(
        &self,
        index: usize,
        augmentation: Augmentation,
        target: &mut [f32],
    ) -> Result<(), DataError> {
        self.cut(index, augmentation, target, |value| {
            f32::from(value) / 127.5 - 1.0
        })
    }

    fn cut<Value: Copy>(
        &self,
        index: usize,
        augmentation: Augmentation,
        target: &mut [Value],
        convert: impl Fn(u8) -> Value,
    ) -> Result<(), DataError> {
        if index >= self.len() {
            return Err(DataError::NoSuchPicture {
                index,
                pictures: self.len(),
            });
        }
        let square = Cut {
            size: self.options.image_size,
            channels: self.channels,
            augmentation,
        };
        let mut cut = |pixels: PixelsView<'_>| transform::cut(pixels, square, target, &convert);
        match &self.store {
            Store::Loaded(loaded) => match loaded.kept(index) {
                Some(pixels) => cut(pixels.view()),
                None => cut(loaded.decode_again(index, &self.options)?.view()),
            },
            Store::Packed(pack) => {
                let damaged = |reason| DataError::PackDamaged {
                    path: pack.path().to_owned(),
                    name: pack.name(index).into_owned(),
                    reason,
                };
                cut(pack.pixels(index).map_err(damaged)?.view());
            }
            Store::Cached(pack) => {
                let damaged = |reason| cache::damaged(pack, index, reason);
                cut(pack.pixels(index).map_err(damaged)?.view());
            }
        }
        Ok(())
    }

    /// Writes the list of skipped pictures and of the files that are not used, one `name: reason` per
    /// line.
    ///
    /// # Errors
    ///
    /// [`DataError::WriteSkipped`] if the file cannot be written.
    pub fn write_skipped(&self, path: &Path) -> Result<(), DataError> {
        let mut lines: String = self
            .skipped()
            .iter()
            .map(|skipped| format!("{skipped}\n"))
            .collect();
        for group in self.left_out() {
            let reason = group.why();
            for name in group.names.iter().filter(|name| !name.is_empty()) {
                let (name, reason) = (name.clone(), reason.clone());
                lines.push_str(&format!("{}\n", Skipped { name, reason }));
            }
            let more = group.count - group.names.len();
            if more > 0 {
                lines.push_str(&format!("and {more} more: {reason}\n"));
            }
        }
        let written = atomic_file::write(path, |file| file.write_all(lines.as_bytes()));
        written.map_err(|source| DataError::WriteSkipped {
            path: path.to_owned(),
            source,
        })
    }
}
