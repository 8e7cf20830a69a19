//! Running the commands of the documentation, with sizes that suit a test.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use crate::markdown::CommandLine;
use crate::scratch::Folder;

/// Programs that are not run, and why.
pub const NOT_RUN: [(&str, &str); 11] = [
    ("cargo", "it builds or tests the workspace, as CI does"),
    ("bash .ci/", "this test is a part of it"),
    ("apt", "it changes the machine"),
    ("pip", "it builds the Python package, as CI does"),
    ("python", "it needs PyTorch"),
    (".venv/bin/", "it needs PyTorch and more"),
    ("tensorboard", "it shows pages until it is stopped"),
    ("mpicc", "it needs MPI, and is about MPI alone"),
    ("pyftsubset", "it needs fonttools"),
    ("mpirun", "a build with MPI has a test of its own for it"),
    (
        "dcgan evaluate runs/photos --stats",
        "2,048 pictures take Inception minutes",
    ),
];

/// Options whose values are replaced, or added, so that a command takes a moment.
const SIZES: [(&str, &[(&str, &str)]); 10] = [
    ("studio", &[("--port", "0")]),
    ("demo-data", &[("-n", "16")]),
    ("sample", &[("-n", "4")]),
    ("evaluate", &[("-n", "8")]),
    ("interpolate", &[("--frames", "2")]),
    ("project", &[("--starts", "2"), ("--steps", "3")]),
    ("arithmetic", &[("--count", "1000")]),
    ("forget", &[("--count", "500")]),
    ("bench train", &[("--batch-size", "4"), ("--steps", "1")]),
    ("bench sample", &[("--batch-size", "4"), ("--steps", "1")]),
];

/// The same, where the option is given.
const GIVEN_SIZES: [(&str, &str); 2] = [
    ("--labels-per-class", "2"),
    // the machine may have no GPU
    ("--device", "cpu"),
];

/// Those of a training that begins; one that is resumed keeps its own.
const TRAINING: [(&str, &str); 4] = [
    ("--ngf", "4"),
    ("--ndf", "4"),
    ("--batch-size", "8"),
    ("--threads", "1"),
];

/// What became of a command.
pub enum Outcome {
    Succeeded,
    /// With a message.
    Failed(String),
    /// With a reason.
    NotRun(&'static str),
}

/// Runs commands in a scratch directory.
pub struct Shell {
    root: Folder,
    folder: PathBuf,
    trainings: usize,
    has_mpi: bool,
}

impl Shell {
    pub fn new(root: Folder) -> Self {
        Self {
            folder: root.path().to_owned(),
            root,
            trainings: 0,
            has_mpi: false,
        }
    }

    /// One that runs what begins with `mpirun`, too.
    #[cfg(feature = "mpi")]
    pub fn with_mpi(root: Folder) -> Self {
        Self {
            has_mpi: true,
            ..Self::new(root)
        }
    }

    /// Runs a command.
    pub fn run(&mut self, line: &CommandLine) -> Outcome {
        if line.starts_block {
            self.folder = self.root.path().to_owned();
        }
        let (text, key) = match line.text.split_once("| jq .") {
            Some((text, key)) => (text, Some(key.trim())),
            None => (line.text.as_str(), None),
        };
        let mut words = words(text);
        if let Some(at) = words.iter().position(|word| word == ">") {
            words.truncate(at); // what is printed is not kept
        }
        if let [program, folder] = &words[..]
            && program == "cd"
        {
            self.folder.push(folder);
            assert!(self.folder.is_dir(), "{}: there is no {folder}", line.place);
            return Outcome::Succeeded;
        }
        let (launcher, arguments) = match self.split(&words) {
            Ok(both) => both,
            Err(why) => {
                check_not_run(&line.place, &words);
                return Outcome::NotRun(why);
            }
        };
        let arguments = self.resized(arguments);
        let output = self.output(&launcher, &arguments);
        let Output { stdout, stderr, .. } = &output;
        if !output.status.success() {
            return Outcome::Failed(format!(
                "{}: {}\nran as: dcgan {}\n{}{}",
                line.place,
                line.text,
                arguments.join(" "),
                String::from_utf8_lossy(stdout),
                String::from_utf8_lossy(stderr)
            ));
        }
        if let Some(key) = key {
            let json: serde_json::Value = serde_json::from_slice(stdout).expect("JSON");
            assert!(
                json.get(key).is_some(),
                "{}: no {key} in {json}",
                line.place
            );
        }
        Outcome::Succeeded
    }

    /// What starts the program, and its arguments; or why it is not run.
    fn split(&self, words: &[String]) -> Result<(Vec<String>, Vec<String>), &'static str> {
        let text = words.join(" ");
        if text.starts_with("cargo run --release -- ") {
            return Ok((Vec::new(), words[4..].to_vec()));
        }
        let program = words.iter().position(|word| word == "dcgan");
        if self.has_mpi
            && words[0] == "mpirun"
            && let Some(at) = program
        {
            let oversubscribe = "--oversubscribe".to_owned();
            let launcher = [&words[..1], &[oversubscribe], &words[1..at]].concat();
            return Ok((launcher, words[at + 1..].to_vec()));
        }
        for (beginning, why) in NOT_RUN {
            if text.starts_with(beginning) {
                return Err(why);
            }
        }
        assert_eq!(program, Some(0), "no way to run: {text}");
        Ok((Vec::new(), words[1..].to_vec()))
    }

