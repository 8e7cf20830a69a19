//! Pages of the documentation, and the code blocks in them.

use std::fs;
use std::path::{Path, PathBuf};

/// A Markdown file.
pub struct Page {
    /// Its name relative to the root of the repository.
    pub name: String,
    pub path: PathBuf,
    pub text: String,
}

/// A code block.
pub struct Block {
    /// What follows the opening fence.
    pub language: String,
    /// The number of its first line in the page.
    pub line: usize,
    pub lines: Vec<String>,
}

/// A command as the page has it, continuation lines joined.
pub struct CommandLine {
    /// Where it is written, for messages.
    pub place: String,
    /// Commands of one block share a shell; a new block starts in the root of the scratch directory.
    pub starts_block: bool,
    pub text: String,
}

fn root() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    root.canonicalize().expect("the root of the repository")
}

/// The names of all Rust files, relative to the root of the repository.
pub fn sources() -> Vec<String> {
    let root = root();
    let mut folders = vec![root.join("crates"), root.join("fuzz/src")];
    let mut names = Vec::new();
    while let Some(folder) = folders.pop() {
        for path in entries(&folder) {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                names.push(relative(&path, &root));
            }
        }
    }
    names
}

/// All pages.
pub fn pages() -> Vec<Page> {
    let root = root();
    let folders =
        ["", "docs", "docs/decisions", "bench", "tools", "fuzz"].map(|name| root.join(name));
    let crates = entries(&root.join("crates"));
    let files = folders
        .iter()
        .chain(&crates)
        .flat_map(|folder| entries(folder));
    files
        .filter(|path| path.extension().is_some_and(|ending| ending == "md"))
        .map(|path| Page {
            name: relative(&path, &root),
            text: fs::read_to_string(&path).expect("a page"),
            path,
        })
        .collect()
}

impl Page {
    /// Its code blocks: fenced ones, and indented ones, whose language is `indented`.
    pub fn blocks(&self) -> Vec<Block> {
        let mut blocks: Vec<Block> = Vec::new();
        let mut is_open = false;
        let mut after_blank = true;
        for (number, line) in (1..).zip(self.text.lines()) {
            let fence = line.trim_start().strip_prefix("```");
            if let Some(language) = fence {
                is_open = !is_open;
                if is_open {
                    blocks.push(Block::new(language, number + 1));
                }
            } else if is_open {
                blocks
                    .last_mut()
                    .expect("an open block")
                    .lines
                    .push(line.to_owned());
            } else if after_blank && line.starts_with("    ") {
                blocks.push(Block::new("indented", number));
            }
            after_blank = line.trim().is_empty();
        }
        assert!(!is_open, "{}: a code block has no end", self.name);
        blocks
    }

    /// The commands in its `sh` blocks.
    pub fn commands(&self) -> Vec<CommandLine> {
        let blocks = self.blocks().into_iter();
        blocks
            .filter(|block| block.language == "sh")
            .flat_map(|block| commands(&self.name, block.line, &block.lines))
            .collect()
    }

    /// The page without its code blocks.
    pub fn prose(&self) -> String {
        let mut is_open = false;
        let mut prose = String::new();
        for line in self.text.lines() {
            let is_fence = line.trim_start().starts_with("```");
            is_open ^= is_fence;
            if !is_open && !is_fence {
                prose.push_str(line);
                prose.push('\n');
            }
        }
        prose
    }
}

impl Block {
    fn new(language: &str, line: usize) -> Self {
        Self {
            language: language.trim().to_owned(),
            line,
            lines: Vec::new(),
        }
    }
}

/// The commands in lines of shell.
pub fn commands(name: &str, first: usize, lines: &[String]) -> Vec<CommandLine> {
    let mut found: Vec<CommandLine> = Vec::new();
    let mut continues = false;
    for (number, line) in (first..).zip(lines) {
        let line = line.trim();
        let (text, more) = match line.strip_suffix('\\') {
            Some(text) => (text.trim_end(), true),
            None => (line, false),
        };
        if continues {
            let command = found.last_mut().expect("a line to continue");
            command.text.push(' ');
            command.text.push_str(text);
        } else if !text.is_empty() && !text.starts_with('#') {
            found.push(CommandLine {
                place: format!("{name}:{number}"),
                starts_block: found.is_empty(),
                text: text.to_owned(),
            });
        }
        continues = more;
    }
    found
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries =
        fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<PathBuf> = entries
        .map(|entry| entry.expect("an entry").path())
        .collect();
    paths.sort();
    paths
}

fn relative(path: &Path, root: &Path) -> String {
    let below = path.strip_prefix(root).expect("a path below the root");
    below.to_string_lossy().replace('\\', "/")
}
