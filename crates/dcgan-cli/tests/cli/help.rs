//! Help, version, and command lines that cannot be understood.

use crate::support::{Place, assert_names};

#[test]
fn the_help_names_every_command_and_gives_examples() {
    let answer = Place::new().run("--help").succeeded();
    assert_names(
        &answer.stdout,
        &[
            "train",
            "data",
            "demo-data",
            "sample",
            "import",
            "arithmetic",
            "direction",
            "edit",
            "forget",
            "info",
            "bench",
            "Examples:",
        ],
    );
}

#[test]
fn the_help_of_train_names_its_options_and_gives_examples() {
    let answer = Place::new().run("train --help").succeeded();
    let options = "--resume --out --epochs --steps --preset --image-size --channels --z-dim \
        --ngf --ndf --batch-size --learning-rate --beta1 --beta2 --reuse-noise --seed \
        --display-step --checkpoint-every --keep --on-write-error --format --split --crop --flip \
        --background --no-cache --cache-dir --device --threads --ignore-memory Examples:";
    assert_names(
        &answer.stdout,
        &options.split_whitespace().collect::<Vec<_>>(),
    );
}

#[test]
fn the_help_of_sample_names_its_options_and_gives_examples() {
    let answer = Place::new().run("sample --help").succeeded();
    let options = [
        "-n",
        "--out",
        "--grid",
        "--seed",
        "--device",
        "--threads",
        "Examples:",
    ];
    assert_names(&answer.stdout, &options);
}

#[test]
fn the_help_of_import_names_its_options_and_gives_examples() {
    let answer = Place::new().run("import --help").succeeded();
    let words = [
        "FILE",
        "--out",
        "--preset",
        "--key",
        "never run",
        "Examples:",
    ];
    assert_names(&answer.stdout, &words);
}

#[test]
fn the_help_of_info_gives_examples() {
    let answer = Place::new().run("info --help").succeeded();
    assert_names(&answer.stdout, &["FILE", "checkpoint", "Examples:"]);
}

#[test]
fn the_help_of_demo_data_names_its_options_and_gives_examples() {
    let answer = Place::new().run("demo-data --help").succeeded();
    assert_names(
        &answer.stdout,
        &["-n", "--image-size", "--seed", "Examples:"],
    );
}

#[test]
fn the_help_of_bench_names_what_it_times_and_gives_examples() {
    let answer = Place::new().run("bench --help").succeeded();
    assert_names(&answer.stdout, &["train", "sample", "Examples:"]);
    let options = "--preset --image-size --channels --batch --steps --threads --profile --json";
    for (work, more) in [("train", "GFLOP/s"), ("sample", "--run")] {
        let answer = Place::new()
            .run(&format!("bench {work} --help"))
            .succeeded();
        let mut words: Vec<_> = options.split_whitespace().collect();
        words.push(more);
        assert_names(&answer.stdout, &words);
    }
}

#[test]
fn the_help_of_data_names_its_options_and_gives_examples() {
    let answer = Place::new().run("data --help").succeeded();
    assert_names(&answer.stdout, &["check", "pack", "Examples:"]);
    let options = "--format --split --image-size --crop --background --threads Examples:";
    let check = "--flip --channels --preview --no-preview --json --no-cache --cache-dir";
    for (action, more) in [("check", check), ("pack", "--out")] {
        let answer = Place::new()
            .run(&format!("data {action} --help"))
            .succeeded();
        for word in options.split(' ').chain(more.split(' ')) {
            assert_names(&answer.stdout, &[word]);
        }
    }
}

#[test]
fn the_help_of_train_lists_the_formats() {
    let answer = Place::new().run("train --help").succeeded();
    let formats = "folder zip tar celeba lsun mnist cifar parquet numpy packed";
    for format in formats.split(' ') {
        assert_names(&answer.stdout, &[format]);
    }
}

#[test]
fn bench_without_a_work_names_those_there_are() {
    assert_names(&Place::new().fails("bench"), &["train", "sample"]);
}

#[test]
fn the_version_is_told() {
    let answer = Place::new().run("--version").succeeded();
    assert_eq!(
        answer.stdout.trim(),
        concat!("dcgan ", env!("CARGO_PKG_VERSION"))
    );
}

#[test]
fn without_arguments_the_commands_are_named_and_the_status_is_1() {
    let answer = Place::new().run("");
    assert_eq!(answer.code, Some(1));
    assert_names(
        &answer.stderr,
        &["train", "data", "demo-data", "sample", "info", "bench"],
    );
}

#[test]
fn an_unknown_command_is_refused_by_its_name() {
    assert_names(&Place::new().fails("paint"), &["paint", "--help"]);
}

#[test]
fn an_unknown_option_is_refused_by_its_name() {
    let line = Place::new().fails("train faces --depth 3");
    assert_names(&line, &["--depth", "--help"]);
}

#[test]
fn a_misspelled_option_is_met_with_the_right_one() {
    let line = Place::new().fails("train faces --epoch 3");
    assert_names(&line, &["--epoch", "--epochs"]);
}

#[test]
fn training_without_data_asks_for_data() {
    assert_names(&Place::new().fails("train"), &["DATA"]);
}

#[test]
fn sampling_without_a_target_asks_for_one() {
    let place = Place::with_run();
    assert_names(&place.fails("sample run"), &["--out", "--grid"]);
}

#[test]
fn the_help_of_the_paper_s_experiments_names_their_options_and_gives_examples() {
    let place = Place::new();
    for (command, options) in [
        (
            "features",
            "RUN DATA --out --format --split --attribute --no-cache --threads Examples:",
        ),
        (
            "classify",
            "RUN DATA --labels-per-class --test --attribute --seed --json Examples:",
        ),
        (
            "project",
            "RUN PICTURE --out --starts --steps --feature-weight --seed Examples:",
        ),
        (
            "visualize",
            "RUN --data --out --features --pictures --seed Examples:",
        ),
        ("interpolate", "RUN --seeds --z --steps --mode Examples:"),
    ] {
        let answer = place.run(&format!("{command} --help")).succeeded();
        assert_names(
            &answer.stdout,
            &options.split_whitespace().collect::<Vec<_>>(),
        );
    }
}
