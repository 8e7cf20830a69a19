//! What people see in a terminal, and what happens when it closes.

use std::collections::BTreeSet;
use std::io::Read;

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

use crate::support::{Place, TINY, TINY_TUTORIAL, assert_names, assert_snapshot, is_report};

/// Rows of a terminal: more than any of these commands prints.
const ROWS: u16 = 60;

/// What indicatif draws bars with.
const BAR: [char; 2] = ['█', '░'];

/// Starts the program in a terminal of so many columns.
fn start(
    place: &Place,
    arguments: &str,
    columns: u16,
) -> (Box<dyn Child + Send + Sync>, Box<dyn MasterPty + Send>) {
    let size = PtySize {
        rows: ROWS,
        cols: columns,
        ..PtySize::default()
    };
    let terminal = native_pty_system().openpty(size).unwrap();
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_dcgan"));
    command.args(arguments.split_whitespace());
    command.cwd(place.path(""));
    command.env("TERM", "xterm-256color");
    let child = terminal.slave.spawn_command(command).unwrap();
    (child, terminal.master)
}

/// What a command shows in a terminal.
struct Shown {
    /// What is left on the screen, line by line.
    screen: Vec<String>,
    /// What stood beside the progress bars, with `#` for numbers.
    bars: BTreeSet<String>,
}

/// Runs a command, and asserts that no progress bar is wider than the terminal.
fn show(place: &Place, arguments: &str, columns: u16) -> Shown {
    let (mut child, terminal) = start(place, arguments, columns);
    let mut reader = terminal.try_clone_reader().unwrap();
    let mut bytes = Vec::new();
    // ends with an error on Linux when the program ends
    let _ = reader.read_to_end(&mut bytes);
    assert!(child.wait().unwrap().success(), "{arguments}");

    let mut emulator = vt100::Parser::new(ROWS, columns, 0);
    emulator.process(&bytes);
    let screen = emulator.screen().rows(0, columns);
    let screen = screen.map(|line| line.trim_end().to_owned()).collect();
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let drawn = text
        .split(['\r', '\n'])
        .map(without_escapes)
        .filter(|line| line.contains(BAR));
    let mut bars = BTreeSet::new();
    for line in drawn {
        let width = line.trim_end().chars().count();
        assert!(width <= usize::from(columns), "{width} columns: {line}");
        let beside: String = line.chars().filter(|c| !BAR.contains(c)).collect();
        bars.insert(without_numbers(beside.trim()));
    }
    Shown { screen, bars }
}

/// A text without the commands to the terminal in it.
fn without_escapes(text: &str) -> String {
    let mut pieces = text.split("\u{1b}[");
    let mut plain = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let end = piece.find(|c: char| c.is_ascii_alphabetic());
        plain.push_str(end.map_or("", |end| &piece[end + 1..]));
    }
    plain
}

/// A line with `#` for each number, and for each time.
fn without_numbers(line: &str) -> String {
    let mut text = String::new();
    let mut is_number = false;
    let mut rest = line.chars().peekable();
    while let Some(c) = rest.next() {
        let has_digit_next = rest.peek().is_some_and(char::is_ascii_digit);
        let goes_on = is_number && c == '.' && has_digit_next;
        if c.is_ascii_digit() && !is_number {
            text.push('#');
        }
        is_number = c.is_ascii_digit() || goes_on;
        if !is_number {
            text.push(c);
        }
    }
    text.replace("#s left", "# left")
        .replace("# seconds", "# second")
}

/// The row of a report with `#` for each number, which ends where the number does.
fn aligned(line: &str) -> String {
    let mut text = String::new();
    let mut rest = line.chars().peekable();
    while let Some(c) = rest.next() {
        let is_digit = |c: &char| c.is_ascii_digit() || *c == '.';
        let ends = !rest.peek().is_some_and(is_digit);
        text.push(match (is_digit(&c), ends) {
            (true, true) => '#',
            (true, false) => ' ',
            (false, _) => c,
        });
    }
    text
}

/// The screen as a text in which nothing depends on the machine.
fn snapshot(screen: &[String]) -> String {
    let mut text = String::new();
    let mut is_end = false;
    for line in screen {
        // how long it took and which step was best, and so where the line breaks
        if line.starts_with("Done: ") {
            text += "Done: ...\n";
        }
        is_end = line.starts_with("Done: ") || is_end && !line.starts_with("Draw pictures:");
        if is_end {
            continue;
        }
        text += &if is_report(line) {
            aligned(line)
        } else {
            without_numbers(line)
        };
        text.push('\n');
    }
    text.trim_end().to_owned() + "\n"
}

#[test]
fn a_training_is_a_calm_report_as_reviewed() {
    let place = Place::with_faces();
    for columns in [80, 120] {
        let train = format!(
            "train faces --out run-{columns} --steps 40 --report-every 20 --no-cache \
             --ignore-memory {TINY_TUTORIAL}"
        );
        let Shown { screen, bars } = show(&place, &train, columns);
        assert_snapshot(&format!("terminal/train-{columns}.txt"), &snapshot(&screen));
        let expected = [
            "",
            "first step",
            "step #/#, # pictures/s, # left, loss D # G #",
            "reading pictures  #/#, # left",
        ];
        let others: Vec<_> = bars
            .iter()
            .filter(|bar| !expected.contains(&&***bar))
            .collect();
        assert!(others.is_empty(), "{others:?}");
        assert!(bars.contains(expected[2]), "{bars:?}");
    }
}

#[test]
fn the_bar_of_a_command_with_several_parts_covers_all_of_them() {
    let place = Place::with_run();
    let evaluate = "evaluate run -n 200 --data faces --no-cache --threads 1";
    let Shown { bars, .. } = show(&place, evaluate, 80);
    let share = |bar: &&String| bar.ends_with("#%") || bar.ends_with("#%, # left");
    let others: Vec<_> = bars.iter().filter(|bar| !share(bar)).collect();
    assert!(others.is_empty(), "{others:?}");
    for part in ["reading pictures", "drawing pictures", "comparing pictures"] {
        let is_shown = bars.iter().any(|bar| bar.starts_with(part));
        assert!(is_shown, "{part}: {bars:?}");
    }
}

#[test]
fn a_run_whose_terminal_closes_saves_and_stops() {
    let place = Place::with_faces();
    let options = "--steps 5000 --report-every 5 --preset pytorch --image-size 32";
    let train = format!("train faces --out run --no-cache {options} {TINY}");
    let (mut child, terminal) = start(&place, &train, 80);

    let mut reader = terminal.try_clone_reader().unwrap();
    let (mut said, mut piece) = (Vec::new(), [0; 1024]);
    while !String::from_utf8_lossy(&said).contains("distance  pictures/s") {
        let count = reader.read(&mut piece).expect("a terminal");
        assert_ne!(count, 0, "ended early: {}", String::from_utf8_lossy(&said));
        said.extend(&piece[..count]);
    }
    // dropping the last handles closes the terminal
    drop(reader);
    drop(terminal);
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
