//! Event files of TensorBoard (<https://www.tensorflow.org/tensorboard>).
//!
//! A training that is resumed, or rolled back, continues in another file. What the files before it say
//! about steps that are made again is cut off them, and the new one begins with a record that makes a
//! running TensorBoard drop what it has read of those steps.

mod messages;
mod record;

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use prost::Message;

use self::messages::{
    Dimension, ElementType, Event, EventHead, Image, Metadata, Plugin, SessionLog, SessionStatus,
    Shape, Summary, Tensor, Value,
};

/// What the names of files begin with. TensorBoard reads them in alphabetical order.
const BEGINNING: &str = "events.out.tfevents.";

/// What they end with, so that no file of another program is cut.
const END: &str = ".dcgan";

/// The version of the format, in the first record of a file.
const VERSION: &str = "brain.Event:2";

/// Event files of a folder, open to be continued.
pub struct EventLog {
    folder: PathBuf,
    file: BufWriter<File>,
}

impl EventLog {
    /// Opens the files of a folder, which is created if it is missing, to be continued after `step`;
    /// `None` to begin anew. Returns the last step up to there that they say anything about, too.
    ///
    /// # Errors
    /// If a file cannot be read or written.
    pub fn open(folder: &Path, step: Option<u64>) -> io::Result<(Self, Option<u64>)> {
        fs::create_dir_all(folder)?;
        let files = files(folder)?;
        let mut last = None;
        for (_, path) in &files {
            last = last.max(cut(path, step)?);
        }
        let previous = files.last().map_or(0, |(number, _)| *number);
        let path = folder.join(format!(
            "{BEGINNING}{:010}{END}",
            (now() as u64).max(previous + 1)
        ));
        let file = OpenOptions::new().write(true).create_new(true).open(path)?;
        let mut log = Self {
            folder: folder.to_owned(),
            file: BufWriter::new(file),
        };
        log.write(Event {
            file_version: Some(VERSION.to_owned()),
            ..Event::default()
        })?;
        if !files.is_empty() {
            log.write(Event {
                step: last.map_or(0, |last| last as i64 + 1),
                session_log: Some(SessionLog {
                    status: SessionStatus::Start.into(),
                }),
                ..Event::default()
            })?;
        }
        log.flush()?;
        Ok((log, last))
    }

    /// Takes back everything after `step`, or everything.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn cut_back(&mut self, step: Option<u64>) -> io::Result<()> {
        self.flush()?;
        *self = Self::open(&self.folder, step)?.0;
        Ok(())
    }

    /// Adds numbers.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn scalars(&mut self, step: u64, scalars: &[(&str, f32)]) -> io::Result<()> {
        let values = scalars.iter().map(|&(tag, scalar)| Value {
            tag: tag.to_owned(),
            scalar: Some(scalar),
            ..Value::default()
        });
        self.summary(step, values.collect())
    }

    /// Adds a picture, an encoded PNG in colour.
    ///
    /// # Errors
    /// If the file cannot be written, or the picture is no PNG.
    pub fn picture(&mut self, step: u64, tag: &str, png: Vec<u8>) -> io::Result<()> {
        let [width, height] = size_of_png(&png).ok_or_else(|| {
            io::Error::new(io::ErrorKind::InvalidData, "the picture is not a PNG")
        })?;
        let image = Image {
            height,
            width,
            colorspace: 3,
            encoded: png,
        };
        self.summary(
            step,
            vec![Value {
                tag: tag.to_owned(),
                image: Some(image),
                ..Value::default()
            }],
        )
    }

    /// Adds a text in Markdown.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn text(&mut self, step: u64, tag: &str, text: &str) -> io::Result<()> {
        let tensor = Tensor {
            element: ElementType::String.into(),
            shape: Some(Shape {
                dimension: vec![Dimension { size: 1 }],
            }),
            strings: vec![text.as_bytes().to_vec()],
        };
        let plugin = Plugin {
            name: "text".to_owned(),
        };
        self.summary(
            step,
            vec![Value {
                tag: tag.to_owned(),
                metadata: Some(Metadata {
                    plugin: Some(plugin),
                }),
                tensor: Some(tensor),
                ..Value::default()
            }],
        )
    }

    /// Makes everything visible to readers.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }

    fn summary(&mut self, step: u64, value: Vec<Value>) -> io::Result<()> {
        self.write(Event {
            step: step as i64,
            summary: Some(Summary { value }),
            ..Event::default()
        })
    }

    fn write(&mut self, event: Event) -> io::Result<()> {
        let event = Event {
            wall_time: now(),
            ..event
        };
        record::write(&mut self.file, &event.encode_to_vec())
    }
}

