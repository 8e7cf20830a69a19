//! `dcgan man`: manual pages.

use std::io::{self, Write};
use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use clap_mangen::Man as Page;
use dcgan_support::atomic_file;

use crate::shared::targets::{Files, Replace, WritesFiles};
use crate::shared::{files, output};

/// `dcgan man`
#[derive(Debug, Args)]
#[command(after_help = "\
Without --out the page of dcgan itself is printed.

Examples:
  dcgan man
  dcgan man -o man1/")]
pub struct Man {
    /// Write the pages of all commands into this directory
    #[arg(short, long, value_name = "DIR")]
    pub out: Option<PathBuf>,

    #[command(flatten)]
    pub replace: Replace,
}

impl WritesFiles for Man {
    fn files(&self) -> Files<'_> {
        let files = Files::new(self.replace, []);
        match &self.out {
            Some(folder) => {
                let pages = pages();
                files.writing_in(folder, |name| pages.iter().any(|(page, _)| page == name))
            }
            None => files,
        }
    }
}

/// Prints the first page, or writes all.
pub fn run(arguments: &Man) -> Result<()> {
    let pages = pages();
    let Some(folder) = &arguments.out else {
        if let Some((_, page)) = pages.first() {
            let _ = io::stdout().write_all(page); // as for every line
        }
        return Ok(());
    };
    files::in_folder(folder, || {
        pages.iter().try_for_each(|(name, page)| {
            let path = folder.join(name);
            files::written(
                &path,
                atomic_file::write(&path, |file| file.write_all(page)),
            )
        })
    })?;
    output::line(&format!(
        "{} manual pages in {}",
        pages.len(),
        folder.display()
    ));
    Ok(())
}

/// The files of all pages, that of dcgan itself first.
fn pages() -> Vec<(String, Vec<u8>)> {
    let mut definition = crate::cli::definition().disable_help_subcommand(true);
    definition.build();
    let mut pages = Vec::new();
    let mut open = vec![definition];
    while let Some(command) = open.pop() {
        let below = command.get_subcommands().filter(|one| !one.is_hide_set());
        open.extend(below.cloned());
        let page = Page::new(command);
        let mut text = Vec::new();
        if page.render(&mut text).is_ok() {
            pages.push((page.get_filename(), text));
        }
    }
    pages
}
