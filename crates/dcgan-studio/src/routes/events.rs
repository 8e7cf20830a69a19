//! What changes, as it changes: server-sent events.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::extract::State;
use axum::response::IntoResponse;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::stream;
use serde_json::json;

use super::runs::all;
use crate::failure::{ErrorBody, Failure, aside};
use crate::run::Run;
use crate::{Shared, Studio};

/// How often runs are looked at for whoever listens.
const INTERVAL: Duration = Duration::from_secs(1);

/// The most who listen at a time.
const MOST_LISTENERS: usize = 32;

static LISTENERS: AtomicUsize = AtomicUsize::new(0);

/// One who listens.
struct Listener {
    studio: Arc<Studio>,
    known: BTreeMap<String, Run>,
    waiting: Vec<Event>,
    /// Whether all runs have been told of.
    has_begun: bool,
}

impl Drop for Listener {
    fn drop(&mut self) {
        LISTENERS.fetch_sub(1, Ordering::Relaxed);
    }
}

/// What changes, as server-sent events: `run` with a run that has changed, `report` with `id` and `step` when
/// there is a new grid, `gone` with the `id` of a run that has vanished. All runs come first, and then one `told`.
#[utoipa::path(get, path = "/api/events",
    responses((status = 200, content_type = "text/event-stream"), (status = 429, body = ErrorBody)))]
pub async fn events(State(studio): Shared) -> Result<impl IntoResponse, Failure> {
    if LISTENERS.fetch_add(1, Ordering::Relaxed) >= MOST_LISTENERS {
        LISTENERS.fetch_sub(1, Ordering::Relaxed);
        return Err(Failure::Busy);
    }
    let listener = Listener {
        studio,
        known: BTreeMap::new(),
        waiting: Vec::new(),
        has_begun: false,
    };
    let events = stream::unfold(listener, |mut listener| async move {
        let event = listener.next().await?;
        Some((Ok::<_, Infallible>(event), listener))
    });
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(Duration::from_secs(15))))
}

impl Listener {
    /// The next event; `None` once the studio ends.
    async fn next(&mut self) -> Option<Event> {
        let mut is_ending = self.studio.is_ending.clone();
        loop {
            if !self.waiting.is_empty() {
                return Some(self.waiting.remove(0));
            }
            if self.has_begun {
                tokio::select! {
                    () = tokio::time::sleep(INTERVAL) => {}
                    _ = is_ending.wait_for(|ending| *ending) => return None,
                }
            }
            self.look().await;
            if !self.has_begun {
                self.has_begun = true;
                self.waiting.push(event("told", &json!({})));
            }
        }
    }

    async fn look(&mut self) {
        let studio = Arc::clone(&self.studio);
        let Ok(runs) = aside(move || Ok(all(&studio))).await else {
            return;
        };
        let vanished: Vec<String> = self
            .known
            .keys()
            .filter(|id| !runs.iter().any(|run| run.id == **id))
            .cloned()
            .collect();
        for id in vanished {
            self.known.remove(&id);
            self.waiting.push(event("gone", &json!({"id": id})));
        }
        for run in runs {
            let before = self.known.get(&run.id);
            if before == Some(&run) {
                continue;
            }
            let is_report = before.is_some_and(|before| before.newest_grid != run.newest_grid);
            self.waiting.push(event("run", &json!(run)));
            if let Some(step) = run.newest_grid.filter(|_| is_report) {
                let report = json!({"id": run.id, "step": step});
                self.waiting.push(event("report", &report));
            }
            self.known.insert(run.id.clone(), run);
        }
    }
}

fn event(name: &str, data: &serde_json::Value) -> Event {
    Event::default().event(name).data(data.to_string())
}
