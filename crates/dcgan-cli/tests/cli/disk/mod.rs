//! Disks that are full or read-only.

#[cfg(unix)]
mod on_write_error;

use std::path::PathBuf;
use std::process::Command;

use crate::skip::skip;
use crate::support::{Answer, Place, TINY_TUTORIAL, assert_names};

/// A disk of a few kilobytes. Mounting one takes root on Linux.
struct SmallDisk {
    path: PathBuf,
}

impl SmallDisk {
    /// `None` if mounting is not permitted.
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
                skip("disk", "mounting a small disk is not permitted here");
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
        // the temporary directory cannot be removed while the disk is mounted
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
fn a_full_disk_is_reported_by_name_and_the_advice_lets_the_run_finish() {
    let place = Place::with_faces();
    let options = "--steps 8 --report-every 2 --preset pytorch --image-size 32";
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
        let answer = if line.contains("--resume") {
            place.run(&format!("train --resume {name}/run --threads 1"))
        } else {
            place.train(&command)
        };
        answer.succeeded();
        for file in ["metrics.jsonl", "generator.safetensors"] {
            place.assert_same(&format!("{name}/run/{file}"), &format!("whole/run/{file}"));
        }
    }
}

#[test]
fn sampling_onto_a_full_disk_leaves_no_half_written_pictures() {
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
fn demo_data_on_a_full_disk_leaves_no_half_written_pictures() {
    let place = Place::new();
    let Some(_disk) = SmallDisk::mount(&place, "disk", 60) else {
        return;
    };
    let line = place.run("demo-data disk/faces -n 100").failed();
    assert_names(&line, &["No space left", "disk/faces"]);
    assert_nothing_half_written(&place, "disk");
}

#[test]
fn a_read_only_disk_is_reported_by_name() {
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
    let line = place.fails(&format!(
        "train faces --out disk/new --steps 1 {TINY_TUTORIAL}"
    ));
    assert_names(&line, &["disk/new", "--out"]);
    let line = place.fails("train --resume disk/run --steps 6 --threads 1");
    assert_names(&line, &["disk/run"]);
    assert!(!line.contains("--out"), "it cannot be given: {line}");
    let line = place.fails("sample disk/run -n 1 --out disk/drawn");
    assert_names(&line, &["disk/drawn"]);
    // reading works on a read-only disk
    place.run("info disk/run").succeeded();
    place.run("sample disk/run -n 1 --out drawn").succeeded();
}

#[cfg(unix)]
#[test]
fn a_directory_without_permission_to_write_is_reported_by_name() {
    use std::fs::{Permissions, set_permissions};
    use std::os::unix::fs::PermissionsExt;

    let place = Place::with_faces();
    std::fs::create_dir(place.path("closed")).unwrap();
    set_permissions(place.path("closed"), Permissions::from_mode(0o555)).unwrap();
    set_permissions(place.path("."), Permissions::from_mode(0o777)).unwrap();
    for out in ["closed", "closed/run"] {
        let arguments = format!("train faces --steps 1 --no-cache --out {out}");
        let mut command = place.command(arguments.split(' '));
        drop_privileges(&mut command, &place);
        let output = match command.output() {
            Ok(output) => output,
            Err(error) => {
                return skip(
                    "other-user",
                    &format!("the program cannot run as another user: {error}"),
                );
            }
        };
        let line = Answer::new(&command, output).failed();
        assert_names(&line, &[out, "--out"]);
        assert_eq!(place.files("closed").len(), 0);
    }
}

/// Lets a command run as another user if the tests run as root, who may write everywhere.
#[cfg(unix)]
fn drop_privileges(command: &mut Command, place: &Place) {
    use std::os::unix::fs::MetadataExt;
    use std::os::unix::process::CommandExt;

    const NOBODY: u32 = 65_534;
    if std::fs::metadata(place.path("faces")).unwrap().uid() == 0 {
        command.uid(NOBODY).gid(NOBODY);
    }
}

#[test]
fn training_works_without_a_cache_on_a_full_or_read_only_disk() {
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
fn a_cache_on_a_read_only_disk_is_used() {
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
