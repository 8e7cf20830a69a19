//! The interface, without a socket.

mod guarding;
mod limits;
mod runs;

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Method, Request, StatusCode};
use dcgan::config::{Length, ModelOptions};
use dcgan::{DataConfig, Preset, RunConfig, Trainer, TrainingOptions};
use serde_json::Value;
use tempfile::TempDir;
use tokio::sync::watch;
use tower::ServiceExt;

use crate::guard::Guard;
use crate::jobs::Jobs;
use crate::painter::Painter;
use crate::run::Runs;
use crate::training::Trainings;
use crate::{Program, Studio, StudioOptions, Words, server};

/// Words that are enough to tell them apart.
const WORDS: Words = Words {
    error: |error| error.to_string(),
    story: |diagnosis| vec![format!("{} steps", diagnosis.step)],
    advice: |advice| format!("{advice:?}"),
    flags: |_, _| None,
    preset: |preset| preset.to_string(),
};

/// A studio, and the name under which it is reached.
struct Served {
    studio: Arc<Studio>,
    router: Router,
    /// Whether streams end; kept, as they end with it.
    _end: watch::Sender<bool>,
}

/// What was answered.
struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    bytes: Vec<u8>,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes)
            .unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    /// The sentence of a failure with this status.
    fn refused(&self, status: StatusCode) -> String {
        assert_eq!(self.status, status, "{}", self.text());
        self.json()["error"]
            .as_str()
            .expect("a sentence")
            .to_owned()
    }

    fn ok(self) -> Self {
        assert!(self.status.is_success(), "{} {}", self.status, self.text());
        self
    }
}

impl Served {
    fn new(runs: &Path) -> Self {
        Self::with_token(runs, None)
    }

    fn with_token(runs: &Path, token: Option<&str>) -> Self {
        let options = StudioOptions {
            runs: runs.to_owned(),
            data: Vec::new(),
            host: "127.0.0.1".parse().unwrap(),
            port: 7860,
            token: token.map(str::to_owned),
            threads: 1,
        };
        let program = Program {
            executable: PathBuf::from("no/such/program"),
            arguments: Vec::new(),
            words: WORDS,
        };
        let (end, is_ending) = watch::channel(false);
        let guard = Guard::new(options.host, options.port, token);
        let studio = Arc::new(Studio {
            runs: Runs::new(runs.to_owned(), program.words),
            trainings: Trainings::default(),
            jobs: Jobs::new(),
            painter: Painter::start(program.words).unwrap(),
            is_ending,
            options,
            program,
        });
        Self {
            router: server::app(Arc::clone(&studio), guard),
            studio,
            _end: end,
        }
    }

    async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        Answer {
            status: parts.status,
            headers: parts.headers,
            bytes: to_bytes(body, usize::MAX).await.unwrap().to_vec(),
        }
    }

    async fn get(&self, path: &str) -> Answer {
        self.send(request(Method::GET, path, "")).await
    }

    async fn post(&self, path: &str, body: &str) -> Answer {
        self.send(request(Method::POST, path, body)).await
    }
}

/// A request as the studio's own page sends it.
fn request(method: Method, path: &str, body: &str) -> Request<Body> {
    Request::builder()
        .method(method)
        .uri(path)
        .header("host", "localhost:7860")
        .header("content-type", "application/json")
        .body(Body::from(body.to_owned()))
        .unwrap()
}

/// A folder with a run `tiny` of four steps, which all tests read and none changes.
fn folder_with_run() -> &'static Path {
    static FOLDER: OnceLock<TempDir> = OnceLock::new();
    let folder = FOLDER.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        train(&folder.path().join("tiny"));
        folder
    });
    folder.path()
}

/// Trains a tiny run of four steps.
fn train(run: &Path) {
    let training = TrainingOptions {
        length: Length::Steps(4),
        batch_size: 8,
        report_every: 2,
        ..TrainingOptions::default()
    };
    let model = ModelOptions::new(Preset::Small).with_ngf(4).with_ndf(4);
    let config = RunConfig {
        model: model.build().unwrap(),
        training: training.build().unwrap(),
        ..RunConfig::new(Preset::Small, DataConfig::drawn_faces(16))
    };
    let mut trainer = Trainer::create(config, run, &dcgan::device::cpu()).unwrap();
    trainer.run(&|| false, &mut |_| {}).unwrap();
}
