//! The command line as a whole: tips, names checked first, what is printed, other outputs.

use std::fs;
use std::process::Command;

use crate::support::{Place, TINY_TUTORIAL, assert_names};

#[test]
fn the_program_alone_shows_its_help() {
    let answer = Place::new().run("").succeeded();
    assert_eq!(answer.stdout, Place::new().run("--help").stdout);
    assert_names(&answer.stdout, &["Usage", "train", "Examples"]);
}

#[test]
fn the_long_version_says_what_was_built_and_where_it_runs() {
    let answer = Place::new().run("--version").succeeded();
    let version = concat!("dcgan ", env!("CARGO_PKG_VERSION"));
    assert!(answer.stdout.starts_with(version), "{}", answer.stdout);
    assert_names(
        &answer.stdout,
        &["features: ", "instruction sets: ", "system: "],
    );
    if cfg!(feature = "parquet") {
        assert_names(&answer.stdout, &["parquet"]);
    }
    let short = Place::new().run("-V").succeeded();
    assert_eq!(short.stdout.trim(), version);
}

#[test]
fn mistyped_words_get_a_tip_that_is_right() {
    let place = Place::with_run();
    place.train("faces --steps 1").succeeded(); // runs/faces
    place.write("paintings.zip", "");
    for (command, meant) in [
        ("trian faces", "did you mean train?"),
        ("neigbours run", "did you mean neighbours?"),
        ("train faces --bach-size 3", "did you mean --batch-size?"),
        ("bench sample --bacth 3", "see --help"), // an old name is no tip
        ("sample run --truncaton=0.7", "did you mean --truncation?"),
        ("train faces --preset tutorail", "did you mean tutorial?"),
        ("train faces --loss hing", "did you mean hinge?"),
        ("train faces --crop cnter", "did you mean center?"),
        ("train faces --precision f15", "there are f32, f16, bf16"),
        (
            "train faces --preset",
            "tutorial, pytorch, paper, small, laptop",
        ),
        ("train fces", "did you mean faces/?"),
        ("train fces/", "did you mean faces/?"),
        ("train paintings", "did you mean paintings.zip?"),
        ("train painting.zip", "did you mean paintings.zip?"),
        ("train --resume rn", "did you mean run/?"),
        (
            "train --config run/confg.toml",
            "did you mean run/config.toml?",
        ),
        ("train dmeo", "did you mean demo?"),
        ("data check fces", "did you mean faces"),
        ("data pack fces -o a.pack", "did you mean faces"),
        ("sample rnu", "did you mean run/?"),
        (
            "sample rnu/generator.safetensors",
            "did you mean run/generator.safetensors?",
        ),
        ("sample faces", "did you mean runs/faces?"),
        ("doctor faces", "did you mean runs/faces?"),
        ("evaluate run --data fces", "did you mean faces/?"),
        ("neighbours run --data fces", "did you mean faces/?"),
        ("classify run --data fces", "did you mean faces/?"),
        ("features run fces -o a.npy", "did you mean faces/?"),
        (
            "project run face/000001.png",
            "did you mean faces/000001.png?",
        ),
        ("compare run rnu", "did you mean run/?"),
        ("info rnu", "did you mean run/?"),
        (
            "import run/genrator.safetensors",
            "did you mean run/generator.safetensors?",
        ),
        ("runs rns", "did you mean runs/?"),
    ] {
        let line = place.fails(command);
        assert_names(&line, &[meant]);
    }
    let line = place.fails("sample completely-else");
    assert_names(&line, &["does not exist", "check the name"]);
}

