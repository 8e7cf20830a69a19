//! Disks that are full or closed.

use std::path::PathBuf;
use std::process::Command;

use crate::support::{Place, TINY, assert_names};

/// A disk of a few kilobytes, which only an administrator of Linux can make.
struct SmallDisk {
    path: PathBuf,
}

impl SmallDisk {
    /// Nothing where mounting is not permitted, which is printed.
    fn mount(place: &Place, name: &str, kilobytes: u32) -> Option<Self> {
        let path = place.path(name);
        std::fs::create_dir(&path).unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={kilobytes}k"), "tmpfs"])
            .arg(&path)
            .output();
        match mounted {
            Ok(output) if output.status.success() => Some(Self { path }),
            _ => {
                println!("skipped: mounting a small disk is not permitted here");
                None
            }
        }
    }

    fn remount(&self, options: &str) {
        let status = Command::new("mount")
            .args(["-o", &format!("remount,{options}")])
            .arg(&self.path)
            .status();
        assert!(status.unwrap().success());
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // the temporary folder could not be removed with a disk in it
        let _ = Command::new("umount").arg(&self.path).status();
    }
}

fn assert_nothing_half_written(place: &Place, folder: &str) {
    for name in place.files(folder) {
        assert!(!name.contains(".unfinished"), "{name}");
        let path = format!("{folder}/{name}");
        if name.ends_with(".png") {
            place.picture(&path);
        }
        if name.ends_with(".safetensors") {
            place.run(&format!("info {path}")).succeeded();
        }
    }
}

#[test]
fn a_full_disk_is_named_and_following_the_advice_ends_the_run() {
    let place = Place::with_faces();
    let options = "--steps 8 --display-step 2 --preset pytorch --image-size 32";
    place
        .train(&format!("faces --out whole/run {options}"))
        .succeeded();
    // room for nothing, the pictures, one checkpoint, and more
    for kilobytes in [4, 300, 700, 1200] {
        let name = format!("disk-{kilobytes}");
        let Some(disk) = SmallDisk::mount(&place, &name, kilobytes) else {
            return;
        };
        let command = format!("faces --out {name}/run {options}");
        let line = place.train(&command).failed();
        assert_names(&line, &["No space left", &name, "make room"]);
        assert_nothing_half_written(&place, &name);
        disk.remount("size=50m");
        let answer = match line.contains("--resume") {
            true => place.run(&format!("train --resume {name}/run --threads 1")),
            false => place.train(&command),
        };
        answer.succeeded();
        for file in ["metrics.jsonl", "generator.safetensors"] {
            place.assert_same(&format!("{name}/run/{file}"), &format!("whole/run/{file}"));
        }
    }
}

#[test]
fn sampling_onto_a_full_disk_leaves_whole_pictures_alone() {
    let place = Place::with_run();
    let Some(_disk) = SmallDisk::mount(&place, "disk", 60) else {
        return;
    };
    let line = place.run("sample run -n 64 --grid disk/grid.png").failed();
    assert_names(&line, &["No space left", "disk/grid.png"]);
    assert_eq!(place.files("disk").len(), 0);
    let line = place.run("sample run -n 64 --out disk/drawn").failed();
    assert_names(&line, &["No space left", "disk/drawn"]);
    assert_nothing_half_written(&place, "disk");
}

#[test]
fn drawing_faces_onto_a_full_disk_leaves_whole_pictures_alone() {
    let place = Place::new();
    let Some(_disk) = SmallDisk::mount(&place, "disk", 60) else {
        return;
    };
    let line = place.run("demo-data disk/faces -n 100").failed();
    assert_names(&line, &["No space left", "disk/faces"]);
    assert_nothing_half_written(&place, "disk");
}

#[test]
fn a_disk_that_cannot_be_written_to_is_named() {
    let place = Place::with_run();
    let Some(disk) = SmallDisk::mount(&place, "disk", 20_000) else {
        return;
    };
    for (name, bytes) in place
        .files("run")
        .iter()
        .map(|name| (name, place.bytes(&format!("run/{name}"))))
    {
        place.write(&format!("disk/run/{name}"), bytes);
    }
    disk.remount("ro");
    let line = place.fails(&format!("train faces --out disk/new --steps 1 {TINY}"));
    assert_names(&line, &["disk/new", "--out"]);
    let line = place.fails("train --resume disk/run --steps 6 --threads 1");
    assert_names(&line, &["disk/run"]);
    assert!(!line.contains("--out"), "it cannot be given: {line}");
    let line = place.fails("sample disk/run -n 1 --out disk/drawn");
    assert_names(&line, &["disk/drawn"]);
    // reading needs no writing
    place.run("info disk/run").succeeded();
    place.run("sample disk/run -n 1 --out drawn").succeeded();
}

