//! `dcgan studio`: watch a DCGAN learn, and play with what it learned, in a browser.
//!
//! The studio is an HTTP server with a page inside. It reads the folder of runs; what it does not compute
//! itself is done by the program in other processes, so that a training outlives the studio and a command
//! with too large an input takes down nothing but itself.
//!
//! ```text
//! server        binds, serves, ends
//! ├─ guard      who may ask: hosts, origins, the token; the headers of every answer
//! ├─ page       the page, from src/web/
//! └─ routes/    the interface: one file for each part of the page
//!    ├─ run/       what is known of the runs in the folder
//!    ├─ training   starts, stops and resumes trainings
//!    ├─ data       what may be trained on
//!    ├─ jobs/      commands that take longer than a request
//!    ├─ painter/   a thread that draws, with the generators that it keeps
//!    └─ latent     latent vectors as requests name them
//! ```

mod data;
mod failure;
mod guard;
mod jobs;
pub mod latent;
mod listener;
mod options;
mod page;
mod painter;
mod program;
mod routes;
mod run;
mod server;
#[cfg(test)]
mod tests;
mod training;
pub mod training_options;

pub use failure::Failure;
pub use options::{OptionsError, StudioOptions};
pub use program::{Program, Words};
pub use server::{ServeError, serve};

use std::sync::Arc;

/// What all requests have in common.
struct Studio {
    options: StudioOptions,
    program: Program,
    runs: run::Runs,
    trainings: training::Trainings,
    jobs: jobs::Jobs,
    painter: painter::Painter,
    /// Ends the streams of events when the studio ends.
    is_ending: tokio::sync::watch::Receiver<bool>,
}

type Shared = axum::extract::State<Arc<Studio>>;
