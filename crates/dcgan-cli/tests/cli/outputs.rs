//! What was there before a command that fails is there afterwards, unchanged.

use crate::support::{Place, TINY, TINY_TUTORIAL};

#[test]
fn a_refused_training_leaves_files_of_a_runs_names_as_they_were() {
    let place = Place::with_faces();
    place.write("mine/run.lock", "mine");
    place.write("mine/notes.txt", "mine too");
    for data in ["faces --preset small --image-size 512", "nothing"] {
        let line = place.fails(&format!("train {data} --out mine {TINY}"));
        assert!(!line.contains("mine/run.lock"), "{line}");
        assert_eq!(place.text("mine/run.lock"), "mine");
        assert_eq!(place.text("mine/notes.txt"), "mine too");
    }
    // too long a name: the folders above it are made first
    place.fails(&format!(
        "train faces --out a/b/{} {TINY_TUTORIAL}",
        "x".repeat(300)
    ));
}

#[test]
fn a_command_that_fails_leaves_no_folder_of_its_own() {
    let place = Place::with_run();
    place.write("file", "");
    for command in [
        "sample run -n 2 --out new/folder --format npy",
        "sample run -n 2 --out new/folder",
        "interpolate run --seeds 1,2 --steps 2 -o new/folder",
        "project run faces/000001.png --starts 1 --steps 1 -o new/folder",
        "demo-data new/folder -n 2",
    ] {
        // a name that is too long only when the file in it is created
        let long = format!("new/{}", "x".repeat(300));
        place.fails(&command.replace("new/folder", &long));
        place.fails(&command.replace("new/folder", "file/folder"));
    }
}

#[cfg(target_os = "linux")]
#[test]
fn created_folders_go_if_nothing_can_be_written_into_them() {
    use std::os::unix::fs::PermissionsExt;
    use std::process::Command;

    use crate::skip::skip;

    if Command::new("id").arg("-u").output().unwrap().stdout != b"0\n" {
        return skip("small disks", "only root can mount one");
    }
    let place = Place::with_run();
    std::fs::create_dir(place.path("disk")).unwrap();
    let disk = place.path("disk");
    let mount = Command::new("mount")
        .args(["-t", "tmpfs", "-o", "nr_inodes=3", "tmpfs"])
        .arg(&disk)
        .status();
    if !mount.is_ok_and(|status| status.success()) {
        return skip("small disks", "tmpfs cannot be mounted");
    }
    std::fs::set_permissions(&disk, std::fs::Permissions::from_mode(0o777)).unwrap();
    let lines: Vec<String> = [
        "sample run -n 2 --out disk/new/folder --format npy",
        "sample run -n 2 --out disk/new/folder",
        "interpolate run --seeds 1,2 --steps 2 -o disk/new/folder",
        "project run faces/000001.png --starts 1 --steps 1 -o disk/new/folder",
        "demo-data disk/new/folder -n 2",
    ]
    .into_iter()
    .map(|command| {
        let answer = place.run(command);
        format!(
            "{:?} {} {:?}",
            answer.code,
            answer.stderr,
            place.tree("disk")
        )
    })
    .collect();
    let unmounted = Command::new("umount").arg(&disk).status().unwrap();
    assert!(unmounted.success());
    for line in lines {
        assert!(line.starts_with("Some(1) error: "), "{line}");
        assert!(
            line.contains("No space left") && line.ends_with("{}"),
            "{line}"
        );
    }
}

#[cfg(unix)]
#[test]
fn a_pack_can_be_written_to_a_device() {
    let place = Place::with_faces();
    let answer = place.run("data pack faces -o /dev/null").succeeded();
    assert!(answer.stdout.contains("16 pictures"), "{}", answer.stdout);
    if cfg!(target_os = "linux") {
        let line = place.fails("data pack faces -o /dev/full");
        assert!(line.contains("No space left on device"), "{line}");
    }
}

#[test]
fn an_earlier_trace_stays_if_the_training_is_refused() {
    let place = Place::with_faces();
    let trace = format!("--trace trace.json {TINY_TUTORIAL}");
    place
        .run(&format!("train faces --out run --steps 1 {trace}"))
        .succeeded();
    let before = place.bytes("trace.json");
    for refused in [
        "faces --out run",
        "nothing --out new",
        "faces --out new --preset small --image-size 512",
    ] {
        place.fails(&format!("train {refused} {trace}"));
        assert!(place.bytes("trace.json") == before, "{refused}");
    }
    place
        .run("train --resume run --steps 3 --threads 1 --trace trace.json")
        .succeeded();
    assert!(place.bytes("trace.json") != before);
}
