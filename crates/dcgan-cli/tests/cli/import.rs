//! Importing PyTorch weights.

use std::fs;
use std::path::Path;

use crate::support::{Place, assert_names};

/// A directory with one file of `tools/make_state_dicts.py`.
fn with_file(name: &str) -> Place {
    let place = Place::new();
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../dcgan/tests/fixtures/pytorch");
    place.write(name, fs::read(fixtures.join(name)).unwrap());
    place
}

#[test]
fn an_imported_generator_samples_and_is_described() {
    let place = with_file("pytorch.netG.pth");
    let answer = place
        .run("import pytorch.netG.pth -o generator.safetensors")
        .succeeded();
    assert_names(
        &answer.stdout,
        &[
            "generator of preset pytorch",
            "64x64",
            "colour",
            "z 4",
            "ngf 1",
        ],
    );
    place
        .run("sample generator.safetensors -n 4 --grid faces.png")
        .succeeded();
    assert_eq!(place.picture("faces.png").width(), 2 * 64 + 3 * 2);
    let answer = place.run("info generator.safetensors").succeeded();
    assert_names(
        &answer.stdout,
        &[
            "imported from pytorch.netG.pth",
            "1262 parameters",
            "main.0.weight",
        ],
    );
}

#[test]
fn the_default_output_is_next_to_the_source() {
    let place = with_file("paper_32.netD.pth");
    let answer = place.run("import paper_32.netD.pth").succeeded();
    assert_names(
        &answer.stdout,
        &["discriminator of preset paper", "paper_32.netD.safetensors"],
    );
    let line = place.fails("sample paper_32.netD.safetensors -n 1 --out drawn");
    assert_names(&line, &["is a discriminator"]);
    let info = place.run("info paper_32.netD.safetensors").succeeded();
    assert_names(&info.stdout, &["ndf 1"]);
    for unknown in ["ngf", "coordinates"] {
        assert!(!info.stdout.contains(unknown), "{}", info.stdout);
    }
}

#[test]
fn the_key_chooses_one_of_several_networks() {
    let place = with_file("both.pth");
    assert_names(
        &place.fails("import both.pth"),
        &["'netD', 'netG'", "--key"],
    );
    assert_names(
        &place.fails("import both.pth --key netE"),
        &["'netD', 'netG'"],
    );
    let answer = place.run("import both.pth --key netD").succeeded();
    assert_names(&answer.stdout, &["discriminator"]);
}

#[test]
fn another_preset_is_refused_but_pytorch_weights_import_as_small() {
    let place = with_file("pytorch.netG.pth");
    let line = place.fails("import pytorch.netG.pth --preset paper");
    assert_names(&line, &["preset pytorch, not paper"]);
    let answer = place
        .run("import pytorch.netG.pth --preset small")
        .succeeded();
    assert_names(&answer.stdout, &["preset small"]);
}

#[test]
fn a_pickle_that_calls_functions_is_refused_and_not_run() {
    for (name, function) in [
        ("calls_system.pth", "posix.system"),
        ("calls_system_before_1_6.pth", "posix.system"),
        ("calls_eval.pth", "__builtin__.eval"),
    ] {
        let place = with_file(name);
        let line = place.fails(&format!("import {name}"));
        assert_names(&line, &[function, "was not run", "state_dict"]);
        for command in ["info", "sample -n 1 --out drawn", "train --resume"] {
            place.fails(&format!("{command} {name}"));
        }
        assert!(!place.path("made-by-a-pickle").exists());
    }
}

#[test]
fn commands_that_need_a_weight_file_suggest_import_for_a_pytorch_file() {
    for name in ["pytorch.netG.pth", "before_1_6.netG.pth"] {
        let place = with_file(name);
        for command in [
            "info",
            "sample -n 1 --out drawn",
            "interpolate --seeds 1,2 -o a.gif",
        ] {
            let line = place.fails(&format!("{command} {name}"));
            assert_names(
                &line,
                &[&format!("dcgan import {name}"), ".netG.safetensors"],
            );
        }
    }
}

#[test]
fn a_file_of_another_kind_is_reported_by_name() {
    let place = Place::with_run();
    for path in [
        "nowhere",
        "faces",
        "run/config.toml",
        "run/losses.png",
        "run/generator.safetensors",
    ] {
        assert_names(&place.fails(&format!("import {path} -o out")), &[path]);
    }
}
