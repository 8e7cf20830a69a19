//! Host-side spans, as a file for Perfetto or Chrome's `about:tracing`.
//!
//! Off by default, and on for the whole process. The file is in its place once it is complete: what
//! was there before stays until then, and if the training is killed.

use std::io::{self, Write};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use crate::atomic_file::AtomicFile;

/// Spans are written together, as one write for each would cost more than many of them take.
const BUFFERED: usize = 64 << 10;

/// What a trace begins with. After its first entry, each event can begin with a comma.
pub const HEAD: &str = concat!(
    "[\n",
    r#"{"name":"process_name","ph":"M","pid":1,"tid":0,"args":{"name":"dcgan"}}"#
);

/// Whether spans are recorded. Checked for every span, so this must be cheap.
static ON: AtomicBool = AtomicBool::new(false);

static TRACE: Mutex<Option<Trace>> = Mutex::new(None);

static THREADS: AtomicU64 = AtomicU64::new(1);

thread_local! {
    /// This thread's number in the file.
    static THREAD: u64 = THREADS.fetch_add(1, Ordering::Relaxed);
}

struct Trace {
    file: AtomicFile,
    /// What has not been written yet.
    buffer: Vec<u8>,
    begin: Instant,
    /// The first error in writing. The training continues without a trace.
    error: Option<io::Error>,
}

fn trace() -> MutexGuard<'static, Option<Trace>> {
    TRACE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Starts recording spans to a file.
///
/// # Errors
/// If the file cannot be created.
pub fn start(path: &Path) -> io::Result<()> {
    *trace() = Some(Trace {
        file: AtomicFile::create(path)?,
        buffer: HEAD.into(),
        begin: Instant::now(),
        error: None,
    });
    ON.store(true, Ordering::Relaxed);
    Ok(())
}

/// Stops recording and completes the file.
///
/// # Errors
/// If any span could not be written.
pub fn stop() -> io::Result<()> {
    ON.store(false, Ordering::Relaxed);
    let Some(mut trace) = trace().take() else {
        return Ok(());
    };
    if let Some(error) = trace.error {
        return Err(error);
    }
    trace.buffer.extend(b"\n]\n");
    trace.file.file().write_all(&trace.buffer)?;
    trace.file.finish()
}

/// Runs `work` in a span and returns its result.
pub fn span<R>(name: &'static str, work: impl FnOnce() -> R) -> R {
    let mut laps = Laps::start();
    let result = work();
    laps.end(name);
    result
}

/// Consecutive spans without gaps.
pub struct Laps(Option<Instant>);

impl Laps {
    /// Begins the first span.
    pub fn start() -> Self {
        Self(ON.load(Ordering::Relaxed).then(Instant::now))
    }

    /// Ends the current span, named `name`, and begins the next.
    pub fn end(&mut self, name: &'static str) {
        let Some(start) = self.0 else {
            return;
        };
        let end = Instant::now();
        if let Some(trace) = &mut *trace() {
            trace.write(name, start, end);
        }
        self.0 = Some(end);
    }
}

impl Trace {
    fn write(&mut self, name: &str, start: Instant, end: Instant) {
        let micros = |time: std::time::Duration| time.as_nanos() as f64 / 1e3;
        let (at, took) = (start.duration_since(self.begin), end.duration_since(start));
        let thread = THREAD.with(|thread| *thread);
        let _ = write!(
            self.buffer, // which takes anything
            ",\n{{\"name\":\"{name}\",\"ph\":\"X\",\"pid\":1,\"tid\":{thread},\"ts\":{:.3},\"dur\":{:.3}}}",
            micros(at),
            micros(took)
        );
        if self.buffer.len() < BUFFERED {
            return;
        }
        if self.error.is_none() {
            self.error = self.file.file().write_all(&self.buffer).err();
        }
        self.buffer.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_of_all_threads_are_written_as_json() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("trace.json");
        assert_eq!(span("before", || 1), 1);
        start(&path).unwrap();
        let seven = span("outer", || span("inner", || 7));
        std::thread::spawn(|| span("elsewhere", || ()))
            .join()
            .unwrap();
        stop().unwrap();
        span("after", || ());
        assert_eq!(seven, 7);

        let events: serde_json::Value =
            serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        let of = |name: &str| {
            let mut events = events.as_array().unwrap().iter();
            events.find(|event| event["name"] == name).cloned()
        };
        assert!(of("before").is_none() && of("after").is_none());
        let [outer, inner, elsewhere] = ["outer", "inner", "elsewhere"].map(|n| of(n).unwrap());
        let end = |event: &serde_json::Value| {
            event["ts"].as_f64().unwrap() + event["dur"].as_f64().unwrap()
        };
        assert!(outer["ts"].as_f64() <= inner["ts"].as_f64());
        assert!(end(&inner) <= end(&outer));
        assert_eq!(outer["tid"], inner["tid"]);
        assert_ne!(outer["tid"], elsewhere["tid"]);
        stop().unwrap(); // nothing is being recorded
    }
}
