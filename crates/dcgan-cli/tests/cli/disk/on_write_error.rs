//! Runs whose files can no longer be written: `--on-write-error`.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::{SmallDisk, assert_nothing_half_written, drop_privileges};
use crate::skip::skip;
use crate::support::{Place, TINY, assert_names};

/// `dcgan train` for very many steps.
fn long_run(place: &Place, run: &str, on_write_error: &str) -> Command {
    let options = "--report-every 5 --preset pytorch --image-size 32 --keep 1";
    let arguments = format!(
        "train faces --out {run} --steps 1000000 --on-write-error {on_write_error} {options} {TINY}"
    );
    let mut command = place.command(arguments.split_whitespace());
    command.stdout(Stdio::null()).stderr(Stdio::piped());
    command
}

/// Starts a long run, and returns once it has saved step 5.
fn train_on(place: &Place, run: &str, on_write_error: &str) -> Child {
    let child = long_run(place, run, on_write_error).spawn();
    wait_until(|| newest(place, run) >= 5);
    child.expect("the program runs")
}

/// As [`train_on`], by a user without the right to write everywhere. `None` if the program cannot
/// run as another user.
fn train_unprivileged(place: &Place, run: &str, on_write_error: &str) -> Option<Child> {
    let mut command = long_run(place, run, on_write_error);
    drop_privileges(&mut command, place);
    match command.spawn() {
        Ok(child) => {
            wait_until(|| newest(place, run) >= 5);
            Some(child)
        }
        Err(error) => {
            skip(
                "other-user",
                &format!("the program cannot run as another user: {error}"),
            );
            None
        }
    }
}

fn wait_until(happened: impl Fn() -> bool) {
    let start = Instant::now();
    while !happened() {
        assert!(start.elapsed().as_secs() < 60, "it never happened");
        thread::sleep(Duration::from_millis(5));
    }
}

/// The step of the newest checkpoint, 0 if there is none.
fn newest(place: &Place, run: &str) -> u64 {
    let folder = fs::read_dir(place.path(&format!("{run}/checkpoints")));
    let names = folder.into_iter().flatten().flatten();
    let steps = names.filter_map(|entry| {
        let name = entry.file_name().to_string_lossy().into_owned();
        name.strip_prefix("step-")?
            .strip_suffix(".safetensors")?
            .parse()
            .ok()
    });
    steps.max().unwrap_or(0)
}

/// Waits for a run to end, and returns its exit status and its standard error.
fn wait(child: Child) -> (Option<i32>, String) {
    let output = child.wait_with_output().expect("it ends");
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    (output.status.code(), stderr)
}

/// Asks a run to stop, and waits for it to end.
fn stop(child: Child) -> (Option<i32>, String) {
    let kill = Command::new("kill").arg(child.id().to_string()).status();
    assert!(kill.expect("kill runs").success());
    wait(child)
}

/// Asserts that a run equals one on a disk that never failed.
fn assert_undisturbed(place: &Place, run: &str) {
    let steps = newest(place, run) + 3;
    place
        .run(&format!(
            "train --resume {run} --steps {steps} --on-write-error stop --threads 1"
        ))
        .succeeded();
    let options = "--report-every 5 --preset pytorch --image-size 32 --keep 1";
    place
        .train(&format!("faces --out whole/run --steps {steps} {options}"))
        .succeeded();
    for file in ["metrics.jsonl", "generator.safetensors", "losses.png"] {
        place.assert_same(&format!("{run}/{file}"), &format!("whole/run/{file}"));
    }
}

/// Makes a run's directories read-only, or writable again.
fn set_writable(place: &Place, run: &str, writable: bool) {
    let mode = if writable { 0o777 } else { 0o555 };
    for folder in [
        run.to_owned(),
        format!("{run}/checkpoints"),
        format!("{run}/samples"),
    ] {
        fs::set_permissions(place.path(&folder), Permissions::from_mode(mode)).unwrap();
    }
}

#[test]
fn a_run_whose_directory_becomes_read_only_stops_or_continues_as_asked() {
    let place = Place::with_faces();
    fs::create_dir(place.path("open")).unwrap();
    for folder in [".", "open"] {
        fs::set_permissions(place.path(folder), Permissions::from_mode(0o777)).unwrap();
    }
    let Some(child) = train_unprivileged(&place, "open/run", "stop") else {
        return;
    };
    set_writable(&place, "open/run", false);
    let (code, said) = wait(child);
    assert_eq!(code, Some(1), "{said}");
    assert_names(&said, &["open/run", "make the folder writable"]);
    set_writable(&place, "open/run", true);
    assert_nothing_half_written(&place, "open/run");
    assert_undisturbed(&place, "open/run");

    let Some(child) = train_unprivileged(&place, "open/other/run", "continue") else {
        return;
    };
    set_writable(&place, "open/other/run", false);
    let held = newest(&place, "open/other/run");
    // metrics go into a file that is open already: two reports later one was refused
    let steps = || place.text("open/other/run/metrics.jsonl").lines().count() as u64;
    wait_until(|| steps() >= held + 15);
    assert!(newest(&place, "open/other/run") <= held + 5);
    set_writable(&place, "open/other/run", true);
    wait_until(|| newest(&place, "open/other/run") > held + 5);
    let (code, said) = stop(child);
    assert_eq!(code, Some(0), "{said}");
    assert_names(&said, &["note: ", "continues", "open/other/run"]);
    fs::remove_dir_all(place.path("whole")).unwrap();
    assert_undisturbed(&place, "open/other/run");
}

#[test]
fn a_run_whose_directory_is_moved_away_stops_and_says_what_to_do() {
    let place = Place::with_faces();
    let child = train_on(&place, "run", "stop");
    fs::rename(place.path("run"), place.path("away")).unwrap();
    let (code, said) = wait(child);
    assert_eq!(code, Some(1), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
    assert_names(
        &said,
        &["run", "put it back", "--resume", "--on-write-error"],
    );
    assert_nothing_half_written(&place, "away");
    fs::rename(place.path("away"), place.path("run")).unwrap();
    assert_undisturbed(&place, "run");
}

#[test]
fn a_run_that_should_continue_recreates_a_directory_that_was_moved_away() {
    let place = Place::with_faces();
    let child = train_on(&place, "run", "continue");
    let step = newest(&place, "run");
    fs::rename(place.path("run"), place.path("away")).unwrap();
    wait_until(|| newest(&place, "run") > step);
    let (code, said) = stop(child);
    assert_eq!(code, Some(0), "{said}");
    assert_undisturbed(&place, "run");
}

#[test]
fn a_run_that_should_continue_survives_a_full_disk_and_loses_nothing() {
    let place = Place::with_faces();
    let Some(disk) = SmallDisk::mount(&place, "disk", 20_000) else {
        return;
    };
    let child = train_on(&place, "disk/run", "continue");
    // something else fills the disk
    let filled = fs::write(place.path("disk/filling"), vec![1; 30_000_000]);
    assert!(filled.is_err());
    let held = newest(&place, "disk/run");
    thread::sleep(Duration::from_millis(1500));
    assert!(newest(&place, "disk/run") <= held + 5);
    fs::remove_file(place.path("disk/filling")).unwrap();
    wait_until(|| newest(&place, "disk/run") > held + 5);
    let (code, said) = stop(child);
    assert_eq!(code, Some(0), "{said}");
    assert_names(&said, &["note: ", "No space left", "continues"]);
    assert_nothing_half_written(&place, "disk/run");
    assert_undisturbed(&place, "disk/run");
    drop(disk);
}
