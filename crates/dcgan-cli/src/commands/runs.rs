//! `dcgan runs`: the runs there are.

use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::Args;
use dcgan::doctor::{self, State};
use dcgan::train::RunDirectory;
use dcgan_support::bytes::Bytes;
use serde::Serialize;

use crate::shared::output;
use crate::shared::targets::{Files, Replace, WritesFiles};
use crate::words;

/// `dcgan runs`
#[derive(Debug, Args)]
#[command(after_help = "\
A run is training, complete, stopped (`dcgan train --resume RUN` continues it) or gave up. The last
picture is that of its last report.

Examples:
  dcgan runs
  dcgan runs --json")]
pub struct Runs {
    /// Runs, or folders with runs [default: runs]
    #[arg(value_name = "DIR")]
    pub folders: Vec<PathBuf>,

    /// Print one JSON array
    #[arg(long)]
    pub json: bool,
}

impl WritesFiles for Runs {
    fn files(&self) -> Files<'_> {
        let inputs = self.folders.iter().map(PathBuf::as_path);
        Files::new(Replace { force: false }, inputs)
    }
}

/// Where `dcgan train` puts runs.
const DEFAULT: &str = "runs";

/// What is known of a run.
#[derive(Serialize)]
struct Entry {
    run: String,
    state: &'static str,
    /// Why its state is not known, or why it gave up.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    step: u64,
    total_steps: Option<u64>,
    bytes: u64,
    last_picture: Option<String>,
}

pub fn run(arguments: &Runs) -> Result<()> {
    let default = [PathBuf::from(DEFAULT)];
    let folders = match &*arguments.folders {
        [] => &default,
        given => given,
    };
    let mut runs = Vec::new();
    for folder in folders {
        runs.extend(RunDirectory::find_all(folder));
    }
    let entries: Vec<Entry> = runs.iter().map(|run| entry(run)).collect();
    if arguments.json {
        output::json(&serde_json::to_string_pretty(&entries)?);
    } else if entries.is_empty() {
        let names: Vec<String> = folders
            .iter()
            .map(|folder| folder.display().to_string())
            .collect();
        output::line(&format!(
            "no runs in {}; `dcgan train` makes them in {DEFAULT}/",
            names.join(", ")
        ));
    } else {
        output::lines(table(&entries));
    }
    Ok(())
}

fn entry(run: &Path) -> Entry {
    let directory = RunDirectory::open_shared(run).ok();
    let last_report = directory
        .as_ref()
        .and_then(|directory| Some(directory.fake_grid(*directory.reported_steps().last()?)));
    let known = Entry {
        run: run.display().to_string(),
        state: "unreadable",
        reason: None,
        step: 0,
        total_steps: None,
        bytes: directory.as_ref().map_or(0, RunDirectory::bytes),
        last_picture: last_report.map(|path| path.display().to_string()),
    };
    match doctor::diagnose(run) {
        Err(error) => Entry {
            reason: Some(words::line(&error.into())),
            ..known
        },
        Ok(diagnosis) => {
            let (state, reason) = match diagnosis.state {
                State::Running => ("training", None),
                State::Complete => ("complete", None),
                State::Stopped => ("stopped", None),
                State::GaveUp(why) => ("gave up", Some(why)),
            };
            Entry {
                state,
                reason,
                step: diagnosis.step,
                total_steps: diagnosis.total_steps,
                ..known
            }
        }
    }
}

fn table(entries: &[Entry]) -> Vec<String> {
    let heading = ["run", "state", "steps", "size", "last picture"].map(str::to_owned);
    let mut rows = vec![heading];
    rows.extend(entries.iter().map(|entry| {
        let steps = match entry.total_steps {
            Some(total) => format!("{}/{total}", entry.step),
            None => entry.step.to_string(),
        };
        let last = entry.last_picture.as_ref().or(entry.reason.as_ref());
        [
            entry.run.clone(),
            entry.state.to_owned(),
            steps,
            Bytes(entry.bytes).to_string(),
            last.cloned().unwrap_or_else(|| "none yet".to_owned()),
        ]
    }));
    let width = |column: usize| {
        let letters = rows.iter().map(|row| row[column].chars().count());
        letters.max().unwrap_or(0)
    };
    let widths = [0, 1, 2, 3].map(width);
    rows.iter()
        .map(|[run, state, steps, size, last]| {
            let [a, b, c, d] = widths;
            format!("{run:<a$}  {state:<b$}  {steps:>c$}  {size:>d$}  {last}")
        })
        .collect()
}
