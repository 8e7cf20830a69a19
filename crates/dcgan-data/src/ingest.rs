//! From a source to prepared pictures: read, decode and resize, on all cores, a few hundred at a
//! time. The memory in use does not depend on the number of pictures.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::thread;

use dcgan_support::picture_mark;
use rayon::prelude::*;

use crate::decode::{decode, from_bare};
use crate::error::DataError;
use crate::facts::Encoding;
use crate::left_out::{LeftOutList, LeftOutReason};
use crate::notes::{Found, Notes};
use crate::options::{Levels, PictureOptions};
use crate::pixels::Pixels;
use crate::skipped::Skipped;
use crate::source::{Item, Opened, RandomAccess, Raw, Reader, Stream};
use crate::transform;

/// The number of pictures that are decoded together.
const CHUNK: usize = 512;

/// A chunk of a stream is also complete when its pictures have this many bytes.
const CHUNK_BYTES: usize = 32 << 20;

/// A picture that is ready to be [cut](transform::cut).
#[derive(Debug)]
pub(crate) struct Prepared {
    pub pixels: Pixels,
    pub content: u64,
    /// Width and height before resizing.
    pub source_size: (u32, u32),
    pub encoding: Encoding,
    pub transparent: bool,
    /// What is remarkable about its file.
    pub found: Found,
}

/// Decodes and resizes a picture.
///
/// # Errors
///
/// Why it cannot be used, in one line.
pub(crate) fn prepare(item: Item, options: &PictureOptions) -> Result<Prepared, String> {
    let Item { raw, content } = item;
    let decoded = match raw {
        Raw::Encoded(bytes) => decode(&bytes, options)?,
        Raw::Pixels(pixels) => from_bare(pixels, options.background),
    };
    let found = Found {
        is_repaired: decoded.is_repaired,
        has_more_frames: decoded.has_more_frames,
        is_two_valued: decoded.pixels.is_two_valued(),
        levels_used: decoded.levels_used,
    };
    Ok(Prepared {
        source_size: decoded.source_size,
        pixels: transform::prepare(&decoded.pixels, options.image_size, options.crop)?,
        content,
        encoding: decoded.encoding,
        transparent: decoded.transparent,
        found,
    })
}

/// Whether a picture's file has the mark of what this program draws.
fn is_own(item: &Item) -> bool {
    match &item.raw {
        Raw::Encoded(bytes) => picture_mark::is_output(bytes, bytes),
        Raw::Pixels(_) => false,
    }
}

/// How a caller follows and stops the loading of pictures.
#[derive(Clone, Copy)]
pub(crate) struct Progress<'a> {
    /// Called with the number of pictures done and the number of all.
    pub report: &'a (dyn Fn(usize, usize) + Sync),
    /// Returns whether to stop early.
    pub should_stop: &'a (dyn Fn() -> bool + Sync),
}

/// Takes a good picture and its index.
pub(crate) type TakePicture<'a> = dyn FnMut(usize, Prepared) -> Result<(), DataError> + Send + 'a;

/// What is known of a source after its pictures have been prepared.
#[derive(Debug, Default)]
pub(crate) struct Ingested {
    /// The bad pictures.
    pub skipped: Vec<Skipped>,
    /// Pictures that this program drew.
    pub own: LeftOutList,
    /// What is remarkable about the good ones.
    pub notes: Notes,
}

/// Prepares all pictures and passes the good ones to `take`.
///
/// # Errors
///
/// [`DataError::Interrupted`], the error of a stream that breaks off, and the errors of `take`.
pub(crate) fn ingest(
    opened: &Opened,
    options: &PictureOptions,
    progress: Progress<'_>,
    take: &mut TakePicture<'_>,
) -> Result<Ingested, DataError> {
    let preparer = Preparer {
        options,
        progress,
        total: opened.entries.len(),
        done: AtomicUsize::new(0),
    };
    let mut sorter = Sorter {
        opened,
        ingested: Ingested::default(),
        take,
    };
    match &opened.reader {
        Reader::RandomAccess(reader) => preparer.random_access(&**reader, &mut sorter)?,
        Reader::Stream(stream) => preparer.stream(&**stream, &mut sorter)?,
    }
    Ok(sorter.ingested)
}

/// The levels that the pictures of 16 bits use; the whole range if there are none.
///
/// # Errors
///
/// As [`ingest`].
pub(crate) fn levels_used(
    opened: &Opened,
    options: &PictureOptions,
    progress: Progress<'_>,
) -> Result<Levels, DataError> {
    let full = PictureOptions {
        levels: Levels::Full,
        ..options.clone()
    };
    let ingested = ingest(opened, &full, progress, &mut |_, _| Ok(()))?;
    Ok(ingested.notes.levels())
}

