//! The folder of a run, which tells its whole story.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::TrainError;
use crate::atomic_file;
use crate::config::RunConfig;

/// The newest checkpoints that are kept.
const CHECKPOINTS_KEPT: usize = 3;

/// A run's folder and the names of what is in it.
#[derive(Debug, Clone)]
pub struct RunFolder {
    path: PathBuf,
    /// The folders that were made for it, the innermost first.
    made: Vec<PathBuf>,
}

impl RunFolder {
    /// Makes the folder of a new run.
    ///
    /// # Errors
    /// A folder that holds a run already, or one that cannot be written to.
    pub fn create(path: &Path) -> Result<Self, TrainError> {
        let made = path.ancestors().take_while(|folder| !folder.exists());
        let folder = Self {
            path: path.to_owned(),
            made: made.map(Path::to_owned).collect(),
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
        Ok(folder)
    }

    /// The folder of a run that exists.
    ///
    /// # Errors
    /// A path that is no run folder.
    pub fn open(path: &Path) -> Result<Self, TrainError> {
        let folder = Self {
            path: path.to_owned(),
            made: Vec::new(),
        };
        match folder.config().is_file() {
            true => Ok(folder),
            false => Err(TrainError::NoRun(path.to_owned())),
        }
    }

    /// Takes back a run that could not start: its first files, none of which was
    /// there before [`RunFolder::create`], and the folders that it made.
    pub fn discard(&self) {
        // what cannot be removed was never made, or has others' files in it
        for file in [self.config(), self.metrics(), self.skipped()] {
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

    /// Makes the folders inside and writes `config.toml`.
    ///
    /// # Errors
    /// What the disk has against it.
    pub fn write_config(&self, config: &RunConfig) -> Result<(), TrainError> {
        for folder in [self.checkpoints(), self.samples()] {
            fs::create_dir_all(&folder).map_err(|source| TrainError::write(&folder, source))?;
        }
        let text = config.to_toml()?;
        let path = self.config();
        atomic_file::write(&path, |writer| writer.write_all(text.as_bytes()))
            .map_err(|source| TrainError::write(&path, source))
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
    fn contents(&self) -> [PathBuf; 8] {
        [
            self.config(),
            self.metrics(),
            self.losses(),
            self.skipped(),
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

    /// All checkpoints, the newest first.
    ///
    /// # Errors
    /// A folder that cannot be read.
    pub fn list_checkpoints(&self) -> Result<Vec<PathBuf>, TrainError> {
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
        Ok(found.into_iter().map(|(_, path)| path).collect())
    }

    /// Removes all but the newest checkpoints.
    ///
    /// # Errors
    /// A checkpoint that cannot be removed.
    pub fn remove_old_checkpoints(&self) -> Result<(), TrainError> {
        for old in self.list_checkpoints()?.into_iter().skip(CHECKPOINTS_KEPT) {
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
