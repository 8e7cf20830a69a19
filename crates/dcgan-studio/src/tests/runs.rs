//! What is said and drawn of a run.

use axum::http::{Method, StatusCode};
use dcgan::sample::Sampler;
use serde_json::{Value, json};

use super::{Answer, Served, folder_with_run, request, train};

/// The red, green and blue bytes of a PNG.
fn pixels(answer: &Answer) -> (Vec<u8>, [u32; 2]) {
    let picture = image::load_from_memory(&answer.bytes).unwrap().into_rgb8();
    let (width, height) = picture.dimensions();
    (picture.into_raw(), [width, height])
}

#[tokio::test]
async fn a_run_is_listed_with_what_the_doctor_says() {
    let served = Served::new(folder_with_run());
    let runs = served.get("/api/runs").await.ok().json();
    assert_eq!(runs.as_array().unwrap().len(), 1);
    let run = &runs[0];
    assert_eq!(run["id"], "tiny");
    assert_eq!(run["state"], "complete");
    assert_eq!((&run["step"], &run["total_steps"]), (&json!(4), &json!(4)));
    assert_eq!(run["newest_grid"], 4);
    assert_eq!(
        (&run["data"], &run["preset"]),
        (&json!("demo"), &json!("small"))
    );
    assert!(run["bytes"].as_u64().unwrap() > 10_000);

    let detail = served.get("/api/runs/tiny").await.ok().json();
    assert_eq!(detail["lines"], json!(["4 steps"]));
    assert_eq!(detail["grids"], json!([2, 4]));
    assert_eq!(detail["findings"][0]["name"], "too little data");
    assert!(!detail["checkpoints"].as_array().unwrap().is_empty());
    assert!(detail["config"].as_str().unwrap().contains("[training]"));
}

#[tokio::test]
async fn measurements_come_in_columns_of_equal_length() {
    let served = Served::new(folder_with_run());
    let all = served.get("/api/runs/tiny/metrics").await.ok().json();
    for name in [
        "step",
        "loss_d",
        "loss_g",
        "accuracy_real",
        "accuracy_fake",
        "logit_real",
    ] {
        assert_eq!(all[name].as_array().unwrap().len(), 4, "{name}");
    }
    assert_eq!(all["reports"]["step"], json!([2, 4]));
    let two = served
        .get("/api/runs/tiny/metrics?points=2&from=2")
        .await
        .ok();
    assert_eq!(two.json()["step"], json!([3, 4]));
    for odd in [
        "bins=5",
        "points=0",
        "points=1000000",
        "points=x",
        "from=-1",
    ] {
        let answer = served.get(&format!("/api/runs/tiny/metrics?{odd}")).await;
        answer.refused(StatusCode::UNPROCESSABLE_ENTITY);
    }
    let table = served.get("/api/runs/tiny/metrics.csv").await.ok();
    assert_eq!(table.text().lines().count(), 5);
    let disposition = table.headers["content-disposition"].to_str().unwrap();
    assert!(disposition.contains("tiny-metrics.csv"));
}

