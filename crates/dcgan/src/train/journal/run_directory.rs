//! The folder of a run, which tells its whole story.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::TrainError;
use super::run_lock::RunLock;
use crate::config::RunConfig;
use dcgan_support::atomic_file;

/// A run's folder and the names of what is in it.
#[derive(Debug, Clone)]
pub struct RunFolder {
    path: PathBuf,
    /// The folders that were made for it, the innermost first.
    made: Vec<PathBuf>,
    lock: Option<RunLock>,
}

impl RunFolder {
    /// Makes the folder of a new run.
    ///
    /// # Errors
    /// A folder that holds a run already, or one that cannot be written to.
    pub fn create(path: &Path) -> Result<Self, TrainError> {
        let made = path.ancestors().take_while(|folder| !folder.exists());
        let mut folder = Self {
            path: path.to_owned(),
            made: made.map(Path::to_owned).collect(),
            lock: None,
        };
        if folder.config().exists() || folder.checkpoints().exists() {
            return Err(TrainError::HoldsARun(path.to_owned()));
        }
        if let Some(taken) = folder.contents().into_iter().find(|name| name.exists()) {
            return Err(TrainError::NameTaken(taken));
        }
        // the temporary file, to find out now and not after the first epoch
        fs::create_dir_all(path)
            .and_then(|()| tempfile::tempfile_in(path).map(drop))
            .map_err(|source| TrainError::Folder {
                path: path.to_owned(),
                source,
            })?;
        let existed = folder.lock_file().exists();
        let locked = RunLock::take(path, &folder.lock_file());
        if locked.is_err() && !existed {
            folder.discard();
        }
        folder.lock = Some(locked?);
        Ok(folder)
    }

    /// The folder of a run that exists, to go on with it: no other process can until this
    /// is dropped. What a killed process has left half-written is removed.
    ///
    /// # Errors
    /// A path that is no run folder, and a run that another process trains.
    pub fn open(path: &Path) -> Result<Self, TrainError> {
        let mut folder = Self::look_at(path)?;
        folder.read_config()?; // before anything is written
        folder.lock = Some(RunLock::take(path, &folder.lock_file())?);
        for place in [path.to_owned(), folder.checkpoints(), folder.samples()] {
            atomic_file::remove_unfinished(&place);
        }
        Ok(folder)
    }

    /// The folder of a run that exists, to look at: another process may train in it.
    ///
    /// # Errors
    /// A path that is no run folder.
    pub fn look_at(path: &Path) -> Result<Self, TrainError> {
        let folder = Self {
            path: path.to_owned(),
            made: Vec::new(),
            lock: None,
        };
        match folder.config().is_file() {
            true => Ok(folder),
            false => Err(TrainError::NoRun(path.to_owned())),
        }
    }

    /// The name of a folder that another rank has: nothing is read from it or written to it.
    pub(super) fn of_another_rank() -> Self {
        Self {
            path: PathBuf::new(),
            made: Vec::new(),
            lock: None,
        }
    }

    /// Whether a process trains in it.
    pub fn is_in_use(&self) -> bool {
        RunLock::is_taken(&self.lock_file())
    }

    /// Makes the folder anew after it has gone, with `config.toml`.
    ///
    /// # Errors
    /// What the disk has against it, and another process that was faster.
    pub(super) fn make_again(&mut self, config: &RunConfig) -> Result<(), TrainError> {
        fs::create_dir_all(&self.path).map_err(|source| TrainError::write(&self.path, source))?;
        self.lock = Some(RunLock::take(&self.path, &self.lock_file())?);
        self.write_config(config)
    }

    /// Takes back a run that could not start: its first files, none of which was
    /// there before [`RunFolder::create`], and the folders that it made.
    pub fn discard(&self) {
        // what cannot be removed was never made, or has others' files in it
        let first = [
            self.config(),
            self.metrics(),
            self.skipped(),
            self.lock_file(),
        ];
        for file in first {
            let _ = fs::remove_file(file);
        }
        for folder in [self.checkpoints(), self.samples()] {
            let _ = fs::remove_dir(folder);
        }
        for folder in &self.made {
            if fs::remove_dir(folder).is_err() {
                break;
            }
        }
    }

