//! The commands that are jobs: their words, and what becomes of what they print and write.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use dcgan::latent;
use image::{GenericImage, RgbImage};
use serde_json::{Value, json};

use super::process::Output;
use crate::failure::Failure;
use crate::latent::{Latent, Place};

/// What becomes of a command's output, with the folder of its job.
type Finish = Box<dyn FnOnce(&Path, &Output) -> Result<Finished, Failure> + Send>;

/// A command to run.
pub struct Work {
    /// Behind the program's name.
    pub words: Vec<OsString>,
    /// What becomes of its output.
    pub finish: Finish,
}

/// What a job found.
#[derive(Debug, Clone, Default)]
pub struct Finished {
    /// For the page.
    pub result: Value,
    /// A picture to show.
    pub picture: Option<PathBuf>,
    /// A file to download, and its name.
    pub file: Option<(PathBuf, String)>,
}

/// What is compared with training pictures at once, and how many of these are shown by each measure.
pub const MOST_COMPARED: usize = 8;
const SHOWN: usize = 3;

/// The name of an upload and of what is found for it.
pub const UPLOAD: &str = "upload";

fn words(words: &[&str]) -> Vec<OsString> {
    words.iter().map(OsString::from).collect()
}

fn option(name: &str, value: impl Into<OsString>) -> OsString {
    let mut option = OsString::from(format!("--{name}="));
    option.push(value.into());
    option
}

fn lines(text: &str) -> Vec<&str> {
    text.lines()
        .filter(|line| !line.trim().is_empty())
        .collect()
}

impl Work {
    /// `dcgan data check`
    pub fn check(data: PathBuf, folder: &Path, picture_at: String) -> Self {
        let preview = folder.join("preview.png");
        let mut words = words(&["data", "check"]);
        words.extend([option("preview", &preview), data.into()]);
        let finish = move |_: &Path, output: &Output| {
            let lines = lines(&output.results);
            // files that mean nothing to whoever reads the page
            let is_of_files = |line: &str| {
                line.contains("preview.png")
                    || line.starts_with("pictures cached in ")
                    || line.starts_with("pictures from the cache ")
            };
            let said = lines.iter().filter(|line| !is_of_files(line));
            let picture = preview.is_file().then_some(preview);
            let at = picture.as_ref().map(|_| picture_at);
            Ok(Finished {
                result: json!({"lines": said.collect::<Vec<_>>(), "notes": output.notes, "preview": at}),
                picture,
                file: None,
            })
        };
        Self {
            words,
            finish: Box::new(finish),
        }
    }

    /// `dcgan train --dry-run`
    pub fn plan(data: PathBuf, options: Vec<OsString>) -> Self {
        let mut words = words(&["train", "--dry-run"]);
        words.extend(options);
        words.push(data.into());
        let finish = |_: &Path, output: &Output| {
            let (settings, plan) = output
                .results
                .trim()
                .rsplit_once("\n\n")
                .unwrap_or(("", &output.results));
            let mut plan = lines(plan);
            plan.retain(|line| !line.contains("nothing was written"));
            let notes = output.notes.iter().map(String::as_str);
            let lines: Vec<&str> = notes.chain(plan).collect();
            Ok(Finished {
                result: json!({"lines": lines, "settings": settings}),
                ..Finished::default()
            })
        };
        Self {
            words,
            finish: Box::new(finish),
        }
    }

    /// `dcgan direction`
    pub fn direction(run: PathBuf, attribute: &str, threads: usize) -> Self {
        let mut words = words(&["direction"]);
        words.push(option("threads", threads.to_string()));
        words.push(option("attribute", attribute));
        words.push(run.into());
        let finish = |_: &Path, output: &Output| {
            let lines = lines(&output.results);
            let written = lines
                .iter()
                .find_map(|line| line.strip_prefix("direction written to "));
            let id = written.and_then(|path| Path::new(path).file_stem()?.to_str());
            let said = lines.iter().filter(|line| !line.contains(" written to "));
            Ok(Finished {
                result: json!({"id": id, "lines": said.collect::<Vec<_>>(), "notes": output.notes}),
                ..Finished::default()
            })
        };
        Self {
            words,
            finish: Box::new(finish),
        }
    }

    /// `dcgan arithmetic` with words
    pub fn arithmetic(run: PathBuf, expression: &str, folder: &Path, threads: usize) -> Self {
        let figure = folder.join("figure.png");
        let mut words = words(&["arithmetic", "--json"]);
        words.push(option("threads", threads.to_string()));
        words.push(option("out", &figure));
        words.extend([OsString::from("--"), run.into(), expression.into()]);
        let finish = move |_: &Path, output: &Output| {
            let found: Value = serde_json::from_str(&output.results).map_err(Failure::internal)?;
            let seen = found["seen"].as_str();
            let seen = seen.map(|seen| format!("The classifier sees in the result: {seen}."));
            Ok(Finished {
                result: json!({
                    "terms": named(&found["terms"]),
                    "latent": {"sum": sum(&found["terms"])},
                    "lines": Vec::from_iter(seen),
                    "notes": output.notes,
                }),
                picture: Some(figure),
                file: None,
            })
        };
        Self {
            words,
            finish: Box::new(finish),
        }
    }

