//! What `-o` asks for.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use dcgan_render::picture_file::PictureFormat;

use super::arguments::{DrawingArguments, SingleFormat};
use crate::shared::targets::default_folder;

/// What a command draws.
pub struct Product {
    /// The name of its file or folder in the run, without an ending.
    pub name: &'static str,
    /// What single pictures are called, with a number behind it.
    pub single: &'static str,
    /// What it draws if nothing else is asked for.
    pub default: Default,
    /// Whether its pictures are a sequence, so that a .webp is an animation too.
    pub is_sequence: bool,
    /// Whether `--columns` is about how the pictures of one file are arranged, rather than about
    /// how many there are.
    pub has_columns: bool,
    /// Pixels that pictures with text have at least.
    pub least_side: u32,
}

/// What a command draws if nothing else is asked for.
#[derive(Clone, Copy, PartialEq)]
pub enum Default {
    /// One .png.
    Picture,
    /// A folder.
    Folder,
}

impl Product {
    /// A figure with text, called `name`.
    pub const fn figure(name: &'static str) -> Self {
        Self {
            name,
            single: name,
            default: Default::Picture,
            is_sequence: false,
            has_columns: false,
            least_side: 128,
        }
    }

    /// Whose pictures `--columns` arranges.
    pub const fn with_columns(mut self) -> Self {
        self.has_columns = true;
        self
    }

    /// Whether a file of a folder is one of its numbered pictures.
    pub fn is_single(&self, name: &str, format: PictureFormat) -> bool {
        let rest = name.strip_prefix(self.single);
        let number = rest.and_then(|rest| rest.strip_prefix('-')?.split_once('.'));
        let number = number.and_then(|(number, _)| number.parse().ok());
        number.is_some_and(|place: u64| self.single_name(place, format) == name)
    }

    /// The file of a numbered picture.
    pub fn single_name(&self, place: u64, format: PictureFormat) -> String {
        format!("{}-{place:05}.{}", self.single, format.extension())
    }
}

/// Where pictures go, and as what.
#[derive(Debug, Clone, PartialEq)]
pub enum Target {
    /// All in one picture.
    Picture(PathBuf, PictureFormat),
    /// An endless animation.
    Gif(PathBuf),
    /// An endless animation.
    AnimatedWebp(PathBuf),
    /// One array of bytes.
    Array(PathBuf),
    /// Single pictures.
    Folder(PathBuf, PictureFormat),
}

impl Target {
    /// The file or folder.
    pub fn path(&self) -> &Path {
        match self {
            Self::Picture(path, _)
            | Self::Gif(path)
            | Self::AnimatedWebp(path)
            | Self::Array(path)
            | Self::Folder(path, _) => path,
        }
    }

    /// Whether it holds the pictures one after the other.
    pub fn is_animation(&self) -> bool {
        matches!(self, Self::Gif(_) | Self::AnimatedWebp(_))
    }
}

/// The file of all pictures in a folder with `--picture-format npy`.
const ARRAY: &str = "pictures.npy";

impl DrawingArguments {
    /// Where a command draws to. Without `--out` that is in the directory of the run, or, if `run`
    /// is something else, in the current one.
    ///
    /// # Errors
    /// If the ending is not known, or an option has no meaning for what is written.
    pub fn target(&self, run: &Path, product: &Product) -> Result<Target> {
        let target = match &self.out {
            Some(out) => self.named(out, product)?,
            None => {
                let folder = default_folder(run);
                match product.default {
                    Default::Picture => Target::Picture(
                        folder.join(format!("{}.png", product.name)),
                        PictureFormat::Png,
                    ),
                    Default::Folder => {
                        Target::Folder(folder.join(product.name), self.single_format())
                    }
                }
            }
        };
        let shown = target.path().display();
        if self.fps.is_some() && !target.is_animation() {
            bail!("--fps is for animations, and {shown} is none: omit it, or name a .gif");
        }
        if self.columns.is_some() && product.has_columns && !matches!(target, Target::Picture(..)) {
            bail!(
                "--columns arranges the pictures of one file, and {shown} has them one by one: omit it"
            );
        }
        let is_in_folder = matches!(target, Target::Folder(..))
            || self.picture_format == Some(SingleFormat::Npy) && matches!(target, Target::Array(_));
        if self.picture_format.is_some() && !is_in_folder {
            bail!(
                "--picture-format is for the single pictures of a folder, and the ending of {shown} decides: omit it"
            );
        }
        Ok(target)
    }

    /// What is written at a path, by its ending.
    ///
    /// # Errors
    /// If the ending is not known.
    pub fn named(&self, out: &Path, product: &Product) -> Result<Target> {
        let path = out.to_owned();
        let folder = |path: PathBuf| match self.picture_format.map(SingleFormat::picture_format) {
            Some(None) => Target::Array(path.join(ARRAY)),
            _ => Target::Folder(path, self.single_format()),
        };
        if ends_in_separator(out) {
            return Ok(folder(path));
        }
        let Some(ending) = out.extension() else {
            return Ok(folder(path));
        };
        let ending = ending.to_string_lossy().to_lowercase();
        if ending.chars().all(|letter| letter.is_ascii_digit()) {
            return Ok(folder(path)); // `faces-0.7` is no kind of file
        }
        Ok(match (PictureFormat::from_path(out), &*ending) {
            (Some(PictureFormat::Webp), _) if product.is_sequence => Target::AnimatedWebp(path),
            (Some(format), _) => Target::Picture(path, format),
            (None, "gif") => Target::Gif(path),
            (None, "npy") => Target::Array(path),
            (None, _) if out.is_dir() => folder(path),
            (None, _) => bail!(
                "no file of pictures ends in .{ending}: --out {} must end in .png, .jpg, .webp, .gif or .npy, or \
                 in / for a folder",
                out.display()
            ),
        })
    }

    /// The format of single pictures.
    pub fn single_format(&self) -> PictureFormat {
        let format = self.picture_format.and_then(SingleFormat::picture_format);
        format.unwrap_or(PictureFormat::Png)
    }
}

/// Whether a name says that it is a folder's.
fn ends_in_separator(path: &Path) -> bool {
    let last = path.as_os_str().as_encoded_bytes().last();
    last.is_some_and(|&byte| std::path::is_separator(byte.into()))
}
