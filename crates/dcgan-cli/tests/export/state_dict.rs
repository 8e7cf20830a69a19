//! State dicts of PyTorch.

use std::path::{Path, PathBuf};

use crate::python::{check_exports, python_with};
use crate::support::Place;

/// Runs whose networks names and shapes alone do not tell from others, and one of each preset.
const RUNS: [&str; 6] = [
    "--preset tutorial",
    "--preset pytorch --image-size 32 --upsample nearest --d-norm none",
    "--preset paper --image-size 32",
    "--preset small --spectral-norm",
    "--preset laptop --image-size 32 --upsample bilinear",
    "--preset laptop --image-size 32 --ema=100",
];

#[test]
fn an_imported_state_dict_is_the_network_that_was_exported() {
    let place = Place::with_faces();
    let mut pairs = Vec::new();
    for (number, options) in RUNS.iter().enumerate() {
        let run = format!("run{number}");
        let length = "--steps 2 --report-every 2 --evaluate-every never";
        place
            .train(&format!("faces --out {run} {length} {options}"))
            .succeeded();
        for (network, flag) in [("generator", ""), ("discriminator", "--discriminator")] {
            let [state, weights, imported] = ["pth", "safetensors", "imported.safetensors"]
                .map(|end| format!("{run}.{network}.{end}"));
            place
                .run(&format!(
                    "export {run} {flag} --torch {state} --safetensors {weights}"
                ))
                .succeeded();
            place
                .run(&format!("import {state} -o {imported}"))
                .succeeded();
            place.assert_same(&weights, &imported);
            place.assert_same(&weights, &format!("{run}/{network}.safetensors"));
            pairs.extend([place.path(&state), place.path(&weights)]);
        }
    }
    if let Some(python) = python_with("torch", &["torch", "safetensors"]) {
        let pairs: Vec<&Path> = pairs.iter().map(PathBuf::as_path).collect();
        check_exports(python, "torch", &pairs);
    }
}
