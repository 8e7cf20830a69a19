//! The directory of a run: the names of its files, and how it is created and opened.

use std::fs;
use std::io;
use std::iter;
use std::path::{Path, PathBuf};

use super::lock::RunLock;
use crate::config::RunConfig;
use crate::train::TrainError;
use dcgan_support::path_error::PathError;
use dcgan_support::{atomic_file, regular_file, unfinished};

/// How often a directory is created again that another process removes at the same moment.
const MAX_TRIES: u32 = 100;

/// The directory of a run.
#[derive(Debug, Clone)]
pub struct RunDirectory {
    path: PathBuf,
    /// The directories that were created for it, the innermost first.
    created: Vec<PathBuf>,
    /// Whether its lock file was created for it.
    created_lock: bool,
    /// Held by the process that trains in it.
    lock: Option<RunLock>,
}

impl RunDirectory {
    /// Creates the directory of a new run and locks it.
    ///
    /// # Errors
    /// If it already holds a run, or cannot be written to.
    pub fn create(path: &Path) -> Result<Self, TrainError> {
        let missing = path.ancestors().take_while(|folder| !is_there(folder));
        let mut directory = Self {
            path: path.to_owned(),
            created: missing.map(Path::to_owned).collect(),
            created_lock: false,
            lock: None,
        };
        directory.created_lock = !is_there(&directory.lock_file());
        directory.check_unused()?;
        let locked = directory.lock_new().and_then(|lock| {
            directory.check_unused()?; // another process may have come first
            Ok(lock)
        });
        match locked {
            Ok(lock) => {
                directory.lock = Some(lock);
                Ok(directory)
            }
            Err(error) => {
                directory.remove_created_folders(); // the files are those of the other process
                Err(error)
            }
        }
    }

    /// Checks that nothing in it has a name that a run would use.
    fn check_unused(&self) -> Result<(), TrainError> {
        if self.config().exists() || self.checkpoints().exists() {
            return Err(TrainError::HoldsARun(self.path.clone()));
        }
        match self.contents().into_iter().find(|name| is_there(name)) {
            Some(taken) => Err(TrainError::NameTaken(taken)),
            None => Ok(()),
        }
    }

    /// Creates the directory and locks it.
    fn lock_new(&self) -> Result<RunLock, TrainError> {
        let lock = || {
            // a temporary file shows at once, not after the first epoch, that it can be written to
            fs::create_dir_all(&self.path)
                .and_then(|()| tempfile::tempfile_in(&self.path).map(drop))
                .map_err(|source| TrainError::NotWritable {
                    path: self.path.clone(),
                    source,
                })?;
            RunLock::acquire(&self.path, &self.lock_file())
        };
        for _ in 1..MAX_TRIES {
            match lock() {
                // a process that could not start its run has removed the directory
                Err(
                    TrainError::NotWritable { source, .. }
                    | TrainError::Path(PathError { source, .. }),
                ) if source.kind() == io::ErrorKind::NotFound => {}
                locked => return locked,
            }
        }
        lock()
    }

    /// Opens the directory of an existing run to resume it: no other process can until this is
    /// dropped. Files that a killed process left unfinished are removed.
    ///
    /// # Errors
    /// If there is no run, or another process trains in it.
    pub fn open(path: &Path) -> Result<Self, TrainError> {
        let mut directory = Self::open_shared(path)?;
        directory.read_config()?; // before anything is written
        directory.lock = Some(RunLock::acquire(path, &directory.lock_file())?);
        for folder in [
            path.to_owned(),
            directory.checkpoints(),
            directory.samples(),
        ] {
            unfinished::remove_leftovers(&folder);
        }
        Ok(directory)
    }

    /// Opens the directory of an existing run to read it, while another process may train in it.
    ///
    /// # Errors
    /// If there is no run.
    pub fn open_shared(path: &Path) -> Result<Self, TrainError> {
        let directory = Self {
            path: path.to_owned(),
            created: Vec::new(),
            created_lock: false,
            lock: None,
        };
        if directory.config().is_file() {
            Ok(directory)
        } else {
            Err(TrainError::NoRun(path.to_owned()))
        }
    }

    /// Whether a process trains in it.
    pub fn is_in_use(&self) -> bool {
        RunLock::is_held(&self.lock_file())
    }

    /// The number of the process that trains in it on this machine, if one does and it is known.
    pub fn process(&self) -> Option<u32> {
        RunLock::holder(&self.lock_file())
    }

    /// Locks the directory again if its lock file was removed or replaced. `is_replaced` says
    /// whether another file is where one was that only this process writes.
    ///
    /// # Errors
    /// If another process trains in it, or has done so in the meantime.
    pub(super) fn keep_lock(&mut self, is_replaced: bool) -> Result<(), TrainError> {
        let file = self.lock_file();
        if self.lock.as_ref().is_some_and(|lock| lock.is_of(&file)) {
            return Ok(());
        }
        match RunLock::acquire(&self.path, &file) {
            Ok(lock) if !is_replaced => {
                self.lock = Some(lock);
                Ok(())
            }
            Ok(_) | Err(TrainError::InUse(_)) => Err(TrainError::LockLost(self.path.clone())),
            Err(error) => Err(error),
        }
    }

    /// Creates the directory again after it was removed, with `config.toml`.
    ///
    /// # Errors
    /// If it cannot be written, or another process created it first.
    pub(super) fn recreate(&mut self, config: &RunConfig) -> Result<(), TrainError> {
        fs::create_dir_all(&self.path).map_err(|source| TrainError::write(&self.path, source))?;
        self.lock = Some(RunLock::acquire(&self.path, &self.lock_file())?);
        self.write_config(config).map(drop)
    }

