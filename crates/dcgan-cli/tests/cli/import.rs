//! Weights that PyTorch saved.

use std::fs;
use std::path::Path;

use crate::support::{Place, assert_names};

/// A file of `tools/make_state_dicts.py`, under its name.
fn with_file(name: &str) -> Place {
    let place = Place::new();
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../dcgan/tests/fixtures/pytorch");
    place.write(name, fs::read(fixtures.join(name)).unwrap());
    place
}

#[test]
fn an_imported_generator_draws_and_tells_what_it_is() {
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
fn without_a_name_the_file_lies_beside_its_source() {
    let place = with_file("paper_32.netD.pth");
    let answer = place.run("import paper_32.netD.pth").succeeded();
    assert_names(
        &answer.stdout,
        &["discriminator of preset paper", "paper_32.netD.safetensors"],
    );
    let line = place.fails("sample paper_32.netD.safetensors -n 1 --out drawn");
    assert_names(&line, &["is a discriminator"]);
    let told = place.run("info paper_32.netD.safetensors").succeeded();
    assert_names(&told.stdout, &["ndf 1"]);
    for unknown in ["ngf", "coordinates"] {
        assert!(!told.stdout.contains(unknown), "{}", told.stdout);
    }
}

#[test]
fn one_of_several_networks_is_chosen_by_its_key() {
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
fn a_preset_that_it_is_not_is_refused_and_small_is_built_as_pytorch() {
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
        // nothing is left behind, the file that the call would make not either
        let line = place.fails(&format!("import {name}"));
        assert_names(&line, &[function, "was not run", "state_dict"]);
        for command in ["info", "sample -n 1 --out drawn", "train --resume"] {
            place.fails(&format!("{command} {name}"));
        }
        assert!(!place.path("made-by-a-pickle").exists());
    }
}

#[test]
fn where_a_weight_file_is_needed_a_file_of_pytorch_is_told_about_import() {
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
fn what_is_no_file_of_pytorch_is_named() {
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