    /// `dcgan neighbours` of latent vectors
    pub fn neighbours(
        run: PathBuf,
        vectors: &[Vec<f32>],
        folder: &Path,
        threads: usize,
    ) -> Result<Self, Failure> {
        let z = folder.join("z.safetensors");
        latent::write_z(&z, vectors).map_err(Failure::internal)?;
        let pictures = folder.join("pictures");
        let mut words = words(&["neighbours", "--json"]);
        words.push(option("threads", threads.to_string()));
        words.push(option("columns", SHOWN.to_string()));
        words.push(option("z", &z));
        words.push(option("out", pictures.join("")));
        words.push(run.into());
        let finish = move |folder: &Path, output: &Output| {
            let found: Value = serde_json::from_str(&output.results).map_err(Failure::internal)?;
            let sheet = folder.join("sheet.png");
            join_neighbours(&pictures, &sheet)?;
            Ok(Finished {
                result: json!({"rows": found["samples"], "lines": [found["summary"]]}),
                picture: Some(sheet),
                file: None,
            })
        };
        Ok(Self {
            words,
            finish: Box::new(finish),
        })
    }

    /// `dcgan project` of a picture that was sent
    pub fn project(
        run: PathBuf,
        upload: &[u8],
        folder: &Path,
        threads: usize,
        z_dim: usize,
    ) -> Result<Self, Failure> {
        let file = folder.join(UPLOAD);
        fs::write(&file, upload).map_err(Failure::internal)?;
        let found = folder.join("found");
        let mut words = words(&["project", "--starts=8", "--steps=200"]);
        words.push(option("threads", threads.to_string()));
        words.push(option("out", found.join("")));
        words.extend([run.into(), file.into()]);
        let finish = move |folder: &Path, output: &Output| {
            let found = folder.join("found");
            let vectors = latent::read_z(&found.join(format!("{UPLOAD}.safetensors")), z_dim);
            let z = vectors.map_err(Failure::internal)?.into_iter().next();
            let latent = Latent {
                place: Place::Z(z.unwrap_or_default()),
                truncation: None,
                moves: Vec::new(),
            };
            let lines = lines(&output.results);
            let said = lines.iter().filter(|line| !line.contains(" written to "));
            Ok(Finished {
                result: json!({"latent": latent, "lines": said.collect::<Vec<_>>(), "notes": output.notes}),
                picture: Some(found.join(format!("{UPLOAD}-found.png"))),
                file: None,
            })
        };
        Ok(Self {
            words,
            finish: Box::new(finish),
        })
    }

    /// `dcgan export --page`
    pub fn page(run: PathBuf, name: &str, folder: &Path) -> Self {
        let page = folder.join("page.html");
        let title = name.rsplit('/').next().unwrap_or(name).to_owned();
        let mut words = words(&["export"]);
        words.push(option("page", &page));
        words.push(option("title", &title));
        words.push(run.into());
        let finish = move |_: &Path, output: &Output| {
            Ok(Finished {
                result: json!({"notes": output.notes}),
                picture: None,
                file: Some((page, format!("{title}.html"))),
            })
        };
        Self {
            words,
            finish: Box::new(finish),
        }
    }
}

/// The sum that an expression with found seeds stands for.
fn sum(terms: &Value) -> Value {
    let terms = terms.as_array().map(Vec::as_slice).unwrap_or_default();
    let term = |term: &Value| {
        let seeds = term["seeds"].as_array().map(Vec::as_slice);
        let mean = seeds.unwrap_or_default().iter();
        let mean: Vec<Value> = mean.map(|seed| json!({"seed": seed})).collect();
        json!({"weight": term["weight"], "mean": mean})
    };
    terms.iter().map(term).collect()
}

/// The terms of an expression as the page names them.
fn named(terms: &Value) -> Value {
    let terms = terms.as_array().map(Vec::as_slice).unwrap_or_default();
    let term = |term: &Value| json!({"weight": term["weight"], "words": term["group"], "seeds": term["seeds"]});
    terms.iter().map(term).collect()
}

/// Joins the single pictures of `dcgan neighbours` to a sheet without gaps: a row for each sample, with its
/// neighbours in pixels and those in features, without the sample itself.
fn join_neighbours(folder: &Path, sheet: &Path) -> Result<(), Failure> {
    let entries = fs::read_dir(folder).map_err(Failure::internal)?.flatten();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    files.sort();
    let pictures: Vec<RgbImage> = files
        .iter()
        .map(|file| Ok(image::open(file).map_err(Failure::internal)?.into_rgb8()))
        .collect::<Result<_, Failure>>()?;
    let (width, height) = pictures.first().map_or((1, 1), RgbImage::dimensions);
    let in_row = 2 * SHOWN + 1;
    let rows = pictures.len().div_ceil(in_row);
    let mut all = RgbImage::new(width * 2 * SHOWN as u32, height * rows.max(1) as u32);
    for (row, pictures) in pictures.chunks(in_row).enumerate() {
        for (column, picture) in pictures.iter().skip(1).enumerate() {
            all.copy_from(picture, column as u32 * width, row as u32 * height)
                .map_err(Failure::internal)?;
        }
    }
    all.save(sheet).map_err(Failure::internal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sum_in_words_is_told_in_sentences_and_terms() {
        let folder = tempfile::tempdir().unwrap();
        let terms = r#"[{"weight":1,"group":"hat","seeds":[3]},{"weight":-1,"group":"no hat","seeds":[5]}]"#;
        for (seen, told) in [
            (
                r#""Hat 78 %""#,
                vec!["The classifier sees in the result: Hat 78 %."],
            ),
            ("null", vec![]),
        ] {
            let run = PathBuf::from("run");
            let work = Work::arithmetic(run, "hat - no hat", folder.path(), 1);
            let output = Output {
                results: format!(r#"{{"terms":{terms},"seen":{seen}}}"#),
                notes: vec!["the result misses the words".to_owned()],
            };
            let Finished { result, .. } = (work.finish)(folder.path(), &output).unwrap();
            assert_eq!(result["lines"], json!(told));
            assert_eq!(result["notes"][0], "the result misses the words");
            assert_eq!(result["terms"][1]["words"], "no hat");
            assert_eq!(result["latent"]["sum"][0]["mean"], json!([{"seed": 3}]));
        }
    }
}
