//! A command in a process of its own: what it prints, and how long it may take.

use std::process::{Command, Stdio};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, BufReader};

use crate::failure::Failure;

/// The longest that a command may take.
const TIME_LIMIT: Duration = Duration::from_secs(30 * 60);

/// How much of what it prints is kept.
const LONGEST_OUTPUT: u64 = 4 << 20;

/// The longest line that is shown.
const LONGEST_LINE: usize = 2000;

/// What a command printed.
#[derive(Debug, Default)]
pub struct Output {
    /// Its results.
    pub results: String,
    /// Its notes, without the word.
    pub notes: Vec<String>,
}

/// Runs a command to its end. `show` gets each line that it says on the way. If this is dropped, the process is killed.
///
/// # Errors
/// If it fails: its error line.
pub async fn run(command: Command, show: impl Fn(String)) -> Result<Output, Failure> {
    let mut command = tokio::process::Command::from(command);
    command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    let mut child = command
        .spawn()
        .map_err(|error| Failure::Internal(format!("the command cannot be started: {error}")))?;
    let results = read(child.stdout.take());
    let notes = read_lines(child.stderr.take(), show);
    let all = async {
        let (results, (notes, error)) = tokio::join!(results, notes);
        (child.wait().await, results, notes, error)
    };
    let Ok((status, results, notes, error)) = tokio::time::timeout(TIME_LIMIT, all).await else {
        return Err(Failure::Conflict(format!(
            "it took longer than {} minutes and was ended",
            TIME_LIMIT.as_secs() / 60
        )));
    };
    if status.is_ok_and(|status| status.success()) {
        return Ok(Output { results, notes });
    }
    Err(Failure::Conflict(error.unwrap_or_else(|| {
        "the command was ended from outside, or the machine has no memory left".to_owned()
    })))
}

async fn read(from: Option<impl AsyncRead + Unpin>) -> String {
    let mut bytes = Vec::new();
    if let Some(from) = from {
        let mut from = from.take(LONGEST_OUTPUT);
        // what was read before an error is kept
        let _ = from.read_to_end(&mut bytes).await;
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The notes, and the error line if there is one.
async fn read_lines(
    from: Option<impl AsyncRead + Unpin>,
    show: impl Fn(String),
) -> (Vec<String>, Option<String>) {
    let (mut notes, mut error) = (Vec::new(), None);
    let Some(from) = from else {
        return (notes, error);
    };
    let mut lines = BufReader::new(from.take(LONGEST_OUTPUT)).lines();
    while let Ok(Some(mut line)) = lines.next_line().await {
        line.truncate(line.floor_char_boundary(LONGEST_LINE));
        if let Some(line) = line.strip_prefix("error: ") {
            error = Some(line.to_owned());
            continue;
        }
        if let Some(note) = line.strip_prefix("note: ") {
            notes.push(note.to_owned());
        }
        show(line.strip_prefix("note: ").unwrap_or(&line).to_owned());
    }
    (notes, error)
}