#[test]
fn commands_that_need_pictures_read_those_of_the_run() {
    let place = Place::with_run();
    for command in [
        "neighbours run --seeds 1 -o a.png",
        "visualize run --features 1 -o b.png",
        "features run -o c.npy",
        "features run/checkpoints/step-000004.safetensors -o d.npy",
        "evaluate run -n 8",
    ] {
        place.run(command).succeeded();
    }
    place.assert_same("c.npy", "d.npy");
    let line = place.fails("classify run --no-cache");
    assert_names(&line, &["no labels"]); // those faces have attributes, but no classes

    fs::rename(place.path("faces"), place.path("moved")).unwrap();
    for command in [
        "neighbours run --seeds 1 -o new/a.png",
        "visualize run --features 1 -o new/b.png",
        "features run -o new/c.npy",
        "direction run --attribute Smiling -o d.safetensors",
        "forget run --attribute Smiling -o e.png",
        "arithmetic run woman -o f.png",
        "classify run",
        "evaluate run -n 8",
    ] {
        let line = place.fails(command);
        assert_names(
            &line,
            &[
                "faces",
                "does not exist any more",
                "--data NEW",
                "train NEW --resume",
            ],
        );
    }
    // the cure of the line, of a run that is complete
    place.write("notes.txt", "no pictures");
    place.fails("train notes.txt --resume run");
    let answer = place.run("train moved --resume run").succeeded();
    assert_names(&answer.stdout, &["complete", "moved"]);
    place.run("neighbours run --seeds 1 -o a.png").succeeded();
    place.run("evaluate run -n 8").succeeded();

    let alone = "alone.safetensors";
    fs::copy(place.path("run/generator.safetensors"), place.path(alone)).unwrap();
    let line = place.fails("evaluate alone.safetensors");
    assert_names(&line, &[alone, "--data"]);
}

#[test]
fn names_are_checked_before_any_work() {
    let place = Place::with_run();
    place.run("demo-data more -n 400").succeeded();
    // a discriminator that cannot be read would stop the work
    place.write("run/discriminator.safetensors", "damaged");
    for (command, named) in [
        (
            "direction run --attribute Smilng --data more -o a.safetensors",
            "Smiling",
        ),
        (
            "forget run --attribute Smilng --data more -o a.png",
            "Smiling",
        ),
        (
            "arithmetic run smilng~woman --data more -o a.png",
            "smiling",
        ),
        ("classify run --attribute Smilng --data more", "Smiling"),
        (
            "features run --attribute Smilng --data more -o a.npy",
            "Smiling",
        ),
        (
            "edit run --seeds 1 --direction smile -o a.png",
            "dcgan direction run --attribute",
        ),
        (
            "classify run --data more --test fewer",
            "fewer does not exist",
        ),
        (
            "evaluate run --data more --held-out fewer",
            "fewer does not exist",
        ),
        (
            "evaluate run --inception fewer.pth",
            "fewer.pth does not exist",
        ),
        (
            "train more --inception fewer.pth",
            "fewer.pth does not exist",
        ),
    ] {
        let words = command.split(' ').map(|word| word.replace('~', " "));
        let line = place.fails_with(words);
        assert_names(&line, &[named]);
        assert!(place.cached().len() <= 1, "{command} read the pictures"); // those of `with_run`
    }
}

#[test]
fn a_second_run_on_the_same_data_gets_a_number() {
    let place = Place::with_faces();
    place.train("faces --steps 1").succeeded();
    let answer = place.train("faces --steps 1").succeeded();
    assert_names(
        &answer.stderr,
        &[
            "runs/faces",
            "runs/faces-2",
            "dcgan train --resume runs/faces",
        ],
    );
    place.train("faces --steps 1").succeeded();
    place.train("--config runs/faces --steps 1").succeeded();
    for run in ["runs/faces", "runs/faces-2", "runs/faces-3", "runs/faces-4"] {
        assert!(place.path(run).join("config.toml").is_file(), "{run}");
    }
    let answer = place.train("faces --dry-run").succeeded();
    assert_names(&answer.stdout, &["would be in runs/faces-5"]);
    // a name that was asked for is never changed
    let line = place.fails(&format!(
        "train faces --out runs/faces --steps 1 {TINY_TUTORIAL}"
    ));
    assert_names(&line, &["runs/faces", "already holds a run"]);
}