#[cfg(unix)]
#[test]
fn a_folder_without_permission_to_write_is_named() {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};

    let place = Place::with_faces();
    if std::fs::metadata(place.path("faces")).unwrap().uid() == 0 {
        println!("skipped: an administrator may write everywhere");
        return;
    }
    let closed = place.path("closed");
    std::fs::create_dir(&closed).unwrap();
    std::fs::set_permissions(&closed, std::fs::Permissions::from_mode(0o555)).unwrap();
    for out in ["closed", "closed/run"] {
        let line = place.fails(&format!("train faces --steps 1 --out {out}"));
        assert_names(&line, &[out, "--out"]);
    }
}

#[test]
fn a_cache_on_a_full_or_closed_disk_is_done_without() {
    let place = Place::with_faces();
    place
        .train("faces --out plain --steps 2 --no-cache")
        .succeeded();
    let Some(disk) = SmallDisk::mount(&place, "disk", 60) else {
        return;
    };
    for (run, options) in [("full", "size=60k"), ("closed", "ro")] {
        disk.remount(options);
        let answer = place
            .train(&format!("faces --out {run} --steps 2 --cache-dir disk"))
            .succeeded();
        assert_names(
            &answer.stderr,
            &["note: no cache", "disk/", "continuing without"],
        );
        assert_eq!(place.files("disk").len(), 0);
        place.assert_same("plain/metrics.jsonl", &format!("{run}/metrics.jsonl"));
    }
    let line = place.run("data pack faces -o disk/faces.pack").failed();
    assert_names(&line, &["disk/faces.pack"]);
}

#[test]
fn a_cache_that_is_there_is_used_from_a_closed_disk() {
    let place = Place::with_faces();
    let Some(disk) = SmallDisk::mount(&place, "disk", 20_000) else {
        return;
    };
    place
        .train("faces --out a --steps 1 --cache-dir disk")
        .succeeded();
    disk.remount("ro");
    let answer = place
        .train("faces --out b --steps 1 --cache-dir disk")
        .succeeded();
    assert_names(&answer.stdout, &["from the cache"]);
}

/// A training in the background of very many steps, once it has saved step 5.
#[cfg(unix)]
fn train_on(place: &Place, run: &str, choice: &str) -> std::process::Child {
    try_train_on(place, run, choice, false).expect("a training")
}

/// As [`train_on`], and as somebody who may not write everywhere; nothing where that cannot
/// be, which is printed.
#[cfg(unix)]
fn try_train_on(
    place: &Place,
    run: &str,
    choice: &str,
    as_nobody: bool,
) -> Option<std::process::Child> {
    use std::os::unix::fs::MetadataExt;
    use std::os::unix::process::CommandExt;
    use std::process::Stdio;

    let options = "--display-step 5 --preset pytorch --image-size 32 --keep 1";
    let arguments = format!(
        "train faces --out {run} --steps 1000000 --on-write-error {choice} {options} {TINY}"
    );
    let mut command = place.command(arguments.split_whitespace());
    let command = command.stdout(Stdio::null()).stderr(Stdio::piped());
    let administrator = std::fs::metadata(place.path("faces")).unwrap().uid() == 0;
    if as_nobody && administrator {
        command.uid(65_534).gid(65_534);
    }
    let child = match command.spawn() {
        Ok(child) => child,
        Err(error) => {
            println!("skipped: the program cannot be run as another user here: {error}");
            return None;
        }
    };
    wait_until(|| newest(place, run) >= 5);
    Some(child)
}

