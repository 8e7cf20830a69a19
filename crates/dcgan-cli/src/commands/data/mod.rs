//! `dcgan data`: checking and packing data sets.

mod check;
mod pack;
mod text;

use std::path::PathBuf;

use anyhow::Result;
use clap::{Args, Subcommand};
use dcgan_data::{DataSource, Format, Levels, PictureOptions};

use self::check::DataCheck;
use self::pack::DataPack;
use crate::shared::data_arguments::{Crop, FORMATS, Split, parse_colour};
use crate::shared::targets::{Files, WritesFiles};
use crate::shared::{dataset, named};

/// `dcgan data`
#[derive(Debug, Args)]
#[command(
    arg_required_else_help = false,
    after_help = "\
Examples:
  dcgan data check photos/
  dcgan data pack img_align_celeba.zip -o celeba-64.pack"
)]
pub struct Data {
    /// What to do with it.
    #[command(subcommand)]
    pub action: DataAction,
}

/// What to do with a data set.
#[derive(Debug, Subcommand)]
pub enum DataAction {
    /// Report what is in a data set and what could be improved, before training.
    Check(DataCheck),
    /// Decode and resize all pictures once, into a file to train on.
    Pack(DataPack),
}

/// A data set, and how its pictures are resized.
#[derive(Debug, Args)]
pub struct DataArguments {
    /// A folder, an archive, a common data set as downloaded, or the word `demo`
    pub data: PathBuf,

    /// Format of DATA [default: detected]
    #[arg(long, value_name = "FORMAT", value_parser = named::one_of(&Format::ALL, Format::name),
          hide_possible_values = true, long_help = FORMATS)]
    pub format: Option<Format>,

    /// Split of DATA, if it has splits: train, valid, test, all [default: train]
    #[arg(long, value_name = "SPLIT")]
    pub split: Option<Split>,

    /// Side of the pictures in pixels [default: 64]
    #[arg(long, value_name = "PIXELS")]
    pub image_size: Option<u32>,

    /// How pictures become square: center, random (another crop each epoch), none (squeezed)
    #[arg(long, value_name = "CROP")]
    pub crop: Option<Crop>,

    /// Colour behind transparent pictures, as RRGGBB [default: ffffff]
    #[arg(long, value_name = "COLOUR", value_parser = parse_colour)]
    pub background: Option<[u8; 3]>,

    /// Levels of 16-bit pictures that become black and white: full, auto (as the pictures use them)
    /// or two numbers such as 700-1690 [default: full]
    #[arg(long, value_name = "full|auto|LEVELS")]
    pub levels: Option<Levels>,

    /// Threads to decode with [default: all cores]
    #[arg(long, value_name = "N")]
    pub threads: Option<usize>,
}

impl DataArguments {
    /// The data set.
    pub fn source(&self) -> DataSource {
        dataset::source(&self.data, self.format, self.split.map(Into::into))
    }

    /// The options given; the others are those of `default`.
    pub fn options(&self, default: PictureOptions) -> PictureOptions {
        PictureOptions {
            image_size: self.image_size.unwrap_or(default.image_size),
            crop: self.crop.map_or(default.crop, Into::into),
            background: self.background.unwrap_or(default.background),
            levels: self.levels.unwrap_or(default.levels),
            ..default
        }
    }
}

/// Runs the action.
impl WritesFiles for Data {
    fn files(&self) -> Files<'_> {
        match &self.action {
            DataAction::Check(arguments) => arguments.files(),
            DataAction::Pack(arguments) => arguments.files(),
        }
    }
}

pub fn run(arguments: &Data) -> Result<()> {
    match &arguments.action {
        DataAction::Check(arguments) => check::run(arguments),
        DataAction::Pack(arguments) => pack::run(arguments),
    }
}