#[tokio::test]
async fn grids_are_those_in_the_folder() {
    let served = Served::new(folder_with_run());
    for (path, file) in [
        ("2", "step-000002.png"),
        ("4?of=real", "step-000004-real.png"),
    ] {
        let grid = served
            .get(&format!("/api/runs/tiny/grids/{path}"))
            .await
            .ok();
        let file = folder_with_run().join("tiny/samples").join(file);
        assert_eq!(grid.bytes, std::fs::read(file).unwrap());
        // whoever has it already is not sent it again
        let mut again = request(Method::GET, &format!("/api/runs/tiny/grids/{path}"), "");
        let tag = grid.headers["etag"].clone();
        again.headers_mut().insert("if-none-match", tag);
        let answer = served.send(again).await;
        assert_eq!(answer.status, StatusCode::NOT_MODIFIED);
        assert!(answer.bytes.is_empty());
    }
    let missing = served.get("/api/runs/tiny/grids/3").await;
    missing.refused(StatusCode::NOT_FOUND);
    let odd = served.get("/api/runs/tiny/grids/x").await;
    odd.refused(StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn a_saved_picture_is_that_of_the_sampler_and_a_quick_one_is_within_a_level() {
    let served = Served::new(folder_with_run());
    let run = folder_with_run().join("tiny");
    let mut sampler = Sampler::load(&run, &dcgan::device::cpu()).unwrap();
    let expected = sampler.pictures([7])[0].to_rgb8().into_raw();
    let body = r#"{"latent":{"seed":7}}"#;
    let saved = served.post("/api/runs/tiny/picture", body).await.ok();
    assert_eq!(pixels(&saved).0, expected);
    let chunks = saved.text();
    assert!(chunks.contains("tiny") && chunks.contains("seeds"));

    let body = r#"{"latents":[{"seed":7}]}"#;
    let quick = served.post("/api/runs/tiny/draw", body).await.ok();
    assert_eq!(quick.headers["x-step"], "4");
    assert_eq!(quick.headers["x-picture-size"], "64");
    let (quick, size) = pixels(&quick);
    assert_eq!(size, [64, 64]);
    let furthest = quick
        .iter()
        .zip(&expected)
        .map(|(a, b)| a.abs_diff(*b))
        .max();
    assert!(furthest.unwrap() <= 1);
}

#[tokio::test]
async fn pictures_are_side_by_side_in_the_order_of_their_latent_vectors() {
    let served = Served::new(folder_with_run());
    let latents: Vec<Value> = (0..10).map(|seed| json!({"seed": seed})).collect();
    let body = json!({"latents": latents, "columns": 4}).to_string();
    let (sheet, size) = pixels(&served.post("/api/runs/tiny/draw", &body).await.ok());
    assert_eq!(size, [4 * 64, 3 * 64]);
    let run = folder_with_run().join("tiny");
    let mut sampler = Sampler::load(&run, &dcgan::device::cpu()).unwrap();
    let seventh = sampler.pictures([6])[0].to_rgb8();
    for (x, y, pixel) in seventh.enumerate_pixels() {
        let place = ((64 + y) * 256 + 2 * 64 + x) as usize * 3;
        assert_eq!(sheet[place..place + 3], pixel.0);
    }
}

#[tokio::test]
async fn latent_vectors_can_be_moved_summed_and_saved() {
    let served = Served::new(folder_with_run());
    let directions = served.get("/api/runs/tiny/directions").await.ok().json();
    assert_eq!(directions["directions"][0]["id"], "principal-1");
    assert_eq!(directions["directions"].as_array().unwrap().len(), 8);
    let attributes = directions["attributes"].as_array().unwrap();
    assert!(attributes.contains(&json!("Smiling")), "{attributes:?}");

    let moved = json!({"seed": 3, "move": [{"direction": "principal-1", "strength": 2}]});
    let sum =
        json!({"sum": [{"weight": 1, "mean": [{"seed": 3}]}, {"weight": -1, "mean": [moved]}]});
    let body = json!({"latents": [sum]}).to_string();
    let z = served
        .post("/api/runs/tiny/latents", &body)
        .await
        .ok()
        .json();
    let length = z["z"][0].as_array().unwrap().iter();
    let length: f64 = length.map(|value| value.as_f64().unwrap().powi(2)).sum();
    assert!((length.sqrt() - 2.0).abs() < 1e-4, "{length}");

    let file = served
        .post(
            "/api/runs/tiny/latents.safetensors",
            r#"{"latents":[{"seed":3},{"seed":4}]}"#,
        )
        .await
        .ok();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("z.safetensors");
    std::fs::write(&path, &file.bytes).unwrap();
    assert_eq!(dcgan::latent::read_z(&path, 100).unwrap().len(), 2);
}

#[tokio::test]
async fn a_walk_is_an_animation_and_the_discriminator_has_an_opinion() {
    let served = Served::new(folder_with_run());
    let body = r#"{"stops":[{"seed":1},{"seed":2}],"frames":3,"loop":true,"upscale":2}"#;
    let walk = served.post("/api/runs/tiny/interpolation", body).await.ok();
    assert_eq!(&walk.bytes[..6], b"GIF89a");
    for odd in [
        r#"{"stops":[{"seed":1}],"frames":3}"#,
        r#"{"stops":[{"seed":1},{"seed":2}],"frames":0}"#,
        r#"{"stops":[{"seed":1},{"seed":2}],"frames":100000}"#,
        r#"{"stops":[{"seed":1},{"seed":2}],"frames":2,"upscale":100}"#,
    ] {
        let answer = served.post("/api/runs/tiny/interpolation", odd).await;
        answer.refused(StatusCode::UNPROCESSABLE_ENTITY);
    }
    let body = r#"{"latent":{"seed":1},"at":[10,50]}"#;
    let opinion = served
        .post("/api/runs/tiny/opinion", body)
        .await
        .ok()
        .json();
    assert!(opinion["logit"].as_f64().unwrap().is_finite());
    assert!((0.0..=1.0).contains(&opinion["probability"].as_f64().unwrap()));
    assert!(
        opinion["heat"]
            .as_str()
            .unwrap()
            .starts_with("data:image/png;base64,")
    );
    let old = r#"{"latents":[{"seed":1}],"checkpoint":3}"#;
    let answer = served.post("/api/runs/tiny/draw", old).await;
    answer.refused(StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_run_that_vanishes_is_said_to_be_gone() {
    let folder = tempfile::tempdir().unwrap();
    train(&folder.path().join("one/deeper"));
    let served = Served::new(folder.path());
    served.get("/api/runs/one%2Fdeeper").await.ok();
    let body = r#"{"latents":[{"seed":1}]}"#;
    served.post("/api/runs/one%2Fdeeper/draw", body).await.ok();
    std::fs::remove_dir_all(folder.path().join("one")).unwrap();
    assert_eq!(served.get("/api/runs").await.ok().json(), json!([]));
    let answer = served.post("/api/runs/one%2Fdeeper/draw", body).await;
    let sentence = answer.refused(StatusCode::NOT_FOUND);
    assert!(sentence.contains("any more"), "{sentence}");
}

#[tokio::test]
async fn stopping_a_run_that_does_not_train_is_refused() {
    let served = Served::new(folder_with_run());
    let answer = served.post("/api/runs/tiny/stop", "{}").await;
    let sentence = answer.refused(StatusCode::CONFLICT);
    assert!(sentence.contains("not training"), "{sentence}");
}
