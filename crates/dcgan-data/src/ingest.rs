//! From a source to prepared pictures: read, decode, resize, on all cores, a few
//! hundred at a time. What is in memory at once does not depend on how many
//! pictures there are.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::thread;

use rayon::prelude::*;

use super::decode::{Decoded, decode, from_bare};
use super::error::{DataError, Skipped};
use super::facts::Encoding;
use super::options::PictureOptions;
use super::pixels::Pixels;
use super::source::{Item, Opened, Raw, Reader, Stream};
use super::transform;

/// Pictures that are decoded before the next are taken.
const CHUNK: usize = 512;

/// A chunk of a stream is closed early when its files have so many bytes.
const CHUNK_BYTES: usize = 32 << 20;

/// A picture that is ready to be [cut](transform::cut).
#[derive(Debug)]
pub(super) struct Prepared {
    pub pixels: Pixels,
    pub content: u64,
    pub source_size: (u32, u32),
    pub encoding: Encoding,
    pub transparent: bool,
}

/// Decodes a picture and brings it to its size.
pub(super) fn prepare(item: Item, options: &PictureOptions) -> Result<Prepared, String> {
    let Item { raw, content } = item;
    let decoded = match raw {
        Raw::Encoded(bytes) => decode(&bytes, options.background)?,
        Raw::Pixels(pixels) => from_bare(pixels, options.background),
    };
    let Decoded {
        pixels,
        encoding,
        transparent,
    } = decoded;
    Ok(Prepared {
        source_size: (pixels.width, pixels.height),
        pixels: transform::prepare(&pixels, options.image_size, options.crop)?,
        content,
        encoding,
        transparent,
    })
}

/// How a reading is watched.
#[derive(Clone, Copy)]
pub(super) struct Watch<'a> {
    /// Called with the number of pictures done and of all.
    pub progress: &'a (dyn Fn(usize, usize) + Sync),
    /// Answers true to end early.
    pub should_stop: &'a (dyn Fn() -> bool + Sync),
}

/// Takes a good picture and its number.
pub(super) type Give<'a> = dyn FnMut(usize, Prepared) -> Result<(), DataError> + Send + 'a;

/// Prepares all pictures and gives the good ones to `take`, each with its
/// number. Returns the bad ones.
///
/// # Errors
///
/// [`DataError::Interrupted`], a stream that breaks off, and what `take` says.
pub(super) fn ingest(
    opened: &Opened,
    options: &PictureOptions,
    watch: Watch<'_>,
    take: &mut Give<'_>,
) -> Result<Vec<Skipped>, DataError> {
    let workshop = Workshop {
        opened,
        options,
        watch,
        done: AtomicUsize::new(0),
    };
    let mut outlet = Outlet {
        opened,
        skipped: Vec::new(),
        take,
    };
    match &opened.reader {
        Reader::Stream(stream) => workshop.stream(stream, &mut outlet)?,
        reader => workshop.random_access(reader, &mut outlet)?,
    }
    Ok(outlet.skipped)
}

/// The pictures of a stream that are decoded together.
type Chunk = Vec<(usize, Result<Item, String>)>;

/// A picture's number, and what became of it.
type Outcome = (usize, Result<Prepared, String>);

/// What all threads share.
struct Workshop<'a> {
    opened: &'a Opened,
    options: &'a PictureOptions,
    watch: Watch<'a>,
    done: AtomicUsize,
}

impl Workshop<'_> {
    fn random_access(&self, reader: &Reader, outlet: &mut Outlet<'_>) -> Result<(), DataError> {
        let total = self.opened.entries.len();
        let size = self.options.image_size;
        let mut ready = Vec::new();
        for start in (0..total).step_by(CHUNK) {
            let numbers = start..(start + CHUNK).min(total);
            let prepare = || -> Result<Vec<_>, _> {
                let numbers = numbers.into_par_iter();
                let read = |number| self.prepare(number, || reader.read(number, size));
                numbers.map(read).collect()
            };
            // What takes them may write them to a disk: the others decode meanwhile.
            let (prepared, given) = rayon::join(prepare, || outlet.give(ready));
            given?;
            ready = prepared?;
        }
        outlet.give(ready)
    }

    /// Reads on one thread while all others decode.
    fn stream(&self, stream: &Stream, outlet: &mut Outlet<'_>) -> Result<(), DataError> {
        let (sender, receiver) = mpsc::sync_channel(1);
        thread::scope(|scope| {
            let reading = scope.spawn(move || read_chunks(stream, &sender));
            // When this ends early, the receiver is gone and the reading ends too.
            let decoded = self.decode_chunks(receiver, outlet);
            let read = reading.join();
            let read = read.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            decoded.and(read)
        })
    }

    fn decode_chunks(
        &self,
        chunks: Receiver<Chunk>,
        outlet: &mut Outlet<'_>,
    ) -> Result<(), DataError> {
        for chunk in chunks {
            let prepared: Result<Vec<_>, _> = chunk
                .into_par_iter()
                .map(|(number, item)| self.prepare(number, || item))
                .collect();
            outlet.give(prepared?)?;
        }
        Ok(())
    }

    /// One picture, or why it is bad.
    fn prepare(
        &self,
        number: usize,
        read: impl FnOnce() -> Result<Item, String>,
    ) -> Result<Outcome, DataError> {
        if (self.watch.should_stop)() {
            return Err(DataError::Interrupted);
        }
        let prepared = read().and_then(|item| prepare(item, self.options));
        let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        (self.watch.progress)(done, self.opened.entries.len());
        Ok((number, prepared))
    }
}

/// Where the pictures go.
struct Outlet<'a> {
    opened: &'a Opened,
    skipped: Vec<Skipped>,
    take: &'a mut Give<'a>,
}

impl Outlet<'_> {
    fn give(&mut self, outcomes: Vec<Outcome>) -> Result<(), DataError> {
        for (number, picture) in outcomes {
            match picture {
                Ok(picture) => (self.take)(number, picture)?,
                Err(reason) => self.skipped.push(Skipped {
                    name: self.opened.entries.names.get(number).to_owned(),
                    reason,
                }),
            }
        }
        Ok(())
    }
}

/// Reads a stream to its end, or until nobody wants it any more.
fn read_chunks(stream: &Stream, sender: &SyncSender<Chunk>) -> Result<(), DataError> {
    let (mut chunk, mut bytes) = (Chunk::new(), 0);
    stream.read(&mut |number, item| {
        bytes += match &item {
            Ok(Item {
                raw: Raw::Encoded(file),
                ..
            }) => file.len(),
            Ok(Item {
                raw: Raw::Pixels(pixels),
                ..
            }) => pixels.values.len(),
            Err(_) => 0,
        };
        chunk.push((number, item));
        if chunk.len() < CHUNK && bytes < CHUNK_BYTES {
            return true;
        }
        bytes = 0;
        sender.send(std::mem::take(&mut chunk)).is_ok()
    })?;
    // A send that fails has no one to tell.
    let _ = sender.send(chunk);
    Ok(())
}
