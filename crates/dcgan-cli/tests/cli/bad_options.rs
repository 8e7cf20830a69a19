//! Settings that cannot work are refused before anything is made.

use crate::support::{Place, TINY, assert_names};

/// Asserts that `dcgan train faces` refuses an option, and names all `words`.
fn refuses(place: &Place, option: &str, words: &[&str]) {
    let line = place.fails(&format!("train faces --out run {option}"));
    assert_names(&line, words);
}

#[test]
fn sizes_that_a_preset_does_not_have_are_refused_with_those_it_has() {
    let place = Place::with_faces();
    refuses(
        &place,
        "--image-size 128",
        &["tutorial", "128", "64", "pytorch"],
    );
    refuses(
        &place,
        "--preset small --image-size 32",
        &["small", "32", "64"],
    );
    refuses(
        &place,
        "--preset paper --image-size 48",
        &["paper", "48", "32, 64, 128"],
    );
    refuses(&place, "--preset pytorch --image-size 0", &["0"]);
}

#[test]
fn widths_out_of_range_are_refused() {
    let place = Place::with_faces();
    for name in ["ngf", "ndf", "z-dim", "batch-size"] {
        for value in ["0", "99999999", "-4", "1.5", "wide"] {
            refuses(&place, &format!("--{name} {value}"), &[value]);
        }
    }
    refuses(&place, "--batch-size 1", &["1", "2"]);
}

#[test]
fn rates_that_are_no_rates_are_refused() {
    let place = Place::with_faces();
    for name in ["learning-rate", "beta1", "beta2"] {
        for value in ["NaN", "inf", "-0.1", "2", "fast"] {
            refuses(&place, &format!("--{name} {value}"), &[value]);
        }
    }
    refuses(&place, "--learning-rate 0", &["0"]);
    refuses(&place, "--beta1 1", &["1"]);
}

#[test]
fn runs_of_no_length_are_refused() {
    let place = Place::with_faces();
    refuses(&place, "--epochs 0", &["--epochs"]);
    refuses(&place, "--steps 0", &["--steps"]);
    refuses(&place, "--report-every 0", &["0"]);
    refuses(&place, "--epochs 1 --steps 1", &["--epochs", "--steps"]);
    refuses(
        &place,
        "--steps 99999999999999999999",
        &["99999999999999999999"],
    );
}

#[test]
fn names_that_do_not_exist_are_met_with_those_that_do() {
    let place = Place::with_faces();
    refuses(
        &place,
        "--preset big",
        &["big", "tutorial", "pytorch", "paper", "small"],
    );
    refuses(&place, "--crop left", &["left", "center", "random", "none"]);
    refuses(
        &place,
        "--device gpu",
        &["gpu", "cpu", "cuda", "vulkan", "auto"],
    );
}

#[test]
fn a_colour_is_six_hexadecimal_digits() {
    let place = Place::with_faces();
    for colour in ["red", "fff", "fffffff", "gggggg", "+12345", "-12345", ""] {
        let option = format!("--background={colour}");
        let line = place.fails(&format!("train faces --out run --steps 1 {TINY} {option}"));
        assert_names(&line, &["--background", colour]);
    }
}

#[test]
fn channels_threads_and_seeds_out_of_range_are_refused() {
    let place = Place::with_faces();
    refuses(&place, "--channels 2", &["2", "1", "3"]);
    refuses(&place, "--threads 0", &["--threads", "0"]);
    refuses(&place, "--threads 1000000", &["--threads", "1000000"]);
    refuses(&place, "--seed -1", &["-1"]);
    refuses(
        &place,
        "--seed 18446744073709551616",
        &["18446744073709551616"],
    );
}

#[test]
fn the_number_of_demo_faces_is_for_the_demo() {
    let place = Place::with_faces();
    refuses(&place, "-n 5", &["demo"]);
    let line = place.fails("train demo --out run -n 0");
    assert_names(&line, &["demo"]);
}