#[cfg(unix)]
fn wait_until(happened: impl Fn() -> bool) {
    let start = std::time::Instant::now();
    while !happened() {
        assert!(start.elapsed().as_secs() < 60, "it never happened");
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
}

/// The step of the newest checkpoint, 0 without one.
#[cfg(unix)]
fn newest(place: &Place, run: &str) -> u64 {
    let folder = std::fs::read_dir(place.path(&format!("{run}/checkpoints")));
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

/// Asks a training to stop, and gives what it said on standard error.
#[cfg(unix)]
fn stop(child: std::process::Child) -> (Option<i32>, String) {
    let kill = Command::new("kill").arg(child.id().to_string()).status();
    assert!(kill.expect("kill runs").success());
    let output = child.wait_with_output().expect("it ends");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    (output.status.code(), said)
}

/// Asserts that a run equals one that never met a disk that failed.
#[cfg(unix)]
fn assert_undisturbed(place: &Place, run: &str) {
    let steps = newest(place, run) + 3;
    place
        .run(&format!(
            "train --resume {run} --steps {steps} --on-write-error stop --threads 1"
        ))
        .succeeded();
    let options = "--display-step 5 --preset pytorch --image-size 32 --keep 1";
    place
        .train(&format!("faces --out whole/run --steps {steps} {options}"))
        .succeeded();
    for file in ["metrics.jsonl", "generator.safetensors", "losses.png"] {
        place.assert_same(&format!("{run}/{file}"), &format!("whole/run/{file}"));
    }
}

/// Closes a run's folders for writing, or opens them again.
#[cfg(unix)]
fn set_writable(place: &Place, run: &str, writable: bool) {
    use std::os::unix::fs::PermissionsExt;

    let mode = if writable { 0o777 } else { 0o555 };
    for folder in [
        run.to_owned(),
        format!("{run}/checkpoints"),
        format!("{run}/samples"),
    ] {
        let permissions = std::fs::Permissions::from_mode(mode);
        std::fs::set_permissions(place.path(&folder), permissions).unwrap();
    }
}

#[cfg(unix)]
#[test]
fn a_training_whose_folder_becomes_read_only_stops_or_goes_on_as_it_was_told() {
    let place = Place::with_faces();
    std::fs::create_dir(place.path("open")).unwrap();
    for folder in [".", "open"] {
        use std::os::unix::fs::PermissionsExt;
        let permissions = std::fs::Permissions::from_mode(0o777);
        std::fs::set_permissions(place.path(folder), permissions).unwrap();
    }
    let Some(child) = try_train_on(&place, "open/run", "stop", true) else {
        return;
    };
    set_writable(&place, "open/run", false);
    let output = child.wait_with_output().expect("it ends");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert_names(&said, &["open/run", "make the folder writable"]);
    set_writable(&place, "open/run", true);
    assert_nothing_half_written(&place, "open/run");
    assert_undisturbed(&place, "open/run");

    let Some(child) = try_train_on(&place, "open/other/run", "continue", true) else {
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
    assert_names(&said, &["note: ", "goes on", "open/other/run"]);
    std::fs::remove_dir_all(place.path("whole")).unwrap();
    assert_undisturbed(&place, "open/other/run");
}

#[cfg(unix)]
#[test]
fn a_training_whose_folder_has_gone_stops_and_says_what_to_do() {
    let place = Place::with_faces();
    let child = train_on(&place, "run", "stop");
    std::fs::rename(place.path("run"), place.path("away")).unwrap();
    let output = child.wait_with_output().expect("it ends");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
    assert_names(
        &said,
        &["run", "put it back", "--resume", "--on-write-error"],
    );
    assert_nothing_half_written(&place, "away");
    std::fs::rename(place.path("away"), place.path("run")).unwrap();
    assert_undisturbed(&place, "run");
}

#[cfg(unix)]
#[test]
fn a_training_whose_folder_has_gone_makes_it_anew_if_it_is_to_go_on() {
    let place = Place::with_faces();
    let child = train_on(&place, "run", "continue");
    let step = newest(&place, "run");
    std::fs::rename(place.path("run"), place.path("away")).unwrap();
    wait_until(|| newest(&place, "run") > step);
    let (code, said) = stop(child);
    assert_eq!(code, Some(0), "{said}");
    assert_undisturbed(&place, "run");
}

#[cfg(unix)]
#[test]
fn a_training_that_is_to_go_on_outlives_a_full_disk_and_lacks_nothing() {
    let place = Place::with_faces();
    let Some(disk) = SmallDisk::mount(&place, "disk", 20_000) else {
        return;
    };
    let child = train_on(&place, "disk/run", "continue");
    // what fills the disk is not the training
    let filled = std::fs::write(place.path("disk/filling"), vec![1; 30_000_000]);
    assert!(filled.is_err());
    let held = newest(&place, "disk/run");
    std::thread::sleep(std::time::Duration::from_millis(1500));
    assert!(newest(&place, "disk/run") <= held + 5);
    std::fs::remove_file(place.path("disk/filling")).unwrap();
    wait_until(|| newest(&place, "disk/run") > held + 5);
    let (code, said) = stop(child);
    assert_eq!(code, Some(0), "{said}");
    assert_names(&said, &["note: ", "No space left", "goes on"]);
    assert_nothing_half_written(&place, "disk/run");
    assert_undisturbed(&place, "disk/run");
    drop(disk);
}