/// A picture as it was read, or why it could not be.
struct ReadPicture {
    index: usize,
    item: Result<Item, String>,
}

/// A prepared picture, or why there is none.
struct Outcome {
    index: usize,
    picture: Result<Prepared, NoPicture>,
}

/// Why there is no picture.
enum NoPicture {
    Bad(String),
    /// This program drew it.
    Own,
}

/// Reads and prepares pictures on all threads.
struct Preparer<'a> {
    options: &'a PictureOptions,
    progress: Progress<'a>,
    total: usize,
    done: AtomicUsize,
}

impl Preparer<'_> {
    fn random_access(
        &self,
        reader: &dyn RandomAccess,
        sorter: &mut Sorter<'_>,
    ) -> Result<(), DataError> {
        let mut ready = Vec::new();
        for start in (0..self.total).step_by(CHUNK) {
            let indices = start..(start + CHUNK).min(self.total);
            let prepare = || -> Result<Vec<Outcome>, DataError> {
                let indices = indices.into_par_iter();
                indices
                    .map(|index| self.prepare(index, || reader.read(index)))
                    .collect()
            };
            // Taking pictures may write them to a disk: decode the next ones meanwhile.
            let (prepared, sorted) = rayon::join(prepare, || sorter.sort(ready));
            sorted?;
            ready = prepared?;
        }
        sorter.sort(ready)
    }

    /// Reads on one thread while all others decode.
    fn stream(&self, stream: &dyn Stream, sorter: &mut Sorter<'_>) -> Result<(), DataError> {
        let (sender, receiver) = mpsc::sync_channel(1);
        thread::scope(|scope| {
            let reading = thread::Builder::new()
                .spawn_scoped(scope, move || read_chunks(stream, &sender))
                .map_err(DataError::Thread)?;
            // If this ends early, the receiver is dropped and the reading ends too.
            let decoded = self.decode_chunks(receiver, sorter);
            let read = reading.join();
            let read = read.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            decoded.and(read)
        })
    }

    fn decode_chunks(
        &self,
        chunks: Receiver<Vec<ReadPicture>>,
        sorter: &mut Sorter<'_>,
    ) -> Result<(), DataError> {
        for chunk in chunks {
            let outcomes: Result<Vec<Outcome>, DataError> = chunk
                .into_par_iter()
                .map(|ReadPicture { index, item }| self.prepare(index, || item))
                .collect();
            sorter.sort(outcomes?)?;
        }
        Ok(())
    }

    fn prepare(
        &self,
        index: usize,
        read: impl FnOnce() -> Result<Item, String>,
    ) -> Result<Outcome, DataError> {
        if (self.progress.should_stop)() {
            return Err(DataError::Interrupted);
        }
        let picture = read().map_err(NoPicture::Bad).and_then(|item| {
            if !self.options.own_pictures && is_own(&item) {
                return Err(NoPicture::Own);
            }
            prepare(item, self.options).map_err(NoPicture::Bad)
        });
        let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        (self.progress.report)(done, self.total);
        Ok(Outcome { index, picture })
    }
}

/// Separates good pictures from bad ones.
struct Sorter<'a> {
    opened: &'a Opened,
    ingested: Ingested,
    take: &'a mut TakePicture<'a>,
}

impl Sorter<'_> {
    fn sort(&mut self, outcomes: Vec<Outcome>) -> Result<(), DataError> {
        for Outcome { index, picture } in outcomes {
            let name = self.opened.entries.names.get(index);
            match picture {
                Ok(picture) => {
                    self.ingested.notes.add(name, picture.found);
                    (self.take)(index, picture)?;
                }
                Err(NoPicture::Own) => {
                    self.ingested.own.add(LeftOutReason::OwnPicture, "", name);
                }
                Err(NoPicture::Bad(reason)) => self.ingested.skipped.push(Skipped {
                    name: name.to_owned(),
                    reason,
                }),
            }
        }
        Ok(())
    }
}

/// Reads a stream to its end, or until the receiver is dropped.
fn read_chunks(
    stream: &dyn Stream,
    sender: &SyncSender<Vec<ReadPicture>>,
) -> Result<(), DataError> {
    let (mut chunk, mut bytes) = (Vec::new(), 0);
    stream.read(&mut |index, item| {
        bytes += item.as_ref().map_or(0, Item::size);
        chunk.push(ReadPicture { index, item });
        if chunk.len() < CHUNK && bytes < CHUNK_BYTES {
            return true;
        }
        bytes = 0;
        sender.send(std::mem::take(&mut chunk)).is_ok()
    })?;
    // If the receiver has been dropped, nobody needs the rest.
    let _ = sender.send(chunk);
    Ok(())
}
