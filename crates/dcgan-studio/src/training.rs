//! Trainings: each is a process of its own, which goes on when the studio ends.

use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use crate::failure::Failure;
use crate::program::Program;
use crate::run::{Run, RunState};
use dcgan::train::RunDirectory;
use dcgan_support::read_at::read_at;

/// The most trainings that this studio has running.
const MOST_TRAININGS: usize = 4;

/// Why a run is not started.
pub const IS_TRAINING: &str = "the run is training already";

/// How much of what a training printed is read for the reason of its end.
const LONGEST_OUTPUT: u64 = 64 << 10;

/// How much of it is read for how far its start is.
const LAST_LINES: u64 = 4 << 10;

/// The trainings that this studio has started.
#[derive(Default)]
pub struct Trainings {
    all: Arc<Mutex<Vec<Training>>>,
}

struct Training {
    /// The run that it trains.
    id: String,
    path: PathBuf,
    /// The number of its process.
    process: u32,
    /// Whether it was asked to end before its run was there: how it ends is no error then.
    is_cancelled: bool,
    /// Whether the run has been there since it began. From then on the run speaks for itself.
    has_run: bool,
    /// What it prints on standard error.
    output: Arc<File>,
    /// `None` while it runs.
    ended: Option<Ended>,
}

/// How a training ended.
#[derive(Debug, Clone)]
struct Ended {
    /// Its error line, if it failed.
    error: Option<String>,
}

impl Trainings {
    /// Starts a process that trains the run `id` in `path`.
    ///
    /// # Errors
    /// If the run is training, too many others are, or the process cannot be started.
    pub fn start(
        &self,
        program: &Program,
        id: &str,
        path: &Path,
        words: Vec<OsString>,
    ) -> Result<(), Failure> {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        if all.iter().filter(|it| it.ended.is_none()).count() >= MOST_TRAININGS {
            return Err(Failure::Conflict(format!(
                "{MOST_TRAININGS} trainings are running already: stop one first"
            )));
        }
        if all.iter().any(|it| it.id == id && it.ended.is_none()) {
            return Err(Failure::Conflict(IS_TRAINING.to_owned()));
        }
        all.retain(|training| training.id != id);
        // a file, as a pipe would end the training with the studio
        let output = Arc::new(tempfile::tempfile().map_err(Failure::internal)?);
        let mut command = program.command(words);
        command.stderr(output.try_clone().map_err(Failure::internal)?);
        #[cfg(unix)]
        {
            use std::os::unix::process::CommandExt;
            command.process_group(0); // Ctrl-C in the studio's terminal is not for it
        }
        let mut child = command.spawn().map_err(|error| {
            Failure::Internal(format!("the training cannot be started: {error}"))
        })?;
        all.push(Training {
            id: id.to_owned(),
            path: path.to_owned(),
            process: child.id(),
            is_cancelled: false,
            has_run: RunDirectory::open_shared(path).is_ok(),
            output: Arc::clone(&output),
            ended: None,
        });
        let (id, shared) = (id.to_owned(), Arc::clone(&self.all));
        thread::spawn(move || {
            let succeeded = child.wait().is_ok_and(|status| status.success());
            let error = if succeeded { None } else { error_in(&output) };
            let mut all = shared.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(training) = all.iter_mut().find(|it| it.id == id && it.ended.is_none()) {
                let error = error.filter(|_| !training.is_cancelled);
                training.ended = Some(Ended { error });
            }
        });
        Ok(())
    }

    /// The runs that are not there yet: those that begin, and those that could not.
    pub fn without_run(&self) -> Vec<Run> {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        for training in all.iter_mut().filter(|training| !training.has_run) {
            training.has_run = RunDirectory::open_shared(&training.path).is_ok();
        }
        let missing = all.iter().filter(|training| !training.has_run);
        let entry = |training: &Training| match &training.ended {
            None => Some(Run {
                reason: progress_in(&training.output),
                ..Run::unknown(&training.id, RunState::Starting)
            }),
            Some(Ended { error: Some(error) }) => Some(Run {
                reason: Some(error.clone()),
                ..Run::unknown(&training.id, RunState::Failed)
            }),
            Some(Ended { error: None }) => None,
        };
        missing.filter_map(entry).collect()
    }

    /// The run with the reason why its last training ended, if that was an error which the run does not know of.
    pub fn explain(&self, run: Run) -> Run {
        if run.reason.is_some() || run.state == RunState::Training {
            return run;
        }
        let all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        let training = all.iter().find(|training| training.id == run.id);
        let ended = training.and_then(|training| training.ended.as_ref());
        let reason = ended.and_then(|ended| ended.error.clone());
        Run { reason, ..run }
    }

    /// Whether a training of this name is running.
    pub fn has(&self, id: &str) -> bool {
        let all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        all.iter()
            .any(|training| training.id == id && training.ended.is_none())
    }

    /// Ends a training whose run is not there yet; `None` if there is none.
    ///
    /// # Errors
    /// If its process cannot be reached.
    pub fn stop_starting(&self, id: &str) -> Result<Option<Run>, Failure> {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        let starting = |it: &&mut Training| it.id == id && it.ended.is_none() && !it.has_run;
        match all.iter_mut().find(starting) {
            Some(training) => {
                interrupt(training.process)?;
                training.is_cancelled = true;
                Ok(Some(Run::unknown(id, RunState::Starting)))
            }
            None => Ok(None),
        }
    }

