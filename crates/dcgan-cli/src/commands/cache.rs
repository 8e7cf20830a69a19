//! `dcgan cache`: the decoded pictures that are kept for the next command.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use anyhow::{Context, Result, bail};
use clap::{Args, Subcommand};
use dcgan_support::bytes::Bytes;
use dcgan_support::{regular_file, unfinished};
use indicatif::HumanDuration;
use serde::Serialize;

use crate::shared::data_arguments::CacheArguments;
use crate::shared::similar::similar;
use crate::shared::{dataset, output};
use crate::words::counted;

/// `dcgan cache`
#[derive(Debug, Args)]
#[command(after_help = "\
Decoded pictures and Inception's features of real pictures are kept, so that the next command is
faster. Nothing is lost when they are removed. Weights of Inception that you put there stay.

Examples:
  dcgan cache
  dcgan cache clear photos
  dcgan cache clear")]
pub struct Cache {
    /// What to do with it [default: list]
    #[command(subcommand)]
    pub action: Option<CacheAction>,

    /// Directory of the cache [default: $DCGAN_CACHE_DIR, else the system's cache directory]
    #[arg(long, value_name = "DIR", global = true)]
    pub cache_dir: Option<PathBuf>,

    /// Print one JSON array of what is there, or of what was removed
    #[arg(long, global = true)]
    pub json: bool,
}

/// What to do with the cache.
#[derive(Debug, Subcommand)]
pub enum CacheAction {
    /// List its files
    #[command(after_help = "Examples:\n  dcgan cache list")]
    List,
    /// Remove its files
    #[command(after_help = "Examples:\n  dcgan cache clear photos")]
    Clear(Clear),
}

/// `dcgan cache clear`
#[derive(Debug, Args)]
pub struct Clear {
    /// Files of the list, or the names of data sets, such as photos [default: all]
    #[arg(value_name = "NAME")]
    pub names: Vec<String>,
}

/// A file of the cache.
#[derive(Serialize)]
struct Entry {
    file: String,
    bytes: u64,
    /// Seconds since it was made.
    age: u64,
}

pub fn run(arguments: &Cache) -> Result<()> {
    let folder = dataset::cache_folder(&CacheArguments {
        no_cache: false,
        cache_dir: arguments.cache_dir.clone(),
    });
    let Some(folder) = folder else {
        bail!("the system has no directory for caches: name one with --cache-dir");
    };
    let entries = entries(&folder)?;
    match &arguments.action {
        Some(CacheAction::Clear(clear)) => remove(arguments, &folder, &entries, &clear.names),
        Some(CacheAction::List) | None => list(arguments, &folder, &entries),
    }
}

/// The files that dcgan made, by name.
fn entries(folder: &Path) -> Result<Vec<Entry>> {
    let found = match fs::read_dir(folder) {
        Ok(found) => found,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => {
            return Err(error).with_context(|| format!("cannot read {}", folder.display()));
        }
    };
    let mut entries = Vec::new();
    for entry in found.flatten() {
        let Ok(name) = entry.file_name().into_string() else {
            continue; // none of ours
        };
        let Ok(metadata) = entry.metadata() else {
            continue; // removed in the meantime
        };
        if !metadata.is_file() || !is_ours(&entry.path(), &name) {
            continue;
        }
        let age = metadata.modified().ok();
        let age = age.and_then(|time| SystemTime::now().duration_since(time).ok());
        entries.push(Entry {
            file: name,
            bytes: metadata.len(),
            age: age.unwrap_or_default().as_secs(),
        });
    }
    entries.sort_by(|one, other| one.file.cmp(&other.file));
    Ok(entries)
}

/// Whether a file is a pack of pictures, or features of them.
fn is_ours(path: &Path, name: &str) -> bool {
    let is_key = |key: &str| key.len() == 16 && key.chars().all(|c| c.is_ascii_hexdigit());
    if let Some(key) = name.strip_prefix("features-") {
        return key.strip_suffix(".safetensors").is_some_and(is_key);
    }
    let key = name
        .strip_suffix(".pack")
        .and_then(|name| name.rsplit_once('-'));
    let mut head = Vec::new();
    let read = regular_file::open(path).and_then(|file| file.take(64).read_to_end(&mut head));
    key.is_some_and(|(_, key)| is_key(key)) && read.is_ok() && dcgan_data::is_pack(&head)
}

fn list(arguments: &Cache, folder: &Path, entries: &[Entry]) -> Result<()> {
    if arguments.json {
        output::json(&serde_json::to_string_pretty(entries)?);
        return Ok(());
    }
    let total = Bytes(entries.iter().map(|entry| entry.bytes).sum());
    let count = match entries.len() {
        0 => "nothing".to_owned(),
        count => format!("{}, {total}", counted(count, "file")),
    };
    output::line(&format!("{}: {count}", folder.display()));
    let width = entries.iter().map(|entry| entry.file.chars().count()).max();
    for Entry { file, bytes, age } in entries {
        output::line(&format!(
            "  {file:<width$}  {:>9}  {} old",
            Bytes(*bytes),
            HumanDuration(Duration::from_secs(*age)),
            width = width.unwrap_or(0),
        ));
    }
    Ok(())
}

fn remove(arguments: &Cache, folder: &Path, entries: &[Entry], names: &[String]) -> Result<()> {
    let chosen = chosen(entries, names)?;
    for entry in &chosen {
        let path = folder.join(&entry.file);
        match fs::remove_file(&path) {
            Ok(()) => {}
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => {
                return Err(error).with_context(|| format!("cannot remove {}", path.display()));
            }
        }
    }
    if folder.is_dir() {
        unfinished::remove_leftovers(folder);
    }
    if arguments.json {
        output::json(&serde_json::to_string_pretty(&chosen)?);
        return Ok(());
    }
    let bytes = Bytes(chosen.iter().map(|entry| entry.bytes).sum());
    output::line(&match chosen.len() {
        0 => format!("nothing to remove in {}", folder.display()),
        count => format!(
            "removed {}, {bytes}, from {}",
            counted(count, "file"),
            folder.display()
        ),
    });
    Ok(())
}

/// The files with these names, or of data sets with these names; all if there are none.
fn chosen<'a>(entries: &'a [Entry], names: &[String]) -> Result<Vec<&'a Entry>> {
    if names.is_empty() {
        return Ok(entries.iter().collect());
    }
    let data_set = |entry: &'a Entry| entry.file.rsplit_once('-').map_or("", |(name, _)| name);
    let mut chosen = Vec::new();
    for name in names {
        let name = name.trim_end_matches('/');
        let before = chosen.len();
        let is_meant = |entry: &&Entry| {
            let data_set = entry.file.rsplit_once('-').map_or("", |(name, _)| name);
            entry.file == name || data_set == name
        };
        chosen.extend(entries.iter().filter(is_meant));
        if chosen.len() == before {
            let tip = match similar(name, entries.iter().map(data_set)) {
                Some(meant) => format!("did you mean {meant}?"),
                None => "run `dcgan cache` for the list".to_owned(),
            };
            bail!("nothing in the cache is called {name}; {tip}");
        }
    }
    Ok(chosen)
}
