//! Commands of the program that take longer than a request. One runs at a time, in a process of its own; others
//! wait in line.

mod process;
pub mod work;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde::Serialize;
use serde_json::Value;
use tempfile::TempDir;
use tokio::sync::{Notify, mpsc};
use utoipa::ToSchema;

use self::work::Finished;
pub use self::work::Work;
use crate::failure::Failure;
use crate::program::Program;

/// The most jobs that wait.
const MOST_WAITING: usize = 8;

/// The most jobs that are remembered after their end.
const MOST_ENDED: usize = 32;

/// A job as it is now.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Job {
    /// Its name in requests.
    pub id: String,
    /// What it does.
    pub kind: &'static str,
    /// Where it is.
    pub state: JobState,
    /// How many jobs are before it.
    pub position: usize,
    /// How long it has been running.
    pub seconds: f64,
    /// The newest line that it printed.
    pub line: Option<String>,
    /// Why it failed, in a sentence.
    pub error: Option<String>,
    /// What it found.
    #[schema(value_type = Option<Object>)]
    pub result: Option<Value>,
    /// Whether there is a picture.
    pub has_picture: bool,
    /// The name of the file that it made.
    pub file: Option<String>,
}

/// Where a job is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum JobState {
    /// Others are before it.
    Queued,
    /// It is running.
    Running,
    /// It has succeeded.
    Done,
    /// It has failed, or was cancelled.
    Failed,
}

/// All jobs.
pub struct Jobs {
    table: Arc<Table>,
    queue: mpsc::Sender<u64>,
    receiver: Mutex<Option<mpsc::Receiver<u64>>>,
    /// The number of the last job.
    last: AtomicU64,
}

/// Jobs by number.
#[derive(Default)]
struct Table {
    entries: Mutex<BTreeMap<u64, Entry>>,
}

struct Entry {
    kind: &'static str,
    state: JobState,
    line: Option<String>,
    error: Option<String>,
    finished: Option<Finished>,
    began: Option<Instant>,
    took: Duration,
    /// Files of its own, which are removed with it.
    folder: TempDir,
    work: Option<Work>,
    cancelled: Arc<Notify>,
}

impl Table {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<u64, Entry>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Jobs {
    /// None yet.
    pub fn new() -> Self {
        let (queue, receiver) = mpsc::channel(MOST_WAITING);
        Self {
            table: Arc::default(),
            queue,
            receiver: Mutex::new(Some(receiver)),
            last: AtomicU64::new(0),
        }
    }

    /// Runs jobs, one after the other, until the studio ends.
    pub async fn run(&self, program: &Program) {
        let receiver = self
            .receiver
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        let Some(mut receiver) = receiver else {
            return; // they are run already
        };
        while let Some(number) = receiver.recv().await {
            self.run_one(program, number).await;
        }
    }

    /// Puts work in line. `prepare` gets a folder that is the job's own, and the job's name.
    ///
    /// # Errors
    /// If too many wait, or `prepare` fails.
    pub fn add(
        &self,
        kind: &'static str,
        prepare: impl FnOnce(&Path, &str) -> Result<Work, Failure>,
    ) -> Result<String, Failure> {
        let permit = self.queue.try_reserve().map_err(|_| Failure::Busy)?;
        let folder = tempfile::tempdir().map_err(Failure::internal)?;
        let number = self.last.fetch_add(1, Ordering::Relaxed) + 1;
        let work = prepare(folder.path(), &number.to_string())?;
        let mut entries = self.table.lock();
        let ended: Vec<u64> = entries
            .iter()
            .filter(|(_, entry)| matches!(entry.state, JobState::Done | JobState::Failed))
            .map(|(number, _)| *number)
            .collect();
        for number in ended.iter().rev().skip(MOST_ENDED) {
            entries.remove(number);
        }
        let entry = Entry {
            kind,
            state: JobState::Queued,
            line: None,
            error: None,
            finished: None,
            began: None,
            took: Duration::ZERO,
            folder,
            work: Some(work),
            cancelled: Arc::default(),
        };
        entries.insert(number, entry);
        permit.send(number);
        Ok(number.to_string())
    }