#[test]
fn quiet_prints_errors_and_results_only_and_verbose_more() {
    let place = Place::with_run();
    for command in [
        "sample run -n 2",
        "interpolate run --seeds 1,2 --frames 2",
        "demo-data -q -o more -n 2",
        "features run -o a.npy --no-cache",
    ] {
        let answer = place.run(&format!("{command} --quiet")).succeeded();
        assert_eq!(answer.stdout + &answer.stderr, "", "{command}");
    }
    let answer = place.train("faces --out quiet --steps 2 -q").succeeded();
    assert_eq!(answer.stdout + &answer.stderr, "");
    assert_names(&place.run("info run -q").succeeded().stdout, &["preset"]);
    assert_names(&place.run("runs . -q").succeeded().stdout, &["complete"]);
    place.run("sample nothing -q").failed();

    let answer = place.run("sample run -n 2 -v").succeeded();
    assert_names(
        &answer.stderr,
        &[
            "instruction sets",
            "device cpu",
            "step 4",
            "wrote run/sample.png",
        ],
    );
    let answer = place.run("features run -o b.npy --verbose").succeeded();
    assert_names(&answer.stderr, &["16 pictures"]);
    let line = place.fails("sample run -q -v");
    assert_names(&line, &["--quiet", "--verbose"]);
}

#[test]
fn there_is_colour_only_where_it_is_asked_for() {
    let place = Place::with_run();
    let stderr = |command: &str, variable: Option<(&str, &str)>| {
        let mut command = place.command(command.split(' '));
        command.env_remove("NO_COLOR").env_remove("CLICOLOR_FORCE");
        command.envs(variable);
        String::from_utf8(command.output().unwrap().stderr).unwrap()
    };
    let red = "\u{1b}[31m";
    assert!(!stderr("sample nothing", None).contains('\u{1b}')); // no terminal
    assert!(stderr("sample nothing --color always", None).contains(red));
    assert!(stderr("sample nothing --colour=always", None).contains(red));
    assert!(!stderr("sample nothing --color never", None).contains('\u{1b}'));
}

/// In a terminal.
#[cfg(unix)]
#[test]
fn errors_are_red_in_a_terminal_unless_the_environment_forbids_colours() {
    use std::io::Read;

    use portable_pty::{CommandBuilder, PtySize, native_pty_system};

    let place = Place::new();
    for (variable, is_red) in [(None, true), (Some(("NO_COLOR", "1")), false)] {
        let terminal = native_pty_system().openpty(PtySize::default()).unwrap();
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_dcgan"));
        command.args(["sample", "nothing"]);
        command.cwd(place.path(""));
        command.env_remove("NO_COLOR");
        command.env_remove("CLICOLOR_FORCE");
        command.env("TERM", "xterm-256color");
        if let Some((name, value)) = variable {
            command.env(name, value);
        }
        let mut child = terminal.slave.spawn_command(command).unwrap();
        drop(terminal.slave);
        let mut said = Vec::new();
        // the end of a terminal is an error on Linux
        let _ = terminal
            .master
            .try_clone_reader()
            .unwrap()
            .read_to_end(&mut said);
        child.wait().unwrap();
        let said = String::from_utf8_lossy(&said);
        assert!(said.contains("nothing does not exist"), "{said}");
        assert_eq!(said.contains("\u{1b}[31m"), is_red, "{said}");
    }
}

#[test]
fn words_of_both_spellings_are_understood() {
    let place = Place::with_faces();
    for (number, option) in [
        "--channels colour",
        "--channels color",
        "--channels gray",
        "--channels grey",
        "--crop centre",
        "--background-color 000000",
    ]
    .into_iter()
    .enumerate()
    {
        place
            .train(&format!("faces --out {number} --steps 1 {option}"))
            .succeeded();
        let channels = if option.contains("gr") { 1 } else { 3 };
        let text = place.text(&format!("{number}/config.toml"));
        if option.starts_with("--channels") {
            assert_names(&text, &[&format!("channels = {channels}")]);
        }
    }
}

#[test]
fn runs_lists_state_steps_size_and_the_last_picture() {
    let place = Place::with_run();
    assert_names(&place.run("runs").succeeded().stdout, &["no runs in runs"]);
    place.train("faces --steps 2").succeeded();
    place.train("faces --steps 2").succeeded();
    fs::remove_dir_all(place.path("runs/faces-2/samples")).unwrap();
    fs::remove_dir_all(place.path("runs/faces-2/checkpoints")).unwrap();
    place.write("runs/broken/config.toml", "no settings");
    place.write("runs/notes.txt", "");
    let listed = place.run("runs").succeeded().stdout;
    assert_names(
        &listed,
        &[
            "runs/faces ",
            "complete",
            "2/2",
            "runs/faces/samples/step-000002.png",
            "runs/broken",
            "unreadable",
        ],
    );
    let json = place.run("runs . run --json").succeeded().stdout;
    let runs: serde_json::Value = serde_json::from_str(&json).unwrap();
    let runs = runs.as_array().unwrap();
    assert!(
        runs.iter()
            .any(|one| one["run"] == "run" && one["state"] == "complete")
    );
    assert!(
        runs.iter()
            .all(|one| one["bytes"].as_u64().is_some_and(|bytes| bytes > 0))
    );
}

