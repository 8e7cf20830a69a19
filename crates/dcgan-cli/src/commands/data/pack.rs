//! `dcgan data pack`: a data set as a single file.

use std::path::PathBuf;
use std::time::Instant;

use anyhow::Result;
use clap::Args;
use dcgan_data::PictureOptions;
use dcgan_support::bytes::Bytes;

use super::DataArguments;
use crate::shared::compute::limit_threads;
use crate::shared::targets::{Files, Replace, WritesFiles};
use crate::shared::{dataset, output};
use crate::words::{self, counted};

/// `dcgan data pack`
#[derive(Debug, Args)]
#[command(after_help = "\
Training makes such a file automatically, in its cache; make one to use it elsewhere.

Examples:
  dcgan data pack bedroom_train_lmdb -o bedrooms.pack
  dcgan data pack photos/ --image-size 128 --crop random -o photos-128.pack
  dcgan train photos-128.pack --preset pytorch")]
pub struct DataPack {
    #[command(flatten)]
    pub arguments: DataArguments,

    /// The file to write
    #[arg(short, long, value_name = "FILE")]
    pub out: PathBuf,

    #[command(flatten)]
    pub replace: Replace,
}

impl WritesFiles for DataPack {
    fn files(&self) -> Files<'_> {
        Files::new(self.replace, [&*self.arguments.data]).writing(&self.out)
    }
}

/// Packs a data set and reports the result.
pub fn run(arguments: &DataPack) -> Result<()> {
    limit_threads(arguments.arguments.threads)?;
    let options = arguments.arguments.options(PictureOptions::default());
    let start = Instant::now();
    let packed = dataset::pack(&arguments.arguments.source(), &options, &arguments.out)?;
    let seconds = start.elapsed().as_secs_f64();
    for remark in &packed.remarks {
        output::note(remark);
    }
    if let Some(line) = words::data::left_out(&packed.left_out) {
        output::note(&line);
    }
    if let [first, ..] = &*packed.skipped {
        output::note(&format!(
            "{} left out as unusable, such as {first}; `dcgan data check` lists all",
            counted(packed.skipped.len(), "picture")
        ));
    }
    let size = arguments
        .out
        .metadata()
        .map_or(0, |metadata| metadata.len());
    output::line(&format!(
        "{} of {}x{} in {}, {}; {seconds:.1} s, {:.0} pictures/s",
        counted(packed.pictures, "picture"),
        options.image_size,
        options.image_size,
        arguments.out.display(),
        Bytes(size),
        packed.pictures as f64 / seconds.max(1e-9),
    ));
    Ok(())
}
