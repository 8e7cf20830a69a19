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
            &["note: no cache", "disk/", "going on without"],
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