#[test]
fn the_cache_is_listed_and_cleared_and_nothing_else_goes() {
    let place = Place::with_run();
    place.run("demo-data more -n 8").succeeded();
    place.run("features run --data more -o a.npy").succeeded();
    let folder = place.cached()[0].parent().unwrap().to_owned();
    for name in [
        "pt_inception-2015-12-05-6726825d.pth",
        "notes-0123456789abcdef.pack",
    ] {
        fs::write(folder.join(name), "a user's own").unwrap();
    }
    let listed = place.run("cache").succeeded().stdout;
    assert_names(&listed, &["2 files", "faces-", "more-", "KiB"]);
    assert!(
        !listed.contains("inception") && !listed.contains("notes"),
        "{listed}"
    );
    assert_names(&place.fails("cache clear mroe"), &["did you mean more?"]);
    let answer = place.run("cache clear more").succeeded();
    assert_names(&answer.stdout, &["removed 1 file"]);
    let json = place.run("cache --json").succeeded().stdout;
    let left: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(left.as_array().unwrap().len(), 1, "{json}");
    place.run("cache clear").succeeded();
    assert_eq!(place.cached().len(), 2); // those of the user
    assert_names(&place.run("cache list").succeeded().stdout, &["nothing"]);
    place.run("features run -o b.npy").succeeded();
}

#[test]
fn completions_and_manual_pages_are_those_of_the_command_line() {
    let place = Place::new();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = place
            .run(&format!("completions {shell}"))
            .succeeded()
            .stdout;
        assert_names(&script, &["neighbours", "truncation"]);
        if shell == "bash" && Command::new("bash").arg("--version").output().is_ok() {
            place.write("dcgan.bash", &script);
            let mut check = Command::new("bash");
            check.arg("-n").arg(place.path("dcgan.bash"));
            assert!(check.status().unwrap().success());
        }
    }
    let page = place.run("man").succeeded().stdout;
    assert_names(&page, &[".TH dcgan 1", "sample"]);
    place.run("man -o man1").succeeded();
    let pages = place.files("man1");
    for name in [
        "dcgan.1",
        "dcgan-train.1",
        "dcgan-data-check.1",
        "dcgan-cache-clear.1",
    ] {
        assert!(pages.contains(name), "{name}: {pages:?}");
    }
    assert_names(&place.text("man1/dcgan-sample.1"), &["columns", "Examples"]);
    place.run("man -o man1").succeeded(); // its own are replaced
    place.write("mine/dcgan-sample.1", "a user's own work");
    let line = place.fails("man -o mine");
    assert_names(&line, &["mine/dcgan-sample.1", "--force"]);
}

/// As in the shell of somebody who copies it.
#[cfg(unix)]
#[test]
fn commands_in_hints_can_be_pasted() {
    let place = Place::with_faces();
    for name in ["my run", "it's", "a;b", "$HOME", "line\nbreak", "-x"] {
        let out = format!("--out=./{name}");
        let options = format!("--steps 1 {TINY_TUTORIAL}");
        let words = ["train", "faces", &out].map(str::to_owned);
        let words = words
            .into_iter()
            .chain(options.split(' ').map(str::to_owned));
        let answer = place.run_with(words).succeeded();
        let hint = answer
            .stdout
            .lines()
            .find_map(|line| line.strip_prefix("Draw pictures:"))
            .expect("a command")
            .trim()
            .to_owned();
        assert!(hint.starts_with("dcgan sample "), "{hint}");
        let script = hint.replacen("dcgan", &format!("'{}'", env!("CARGO_BIN_EXE_dcgan")), 1);
        let mut shell = Command::new("bash");
        shell.args(["-c", &script]).current_dir(place.path(""));
        let output = shell.output().expect("bash");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{hint}: {stderr}");
        assert!(place.path(name).join("sample.png").is_file(), "{hint}");
    }
}
