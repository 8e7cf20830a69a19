//! Trainings that the studio starts, stops and resumes.

use serde_json::json;

use super::server::{Running, signal};
use crate::support::{Place, assert_names};

/// The smallest networks.
fn options(steps: u64) -> serde_json::Value {
    json!({"preset": "small", "ngf": 4, "ndf": 4, "batch_size": 8, "threads": 1, "steps": steps})
}

#[test]
fn a_training_is_started_stopped_and_resumed() {
    let place = Place::with_faces();
    let studio = Running::start(&place, "runs --data .");
    let offered = studio.get("/api/data").json();
    assert!(
        offered
            .as_array()
            .unwrap()
            .iter()
            .any(|one| one["id"] == "0/faces")
    );
    let new = json!({"data": "0/faces", "options": options(100_000)});
    let started = studio.post("/api/runs", &new);
    assert_eq!(started.status, 202);
    assert_eq!(started.json()["id"], "faces");
    let running = studio.wait_for("faces", |run| run["step"].as_u64() > Some(3));
    assert_eq!(running["state"], "training");
    assert_eq!(running["total_steps"], 100_000);
    let twice = studio.post("/api/runs/faces/resume", &json!({}));
    assert_eq!(twice.status, 409);
    assert_names(
        twice.json()["error"].as_str().unwrap(),
        &["training already"],
    );

    assert_eq!(studio.post("/api/runs/faces/stop", &json!({})).status, 202);
    let stopped = studio.wait_for("faces", |run| run["state"] == "stopped");
    let step = stopped["step"].as_u64().unwrap();
    assert_eq!(stopped["can_resume"], true);
    let resumed = studio.post("/api/runs/faces/resume", &json!({"steps": step + 4}));
    assert_eq!(resumed.status, 202);
    let complete = studio.wait_for("faces", |run| run["state"] == "complete");
    assert_eq!(complete["step"], step + 4);
    // the same data again gets a folder of its own
    let again = studio.post(
        "/api/runs",
        &json!({"data": "0/faces", "options": options(2)}),
    );
    assert_eq!(again.json()["id"], "faces-2");
    studio.wait_for("faces-2", |run| run["state"] == "complete");
}

#[test]
fn a_training_goes_on_when_the_studio_is_killed_and_the_next_one_can_stop_it() {
    let place = Place::with_faces();
    let mut studio = Running::start(&place, "runs --data .");
    let new = json!({"data": "0/faces", "name": "mine", "options": options(100_000)});
    assert_eq!(studio.post("/api/runs", &new).status, 202);
    studio.wait_for("mine", |run| run["step"].as_u64() > Some(1));
    signal("-KILL", studio.process.id());
    studio.process.wait().unwrap();
    let next = Running::start(&place, "runs");
    let before = next.run("mine")["step"].as_u64().unwrap();
    next.wait_for("mine", |run| {
        run["state"] == "training" && run["step"].as_u64() > Some(before)
    });
    assert_eq!(next.post("/api/runs/mine/stop", &json!({})).status, 202);
    next.wait_for("mine", |run| run["state"] == "stopped");
}

#[test]
fn a_training_that_reads_many_pictures_says_so_before_its_run_is_there() {
    let place = Place::with_faces();
    place.make_links("faces/000001.png", "many", 20_000);
    let studio = Running::start(&place, "runs --data .");
    let new = json!({"data": "0/many", "options": options(2)});
    assert_eq!(studio.post("/api/runs", &new).status, 202);
    let run = studio.wait_for("many", |run| run["reason"].is_string());
    assert_eq!(run["state"], "starting");
    assert_names(
        run["reason"].as_str().unwrap(),
        &["reading 20000 pictures", "the next time"],
    );
    assert_eq!(studio.post("/api/runs/many/stop", &json!({})).status, 202);
    studio.wait_until(|runs| runs.iter().all(|run| run["state"] == "stopped"));
}

#[test]
fn a_training_that_cannot_start_says_why_until_it_is_dismissed() {
    let place = Place::new();
    place.write("letters/a.txt", "no picture");
    let studio = Running::start(&place, "runs --data .");
    let new = json!({"data": "0/letters"});
    assert_eq!(studio.post("/api/runs", &new).status, 202);
    let failed = studio.wait_for("letters", |run| run["state"] == "failed");
    assert_names(failed["reason"].as_str().unwrap(), &["letters", "picture"]);
    assert!(!failed["reason"].as_str().unwrap().starts_with("error"));
    assert_eq!(
        studio.post("/api/runs/letters/forget", &json!({})).status,
        204
    );
    assert_eq!(studio.get("/api/runs").json(), json!([]));
    // its name is free
    let again = json!({"data": "demo", "name": "letters", "options": options(2)});
    assert_eq!(studio.post("/api/runs", &again).status, 202);
    studio.wait_for("letters", |run| run["state"] == "complete");
    // what the studio was not given cannot be trained on
    for data in ["1", "0/..", "/etc", "0/letters/a.txt"] {
        let refused = studio.post("/api/runs", &json!({"data": data}));
        assert_eq!(refused.status, 404, "{data}");
        assert_names(refused.json()["error"].as_str().unwrap(), &["--data"]);
    }
    let odd = studio.post("/api/runs", &json!({"data": "demo", "name": "../out"}));
    assert_eq!(odd.status, 422);
}

