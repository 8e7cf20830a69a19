//! The interface against its description, by a program that makes requests from it.

use std::path::Path;
use std::process::Command;

use super::server::Running;
use crate::skip::skip;
use crate::support::Place;

/// What starts trainings, which would go on after the test, and what never ends.
const LEFT_OUT: [&str; 4] = [
    "/api/runs/{run}/resume",
    "/api/runs/{run}/restart",
    "/api/plan",
    "/api/events",
];

#[test]
fn what_is_answered_is_what_the_description_promises() {
    let programs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/python/bin");
    let schemathesis = programs.join("schemathesis");
    if !schemathesis.exists() {
        return skip("python", "schemathesis is not installed (.ci/setup python)");
    }
    let place = Place::with_run();
    let studio = Running::start(&place, ".");
    let mut command = Command::new(schemathesis);
    command.arg("run");
    command.arg(format!("http://{}/api/openapi.json", studio.address));
    command.args([
        "--phases",
        "coverage,fuzzing",
        "--max-examples",
        "10",
        "--seed",
        "1",
    ]);
    command.args([
        "--checks",
        "not_a_server_error,status_code_conformance,content_type_conformance",
    ]);
    command.args(["--checks", "response_schema_conformance", "--no-color"]);
    command.args(LEFT_OUT.iter().flat_map(|path| ["--exclude-path", path]));
    command.args(["--exclude-operation-id", "start"]);
    let output = command.current_dir(place.path(".")).output().unwrap();
    assert!(
        output.status.success(),
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    assert_eq!(studio.get("/api/health").status, 200);
}