    /// Removes what [`RunDirectory::create`] and the start of a run have created, after the run
    /// could not start.
    pub fn discard(&self) {
        // what cannot be removed was never created, or holds files of others
        let first = [self.config(), self.metrics(), self.times(), self.skipped()];
        for file in first {
            let _ = fs::remove_file(file);
        }
        for folder in [self.checkpoints(), self.samples()] {
            let _ = fs::remove_dir(folder);
        }
        // last, as another process can start a run from here on
        if self.created_lock {
            let _ = fs::remove_file(self.lock_file());
        }
        self.remove_created_folders();
    }

    /// Removes the directories that [`RunDirectory::create`] has created, if they are empty.
    fn remove_created_folders(&self) {
        for folder in &self.created {
            let _ = fs::remove_dir(folder); // one that could not even be created is no reason to stop
        }
    }

    /// Writes `config.toml`, which marks the directory as a run, and creates its subdirectories.
    /// A file that says the same stays as it is, whatever its form. Another one with comments, which
    /// cannot be carried over, is copied: returns the copy.
    ///
    /// # Errors
    /// If they cannot be written.
    pub fn write_config(&self, config: &RunConfig) -> Result<Option<PathBuf>, TrainError> {
        let path = self.config();
        let old = regular_file::read_to_string(&path).unwrap_or_default();
        let parsed = RunConfig::from_toml(&old).ok();
        let mut copy = None;
        if parsed.as_ref() != Some(config) {
            let is_own = parsed.is_some_and(|parsed| parsed.to_toml().is_ok_and(|own| own == old));
            if old.contains('#') && !is_own {
                copy = Some(self.free_name("config.before-resume", "toml"));
            }
            let text = config.to_toml()?;
            for (path, text) in [(copy.as_ref(), &old), (Some(&path), &text)] {
                if let Some(path) = path {
                    atomic_file::write(path, |writer| writer.write_all(text.as_bytes()))
                        .map_err(|source| TrainError::write(path, source))?;
                }
            }
        }
        for folder in [self.checkpoints(), self.samples()] {
            fs::create_dir_all(&folder).map_err(|source| TrainError::write(&folder, source))?;
        }
        Ok(copy)
    }

    /// `STEM.ENDING` in the directory, or with a number if that exists.
    pub(super) fn free_name(&self, stem: &str, ending: &str) -> PathBuf {
        let numbered = (2..).map(|number| format!("{stem}-{number}.{ending}"));
        let mut names = iter::once(format!("{stem}.{ending}")).chain(numbered);
        let name = names.find(|name| !self.path.join(name).exists());
        self.path.join(name.unwrap_or_default())
    }

    /// Reads `config.toml`.
    ///
    /// # Errors
    /// If the file cannot be read or does not parse.
    pub fn read_config(&self) -> Result<RunConfig, TrainError> {
        let path = self.config();
        let text = regular_file::read_to_string(&path)
            .map_err(|source| TrainError::read(&path, source))?;
        RunConfig::from_toml(&text).map_err(|source| TrainError::ConfigFile { path, source })
    }

    /// Everything that a run may write.
    pub(super) fn contents(&self) -> [PathBuf; 11] {
        [
            self.config(),
            self.metrics(),
            self.times(),
            self.losses(),
            self.skipped(),
            self.failure(),
            self.generator(),
            self.discriminator(),
            self.samples(),
            self.checkpoints(),
            self.tensorboard(),
        ]
    }

    /// The directory itself.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The configuration, with which the run can be repeated.
    pub fn config(&self) -> PathBuf {
        self.path.join("config.toml")
    }

    /// Why the run gave up, if it did.
    pub fn failure(&self) -> PathBuf {
        self.path.join("failure.txt")
    }

    /// A file that is locked while a process trains, and holds its number then.
    pub(super) fn lock_file(&self) -> PathBuf {
        self.path.join("run.lock")
    }

    /// What each step measured.
    pub fn metrics(&self) -> PathBuf {
        self.path.join("metrics.jsonl")
    }

    /// How long the training took up to each report.
    pub fn times(&self) -> PathBuf {
        self.path.join("times.jsonl")
    }

    /// The plot of both losses, and of the distances at evaluations.
    pub fn losses(&self) -> PathBuf {
        self.path.join("losses.png")
    }

    /// Which pictures could not be read, and why.
    pub fn skipped(&self) -> PathBuf {
        self.path.join("skipped.txt")
    }

    /// The generator at the last report.
    pub fn generator(&self) -> PathBuf {
        self.path.join("generator.safetensors")
    }

    /// The discriminator at the last report.
    pub fn discriminator(&self) -> PathBuf {
        self.path.join("discriminator.safetensors")
    }

    pub(super) fn samples(&self) -> PathBuf {
        self.path.join("samples")
    }

    /// The grid of fakes of a step.
    pub fn fake_grid(&self, step: u64) -> PathBuf {
        self.samples().join(format!("step-{step:06}.png"))
    }

    /// The grid of real pictures of a step.
    pub fn real_grid(&self, step: u64) -> PathBuf {
        self.samples().join(format!("step-{step:06}-real.png"))
    }

    /// The folder of what the program writes for TensorBoard.
    pub fn tensorboard(&self) -> PathBuf {
        self.path.join("tensorboard")
    }

    pub(super) fn checkpoints(&self) -> PathBuf {
        self.path.join("checkpoints")
    }

    /// The checkpoint of a step.
    pub fn checkpoint(&self, step: u64) -> PathBuf {
        self.checkpoints()
            .join(format!("step-{step:06}.safetensors"))
    }
}

/// Whether anything has this name, be it a link that leads nowhere.
fn is_there(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}
