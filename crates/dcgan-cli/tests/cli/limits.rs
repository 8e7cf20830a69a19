//! Limits that the system sets: one line each, and nothing left behind.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use flate2::write::ZlibEncoder;
use flate2::{Compression, Crc};

use crate::skip::skip;
use crate::support::{Answer, Place, TINY_TUTORIAL, assert_names, colourful, png};

/// Runs the program in a shell that has set a limit.
fn limited(place: &Place, limit: &str, arguments: &str) -> Answer {
    shell(place, &["sh"], limit, arguments)
}

fn shell(place: &Place, shell: &[&str], limit: &str, arguments: &str) -> Answer {
    let program = place.command(arguments.split_whitespace());
    let mut command = Command::new(shell[0]);
    command
        .args(&shell[1..])
        .args(["-c", &format!("{limit} && exec \"$0\" \"$@\"")])
        .arg(program.get_program())
        .args(program.get_args())
        .current_dir(program.get_current_dir().unwrap());
    for (name, value) in program.get_envs() {
        command.env(name, value.unwrap_or_default());
    }
    let output = command.output().unwrap();
    Answer::new(&command, output)
}

#[test]
fn a_limit_on_the_size_of_files_is_an_error_of_writing() {
    let place = Place::with_run();
    let before = place.tree(".");
    // blocks of 512 or 1024 bytes
    let line = limited(&place, "ulimit -f 1", "sample run -n 64 --grid grid.png").failed();
    assert_names(&line, &["grid.png", "File too large", "ulimit -f"]);
    assert_eq!(place.tree("."), before);

    let options = "--preset tutorial --ngf 8 --ndf 8 --steps 4 --report-every 2";
    let train = format!("train faces --out whole/run {options} --batch-size 8 --threads 1");
    place.run(&train).succeeded();
    let train = train.replace("whole", "limited");
    let line = limited(&place, "ulimit -f 100", &format!("{train} --no-cache")).failed();
    assert_names(&line, &["File too large", "ulimit -f"]);
    for name in place.files("limited") {
        assert!(!name.contains(".unfinished"), "{name}");
    }
}

#[test]
fn a_limit_on_memory_ends_in_one_line() {
    let place = Place::with_faces();
    let train = format!("train faces --out run --steps 2 {TINY_TUTORIAL}");
    let mut refused = 0;
    for megabytes in [60, 100, 150, 200, 250, 300, 400] {
        let limit = format!("ulimit -v {}", megabytes * 1024);
        let answer = limited(&place, &limit, &train);
        if answer.code == Some(0) {
            break;
        }
        assert_names(&answer.failed(), &["ulimit -v"]);
        refused += 1;
        let _ = std::fs::remove_dir_all(place.path("run"));
    }
    assert!(refused > 0, "a limit of 60 MB has no effect");
}

#[test]
fn a_limit_on_the_stack_is_named() {
    let place = Place::with_faces();
    for kilobytes in [100, 500] {
        let limit = format!("ulimit -s {kilobytes}");
        let line = limited(&place, &limit, "train faces --out run").failed();
        assert_names(&line, &["stack", "ulimit -s"]);
        assert!(!place.path("run").exists());
    }
}

#[test]
fn a_limit_on_open_files_ends_in_one_line() {
    let place = Place::with_faces();
    let train = format!("train faces --out run --steps 2 {TINY_TUTORIAL}");
    for files in [3, 4, 5, 6, 7, 8, 10, 12] {
        let answer = limited(&place, &format!("ulimit -n {files}"), &train);
        match answer.code {
            Some(0) => return,
            Some(127) => continue, // the system could not even load the program's libraries
            _ => assert_names(&answer.failed(), &["Too many open files"]),
        }
        let _ = std::fs::remove_dir_all(place.path("run"));
    }
    panic!("12 open files are not enough");
}

#[test]
fn a_limit_on_threads_ends_in_one_line_before_anything_is_written() {
    let place = Place::with_faces();
    let is_root = Command::new("id").arg("-u").output().unwrap().stdout == b"0\n";
    let user: &[&str] = if is_root {
        // the limit does not hold for root
        &[
            "setpriv",
            "--reuid=65534",
            "--regid=65534",
            "--clear-groups",
            "bash",
        ]
    } else {
        &["bash"] // other shells have no such limit
    };
    if is_root {
        let opened = Command::new("chmod")
            .arg("777")
            .arg(place.path("."))
            .status();
        let usable = shell(&place, user, "true", "--version");
        if !opened.unwrap().success() || usable.code != Some(0) {
            return skip("threads", "the program cannot be run as another user");
        }
    }
    for processes in [1, 2, 3, 4] {
        let limit = format!("ulimit -u {processes}");
        let train = format!("train faces --out run --steps 2 --no-cache {TINY_TUTORIAL}");
        let line = shell(&place, user, &limit, &train).failed();
        assert_names(
            &line,
            &["cannot start another thread", "--threads", "ulimit -u"],
        );
        assert!(!place.path("run").exists());
    }
    let line = place.fails("train faces --out run --threads 100000");
    assert_names(&line, &["--threads 100000", "1 to 1024"]);
}

