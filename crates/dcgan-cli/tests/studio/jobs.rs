//! Commands that the studio runs for its page.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::server::{PATIENCE, Running};
use crate::support::{Place, assert_names};

/// A run on drawn faces, whose attributes are known.
fn place_with_demo_run() -> Place {
    let place = Place::new();
    place
        .train("demo --out runs/demo --steps 4 --report-every 2")
        .succeeded();
    place
}

#[test]
fn data_is_checked_and_planned_before_it_is_trained_on() {
    let place = Place::with_faces();
    let studio = Running::start(&place, "runs --data .");
    let checked = studio.post("/api/data/check", &json!({"data": "0/faces"}));
    let job = studio.wait_for_job(&checked);
    assert_eq!(job["state"], "done", "{job}");
    assert_names(&job["result"]["lines"].to_string(), &["16"]);
    let id = job["id"].as_str().unwrap();
    let preview = studio.get(&format!("/api/jobs/{id}/picture"));
    assert!(preview.body.starts_with(b"\x89PNG"));
    // the preview is not left among the pictures
    assert_names(&format!("{:?}", place.tree(".")), &["faces"]);
    assert!(!format!("{:?}", place.tree(".")).contains("preview"));

    let plan = json!({"data": "0/faces", "options": {"preset": "small", "steps": 50}});
    let job = studio.wait_for_job(&studio.post("/api/plan", &plan));
    assert_names(&job["result"]["lines"].to_string(), &["memory", "50 steps"]);
    assert_names(job["result"]["settings"].as_str().unwrap(), &["steps = 50"]);
    let impossible = json!({"data": "0/faces", "options": {"image_size": 63}});
    let job = studio.wait_for_job(&studio.post("/api/plan", &impossible));
    assert_eq!(job["state"], "failed");
    assert_names(job["error"].as_str().unwrap(), &["63"]);
    assert!(!place.path("runs").exists());
}

#[test]
fn neighbours_and_projections_are_found() {
    let place = place_with_demo_run();
    let studio = Running::start(&place, "");
    let latents = json!({"latents": [{"seed": 1}, {"seed": 2}]});
    let asked = studio.post("/api/runs/demo/neighbours", &latents);
    let job = studio.wait_for_job(&asked);
    assert_eq!(job["state"], "done", "{job}");
    let rows = job["result"]["rows"].as_array().unwrap();
    assert_eq!(rows.len(), 2);
    assert_eq!(rows[0]["pixels"].as_array().unwrap().len(), 3);
    let id = job["id"].as_str().unwrap();
    let sheet = studio.get(&format!("/api/jobs/{id}/picture")).body;
    let sheet = image::load_from_memory(&sheet).unwrap();
    assert_eq!((sheet.width(), sheet.height()), (6 * 64, 2 * 64));

    place
        .run("sample runs/demo --seeds 5 -o face.png")
        .succeeded();
    let picture = std::fs::read(place.path("face.png")).unwrap();
    let kind = "Content-Type: image/png\r\n";
    let asked = studio.send("POST", "/api/runs/demo/project", kind, &picture);
    let job = studio.wait_for_job(&asked);
    assert_eq!(job["state"], "done", "{job}");
    let z = job["result"]["latent"]["z"].as_array().unwrap();
    assert_eq!(z.len(), 100);
    assert_eq!(job["has_picture"], true);
    let broken = studio.send("POST", "/api/runs/demo/project", kind, b"no picture at all");
    let job = studio.wait_for_job(&broken);
    assert_eq!(job["state"], "failed");
    assert!(!job["error"].as_str().unwrap().contains("/tmp"), "{job}");
}

#[test]
fn a_page_to_give_away_is_made() {
    let place = place_with_demo_run();
    let studio = Running::start(&place, "");
    let job = studio.wait_for_job(&studio.post("/api/runs/demo/page", &json!({})));
    assert_eq!(job["state"], "done", "{job}");
    assert_eq!(job["file"], "demo.html");
    let id = job["id"].as_str().unwrap();
    let page = studio.get(&format!("/api/jobs/{id}/file"));
    assert_names(
        &page.head.to_lowercase(),
        &["content-disposition: attachment", "demo.html"],
    );
    assert!(page.body.starts_with(b"<!doctype html>"));
}

#[test]
fn attributes_become_directions_and_words_become_sums() {
    let place = place_with_demo_run();
    let studio = Running::start(&place, "");
    let known = studio.get("/api/runs/demo/directions").json();
    let names: Vec<&Value> = known["attributes"].as_array().unwrap().iter().collect();
    assert!(names.contains(&&json!("Smiling")));
    let asked = json!({"attribute": "Smiling"});
    let job = studio.wait_for_job(&studio.post("/api/runs/demo/directions", &asked));
    // four steps draw nothing with a smile: then the reason is said
    if job["state"] == "failed" {
        assert_names(job["error"].as_str().unwrap(), &["Smiling"]);
    } else {
        assert_eq!(job["result"]["id"], "smiling");
        let known = studio.get("/api/runs/demo/directions").json();
        assert_names(&known["directions"].to_string(), &["\"smiling\""]);
    }
    let asked = json!({"attribute": "no such thing"});
    let job = studio.wait_for_job(&studio.post("/api/runs/demo/directions", &asked));
    assert_names(job["error"].as_str().unwrap(), &["no such thing"]);
    let asked = json!({"words": "a purple elephant"});
    let job = studio.wait_for_job(&studio.post("/api/runs/demo/arithmetic", &asked));
    assert_names(job["error"].as_str().unwrap(), &["purple"]);
}

#[test]
fn a_job_can_be_cancelled_and_too_many_are_refused() {
    let place = place_with_demo_run();
    let studio = Running::start(&place, "");
    let ask = || {
        studio.post(
            "/api/runs/demo/neighbours",
            &json!({"latents": [{"seed": 1}]}),
        )
    };
    let first = ask().json()["job"].as_str().unwrap().to_owned();
    let mut waiting = Vec::new();
    let refused = loop {
        let asked = ask();
        if asked.status != 202 {
            break asked;
        }
        waiting.push(asked.json()["job"].as_str().unwrap().to_owned());
        assert!(waiting.len() < 50);
    };
    assert_eq!(refused.status, 429);
    assert_names(&refused.head.to_lowercase(), &["retry-after"]);
    for job in waiting.iter().chain([&first]) {
        let path = format!("/api/jobs/{job}");
        assert_eq!(studio.send("DELETE", &path, "", b"").status, 204);
    }
    let end = Instant::now() + PATIENCE;
    for job in &waiting {
        loop {
            let found = studio.get(&format!("/api/jobs/{job}")).json();
            if found["state"] == "failed" {
                assert_eq!(found["error"], "it was cancelled");
                break;
            }
            assert!(found["state"] != "done" && Instant::now() < end, "{found}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }
    let asked = ask();
    assert_eq!(studio.wait_for_job(&asked)["state"], "done");
}
