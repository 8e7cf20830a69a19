//! What is too large, too deep or too much.

use std::sync::mpsc::channel;

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use tokio::task::JoinSet;
use tower::ServiceExt;

use super::{Served, folder_with_run, request};
use crate::painter::Weights;

#[tokio::test]
async fn long_bodies_are_refused_before_they_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let served = Served::new(folder.path());
    let long = format!(r#"{{"latents":[{}]}}"#, r#"{"seed":1},"#.repeat(100_000));
    let answer = served.post("/api/runs/none/draw", &long).await;
    answer.refused(StatusCode::PAYLOAD_TOO_LARGE);
    let picture = Request::post("/api/runs/none/project")
        .header("host", "localhost:7860")
        .header("content-type", "image/png");
    let picture = picture.body(Body::from(vec![0; 21 << 20])).unwrap();
    let answer = served.send(picture).await;
    let sentence = answer.refused(StatusCode::PAYLOAD_TOO_LARGE);
    assert!(sentence.contains("20 MB"), "{sentence}");
}

#[tokio::test]
async fn deep_and_large_requests_are_refused_in_a_sentence() {
    let served = Served::new(folder_with_run());
    let deep = format!("{}{}", r#"{"sum":[{"weight":1,"mean":["#.repeat(60), "1");
    let many = vec![r#"{"seed":1}"#; 65].join(",");
    let leaves = vec![r#"{"seed":1}"#; 300].join(",");
    for (latents, said) in [
        (deep, "cannot be read"),
        (String::new(), "give 1 to 64"),
        (many, "give 1 to 64"),
        (
            format!(r#"{{"sum":[{{"weight":1,"mean":[{leaves}]}}]}}"#),
            "256 are the most",
        ),
        (r#"{"seed":-1}"#.to_owned(), "cannot be read"),
        (r#"{"seed":1e400}"#.to_owned(), "cannot be read"),
        (r#"{"z":[]}"#.to_owned(), "100 finite numbers"),
    ] {
        let body = format!(r#"{{"latents":[{latents}]}}"#);
        let answer = served.post("/api/runs/tiny/draw", &body).await;
        let sentence = answer.refused(StatusCode::UNPROCESSABLE_ENTITY);
        assert!(sentence.contains(said), "{sentence}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_comes_when_the_line_is_full_is_told_when_to_come_again() {
    let served = Served::new(folder_with_run());
    // the painter waits for this test, and others wait for the painter
    let (go_on, wait) = channel::<()>();
    let weights = Weights {
        run: folder_with_run().join("tiny"),
        checkpoint: None,
    };
    let painter = served.studio.clone();
    let (begun, has_begun) = channel();
    let held = tokio::spawn(async move {
        let wait = move |_: &mut crate::painter::Model| {
            begun.send(()).unwrap();
            let _ = wait.recv();
            Ok(())
        };
        painter.painter.with(weights, wait).await
    });
    tokio::task::spawn_blocking(move || has_begun.recv())
        .await
        .unwrap()
        .unwrap();
    let body = r#"{"latents":[{"seed":1}]}"#;
    let mut waiting = JoinSet::new();
    for _ in 0..100 {
        let request = request(Method::POST, "/api/runs/tiny/draw", body);
        waiting.spawn(served.router.clone().oneshot(request));
    }
    // those for whom there is no room are answered at once, and nobody else is
    let full = waiting.join_next().await.unwrap().unwrap().unwrap();
    assert_eq!(full.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(full.headers()["retry-after"], "1");
    drop(go_on);
    held.await.unwrap().unwrap();
    let mut answered = 0;
    while let Some(one) = waiting.join_next().await {
        let status = one.unwrap().unwrap().status();
        assert!(
            [StatusCode::OK, StatusCode::TOO_MANY_REQUESTS].contains(&status),
            "{status}"
        );
        answered += usize::from(status == StatusCode::OK);
    }
    assert!(answered >= 32, "{answered}");
    served.post("/api/runs/tiny/draw", body).await.ok();
}

#[tokio::test]
async fn names_that_lead_out_of_the_folder_are_no_runs() {
    let folder = tempfile::tempdir().unwrap();
    let runs = folder.path().join("runs");
    std::fs::create_dir(&runs).unwrap();
    super::train(&folder.path().join("secret"));
    let served = Served::new(&runs);
    for name in [
        "..%2Fsecret",
        "%2e%2e%2Fsecret",
        "..",
        "%00",
        "secret",
        "%2Fetc",
        "C%3A%5C",
    ] {
        for path in ["", "/metrics", "/grids/2", "/directions", "/metrics.csv"] {
            let answer = served.get(&format!("/api/runs/{name}{path}")).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{name}{path}");
        }
    }
}
