//! A run in a line: what the list of runs shows.

use std::collections::VecDeque;
use std::fs;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;
use std::time::{Duration, Instant, SystemTime};

use dcgan::config::DataOrigin;
use dcgan::doctor::{self, Diagnosis, State};
use dcgan::train::{MetricsLine, RunDirectory, read_times};
use dcgan_support::regular_file;
use serde::Serialize;
use utoipa::ToSchema;

use crate::program::Words;

/// What a run does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RunState {
    /// Its process has begun, and the run is not there yet.
    Starting,
    /// Its process has ended before the run was there.
    Failed,
    /// A process trains it.
    Training,
    /// It has made its last step.
    Complete,
    /// It was stopped or killed, and can be resumed.
    Stopped,
    /// It ended itself, as it could not go on.
    GaveUp,
    /// Its files cannot be read.
    Unreadable,
}

/// A run.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Run {
    /// Its directory below the folder of runs, with `/` between folders.
    pub id: String,
    /// What it does.
    pub state: RunState,
    /// Why it failed, gave up or cannot be read; how far its start is.
    pub reason: Option<String>,
    /// The last step in its metrics.
    pub step: u64,
    /// Its last step, once that is known.
    pub total_steps: Option<u64>,
    /// How fast it trains now.
    pub pictures_per_second: Option<f64>,
    /// How long it trains on at this speed.
    pub seconds_left: Option<f64>,
    /// What the newest report found wrong.
    pub ill: Vec<String>,
    /// The step of the newest grid of fakes.
    pub newest_grid: Option<u64>,
    /// Its networks.
    pub preset: String,
    /// The side of its pictures in pixels.
    pub image_size: usize,
    /// What it was trained on: `demo` or a path.
    pub data: String,
    /// The bytes of its directory.
    pub bytes: u64,
    /// Whether its training can go on to its last step.
    pub can_resume: bool,
}

impl Run {
    /// A run of which nothing is known but its name.
    pub fn unknown(id: &str, state: RunState) -> Self {
        Self {
            id: id.to_owned(),
            state,
            reason: None,
            step: 0,
            total_steps: None,
            pictures_per_second: None,
            seconds_left: None,
            ill: Vec::new(),
            newest_grid: None,
            preset: String::new(),
            image_size: 0,
            data: String::new(),
            bytes: 0,
            can_resume: false,
        }
    }
}

/// A diagnosis that took some time is not made again before this many times as long.
const PAUSE: u32 = 20;

/// Speed is measured over this time.
const WINDOW: Duration = Duration::from_secs(20);

/// The end of a file of metrics that is read for its last line.
const TAIL: u64 = 16 << 10;

/// What is known of a run, and what that was read from.
pub struct Known {
    run: Run,
    seen: Option<Seen>,
    /// When it may be diagnosed again.
    next: Instant,
    batch_size: usize,
    /// Steps and when they were seen.
    steps: VecDeque<(Instant, u64)>,
}

/// What changes when a run does.
#[derive(Debug, Clone, PartialEq)]
struct Seen {
    is_in_use: bool,
    metrics: Option<(u64, SystemTime)>,
    config: Option<SystemTime>,
    checkpoints: Option<SystemTime>,
    has_failed: bool,
}

impl Known {
    pub fn new(id: &str) -> Self {
        Self {
            run: Run::unknown(id, RunState::Stopped),
            seen: None,
            next: Instant::now(),
            batch_size: 0,
            steps: VecDeque::new(),
        }
    }

    /// The run as it is now. While it trains, its last step is always new, and the rest is new every now and
    /// then.
    pub fn look(&mut self, path: &Path, words: &Words) -> &Run {
        let Ok(folder) = RunDirectory::open_shared(path) else {
            return &self.run; // it has vanished: the next scan says so
        };
        let seen = Seen::of(&folder);
        if self.seen.as_ref() == Some(&seen) {
            return &self.run;
        }
        let only_steps = self.seen.as_ref().is_some_and(|before| {
            let with_metrics = Seen {
                metrics: seen.metrics,
                ..before.clone()
            };
            with_metrics == seen
        });
        if only_steps && Instant::now() < self.next {
            if let Some(step) = last_step(&folder.metrics()) {
                self.run.step = step;
            }
        } else {
            let start = Instant::now();
            self.diagnose(&folder, words);
            self.next = Instant::now() + start.elapsed() * PAUSE;
            self.seen = Some(seen.clone());
        }
        self.measure_speed(&folder, seen.is_in_use);
        &self.run
    }

