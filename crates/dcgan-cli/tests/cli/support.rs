//! What the tests share: a directory to work in, the program's answers and pictures.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use image::{DynamicImage, Rgb, RgbImage};
use snapbox::{Assert, Data};
use tempfile::TempDir;

/// The smallest networks, so that a run takes a second.
pub const TINY: &str = "--ngf 4 --ndf 4 --batch-size 8 --threads 1";

/// The same for preset `tutorial`, which does not average or augment by default.
pub const TINY_TUTORIAL: &str = "--preset tutorial --ngf 4 --ndf 4 --batch-size 8 --threads 1";

/// How long a run took, which no other run takes.
pub const TIMES: &str = "times.jsonl";

/// A directory in which the program runs; paths in commands are relative to it.
pub struct Place {
    folder: TempDir,
    /// What `--cache-dir` is by default.
    cache: TempDir,
}

/// The exit status and output of a command.
pub struct Answer {
    pub command: String,
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Place {
    /// An empty directory.
    pub fn new() -> Self {
        let folder = || tempfile::tempdir().expect("a temporary folder");
        Self {
            folder: folder(),
            cache: folder(),
        }
    }

    /// A directory with 16 drawn faces in `faces`.
    pub fn with_faces() -> Self {
        let place = Self::new();
        place.run("demo-data faces -n 16").succeeded();
        place
    }

    /// A directory with faces in `faces`, and a run of four steps on them in `run`.
    pub fn with_run() -> Self {
        let place = Self::with_faces();
        place
            .train("faces --out run --steps 4 --report-every 2")
            .succeeded();
        place
    }

    /// A path in the directory.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The files in the cache.
    pub fn cached(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.cache.path()).expect("the cache's folder");
        entries
            .map(|entry| entry.expect("an entry").path())
            .collect()
    }