#[test]
fn advice_starts_a_new_run_with_its_option() {
    let place = Place::with_run();
    let studio = Running::start(&place, ".");
    let detail = studio.get("/api/runs/run").json();
    let advice = detail["findings"][0]["advice"].as_array().unwrap();
    let augment = advice.iter().find(|one| one["id"] == "augment").unwrap();
    assert_eq!(augment["flags"], json!(["--augment=full"]));
    assert_eq!(augment["applicable"], true);
    let more = advice
        .iter()
        .find(|one| one["id"] == "more-pictures")
        .unwrap();
    assert_eq!(more["applicable"], false);
    let started = studio.post("/api/runs/run/restart", &json!({"advice": "augment"}));
    assert_eq!(started.status, 202);
    let name = started.json()["id"].as_str().unwrap().to_owned();
    studio.wait_for(&name, |run| run["state"] == "complete");
    let config = studio.get(&format!("/api/runs/{name}")).json();
    assert!(
        config["config"]
            .as_str()
            .unwrap()
            .contains("augment = \"full\"")
    );
    let refused = studio.post("/api/runs/run/restart", &json!({"advice": "more-pictures"}));
    assert_eq!(refused.status, 422);
    // with the weights of a checkpoint
    let from = json!({"advice": "augment", "checkpoint": 4});
    let started = studio.post("/api/runs/run/restart", &from);
    let name = started.json()["id"].as_str().unwrap().to_owned();
    studio.wait_for(&name, |run| run["state"] == "complete");
    let config = studio.get(&format!("/api/runs/{name}")).json();
    let config = config["config"].as_str().unwrap();
    assert_names(config, &["start_from = ", "step-000004.safetensors"]);
}

#[test]
fn why_a_run_does_not_go_on_is_said_in_the_list_of_runs() {
    let place = Place::with_run();
    std::fs::rename(place.path("faces"), place.path("elsewhere")).unwrap();
    let studio = Running::start(&place, ".");
    assert_eq!(studio.run("run")["reason"], json!(null));
    let longer = json!({"steps": 8});
    assert_eq!(studio.post("/api/runs/run/resume", &longer).status, 202);
    let run = studio.wait_for("run", |run| run["reason"].is_string());
    assert_eq!(run["state"], "complete");
    assert_names(run["reason"].as_str().unwrap(), &["faces", "--resume"]);
}

#[test]
fn a_training_is_stopped_before_its_run_is_there_and_resumed_only_once() {
    let place = Place::with_faces();
    let studio = Running::start(&place, "runs --data .");
    let new = json!({"data": "0/faces", "name": "mine", "options": options(100_000)});
    assert_eq!(studio.post("/api/runs", &new).status, 202);
    // at whatever moment it comes
    assert_eq!(studio.post("/api/runs/mine/stop", &json!({})).status, 202);
    // a training that was stopped has not failed
    studio.wait_until(|runs| runs.iter().all(|run| run["state"] == "stopped"));
    let new = json!({"data": "0/faces", "name": "other", "options": options(100_000)});
    assert_eq!(studio.post("/api/runs", &new).status, 202);
    studio.wait_for("other", |run| run["step"].as_u64() > Some(1));
    assert_eq!(studio.post("/api/runs/other/stop", &json!({})).status, 202);
    studio.wait_for("other", |run| run["state"] == "stopped");
    let statuses = [(); 2].map(|()| studio.post("/api/runs/other/resume", &json!({})).status);
    assert_eq!(statuses, [202, 409]);
    studio.wait_for("other", |run| run["state"] == "training");
    // a run that is moved is not one that begins
    std::fs::rename(place.path("runs/other"), place.path("runs/moved")).unwrap();
    studio.wait_for("moved", |run| run["state"] == "training");
    studio.wait_until(|runs| runs.iter().all(|run| run["id"] != "other"));
    assert_eq!(studio.post("/api/runs/moved/stop", &json!({})).status, 202);
    studio.wait_for("moved", |run| run["state"] != "training");
}

#[test]
fn a_run_that_gave_up_can_be_started_anew_with_a_lower_learning_rate() {
    let place = Place::with_faces();
    place
        .train("faces --out run --steps 90 --report-every 3 --learning-rate 1 --beta2 0")
        .failed();
    let studio = Running::start(&place, ".");
    let detail = studio.get("/api/runs/run").json();
    assert_eq!(detail["run"]["state"], "gave-up");
    let findings = detail["findings"].as_array().unwrap();
    let mut advice = findings
        .iter()
        .flat_map(|one| one["advice"].as_array().unwrap());
    let lower = advice
        .find(|one| one["id"] == "lower-learning-rate")
        .unwrap();
    assert_eq!(lower["applicable"], true);
    let asked = json!({"advice": "lower-learning-rate"});
    let started = studio.post("/api/runs/run/restart", &asked);
    assert_eq!(started.status, 202);
    let name = started.json()["id"].as_str().unwrap().to_owned();
    studio.wait_for(&name, |run| run["state"] != "starting");
}