    /// A job as it is now.
    ///
    /// # Errors
    /// If there is none of this name.
    pub fn get(&self, id: &str) -> Result<Job, Failure> {
        let entries = self.table.lock();
        let (number, entry) = find(&entries, id)?;
        let waits = |entry: &Entry| matches!(entry.state, JobState::Queued | JobState::Running);
        let is_waiting = entry.state == JobState::Queued;
        let position = entries.range(..number).filter(|(_, entry)| waits(entry));
        let took = entry.began.map_or(entry.took, |began| began.elapsed());
        let finished = entry.finished.as_ref();
        Ok(Job {
            id: id.to_owned(),
            kind: entry.kind,
            state: entry.state,
            position: if is_waiting { position.count() } else { 0 },
            seconds: took.as_secs_f64(),
            line: entry.line.clone(),
            error: entry.error.clone(),
            result: finished.map(|finished| finished.result.clone()),
            has_picture: finished.is_some_and(|finished| finished.picture.is_some()),
            file: finished.and_then(|finished| Some(finished.file.as_ref()?.1.clone())),
        })
    }

    /// Ends a job, whether it has begun or not. One that has ended stays as it is.
    ///
    /// # Errors
    /// If there is none of this name.
    pub fn cancel(&self, id: &str) -> Result<(), Failure> {
        let mut entries = self.table.lock();
        let (number, _) = find(&entries, id)?;
        if let Some(entry) = entries.get_mut(&number) {
            match entry.state {
                JobState::Queued => {
                    entry.state = JobState::Failed;
                    entry.error = Some(CANCELLED.to_owned());
                    entry.work = None;
                }
                JobState::Running => entry.cancelled.notify_one(),
                JobState::Done | JobState::Failed => {}
            }
        }
        Ok(())
    }

    /// The picture of a job.
    ///
    /// # Errors
    /// If there is none.
    pub fn picture(&self, id: &str) -> Result<PathBuf, Failure> {
        let entries = self.table.lock();
        let (_, entry) = find(&entries, id)?;
        let picture = entry.finished.as_ref().and_then(|it| it.picture.clone());
        picture.ok_or_else(|| Failure::NotFound("the job has no picture".to_owned()))
    }

    /// The file of a job, and its name for people.
    ///
    /// # Errors
    /// If there is none.
    pub fn file(&self, id: &str) -> Result<(PathBuf, String), Failure> {
        let entries = self.table.lock();
        let (_, entry) = find(&entries, id)?;
        let file = entry.finished.as_ref().and_then(|it| it.file.clone());
        file.ok_or_else(|| Failure::NotFound("the job has made no file".to_owned()))
    }

    async fn run_one(&self, program: &Program, number: u64) {
        let started = {
            let mut entries = self.table.lock();
            let Some(entry) = entries.get_mut(&number) else {
                return;
            };
            let Some(work) = entry.work.take() else {
                return; // cancelled while it waited
            };
            entry.state = JobState::Running;
            entry.began = Some(Instant::now());
            let folder = entry.folder.path().to_owned();
            (work, folder, Arc::clone(&entry.cancelled))
        };
        let (work, folder, cancelled) = started;
        let own_files = folder.clone();
        let table = Arc::clone(&self.table);
        let show = move |line: String| {
            if let Some(entry) = table.lock().get_mut(&number) {
                entry.line = Some(line);
            }
        };
        let command = program.command(work.words);
        let ended = tokio::select! {
            ended = process::run(command, show) => ended,
            () = cancelled.notified() => Err(Failure::Conflict(CANCELLED.to_owned())),
        };
        let finish = work.finish;
        let finished = match ended {
            Ok(output) => crate::failure::aside(move || finish(&folder, &output)).await,
            Err(failure) => Err(failure),
        };
        if let Some(entry) = self.table.lock().get_mut(&number) {
            entry.took = entry
                .began
                .take()
                .map_or(entry.took, |began| began.elapsed());
            match finished {
                Ok(finished) => {
                    entry.state = JobState::Done;
                    entry.finished = Some(finished);
                }
                Err(failure) => {
                    entry.state = JobState::Failed;
                    entry.error = Some(without_folder(&failure.to_string(), &own_files));
                }
            }
        }
    }
}

/// An error without the folder of its job, which means nothing to whoever reads it.
fn without_folder(error: &str, folder: &Path) -> String {
    let folder = folder.display().to_string();
    error
        .replace(&format!("{folder}/{}", work::UPLOAD), "the picture")
        .replace(&format!("{folder}/"), "")
}

const CANCELLED: &str = "it was cancelled";

fn find<'a>(entries: &'a BTreeMap<u64, Entry>, id: &str) -> Result<(u64, &'a Entry), Failure> {
    let number: Option<u64> = id.parse().ok();
    let found = number.and_then(|number| Some((number, entries.get(&number)?)));
    found.ok_or_else(|| Failure::NotFound(format!("there is no job '{id}' (any more)")))
}
