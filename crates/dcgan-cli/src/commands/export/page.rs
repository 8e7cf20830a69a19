//! `dcgan export --page`: one HTML file that draws.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use anyhow::{Result, bail};
use clap::Args;
use dcgan::Generator;
use dcgan::checkpoint::FileHeader;
use dcgan::latent::LatentDirection;
use dcgan_export::page::{self, PageOptions};
use dcgan_support::atomic_file;

use super::PAGE;
use crate::shared::{direction, files, output};

/// The options of a page.
#[derive(Debug, Args)]
pub struct PageArguments {
    /// Write one HTML file that draws new pictures in a browser, without a server or a network
    #[arg(
        long,
        value_name = "FILE",
        group = "formats",
        conflicts_with = "discriminator",
        help_heading = PAGE
    )]
    pub page: Option<PathBuf>,

    /// Bits of each weight: with 8 the page is half as large, and pictures differ a little
    #[arg(long, value_name = "16|8", default_value = "16", requires = "page", help_heading = PAGE)]
    pub bits: Bits,

    /// A slider along this direction, which `dcgan direction` wrote, as those in RUN have: a file, or its
    /// name as for `dcgan edit`; may be given several times
    #[arg(long = "direction", value_name = "FILE|NAME", requires = "page", help_heading = PAGE)]
    pub directions: Vec<PathBuf>,

    /// The title [default: the name of RUN]
    #[arg(long, value_name = "TEXT", requires = "page", help_heading = PAGE)]
    pub title: Option<String>,
}

/// `--bits`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bits(page::Bits);

impl FromStr for Bits {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "16" => Ok(Self(page::Bits::Sixteen)),
            "8" => Ok(Self(page::Bits::Eight)),
            _ => Err("expected 16 or 8".to_owned()),
        }
    }
}

/// Writes the page of a generator to `path`. `header` is that of its file.
pub fn write(
    path: &Path,
    run: &Path,
    generator: Generator,
    header: &FileHeader,
    arguments: &PageArguments,
) -> Result<()> {
    let name = name_of(run);
    let options = PageOptions {
        title: arguments.title.clone().unwrap_or_else(|| name.clone()),
        run: name,
        bits: arguments.bits.0,
        directions: directions(run, header, &arguments.directions)?,
    };
    if header.model.z_dim > page::LONGEST_WITH_DIRECTIONS {
        output::note(&format!(
            "the page has no sliders along principal directions, which take too long to find for latent vectors \
             longer than {}",
            page::LONGEST_WITH_DIRECTIONS
        ));
    }
    let page = page::page(generator, header, &options)?;
    let written = atomic_file::write(path, |writer| writer.write_all(page.as_bytes()));
    files::written(path, written)
}

/// The name of a run directory or of a weight file.
fn name_of(run: &Path) -> String {
    let run = run.canonicalize().unwrap_or_else(|_| run.to_owned()); // the name of `.`
    let name = if run.is_dir() {
        run.file_name()
    } else {
        run.file_stem()
    };
    name.unwrap_or(run.as_os_str())
        .to_string_lossy()
        .into_owned()
}

/// The directions in a run and those that are asked for, each once.
fn directions(run: &Path, header: &FileHeader, asked: &[PathBuf]) -> Result<Vec<LatentDirection>> {
    let z_dim = header.model.z_dim;
    let mut found = direction::of_run(run, z_dim);
    for name in asked {
        let path = direction::find(name, run)?;
        if !found
            .iter()
            .any(|(known, _)| same_file::is_same_file(known, &path).unwrap_or(false))
        {
            let direction = LatentDirection::read(&path, z_dim)?;
            found.push((path, direction));
        }
    }
    if found.len() > MOST_SLIDERS {
        bail!(
            "{} directions are too many for a page, which has room for {MOST_SLIDERS}",
            found.len()
        );
    }
    for (path, direction) in &found {
        direction::note_other_generator(path, direction, header);
    }
    Ok(found.into_iter().map(|(_, direction)| direction).collect())
}

/// The most directions with names.
const MOST_SLIDERS: usize = 40;
