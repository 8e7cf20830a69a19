//! The files that a command is about to write: none of them may be one that it reads or a part of a
//! run, and an existing one is replaced only if this program wrote it, or with `--force`.
//!
//! Every command that writes files names them in its [`WritesFiles`], and
//! [`commands::run`](crate::commands::run) checks them before any work is done.

use std::error::Error;
use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::Args;
use dcgan::train::RunDirectory;

use super::made_by_us::is_made_by_us;
use super::{dataset, files};
use crate::words::paths;

/// A command that writes files.
pub trait WritesFiles {
    /// What it reads and what it writes.
    fn files(&self) -> Files<'_>;
}

/// Something is not there that a command reads.
#[derive(Debug)]
pub struct MissingInput(String);

impl fmt::Display for MissingInput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for MissingInput {}

/// `--force`
#[derive(Debug, Clone, Copy, Args)]
pub struct Replace {
    /// Replace an existing file even if it is not recognised as one that dcgan wrote
    #[arg(long)]
    pub force: bool,
}

/// What a command reads and writes.
pub struct Files<'a> {
    inputs: Vec<&'a Path>,
    outputs: Vec<PathBuf>,
    folders: Vec<PathBuf>,
    /// The run among the inputs, which may be given by its name alone in error lines.
    run: Option<&'a Path>,
    /// Whether missing inputs are the command's own affair.
    may_miss: bool,
    force: bool,
}

impl<'a> Files<'a> {
    /// A command that reads `inputs`: files, folders of pictures, runs. Those that do not exist,
    /// such as `demo`, do no harm.
    pub fn new(replace: Replace, inputs: impl IntoIterator<Item = &'a Path>) -> Self {
        Self {
            inputs: inputs.into_iter().collect(),
            outputs: Vec::new(),
            folders: Vec::new(),
            run: None,
            may_miss: false,
            force: replace.force,
        }
    }

    /// It reads this run, checkpoint or weight file too.
    #[must_use]
    pub fn with_run(mut self, run: &'a Path) -> Self {
        self.inputs.push(run);
        self.run = Some(run);
        self
    }

    /// It reads this file or folder too.
    #[must_use]
    pub fn reading(mut self, more: impl IntoIterator<Item = &'a Path>) -> Self {
        self.inputs.extend(more);
        self
    }

    /// It writes this file.
    #[must_use]
    pub fn writing(mut self, file: impl Into<PathBuf>) -> Self {
        self.outputs.push(file.into());
        self
    }

    /// It writes the files of a folder whose names `is_written` recognises.
    #[must_use]
    pub fn writing_in(mut self, folder: &Path, is_written: impl Fn(&str) -> bool) -> Self {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            if entry.file_name().to_str().is_some_and(&is_written) {
                self.outputs.push(entry.path());
            }
        }
        self.folders.push(folder.to_owned());
        self
    }

    /// Runs a command that reads and writes these files, if they are there and may be written. The
    /// folders that they go into are made first.
    ///
    /// # Errors
    /// For the first file that is missing or may not be written, and if the command fails. What
    /// was created and is still empty is then removed again.
    pub fn prepared<T>(&self, run: impl FnOnce() -> Result<T>) -> Result<T> {
        self.check_inputs()?;
        self.check()?;
        let parent = |file: &'_ PathBuf| {
            let parent = file.parent()?;
            (!parent.as_os_str().is_empty()).then_some(parent.to_owned())
        };
        let parents: Vec<_> = self
            .outputs
            .iter()
            .filter_map(|file| Some((parent(file)?, &**file)))
            .collect();
        let parents: Vec<_> = parents
            .iter()
            .map(|(path, file)| (&**path, *file))
            .collect();
        files::in_folders(&parents, run)
    }

    /// For a command that reports missing inputs itself.
    #[must_use]
    pub fn reporting_inputs(mut self) -> Self {
        self.may_miss = true;
        self
    }

    /// Checks that everything is there that is read, before any work.
    ///
    /// # Errors
    /// For the first that is missing, with the most similar name that is there.
    pub fn check_inputs(&self) -> Result<()> {
        let is_missing =
            |path: &&&Path| !dataset::is_demo(path) && matches!(path.try_exists(), Ok(false));
        let Some(missing) = self
            .inputs
            .iter()
            .find(is_missing)
            .filter(|_| !self.may_miss)
        else {
            return Ok(());
        };
        let tip = if self.run == Some(missing) {
            paths::tip_for_run(missing)
        } else {
            paths::tip(missing)
        };
        let line = format!("{} does not exist; {tip}", missing.display());
        Err(MissingInput(line).into())
    }

    /// Checks all files that are about to be written.
    ///
    /// # Errors
    /// For the first that may not be written.
    pub fn check(&self) -> Result<()> {
        for folder in &self.folders {
            if folder.exists() && !folder.is_dir() {
                bail!("{} is not a folder; choose another name", folder.display());
            }
            if RunDirectory::open_shared(folder).is_ok() {
                bail!(
                    "{} is a run, whose own files are in it: choose a folder in it, or another one",
                    folder.display()
                );
            }
            check_no_run_owns(&folder.join("new"))?;
        }
        self.outputs
            .iter()
            .try_for_each(|path| self.check_file(path))
    }

    fn check_file(&self, path: &Path) -> Result<()> {
        let shown = path.display();
        check_no_run_owns(path)?;
        let found = match fs::metadata(path) {
            Ok(found) => found,
            // what is in the way is reported when the file is written
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error).with_context(|| format!("cannot write {shown}")),
        };
        if found.is_dir() {
            bail!("{shown} is a folder; give the name of a file");
        }
        if !found.is_file() {
            return Ok(()); // written through or refused, never replaced
        }
        for input in &self.inputs {
            if is_same_file(path, input) {
                bail!("{shown} is a file that this command reads; choose another name");
            }
            if is_in_data(path, input) {
                bail!(
                    "{shown} is one of the files in {}, which this command reads; choose another name",
                    input.display()
                );
            }
        }
        if !self.force && !is_made_by_us(path) {
            bail!(
                "{shown} exists, and dcgan does not replace it unasked; choose another name, or replace \
                 it with --force"
            );
        }
        Ok(())
    }
}

/// Where a command puts its files unless it is told otherwise: into the directory of the run that it
/// reads, or, if that is something else, into the current one.
pub fn default_folder(run: &Path) -> &Path {
    match RunDirectory::open_shared(run) {
        Ok(_) => run,
        Err(_) => Path::new(""),
    }
}

fn check_no_run_owns(path: &Path) -> Result<()> {
    match RunDirectory::owner_of(path) {
        Some(run) => bail!(
            "{} belongs to the run in {}; choose another name",
            path.display(),
            run.display()
        ),
        None => Ok(()),
    }
}

/// Whether two paths lead to one file, over links of any kind.
fn is_same_file(one: &Path, other: &Path) -> bool {
    same_file::is_same_file(one, other).unwrap_or(false)
}

/// Whether an existing file lies in a folder of data. A run's own folder is not one.
fn is_in_data(file: &Path, folder: &Path) -> bool {
    if !folder.is_dir() || RunDirectory::open_shared(folder).is_ok() {
        return false;
    }
    match (file.canonicalize(), folder.canonicalize()) {
        (Ok(file), Ok(folder)) => file.starts_with(folder),
        _ => false,
    }
}