/// Seconds since 1970.
fn now() -> f64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.unwrap_or_default().as_secs_f64()
}

/// The event files of this program in a folder, with the numbers in their names, in the order of
/// these.
fn files(folder: &Path) -> io::Result<Vec<(u64, PathBuf)>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let number = name.to_str().and_then(|name| {
            name.strip_prefix(BEGINNING)?
                .strip_suffix(END)?
                .parse()
                .ok()
        });
        if let Some(number) = number {
            files.push((number, entry.path()));
        }
    }
    files.sort();
    Ok(files)
}

/// Cuts a file back to its records up to `step`; returns the last step that it says anything about. What
/// a killed process left of a record goes too.
fn cut(path: &Path, step: Option<u64>) -> io::Result<Option<u64>> {
    let file = OpenOptions::new().read(true).write(true).open(path)?;
    let (mut end, mut last) = (0, None);
    record::read(&file, |bytes, record_end| {
        let Ok(head) = EventHead::decode(bytes) else {
            return false;
        };
        let found = head.step.max(0) as u64;
        let is_version = end == 0;
        if !is_version && step.is_none_or(|step| found > step) {
            return false;
        }
        end = record_end;
        if !is_version && head.session_log.is_none() {
            last = last.max(Some(found));
        }
        true
    })?;
    if end < file.metadata()?.len() {
        file.set_len(end)?;
    }
    Ok(last)
}

/// The width and the height in the header of a PNG.
fn size_of_png(png: &[u8]) -> Option<[i32; 2]> {
    const WIDTH: usize = 16;
    if !png.starts_with(b"\x89PNG\r\n\x1a\n") {
        return None;
    }
    let number = |at: usize| {
        let bytes = png.get(at..at + 4)?.try_into().ok()?;
        i32::try_from(u32::from_be_bytes(bytes)).ok()
    };
    Some([number(WIDTH)?, number(WIDTH + 4)?])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All steps with numbers in a folder, in the order of files and records.
    fn steps(folder: &Path) -> Vec<i64> {
        let mut steps = Vec::new();
        for (_, path) in files(folder).unwrap() {
            record::read(&File::open(path).unwrap(), |bytes, _| {
                let event = Event::decode(bytes).unwrap();
                steps.extend(event.summary.map(|_| event.step));
                true
            })
            .unwrap();
        }
        steps
    }

    fn add(log: &mut EventLog, steps: impl IntoIterator<Item = u64>) {
        for step in steps {
            log.scalars(step, &[("loss", step as f32)]).unwrap();
        }
        log.flush().unwrap();
    }

    #[test]
    fn a_resumed_log_has_no_step_twice_and_no_half_record() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("log");
        let (mut log, last) = EventLog::open(&folder, None).unwrap();
        assert_eq!(last, None);
        add(&mut log, 1..=5);
        let (_, path) = files(&folder).unwrap().pop().unwrap();
        let half = fs::read(&path).unwrap();
        fs::write(&path, &half[..half.len() - 7]).unwrap(); // killed while step 5 was written
        let foreign = folder.join("events.out.tfevents.1.other");
        fs::write(&foreign, "not ours").unwrap();

        let (mut log, last) = EventLog::open(&folder, Some(9)).unwrap();
        assert_eq!(last, Some(4));
        add(&mut log, 5..=9);
        log.cut_back(Some(7)).unwrap();
        add(&mut log, 8..=10);
        assert_eq!(steps(&folder), (1..=10).collect::<Vec<i64>>());
        assert_eq!(files(&folder).unwrap().len(), 3);
        assert_eq!(fs::read(foreign).unwrap(), b"not ours");
        log.cut_back(None).unwrap();
        assert!(steps(&folder).is_empty());
    }
}