    /// Forgets a training that has failed to start.
    pub fn forget(&self, id: &str) {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|training| training.id != id || training.ended.is_none());
    }
}

/// The last error line of what a training printed; `None` if it was asked to stop.
fn error_in(output: &File) -> Option<String> {
    let text = read_end(output, LONGEST_OUTPUT).unwrap_or_default();
    let mut lines = text.lines().rev();
    if let Some(error) = lines.clone().find_map(|line| line.strip_prefix("error: ")) {
        return Some(error.to_owned());
    }
    let was_asked = lines.any(|line| line.starts_with("note: stopping"));
    (!was_asked).then(|| "it was ended from outside, or the machine has no memory left".to_owned())
}

/// The last line that says how far a training is which has not begun.
fn progress_in(output: &File) -> Option<String> {
    let text = read_end(output, LAST_LINES).ok()?;
    let is_progress = |line: &&str| !line.starts_with("note: ") && !line.starts_with("error: ");
    let line = text.lines().rfind(is_progress)?;
    Some(line.to_owned())
}

/// The last bytes of a file, without moving the place where its process writes.
fn read_end(output: &File, most: u64) -> io::Result<String> {
    let len = output.metadata()?.len();
    let mut bytes = vec![0; len.min(most) as usize];
    let count = read_at(output, &mut bytes, len - len.min(most))?;
    Ok(String::from_utf8_lossy(&bytes[..count]).into_owned())
}

/// Asks the process that trains in a run to stop after its step, and to save the run.
///
/// # Errors
/// If none does, or it cannot be reached.
pub fn stop(path: &Path) -> Result<(), Failure> {
    let process = RunDirectory::open_shared(path)
        .ok()
        .filter(RunDirectory::is_in_use)
        .ok_or_else(|| Failure::Conflict("the run is not training".to_owned()))?
        .process();
    let process = process.ok_or_else(|| {
        Failure::Conflict(
            "it is not known which process trains this run: stop it where it was started"
                .to_owned(),
        )
    })?;
    interrupt(process)
}

#[cfg(unix)]
fn interrupt(process: u32) -> Result<(), Failure> {
    use nix::sys::signal::{Signal, kill};
    use nix::unistd::Pid;
    let number = i32::try_from(process).ok().filter(|number| *number > 1);
    let number = number.ok_or_else(|| Failure::internal(io::Error::other("no process")))?;
    kill(Pid::from_raw(number), Signal::SIGINT).map_err(|error| {
        Failure::Conflict(format!(
            "process {process}, which trains this run, cannot be stopped from here: {}",
            error.desc()
        ))
    })
}

#[cfg(not(unix))]
fn interrupt(process: u32) -> Result<(), Failure> {
    Err(Failure::Conflict(format!(
        "on this system a training is stopped where it was started; it is process {process}"
    )))
}

/// The name of a new run: the one that is asked for, or that of the data; with a number if it is taken.
///
/// # Errors
/// If the name cannot be that of a folder, or is taken.
pub fn new_name(
    folder: &Path,
    asked: Option<&str>,
    data: &Path,
    is_known: impl Fn(&str) -> bool,
) -> Result<String, Failure> {
    let is_free = |name: &str| !is_known(name) && !folder.join(name).exists();
    if let Some(name) = asked {
        let is_plain = |letter: char| letter.is_alphanumeric() || "-_. ".contains(letter);
        let is_name = !name.trim().is_empty()
            && name.trim() == name
            && name.len() <= 64
            && !name.starts_with(['.', '-'])
            && name.chars().all(is_plain);
        if !is_name {
            return Err(Failure::Invalid(
                "the name of a run has at most 64 letters, digits, spaces, - _ and ., and begins with a letter or \
                 digit"
                    .to_owned(),
            ));
        }
        if !is_free(name) {
            return Err(Failure::Conflict(format!(
                "there is a run or folder '{name}' already: choose another name"
            )));
        }
        return Ok(name.to_owned());
    }
    let stem = data.file_stem().unwrap_or(data.as_os_str());
    let plain: String = stem
        .to_string_lossy()
        .chars()
        .map(|letter| {
            let is_plain = letter.is_alphanumeric() || "-_".contains(letter);
            if is_plain { letter } else { '-' }
        })
        .take(48)
        .collect();
    let plain = plain.trim_matches('-');
    let stem = if plain.is_empty() { "run" } else { plain };
    let numbered = (2..).map(|number| format!("{stem}-{number}"));
    let mut names = std::iter::once(stem.to_owned()).chain(numbered);
    Ok(names.find(|name| is_free(name)).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_runs_stay_in_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        let name = |asked: Option<&str>| {
            new_name(folder.path(), asked, Path::new("my photos.zip"), |name| {
                name == "my-photos"
            })
        };
        assert_eq!(name(None).unwrap(), "my-photos-2");
        assert_eq!(name(Some("faces 2")).unwrap(), "faces 2");
        for odd in [
            "",
            "..",
            ".hidden",
            "a/b",
            "a\\b",
            "-flag",
            "new\nline",
            " ",
        ] {
            assert!(matches!(name(Some(odd)), Err(Failure::Invalid(_))), "{odd}");
        }
        assert!(matches!(name(Some("my-photos")), Err(Failure::Conflict(_))));
    }
}
