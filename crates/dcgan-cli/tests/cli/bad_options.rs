//! Invalid settings are refused before anything is written.

use crate::support::{Place, TINY_TUTORIAL, assert_names};

/// Asserts that `dcgan train faces` refuses an option in a line that contains all `words`.
fn refuses(place: &Place, option: &str, words: &[&str]) {
    let line = place.fails(&format!("train faces --out run {option}"));
    assert_names(&line, words);
}

#[test]
fn an_image_size_that_the_preset_lacks_is_refused_with_a_list_of_sizes() {
    let place = Place::with_faces();
    refuses(
        &place,
        "--preset tutorial --image-size 128",
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
fn sizes_out_of_range_are_refused() {
    let place = Place::with_faces();
    for name in ["ngf", "ndf", "z-dim", "batch-size"] {
        for value in ["0", "99999999", "-4", "1.5", "wide"] {
            refuses(&place, &format!("--{name} {value}"), &[value]);
        }
    }
    refuses(&place, "--batch-size 1", &["1", "2"]);
}

#[test]
fn learning_rates_and_betas_out_of_range_are_refused() {
    let place = Place::with_faces();
    for name in [
        "learning-rate",
        "learning-rate-g",
        "learning-rate-d",
        "beta1",
        "beta2",
    ] {
        for value in ["NaN", "inf", "-0.1", "2", "fast"] {
            refuses(&place, &format!("--{name} {value}"), &[value]);
        }
    }
    refuses(&place, "--learning-rate 0", &["0"]);
    refuses(&place, "--learning-rate-d 0", &["0"]);
    refuses(&place, "--beta1 1", &["1"]);
}

#[test]
fn lengths_of_zero_are_refused() {
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
fn an_unknown_name_is_refused_with_a_list_of_names() {
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
fn a_colour_that_is_not_six_hexadecimal_digits_is_refused() {
    let place = Place::with_faces();
    for colour in ["red", "fff", "fffffff", "gggggg", "+12345", "-12345", ""] {
        let option = format!("--background={colour}");
        let line = place.fails(&format!(
            "train faces --out run --steps 1 {TINY_TUTORIAL} {option}"
        ));
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
fn demo_faces_is_refused_for_other_data() {
    let place = Place::with_faces();
    refuses(&place, "-n 5", &["demo"]);
    let line = place.fails("train demo --out run -n 0");
    assert_names(&line, &["demo"]);
}
