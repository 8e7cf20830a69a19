//! Who is answered, and how.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use serde_json::Value;

use super::{Served, request};
use crate::routes;

#[tokio::test]
async fn other_names_for_this_machine_are_not_answered() {
    let folder = tempfile::tempdir().unwrap();
    let served = Served::new(folder.path());
    for (host, is_answered) in [
        ("localhost:7860", true),
        ("127.0.0.1:7860", true),
        ("[::1]:7860", true),
        ("LOCALHOST:7860", true),
        ("localhost:80", false),
        ("evil.example:7860", false),
        ("localhost.evil.example:7860", false),
    ] {
        for path in ["/", "/api/health", "/api/runs"] {
            let request = Request::get(path).header("host", host);
            let answer = served.send(request.body(Body::empty()).unwrap()).await;
            assert_eq!(answer.status.is_success(), is_answered, "{host} {path}");
        }
    }
    let without = Request::get("/api/runs").body(Body::empty()).unwrap();
    served.send(without).await.refused(StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn other_pages_cannot_change_anything() {
    let folder = tempfile::tempdir().unwrap();
    let served = Served::new(folder.path());
    let post = |name: &'static str, value: &'static str| {
        let mut request = request(Method::POST, "/api/runs", r#"{"data":"demo"}"#);
        request.headers_mut().insert(name, value.parse().unwrap());
        request
    };
    for origin in [
        "http://evil.example",
        "null",
        "http://localhost:80",
        "https://127.0.0.1:7860",
    ] {
        let answer = served.send(post("origin", origin)).await;
        let sentence = answer.refused(StatusCode::FORBIDDEN);
        assert!(sentence.contains("another page"), "{origin}: {sentence}");
    }
    let answer = served.send(post("sec-fetch-site", "cross-site")).await;
    answer.refused(StatusCode::FORBIDDEN);
    // a form of another page cannot send JSON, and what it can send is not read
    let mut form = request(Method::POST, "/api/runs", r#"{"data":"demo"}"#);
    let plain = "text/plain".parse().unwrap();
    form.headers_mut().insert("content-type", plain);
    let answer = served.send(form).await;
    answer.refused(StatusCode::UNPROCESSABLE_ENTITY);
    // from the own page it is tried, and the program is missing here
    let own = served.send(post("origin", "http://localhost:7860")).await;
    own.refused(StatusCode::INTERNAL_SERVER_ERROR);
}

#[tokio::test]
async fn a_studio_with_a_token_answers_those_who_know_it() {
    let folder = tempfile::tempdir().unwrap();
    let token = "a-long-secret-word";
    let served = Served::with_token(folder.path(), Some(token));
    let with = |name: &'static str, value: String| {
        let mut request = request(Method::GET, "/api/runs", "");
        request.headers_mut().insert(name, value.parse().unwrap());
        request
    };
    served
        .get("/api/runs")
        .await
        .refused(StatusCode::UNAUTHORIZED);
    for wrong in ["", "a-long-secret-wor", "a-long-secret-word2", "another"] {
        let answer = served.send(with("cookie", format!("dcgan_studio={wrong}")));
        answer.await.refused(StatusCode::UNAUTHORIZED);
        let answer = served.send(with("authorization", format!("Bearer {wrong}")));
        answer.await.refused(StatusCode::UNAUTHORIZED);
    }
    let cookie = format!("other=1; dcgan_studio={token}");
    served.send(with("cookie", cookie)).await.ok();
    served
        .send(with("authorization", format!("Bearer {token}")))
        .await
        .ok();
    served.get("/api/health").await.ok();
    served.get("/").await.ok(); // the page, which asks for the token

    let opened = served.get(&format!("/?token={token}")).await;
    assert_eq!(opened.status, StatusCode::SEE_OTHER);
    assert_eq!(opened.headers["location"], "/");
    let cookie = opened.headers["set-cookie"].to_str().unwrap();
    assert!(cookie.starts_with(&format!("dcgan_studio={token};")));
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"));
    let wrong = served.get("/?token=wrong").await;
    assert!(wrong.headers.get("set-cookie").is_none());

    let answer = served.post("/api/token", r#"{"token":"wrong"}"#).await;
    answer.refused(StatusCode::UNPROCESSABLE_ENTITY);
    let given = served
        .post("/api/token", &format!(r#"{{"token":"{token}"}}"#))
        .await;
    assert_eq!(given.status, StatusCode::NO_CONTENT);
    assert!(given.headers.contains_key("set-cookie"));
}

#[tokio::test]
async fn every_answer_says_what_a_browser_may_do_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let served = Served::new(folder.path());
    for path in [
        "/",
        "/studio/main.js",
        "/api/runs",
        "/api/runs/none",
        "/nothing",
    ] {
        let answer = served.get(path).await;
        let policy = answer.headers["content-security-policy"].to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'"), "{path}");
        assert!(!policy.contains("unsafe"), "{path}");
        assert_eq!(answer.headers["x-content-type-options"], "nosniff");
        assert_eq!(answer.headers["referrer-policy"], "no-referrer");
    }
}

#[tokio::test]
async fn the_page_has_all_the_files_that_it_asks_for() {
    let folder = tempfile::tempdir().unwrap();
    let served = Served::new(folder.path());
    let sources = concat!(env!("CARGO_MANIFEST_DIR"), "/src/web");
    for file in std::fs::read_dir(sources).unwrap() {
        let file = file.unwrap();
        let name = file.file_name().into_string().unwrap();
        let path = match &*name {
            "index.html" => "/".to_owned(),
            name => format!("/studio/{name}"),
        };
        let answer = served.get(&path).await.ok();
        assert_eq!(answer.bytes, std::fs::read(file.path()).unwrap(), "{name}");
        let kind = answer.headers["content-type"].to_str().unwrap();
        let expected = match name.rsplit_once('.').unwrap().1 {
            "html" => "text/html",
            "css" => "text/css",
            "svg" => "image/svg+xml",
            _ => "text/javascript",
        };
        assert!(kind.starts_with(expected), "{name}: {kind}");
        let text = answer.text();
        for import in text.split("from \"./").skip(1) {
            let imported = import.split('"').next().unwrap();
            served.get(&format!("/studio/{imported}")).await.ok();
        }
    }
    let missing = served.get("/studio/..%2Fpage.rs").await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
}

/// Each operation of the description: method, address with names that do not exist, and whether it has a body.
fn operations(description: &Value) -> Vec<(Method, String, bool)> {
    let mut all = Vec::new();
    for (path, methods) in description["paths"].as_object().unwrap() {
        let path = path
            .replace("{run}", "no%2Fsuch-run")
            .replace("{job}", "12345")
            .replace("{step}", "7");
        assert!(!path.contains('{'), "{path}");
        for (method, operation) in methods.as_object().unwrap() {
            let method = method.to_uppercase().parse().unwrap();
            let has_body = operation.get("requestBody").is_some();
            all.push((method, path.clone(), has_body));
        }
    }
    all
}

#[tokio::test]
async fn every_route_is_described_and_refuses_nonsense_in_a_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let served = Served::new(folder.path());
    let description = served.get("/api/openapi.json").await.ok().json();
    let (_, same) = routes::router(served.studio.clone());
    assert_eq!(description, serde_json::to_value(same).unwrap());
    let operations = operations(&description);
    assert!(operations.len() > 25, "{}", operations.len());
    for (method, path, has_body) in operations {
        if path == "/api/events" {
            continue; // it never ends
        }
        let bodies: &[&str] = if has_body {
            &["", "{", "[]", "{}"]
        } else {
            &[""]
        };
        for body in bodies {
            let answer = served.send(request(method.clone(), &path, body)).await;
            let status = answer.status;
            assert_ne!(status, StatusCode::METHOD_NOT_ALLOWED, "{method} {path}");
            if status.is_success() {
                assert!(
                    !path.contains("such-run") || path.ends_with("/forget"),
                    "{path}"
                );
                continue;
            }
            let is_known =
                [StatusCode::NOT_FOUND, StatusCode::UNPROCESSABLE_ENTITY].contains(&status);
            assert!(is_known, "{method} {path} {body:?}: {status}");
            let sentence = answer.json()["error"]
                .as_str()
                .expect("a sentence")
                .to_owned();
            assert!(sentence.len() > 10, "{method} {path}: {sentence}");
        }
    }
}

#[tokio::test]
async fn what_no_handler_sees_is_refused_in_a_sentence_too() {
    let folder = tempfile::tempdir().unwrap();
    let served = Served::new(folder.path());
    let answer = served.send(request(Method::PUT, "/api/runs", "{}")).await;
    let sentence = answer.refused(StatusCode::METHOD_NOT_ALLOWED);
    assert!(sentence.contains("does not take"), "{sentence}");
    served
        .get("/api/runs/%ff")
        .await
        .refused(StatusCode::BAD_REQUEST);
    served.get("/studio/x").await.refused(StatusCode::NOT_FOUND);
}
