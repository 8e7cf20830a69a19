//! A run in a terminal that closes.

use std::io::Read;

use portable_pty::{CommandBuilder, PtySize, native_pty_system};

use crate::support::{Place, TINY, assert_names};

#[test]
fn a_run_whose_terminal_closes_saves_and_stops() {
    let place = Place::with_faces();
    let options = "--steps 5000 --report-every 5 --preset pytorch --image-size 32";
    let terminal = native_pty_system().openpty(PtySize::default()).unwrap();
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_dcgan"));
    command.args(format!("train faces --out run --no-cache {options} {TINY}").split(' '));
    command.cwd(place.path(""));
    let mut child = terminal.slave.spawn_command(command).unwrap();
    drop(terminal.slave);

    let mut reader = terminal.master.try_clone_reader().unwrap();
    let (mut said, mut piece) = (Vec::new(), [0; 1024]);
    while !String::from_utf8_lossy(&said).contains("distance  pictures/s") {
        let count = reader.read(&mut piece).expect("a terminal");
        assert_ne!(count, 0, "ended early: {}", String::from_utf8_lossy(&said));
        said.extend(&piece[..count]);
    }
    // dropping the last handles closes the terminal
    drop(reader);
    drop(terminal.master);
    let status = child.wait().unwrap();
    assert!(status.success(), "{status:?}");

    let steps = place.text("run/metrics.jsonl").lines().count();
    assert!((5..5000).contains(&steps), "{steps} steps");
    let newest = format!("run/checkpoints/step-{steps:06}.safetensors");
    assert!(place.path(&newest).is_file(), "{newest}");
    let more = format!("train --resume run --steps {} --threads 1", steps + 1);
    let answer = place.run(&more).succeeded();
    assert_names(&answer.stdout, &[&format!("steps {0} to {0}", steps + 1)]);
}