/// A control group in which few processes and threads may run, until it is dropped.
struct Group(PathBuf);

impl Group {
    /// Only root can make one, and only where the system has them.
    fn new() -> Option<Self> {
        // of version 1, and of version 2
        let roots = ["/sys/fs/cgroup/pids", "/sys/fs/cgroup"];
        let groups = roots.iter().map(|root| {
            let name = format!("dcgan-test-{}", std::process::id());
            Self(Path::new(root).join(name))
        });
        groups
            .filter(|group| std::fs::create_dir(&group.0).is_ok())
            .find(|group| group.0.join("pids.max").exists())
    }

    fn allow(&self, processes: usize) {
        std::fs::write(self.0.join("pids.max"), processes.to_string()).unwrap();
    }

    fn enter(&self) -> String {
        format!("echo $$ > {}", self.0.join("cgroup.procs").display())
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        for _ in 0..100 {
            if std::fs::remove_dir(&self.0).is_ok() {
                return;
            }
            std::thread::sleep(Duration::from_millis(10)); // a process that has just ended
        }
    }
}

#[test]
fn a_containers_limit_on_processes_ends_in_one_line_before_anything_is_written() {
    let Some(group) = Group::new() else {
        return skip("pids.max", "no control group can be made");
    };
    let place = Place::with_faces();
    let train = format!("train faces --out run --steps 2 --no-cache {TINY_TUTORIAL}");
    let mut refused = 0;
    for processes in 1..64 {
        group.allow(processes);
        let answer = limited(&place, &group.enter(), &train);
        if answer.code == Some(0) {
            break;
        }
        assert_names(
            &answer.failed(),
            &["cannot start another thread", "--threads", "container"],
        );
        assert!(!place.path("run").exists(), "{processes} processes");
        refused += 1;
    }
    println!("{refused} limits are too low");
    assert!((1..63).contains(&refused), "{refused} limits");
}

/// A PNG with a profile or text of `megabytes` zeros, compressed to a thousandth of that.
fn with_chunk(picture: &[u8], name: &[u8; 4], head: &[u8], megabytes: usize) -> Vec<u8> {
    let mut content = [name, head].concat();
    let mut encoder = ZlibEncoder::new(&mut content, Compression::fast());
    for _ in 0..megabytes {
        encoder.write_all(&[0; 1 << 20]).unwrap();
    }
    encoder.finish().unwrap();
    let mut checksum = Crc::new();
    checksum.update(&content);
    const AFTER_HEADER: usize = 8 + 25;
    [
        &picture[..AFTER_HEADER],
        &(content.len() as u32 - 4).to_be_bytes(),
        &content,
        &checksum.sum().to_be_bytes(),
        &picture[AFTER_HEADER..],
    ]
    .concat()
}

#[test]
fn profiles_and_texts_that_unpack_to_a_gigabyte_are_not_unpacked() {
    let place = Place::new();
    place.write_pictures("faces", 16);
    let picture = png(&colourful(3).into());
    let chunks: [(&str, &[u8; 4], &[u8]); 3] = [
        ("profile", b"iCCP", b"icc\0\0"),
        ("text", b"zTXt", b"Comment\0\0"),
        ("international", b"iTXt", b"Comment\0\x01\0\0\0"),
    ];
    for (file, name, head) in chunks {
        let bytes = with_chunk(&picture, name, head, 1100);
        place.write(&format!("faces/{file}.png"), bytes);
    }
    let check = "data check faces --threads 2 --no-cache --json";
    let answer = limited(&place, "ulimit -v 700000", check).succeeded();
    assert_names(&answer.stdout, &["\"pictures\": 19"]);
    let line = place.fails("train demo --demo-faces 4294967295 --out run");
    assert_names(&line, &["4294967295 faces", "1000000", "--count"]);
    place.train("faces --out run --steps 2").succeeded();
    let line = place.fails("sample run --seeds 1-1000000000 -o drawn");
    assert_names(&line, &["1000000000", "at most 10000000"]);
}
