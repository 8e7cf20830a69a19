//! Figures on the features of Inception, with random weights in place of the published ones.

use std::fs;

use dcgan_evaluate::{Features, Statistics};

use crate::inception_weights::{tensors, write_pytorch_file, write_weights};
use crate::support::{Place, assert_names};

#[test]
fn figures_on_features_name_the_weights_and_what_they_depend_on() {
    let place = Place::with_run();
    write_weights(&place.path("inception.safetensors"), &tensors(1008));
    let command = "evaluate run --data faces -n 10 --inception inception.safetensors";
    let answer = place.run(command).succeeded();
    let words = [
        "sha256",
        "not the published weights",
        "as pytorch-fid",
        "KID",
        "IS",
        "precision",
        "recall",
        "density",
        "coverage",
        "in features",
        "SWD",
    ];
    assert_names(&answer.stdout, &words);
    // too few pictures for a FID, which nobody asked for by name
    assert_names(&answer.stderr, &["left out: FID needs at least 2048"]);
    let line = place.fails(&format!("{command} --metrics fid"));
    assert_names(&line, &["FID", "2048", "10"]);

    // the features of the real pictures come from the cache the second time
    let cached = |place: &Place| {
        let files = place.cached();
        files
            .iter()
            .filter(|path| path.to_string_lossy().contains("features-"))
            .count()
    };
    assert_eq!(cached(&place), 1);
    let json = place.run(&format!("{command} --json")).succeeded().stdout;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["inception"]["is_published"], false);
    assert_eq!(json["inception"]["sha256"].as_str().unwrap().len(), 64);
    assert!(json["kid"]["mean"].as_f64().unwrap().is_finite());
    for share in ["precision", "recall", "coverage"] {
        assert!(
            (0.0..=1.0).contains(&json[share].as_f64().unwrap()),
            "{share}"
        );
    }
    assert_eq!(cached(&place), 1);
    let clean = place
        .run(&format!("{command} --metrics kid --resize clean"))
        .succeeded();
    assert_names(&clean.stdout, &["as clean-fid", "KID"]);
    assert_eq!(cached(&place), 2);

    // a place in the cache needs no flag
    let kept = place.cached()[0]
        .parent()
        .unwrap()
        .join("inception-2015-12-05.safetensors");
    fs::rename(place.path("inception.safetensors"), kept).unwrap();
    let found = place.run("evaluate run --metrics kid -n 10").succeeded();
    assert_names(&found.stdout, &["inception-2015-12-05.safetensors", "KID"]);
}

#[test]
fn without_weights_figures_on_features_say_where_to_get_them() {
    let place = Place::with_run();
    for metric in ["fid", "kid", "is", "precision"] {
        let line = place.fails(&format!("evaluate run --data faces --metrics {metric}"));
        let words = [
            metric,
            "https://github.com/mseitzer/pytorch-fid",
            "--inception",
            "pt_inception-2015-12-05-6726825d.pth",
        ];
        assert_names(&line, &words);
    }
}

#[test]
fn files_that_are_not_the_inception_of_2015_are_refused_with_the_reason() {
    let place = Place::with_run();
    let all = tensors(1008);
    write_weights(&place.path("part.safetensors"), &all[..40]);
    write_weights(&place.path("imagenet.safetensors"), &tensors(1000));
    fs::write(place.path("text.pth"), "not weights").unwrap();
    let run = "evaluate run --data faces -n 10 --metrics kid --no-cache --inception";
    for (file, words) in [
        (
            "part.safetensors",
            &["part.safetensors", "missing", "Mixed_"][..],
        ),
        ("imagenet.safetensors", &["1000 classes", "--any-inception"]),
        ("text.pth", &["text.pth", "PyTorch"]),
        ("run/generator.safetensors", &["missing"]),
        ("none.pth", &["none.pth"]),
        ("faces", &["faces"]),
    ] {
        assert_names(&place.fails(&format!("{run} {file}")), words);
    }
    let any = place.run(&format!("{run} imagenet.safetensors --any-inception"));
    assert_names(&any.succeeded().stdout, &["not the published", "KID"]);
}

#[test]
fn statistics_that_cannot_be_used_are_refused_before_anything_is_drawn() {
    let place = Place::with_run();
    write_weights(&place.path("inception.safetensors"), &tensors(1008));
    let statistics = |name: &str, width: usize| {
        let values = (0..3 * width).map(|place| (place * place % 7) as f32);
        let features = Features::new(values.collect(), width).unwrap();
        let statistics = Statistics::of(&features).unwrap();
        statistics.write(&place.path(name)).unwrap();
    };
    statistics("narrow.npz", 64);
    statistics("fits.npz", 2048);
    fs::write(place.path("bad.npz"), "no statistics").unwrap();
    let run = "evaluate run --no-cache --inception inception.safetensors";
    for (arguments, words) in [
        ("--stats bad.npz", &["bad.npz", "no statistics"][..]),
        ("--stats narrow.npz", &["64 features", "2048"]),
        ("--stats fits.npz --metrics kid", &["--stats", "fid"]),
        ("--stats fits.npz --metrics fid,kid", &["kid", "--data"]),
        // statistics say nothing about how many pictures they are of
        (
            "--stats fits.npz --metrics fid -n 10",
            &["FID", "2048", "10 generated"],
        ),
        (
            "--data faces --stats new.npz --metrics fid -n 10",
            &["FID", "2048", "10 real"],
        ),
    ] {
        assert_names(&place.fails(&format!("{run} {arguments}")), words);
    }
    let line = place.fails("evaluate faces --stats new.npz --metrics fid");
    assert_names(&line, &["fid", "--inception"]);
    // the Inception score needs no real pictures at all
    let alone = place
        .run(&format!("{run} --stats fits.npz -n 10"))
        .succeeded();
    assert_names(&alone.stdout, &["IS"]);
    assert!(!alone.stdout.contains("KID"), "{}", alone.stdout);
    let nothing = place.run(&format!("{run} --stats fits.npz -n 4"));
    assert_eq!(nothing.code, Some(1));
    assert_names(&nothing.stderr, &["nothing could be measured", "-n"]);
}

#[test]
fn a_file_of_pytorch_is_converted_to_safetensors_with_its_hash() {
    let place = Place::with_run();
    write_pytorch_file(&place.path("inception.pth"), &tensors(1008));
    let answer = place
        .run("import inception.pth -o inception.safetensors")
        .succeeded();
    assert_names(
        &answer.stdout,
        &[
            "Inception, sha256",
            "not the published weights",
            "dcgan evaluate",
        ],
    );
    let figures = |file: &str| {
        let command =
            format!("evaluate run --data faces -n 10 --metrics kid --json --inception {file}");
        let json = place.run(&command).succeeded().stdout;
        serde_json::from_str::<serde_json::Value>(&json).unwrap()
    };
    let (one, other) = (figures("inception.pth"), figures("inception.safetensors"));
    assert_eq!(one["kid"], other["kid"]);
    assert_eq!(
        one["inception"]["sha256"],
        other["inception"]["source_sha256"]
    );
    // it is no GAN, which the flags of import are about
    let line = place.fails("import inception.pth --preset small -o small.safetensors");
    assert_names(&line, &["Inception"]);
    place.fails("import inception.pth -o inception.safetensors");
}