    /// A command that runs the program here, without a terminal.
    pub fn command<I: IntoIterator<Item: AsRef<OsStr>>>(&self, arguments: I) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dcgan"));
        command
            .args(arguments)
            .current_dir(self.folder.path())
            // shows a backtrace if there is one
            .env("RUST_BACKTRACE", "1")
            .env("DCGAN_CACHE_DIR", self.cache.path())
            .stdin(Stdio::null());
        command
    }

    /// Runs the program with arguments that may contain spaces.
    pub fn run_with<I: IntoIterator<Item: AsRef<OsStr>>>(&self, arguments: I) -> Answer {
        let mut command = self.command(arguments);
        let output = command.output().expect("the program runs");
        Answer::new(&command, output)
    }

    /// Runs the program with arguments separated by spaces.
    pub fn run(&self, arguments: &str) -> Answer {
        self.run_with(arguments.split_whitespace())
    }

    /// `dcgan train` with [`TINY`] networks, of preset `tutorial` unless the arguments name another.
    pub fn train(&self, arguments: &str) -> Answer {
        let options = if arguments.contains("--preset") {
            TINY
        } else {
            TINY_TUTORIAL
        };
        self.run(&format!("train {arguments} {options}"))
    }

    /// Runs a command that must fail and write nothing, and returns its one line of error.
    pub fn fails(&self, arguments: &str) -> String {
        self.fails_with(arguments.split_whitespace())
    }

    /// As [`Place::fails`], with arguments that may contain spaces.
    pub fn fails_with<I: IntoIterator<Item: AsRef<OsStr>>>(&self, arguments: I) -> String {
        let before = self.tree(".");
        let answer = self.run_with(arguments);
        let line = answer.failed();
        assert_eq!(
            self.tree("."),
            before,
            "{} left something behind",
            answer.command
        );
        line
    }

    /// Everything below a directory, with `/` after the names of directories.
    pub fn tree(&self, folder: &str) -> BTreeSet<String> {
        let root = self.path(folder);
        let mut found = BTreeSet::new();
        walk(&root, &root, &mut found);
        found
    }

    /// The files below a directory.
    pub fn files(&self, folder: &str) -> BTreeSet<String> {
        let mut found = self.tree(folder);
        found.retain(|name| !name.ends_with('/'));
        found
    }

    /// The bytes of a file.
    pub fn bytes(&self, name: &str) -> Vec<u8> {
        let path = self.path(name);
        fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    /// The text of a file.
    pub fn text(&self, name: &str) -> String {
        String::from_utf8(self.bytes(name)).expect("text")
    }

    /// A picture.
    pub fn picture(&self, name: &str) -> DynamicImage {
        image::load_from_memory(&self.bytes(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// Writes a file, and creates its directory.
    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        fs::write(path, bytes).expect("a file");
    }

    /// Writes `count` small pictures of different colours into a directory.
    pub fn write_pictures(&self, folder: &str, count: u8) {
        for number in 0..count {
            let picture = colourful(number);
            self.write(&format!("{folder}/{number}.png"), png(&picture.into()));
        }
    }

    /// Makes a folder of so many names of one file.
    pub fn make_links(&self, file: &str, folder: &str, count: usize) {
        fs::create_dir_all(self.path(folder)).expect("a folder");
        for number in 0..count {
            let link = self.path(&format!("{folder}/{number:06}.png"));
            fs::hard_link(self.path(file), link).expect("a link");
        }
    }

    /// Asserts that two files are the same. PNGs may come from weights of different names.
    pub fn assert_same(&self, one: &str, other: &str) {
        let is_same = if one.ends_with(".png") && other.ends_with(".png") {
            let [one, other] = [one, other].map(|path| image::open(self.path(path)).unwrap());
            one == other
        } else {
            self.bytes(one) == self.bytes(other)
        };
        assert!(is_same, "{one} and {other} differ");
    }

    /// Asserts that two directories hold the same files.
    pub fn assert_same_folders(&self, one: &str, other: &str) {
        let files = self.files(one);
        assert_eq!(files, self.files(other));
        for file in files.into_iter().filter(|file| file.as_str() != TIMES) {
            self.assert_same(&format!("{one}/{file}"), &format!("{other}/{file}"));
        }
    }
}

impl Answer {
    /// The answer of a command that has ended.
    pub fn new(command: &Command, output: Output) -> Self {
        let words: Vec<_> = command
            .get_args()
            .map(|word| word.to_string_lossy().into_owned())
            .collect();
        Self {
            command: format!("dcgan {}", words.join(" ")),
            code: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Asserts exit status 0.
    pub fn succeeded(self) -> Self {
        assert_eq!(self.code, Some(0), "{}: {}", self.command, self.stderr);
        self
    }

    /// Asserts exit status 1 and one line on standard error, and returns it. Before it there may be lines
    /// about pictures that are being read, which depend on how long that takes.
    pub fn failed(&self) -> String {
        let Self {
            command, stderr, ..
        } = self;
        assert_eq!(self.code, Some(1), "{command}: {stderr}");
        let is_progress = |line: &&str| line.starts_with("reading ");
        let lines: Vec<_> = stderr.lines().skip_while(is_progress).collect();
        assert_eq!(lines.len(), 1, "{command}: {stderr}");
        assert!(lines[0].starts_with("error: "), "{command}: {stderr}");
        for word in ["panicked", "internal error", "backtrace", ".unfinished"] {
            assert!(!stderr.contains(word), "{command}: {stderr}");
        }
        lines[0].to_owned()
    }

    /// The last line on standard output.
    pub fn last_line(&self) -> &str {
        self.stdout.lines().last().unwrap_or_default()
    }
}

/// Asserts that a line contains all words.
pub fn assert_names(line: &str, words: &[&str]) {
    for word in words {
        assert!(line.contains(word), "'{word}' is not in: {line}");
    }
}

/// Asserts that a text is what `tests/snapshots/NAME` holds. With `SNAPSHOTS=overwrite` in the
/// environment, it holds that from then on.
pub fn assert_snapshot(name: &str, text: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots");
    let expected = Data::read_from(&folder.join(name), None);
    // a backslash in an example is no path
    let assert = Assert::new().action_env("SNAPSHOTS").normalize_paths(false);
    assert.eq(text, expected);
}

/// A picture of 20×20 pixels, different for each number.
pub fn colourful(number: u8) -> RgbImage {
    RgbImage::from_fn(20, 20, |x, y| {
        Rgb([number.wrapping_mul(37), (x * 12) as u8, (y * 12) as u8])
    })
}

/// A picture as the bytes of a PNG file.
pub fn png(picture: &DynamicImage) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    picture
        .write_to(&mut bytes, image::ImageFormat::Png)
        .expect("a PNG in memory");
    bytes.into_inner()
}

/// A parquet shard of encoded pictures, as Hugging Face writes them.
pub fn parquet(pictures: impl IntoIterator<Item = Vec<u8>>) -> Vec<u8> {
    use parquet::data_type::{ByteArray, ByteArrayType};
    use parquet::file::writer::SerializedFileWriter;
    use parquet::schema::parser::parse_message_type;

    let schema = "message schema { OPTIONAL GROUP image { OPTIONAL BYTE_ARRAY bytes; } }";
    let schema = parse_message_type(schema).unwrap().into();
    let mut writer = SerializedFileWriter::new(Vec::new(), schema, Default::default()).unwrap();
    let mut group = writer.next_row_group().unwrap();
    let pictures: Vec<ByteArray> = pictures.into_iter().map(ByteArray::from).collect();
    let mut column = group.next_column().unwrap().unwrap();
    column
        .typed::<ByteArrayType>()
        .write_batch(&pictures, Some(&vec![2; pictures.len()]), None)
        .unwrap();
    column.close().unwrap();
    group.close().unwrap();
    writer.into_inner().unwrap()
}

/// A weight file or checkpoint with its checksum recomputed, as after a deliberate change.
pub fn sealed(bytes: &[u8]) -> Vec<u8> {
    let key = br#"\"checksum\":\""#;
    let place = bytes.windows(key.len()).position(|window| window == key);
    let digits = place.expect("a checksum") + key.len();
    let mut sealed = bytes.to_vec();
    sealed[digits..digits + 32].fill(b'0');
    let checksum = format!("{:032x}", xxhash_rust::xxh3::xxh3_128(&sealed));
    sealed[digits..digits + 32].copy_from_slice(checksum.as_bytes());
    sealed
}

fn walk(root: &Path, folder: &Path, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let below = path.strip_prefix(root).expect("a path below its root");
        let name = below.to_string_lossy().into_owned();
        if path.is_dir() {
            found.insert(format!("{name}/"));
            walk(root, &path, found);
        } else {
            found.insert(name);
        }
    }
}

/// Whether a line of `train` is the row of a report.
pub fn is_report(line: &str) -> bool {
    line.len() == 78
        && line
            .trim_start()
            .starts_with(|first: char| first.is_ascii_digit())
}
