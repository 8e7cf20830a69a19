//! Progress bars. A command that works in several parts says so first ([`cover`]): then the bar of each
//! part shows how far the whole command is, and how long it will take.

use std::cell::RefCell;
use std::panic;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use dcgan_support::printable;
use indicatif::{HumanDuration, ProgressBar, ProgressStyle};

use super::output;

/// The parts of the command that runs.
static PARTS: Mutex<Option<Parts>> = Mutex::new(None);

/// The length of a bar that covers several parts.
const FINE: f64 = 1000.0;

/// Less than this share tells nothing about how long the rest will take.
const LEAST_KNOWN: f64 = 0.03;

/// A task whose units are counted.
const COUNTED: &str = "{prefix} {wide_bar} {pos}/{len}, {eta} left";

/// One whose units are being found.
const UNKNOWN: &str = "{prefix} …";

/// The parts of a command.
#[derive(Debug)]
struct Parts {
    start: Instant,
    /// What is done, as its parts weigh.
    done: f64,
    /// What is left, in its order: the tasks and their weights.
    left: Vec<(String, f64)>,
}

thread_local! {
    /// Whether the command that this thread runs should end.
    static CANCELLED: RefCell<Option<Arc<AtomicBool>>> = const { RefCell::new(None) };
}

/// A command that was cancelled unwinds with this.
pub struct Cancelled;

/// Lets the command that this thread runs be cancelled: it ends at its next progress once `cancelled` is
/// true, as by a panic with [`Cancelled`], since the loops that report progress know no other way out.
pub fn end_when(cancelled: Arc<AtomicBool>) {
    CANCELLED.set(Some(cancelled));
}

/// Whether the command that this thread runs should end, for loops that can be asked to stop.
pub fn should_end() -> impl Fn() -> bool + Sync {
    let cancelled = CANCELLED.with_borrow(Clone::clone);
    move || is_set(cancelled.as_ref())
}

fn is_set(cancelled: Option<&Arc<AtomicBool>>) -> bool {
    cancelled.is_some_and(|cancelled| cancelled.load(Ordering::Relaxed))
}

/// Says which tasks the command will work on, each with roughly how long it takes, in any unit. A task
/// that turns out to be needless may be left out.
pub fn cover<T: Into<String>>(tasks: impl IntoIterator<Item = (T, f64)>) {
    let left = tasks
        .into_iter()
        .map(|(task, weight)| (task.into(), weight));
    let parts = Parts {
        start: Instant::now(),
        done: 0.0,
        left: left.collect(),
    };
    *PARTS.lock().unwrap_or_else(PoisonError::into_inner) = Some(parts);
}

/// A bar without a style, hidden if another rank reports or with `--quiet`.
pub fn new(total: u64) -> ProgressBar {
    if output::has_no_progress() {
        return ProgressBar::hidden();
    }
    ProgressBar::new(total)
}

/// The bar of a task, hidden if another rank reports or with `--quiet`.
pub struct Bar {
    bar: ProgressBar,
    /// Units of the task.
    total: AtomicU64,
    done: AtomicU64,
    part: Option<Part>,
    cancelled: Option<Arc<AtomicBool>>,
}

/// A task as a part of the command.
#[derive(Debug, Clone, Copy)]
struct Part {
    start: Instant,
    /// The weights of the parts before, of this one, and of all.
    before: f64,
    weight: f64,
    all: f64,
}

/// A bar for a task of `total` units; 0 if their number is not known yet.
pub fn bar(task: &str, total: usize) -> Bar {
    let part = begin(task);
    let (template, length) = match part {
        None if total == 0 => (UNKNOWN, 0),
        None => (COUNTED, total as u64),
        Some(_) => ("{prefix} {wide_bar} {percent}%{msg}", FINE as u64),
    };
    let bar = Bar {
        bar: new(length)
            .with_style(style(template))
            .with_prefix(printable::line(task)),
        total: AtomicU64::new(total as u64),
        done: AtomicU64::new(0),
        part,
        cancelled: CANCELLED.with_borrow(Clone::clone),
    };
    bar.set_position(0);
    bar
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

/// Begins the first part of this name. Those before it were left out.
fn begin(task: &str) -> Option<Part> {
    let mut parts = PARTS.lock().unwrap_or_else(PoisonError::into_inner);
    let Parts { start, done, left } = parts.as_mut()?;
    let place = left.iter().position(|(name, _)| name == task)?;
    left.drain(..place);
    let part = Part {
        start: *start,
        before: *done,
        weight: left[0].1,
        all: *done + left.iter().map(|(_, weight)| weight).sum::<f64>(),
    };
    *done += left.remove(0).1;
    Some(part)
}

impl Bar {
    /// The bar of a loop that is asked to stop with [`should_end`] instead.
    #[must_use]
    pub fn that_never_unwinds(self) -> Self {
        Self {
            cancelled: None,
            ..self
        }
    }

    /// Says how many units the task has.
    pub fn set_length(&self, total: u64) {
        let before = self.total.swap(total, Ordering::Relaxed);
        if before == total || self.part.is_some() {
            return;
        }
        if before == 0 {
            self.bar.set_style(style(COUNTED));
            self.bar.reset_eta(); // units were not worked on before
        }
        self.bar.set_length(total);
    }

    /// Says how many units are done.
    pub fn set_position(&self, done: u64) {
        self.done.store(done, Ordering::Relaxed);
        if is_set(self.cancelled.as_ref()) {
            panic::resume_unwind(Box::new(Cancelled));
        }
        let Some(part) = self.part else {
            return self.bar.set_position(done);
        };
        let share = part.share(done, self.total.load(Ordering::Relaxed));
        if let Some(left) = left(share, part.start.elapsed()) {
            self.bar
                .set_message(format!(", {:#} left", HumanDuration(left)));
        }
        self.bar.set_position((share * FINE) as u64);
    }

    /// Says that so many more units are done.
    pub fn inc(&self, more: u64) {
        let done = self.done.fetch_add(more, Ordering::Relaxed) + more;
        self.set_position(done);
    }

    /// Removes the bar.
    pub fn finish_and_clear(&self) {
        self.bar.finish_and_clear();
    }
}

impl Part {
    /// The share of the command that is done when `done` of the `total` units of this part are.
    fn share(self, done: u64, total: u64) -> f64 {
        let own = done.min(total) as f64 / total.max(1) as f64;
        (self.before + own * self.weight) / self.all
    }
}

/// The time that the rest will take; `None` as long as nothing is known.
fn left(share: f64, elapsed: Duration) -> Option<Duration> {
    let left = elapsed.as_secs_f64() * (1.0 - share) / share;
    (share > LEAST_KNOWN).then(|| Duration::try_from_secs_f64(left).unwrap_or(Duration::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_of_a_command_add_up_without_those_that_are_left_out() {
        assert!(begin("drawing").is_none());
        cover([("reading", 2.0), ("learning", 3.0), ("drawing", 1.0)]);
        let learning = begin("learning").unwrap(); // read from a cache
        assert_eq!(learning.share(0, 10), 0.0);
        assert_eq!(learning.share(5, 10), 1.5 / 4.0);
        assert!(begin("another task").is_none());
        let drawing = begin("drawing").unwrap();
        assert_eq!(drawing.share(0, 0), 0.75);
        assert_eq!(drawing.share(7, 7), 1.0);
        assert!(begin("drawing").is_none());
    }

    #[test]
    fn the_time_that_is_left_follows_from_the_share_that_is_done() {
        let minute = Duration::from_secs(60);
        assert_eq!(left(0.25, minute), Some(3 * minute));
        assert_eq!(left(0.01, minute), None);
    }
}