    fn diagnose(&mut self, folder: &RunDirectory, words: &Words) {
        let run = &mut self.run;
        run.bytes = folder.bytes();
        run.newest_grid = folder.reported_steps().last().copied();
        if let Ok(config) = folder.read_config() {
            run.preset = config.model.preset.to_string();
            run.image_size = config.model.image_size;
            run.data = match &config.data.origin {
                DataOrigin::DrawnFaces { .. } => "demo".to_owned(),
                DataOrigin::Files { path, .. } => path.display().to_string(),
            };
            self.batch_size = config.training.batch_size;
        }
        match doctor::diagnose(folder.path()) {
            Ok(diagnosis) => Self::describe(run, &diagnosis),
            Err(error) => {
                run.state = RunState::Unreadable;
                run.reason = Some((words.error)(&error));
            }
        }
    }

    fn describe(run: &mut Run, diagnosis: &Diagnosis) {
        (run.state, run.reason) = match &diagnosis.state {
            State::Running => (RunState::Training, None),
            State::Complete => (RunState::Complete, None),
            State::Stopped => (RunState::Stopped, None),
            State::GaveUp(why) => (RunState::GaveUp, Some(why.clone())),
        };
        run.step = diagnosis.step;
        run.total_steps = diagnosis.total_steps;
        let ongoing = diagnosis.findings.iter().filter(|finding| finding.ongoing);
        run.ill = ongoing
            .map(|finding| finding.condition.name().to_owned())
            .collect();
        // without any checkpoint it begins anew; with those that it cannot use it does not
        let has_none = diagnosis.unreadable.is_empty()
            && diagnosis.foreign.is_empty()
            && !diagnosis.checkpoints_are_gone;
        let is_over = matches!(diagnosis.state, State::Running | State::Complete);
        run.can_resume = !is_over && (diagnosis.newest_checkpoint.is_some() || has_none);
    }

    fn measure_speed(&mut self, folder: &RunDirectory, is_training: bool) {
        let run = &mut self.run;
        (run.pictures_per_second, run.seconds_left) = (None, None);
        if !is_training {
            self.steps.clear();
            return;
        }
        let now = Instant::now();
        self.steps.push_back((now, run.step));
        let is_old = |(seen, step): &(Instant, u64)| now - *seen > WINDOW || *step > run.step;
        while self.steps.len() > 2 && self.steps.front().is_some_and(is_old) {
            self.steps.pop_front();
        }
        let observed = self.steps.front().and_then(|(seen, step)| {
            let steps = run.step.checked_sub(*step).filter(|steps| *steps > 0)?;
            Some(steps as f64 / (now - *seen).as_secs_f64())
        });
        let measured = || match *read_times(&folder.times()) {
            [.., before, last] => {
                Some((last.step - before.step) as f64 / (last.seconds - before.seconds))
            }
            _ => None,
        };
        let Some(speed) = observed.or_else(measured).filter(|speed| speed.is_finite()) else {
            return;
        };
        run.pictures_per_second = Some(speed * self.batch_size as f64);
        run.seconds_left = run
            .total_steps
            .map(|total| total.saturating_sub(run.step) as f64 / speed);
    }
}

impl Seen {
    fn of(folder: &RunDirectory) -> Self {
        let modified = |path: &Path| fs::metadata(path).and_then(|data| data.modified()).ok();
        let metrics = fs::metadata(folder.metrics()).ok();
        let checkpoint = folder.checkpoint(0);
        Self {
            is_in_use: folder.is_in_use(),
            metrics: metrics.and_then(|data| Some((data.len(), data.modified().ok()?))),
            config: modified(&folder.config()),
            checkpoints: checkpoint.parent().and_then(modified),
            has_failed: folder.failure().exists(),
        }
    }
}

/// The step of the last complete line of a file of metrics.
fn last_step(path: &Path) -> Option<u64> {
    let mut file = regular_file::open(path).ok()?;
    let len = file.metadata().ok()?.len();
    file.seek(SeekFrom::Start(len.saturating_sub(TAIL))).ok()?;
    let mut tail = Vec::new();
    file.take(TAIL).read_to_end(&mut tail).ok()?;
    let mut lines = tail.rsplit(|&byte| byte == b'\n');
    let step = lines.find_map(|line| serde_json::from_slice::<MetricsLine>(line).ok())?;
    Some(step.step)
}