    /// Runs a command. Those about the cache get one of their own, with the pictures of `photos` in
    /// it: others read the shared one.
    fn output(&self, launcher: &[String], arguments: &[String]) -> Output {
        if arguments[0] != "cache" {
            return self.output_with(launcher, arguments, self.root.cache());
        }
        let cache = self.root.path().join("cache-alone");
        let fill = ["data", "check", "photos", "--no-preview"].map(str::to_owned);
        let filled = self.output_with(&[], &fill, &cache);
        assert!(filled.status.success(), "photos can be read");
        self.output_with(launcher, arguments, &cache)
    }

    fn output_with(&self, launcher: &[String], arguments: &[String], cache: &Path) -> Output {
        let program = env!("CARGO_BIN_EXE_dcgan").to_owned();
        let words = [launcher, &[program], arguments].concat();
        let mut command = Command::new(&words[0]);
        command
            .args(&words[1..])
            .current_dir(&self.folder)
            .env("DCGAN_CACHE_DIR", cache)
            .env("OMPI_ALLOW_RUN_AS_ROOT", "1")
            .env("OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1")
            .stdin(Stdio::null());
        if arguments[0] == "studio" {
            return until_it_answers(command);
        }
        command.output().expect("the program runs")
    }

    /// The arguments of `dcgan` with small sizes.
    fn resized(&mut self, mut arguments: Vec<String>) -> Vec<String> {
        let has = |arguments: &[String], option| arguments.iter().any(|word| word == option);
        for (option, value) in GIVEN_SIZES {
            if has(&arguments, option) {
                set(&mut arguments, option, value);
            }
        }
        if arguments[0] == "train" {
            self.resize_training(&mut arguments);
            return arguments;
        }
        for (command, sizes) in SIZES {
            if !arguments.join(" ").starts_with(command) {
                continue;
            }
            for (option, value) in sizes {
                let is_misplaced = match *option {
                    "-n" => has(&arguments, "--seeds"),
                    _ => false,
                };
                if !is_misplaced {
                    set(&mut arguments, option, value);
                }
            }
        }
        arguments
    }

    /// A training of two steps, in a run of its own; one that is resumed takes two more.
    fn resize_training(&mut self, arguments: &mut Vec<String>) {
        self.trainings += 1;
        let steps = 4 + 2 * self.trainings;
        if let Some(at) = arguments.iter().position(|word| word == "--epochs") {
            arguments.drain(at..at + 2);
        }
        if arguments.iter().any(|word| word == "--resume") {
            set(arguments, "--steps", &steps.to_string());
            return;
        }
        for (option, value) in TRAINING {
            set(arguments, option, value);
        }
        set(arguments, "--steps", "2");
        if arguments.iter().any(|word| word == "demo") {
            set(arguments, "-n", "16");
        }
        set(
            arguments,
            "--out",
            &format!("runs/of-line-{}", self.trainings),
        );
    }
}

/// Runs a server until it says where it is, and interrupts it then.
fn until_it_answers(mut command: Command) -> Output {
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut server = command.spawn().expect("the program runs");
    let mut said = String::new();
    let mut stdout = BufReader::new(server.stdout.take().expect("a pipe"));
    stdout.read_line(&mut said).expect("text");
    if said.contains("http://") {
        let stopped = Command::new("kill")
            .args(["-INT", &server.id().to_string()])
            .status();
        assert!(stopped.is_ok_and(|status| status.success()));
    }
    server.wait_with_output().expect("the program ends")
}

/// Gives an option a value.
fn set(arguments: &mut Vec<String>, option: &str, value: &str) {
    match arguments.iter().position(|word| word == option) {
        Some(at) => arguments[at + 1] = value.to_owned(),
        None => arguments.extend([option.to_owned(), value.to_owned()]),
    }
}

/// What can be checked of a command without running it: its features and scripts exist.
fn check_not_run(place: &str, words: &[String]) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let manifest = include_str!("../../Cargo.toml");
    for pair in words.windows(2).filter(|pair| pair[0] == "--features") {
        for feature in pair[1].split(',') {
            let is_there = manifest.contains(&format!("\n{feature} = ["));
            assert!(is_there, "{place}: there is no feature {feature}");
        }
    }
    let endings = [".py", ".c", ".txt", ".ci/run", ".ci/gpu"];
    for word in words
        .iter()
        .filter(|word| endings.iter().any(|ending| word.ends_with(ending)))
    {
        assert!(root.join(word).exists(), "{place}: there is no {word}");
    }
}

/// The words of a command, without what follows `#`.
fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut is_quoted = false;
    for letter in text.chars() {
        match letter {
            '"' => {
                is_quoted = !is_quoted;
                word.get_or_insert_default();
            }
            ' ' if !is_quoted => words.extend(word.take()),
            '#' if !is_quoted && word.is_none() => break,
            _ => word.get_or_insert_default().push(letter),
        }
    }
    assert!(!is_quoted, "a quotation mark is missing: {text}");
    words.extend(word);
    words
}