    /// Writes `config.toml`, which makes it a run, and makes the folders inside.
    ///
    /// # Errors
    /// What the disk has against it.
    pub fn write_config(&self, config: &RunConfig) -> Result<(), TrainError> {
        let text = config.to_toml()?;
        let path = self.config();
        atomic_file::write(&path, |writer| writer.write_all(text.as_bytes()))
            .map_err(|source| TrainError::write(&path, source))?;
        for folder in [self.checkpoints(), self.samples()] {
            fs::create_dir_all(&folder).map_err(|source| TrainError::write(&folder, source))?;
        }
        Ok(())
    }

    /// Reads `config.toml`.
    ///
    /// # Errors
    /// A file that cannot be read or holds no configuration.
    pub fn read_config(&self) -> Result<RunConfig, TrainError> {
        let path = self.config();
        let text = fs::read_to_string(&path).map_err(|source| TrainError::read(&path, source))?;
        RunConfig::from_toml(&text).map_err(|source| TrainError::ConfigFile { path, source })
    }

    /// Everything that a run may put into its folder.
    fn contents(&self) -> [PathBuf; 9] {
        [
            self.config(),
            self.metrics(),
            self.losses(),
            self.skipped(),
            self.failure(),
            self.generator(),
            self.discriminator(),
            self.samples(),
            self.checkpoints(),
        ]
    }

    /// The folder itself.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// All that is needed to repeat the run.
    pub fn config(&self) -> PathBuf {
        self.path.join("config.toml")
    }

    /// Why the training was given up; there only if it was.
    pub fn failure(&self) -> PathBuf {
        self.path.join("failure.txt")
    }

    /// What a process locks that trains here; it holds nothing.
    fn lock_file(&self) -> PathBuf {
        self.path.join("run.lock")
    }

    /// One line for each step.
    pub fn metrics(&self) -> PathBuf {
        self.path.join("metrics.jsonl")
    }

    /// The plot of both losses.
    pub fn losses(&self) -> PathBuf {
        self.path.join("losses.png")
    }

    /// The pictures that could not be read.
    pub fn skipped(&self) -> PathBuf {
        self.path.join("skipped.txt")
    }

    /// The generator as it was last reported.
    pub fn generator(&self) -> PathBuf {
        self.path.join("generator.safetensors")
    }

    /// The discriminator as it was last reported.
    pub fn discriminator(&self) -> PathBuf {
        self.path.join("discriminator.safetensors")
    }

    fn samples(&self) -> PathBuf {
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

    fn checkpoints(&self) -> PathBuf {
        self.path.join("checkpoints")
    }

    /// The checkpoint of a step.
    pub fn checkpoint(&self, step: u64) -> PathBuf {
        self.checkpoints()
            .join(format!("step-{step:06}.safetensors"))
    }

    /// All checkpoints and their steps, the newest first.
    ///
    /// # Errors
    /// A folder that cannot be read.
    pub fn list_checkpoints(&self) -> Result<Vec<(u64, PathBuf)>, TrainError> {
        let folder = self.checkpoints();
        let read = |source| TrainError::read(&folder, source);
        if !folder.exists() {
            return Ok(Vec::new());
        }
        let mut found = Vec::new();
        for entry in fs::read_dir(&folder).map_err(read)? {
            let path = entry.map_err(read)?.path();
            if let Some(step) = step_of(&path) {
                found.push((step, path));
            }
        }
        found.sort_by_key(|(step, _)| std::cmp::Reverse(*step));
        Ok(found)
    }

    /// Removes all but the `keep` newest checkpoints up to `step` and those of the steps
    /// `needed`. Later ones are there only if they could not be read, and stay.
    ///
    /// # Errors
    /// A checkpoint that cannot be removed.
    pub(super) fn remove_old_checkpoints(
        &self,
        step: u64,
        keep: usize,
        needed: &[u64],
    ) -> Result<(), TrainError> {
        let found = self.list_checkpoints()?.into_iter();
        let old = found.filter(|(of, _)| *of <= step).skip(keep);
        for (_, old) in old.filter(|(of, _)| !needed.contains(of)) {
            match fs::remove_file(&old) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(TrainError::write(&old, error));
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// 500 for `step-000500.safetensors`.
fn step_of(path: &Path) -> Option<u64> {
    let name = path.file_name()?.to_str()?;
    let digits = name.strip_prefix("step-")?.strip_suffix(".safetensors")?;
    digits.parse().ok()
}
