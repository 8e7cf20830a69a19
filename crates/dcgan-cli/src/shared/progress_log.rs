//! What a long task says where no bar can be drawn: in a log, and to the studio.

use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use indicatif::HumanDuration;

use super::output;

/// A task that takes longer than this says how far it is, and again whenever it has taken twice as long.
const FIRST: Duration = Duration::from_secs(5);

/// Less than this is not worth a line.
const WORTH_SAYING: Duration = Duration::from_secs(2);

/// The longest that it says nothing.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// Writes to a log how far a task is: seldom, and nothing if it is short.
pub struct ProgressLog {
    task: &'static str,
    /// When the first units were done.
    start: OnceLock<Instant>,
    /// When to say the next line.
    next: Mutex<Duration>,
}

impl ProgressLog {
    /// The log of a task, such as `reading pictures`.
    pub fn new(task: &'static str) -> Self {
        Self {
            task,
            start: OnceLock::new(),
            next: Mutex::new(FIRST),
        }
    }

    /// Says that so many of all units are done.
    pub fn show(&self, done: usize, total: usize) {
        let elapsed = self.start.get_or_init(Instant::now).elapsed();
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let left = time_left(done, total, elapsed);
        if elapsed >= *next && left >= WORTH_SAYING {
            *next = following(elapsed);
            output::progress(&line(self.task, done, total, left));
        }
    }

    /// Whether the task has been taking so long that it has said so.
    pub fn is_long(&self) -> bool {
        let start = self.start.get();
        start.is_some_and(|start| start.elapsed() >= FIRST)
    }
}

/// When the line follows that is said after this time.
fn following(elapsed: Duration) -> Duration {
    elapsed + elapsed.min(LONGEST_PAUSE)
}

fn time_left(done: usize, total: usize, elapsed: Duration) -> Duration {
    let left = elapsed.as_secs_f64() * (total - done) as f64 / done.max(1) as f64;
    Duration::try_from_secs_f64(left).unwrap_or(Duration::MAX)
}

fn line(task: &str, done: usize, total: usize, left: Duration) -> String {
    format!(
        "{task}: {done} of {total}, about {} left",
        HumanDuration(left)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_become_rarer_until_there_is_one_a_minute() {
        let mut at = vec![FIRST];
        while at.len() < 8 {
            at.extend(at.last().copied().map(following));
        }
        let seconds: Vec<u64> = at.iter().map(Duration::as_secs).collect();
        assert_eq!(seconds, [5, 10, 20, 40, 80, 140, 200, 260]);
    }

    #[test]
    fn a_line_says_how_long_the_rest_will_take() {
        let left = time_left(1000, 4000, Duration::from_secs(10));
        let line = line("reading pictures", 1000, 4000, left);
        assert_eq!(
            line,
            "reading pictures: 1000 of 4000, about 30 seconds left"
        );
    }
}
