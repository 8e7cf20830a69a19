//! Binds, serves, ends.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Extension, Query, Request};
use axum::http::StatusCode;
use axum::http::header::{LOCATION, SET_COOKIE};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use thiserror::Error;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tower_http::timeout::TimeoutLayer;

use crate::Studio;
use crate::failure::in_json;
use crate::guard::{Guard, guard};
use crate::jobs::Jobs;
use crate::listener::Limited;
use crate::options::{OptionsError, StudioOptions};
use crate::painter::Painter;
use crate::program::Program;
use crate::routes;
use crate::run::Runs;
use crate::training::Trainings;

/// How long a request may take. What may take longer is a job.
const REQUEST_TIME: Duration = Duration::from_secs(60);

/// The most connections at a time.
const MOST_CONNECTIONS: usize = 256;

/// How often it is asked whether to end.
const TICK: Duration = Duration::from_millis(50);

/// How long requests may take to be finished when the studio ends.
const LAST_ANSWERS: Duration = Duration::from_secs(5);

/// Why the studio cannot serve.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ServeError {
    /// The settings are not safe, or name what does not exist.
    #[error(transparent)]
    Options(#[from] OptionsError),
    /// The port cannot be listened on.
    #[error("cannot listen on {address}")]
    Listen {
        /// Where.
        address: SocketAddr,
        /// Why not.
        source: io::Error,
    },
    /// The system refuses threads or sockets.
    #[error("the server cannot be started")]
    Start(#[from] io::Error),
}

/// Serves the studio until `should_end` is true. `ready` is called with the address once it answers.
///
/// Trainings that it has started go on.
///
/// # Errors
/// If the settings are refused, or the server cannot be started.
pub fn serve(
    options: StudioOptions,
    program: Program,
    ready: impl FnOnce(SocketAddr),
    should_end: impl Fn() -> bool + Send + Sync + 'static,
) -> Result<(), ServeError> {
    options.check()?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .max_blocking_threads(8)
        .thread_name("studio")
        .enable_io()
        .enable_time()
        .build()?;
    let served = runtime.block_on(run(options, program, ready, should_end));
    // a request that still computes is not waited for
    runtime.shutdown_background();
    served
}

async fn run(
    options: StudioOptions,
    program: Program,
    ready: impl FnOnce(SocketAddr),
    should_end: impl Fn() -> bool + Send + Sync + 'static,
) -> Result<(), ServeError> {
    let address = SocketAddr::new(options.host, options.port);
    let in_vain = |source| ServeError::Listen { address, source };
    let listener = TcpListener::bind(address).await.map_err(in_vain)?;
    let address = listener.local_addr()?;
    let (end, is_ending) = watch::channel(false);
    let guard = Guard::new(options.host, address.port(), options.token.as_deref());
    let studio = Arc::new(Studio {
        runs: Runs::new(options.runs.clone(), program.words),
        trainings: Trainings::default(),
        jobs: Jobs::new(),
        painter: Painter::start(program.words)?,
        is_ending: is_ending.clone(),
        options,
        program,
    });
    let jobs = tokio::spawn({
        let studio = Arc::clone(&studio);
        async move { studio.jobs.run(&studio.program).await }
    });
    let app = app(studio, guard);
    ready(address);
    let mut ending = is_ending.clone();
    let server = axum::serve(Limited::new(listener, MOST_CONNECTIONS), app).with_graceful_shutdown(
        async move {
            let _ = ending.wait_for(|ending| *ending).await;
        },
    );
    let server = tokio::spawn(async move { server.await });
    while !should_end() && !server.is_finished() {
        tokio::time::sleep(TICK).await;
    }
    let _ = end.send(true);
    jobs.abort(); // which ends their processes
    match tokio::time::timeout(LAST_ANSWERS, server).await {
        Ok(Ok(served)) => Ok(served?),
        Ok(Err(_)) | Err(_) => Ok(()),
    }
}

/// The studio as a service, without a socket.
pub(crate) fn app(studio: Arc<Studio>, for_whom: Guard) -> Router {
    let (router, _) = routes::router(studio);
    router
        .layer(middleware::from_fn(take_token))
        .layer(Extension(for_whom.clone()))
        .layer(TimeoutLayer::with_status_code(
            StatusCode::REQUEST_TIMEOUT,
            REQUEST_TIME,
        ))
        .layer(middleware::map_response(in_json))
        .layer(middleware::from_fn_with_state(for_whom, guard))
}

/// `/?token=…`, as `dcgan studio` prints it: the cookie remembers the token, and the address bar does not.
#[derive(Debug, Deserialize)]
struct TokenInAddress {
    token: Option<String>,
}

async fn take_token(
    Extension(guard): Extension<Guard>,
    Query(given): Query<TokenInAddress>,
    request: Request,
    next: Next,
) -> Response {
    match given.token {
        Some(token) if request.uri().path() == "/" && guard.is_token(&token) => {
            let cookie = routes::cookie(&token);
            (
                StatusCode::SEE_OTHER,
                [(SET_COOKIE, cookie), (LOCATION, "/".to_owned())],
            )
                .into_response()
        }
        _ => next.run(request).await,
    }
}
