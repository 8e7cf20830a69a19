//! Bringing a large file to the disk while it is being written, so that the sync at its end has little to
//! wait for.

use std::fs::File;
use std::io::{self, Write};
use std::panic;
use std::sync::mpsc::{self, SyncSender};
use std::thread::{self, Scope, ScopedJoinHandle};

/// A sync begins when so many bytes have been written since the last one began.
const BYTES: usize = 8 << 20;

/// Calls `write` with a writer to `file`. What is written is synced on another thread meanwhile, except for
/// the last part.
///
/// # Errors
/// The errors of `write`, and those of the syncs, which the system reports only once.
pub(crate) fn written(
    file: &File,
    write: impl FnOnce(&mut (dyn Write + Send)) -> io::Result<()>,
) -> io::Result<()> {
    thread::scope(|scope| {
        let mut writer = Writer {
            file,
            scope,
            since: 0,
            syncing: None,
        };
        let written = write(&mut writer);
        let synced = writer.syncing.map_or(Ok(()), Syncing::end);
        written.and(synced)
    })
}

struct Writer<'scope, 'file> {
    file: &'scope File,
    scope: &'scope Scope<'scope, 'file>,
    /// The bytes that have been written since the last sync began.
    since: usize,
    /// There is none yet in a small file.
    syncing: Option<Syncing<'scope>>,
}

/// A thread that syncs when it is told to.
struct Syncing<'scope> {
    begin: SyncSender<()>,
    thread: ScopedJoinHandle<'scope, io::Result<()>>,
}

impl<'scope> Writer<'scope, '_> {
    /// Begins a sync, unless one is running: the next bytes try again.
    fn sync(&mut self) {
        if self.syncing.is_none() {
            self.syncing = Syncing::start(self.file, self.scope);
        }
        let begun = self.syncing.as_ref().map(|it| it.begin.try_send(()));
        if begun.is_none_or(|begun| begun.is_ok()) {
            self.since = 0;
        }
    }
}

impl<'scope> Syncing<'scope> {
    /// `None` if there is nothing to sync, as in a device, or the system has no thread left.
    fn start(file: &'scope File, scope: &'scope Scope<'scope, '_>) -> Option<Self> {
        let is_file = file.metadata().is_ok_and(|found| found.is_file());
        if !is_file {
            return None;
        }
        // without room: a message is taken only by a thread that waits for it
        let (begin, told) = mpsc::sync_channel(0);
        let sync = move || told.iter().try_for_each(|()| file.sync_data());
        let thread = thread::Builder::new().spawn_scoped(scope, sync).ok()?;
        Some(Self { begin, thread })
    }

    fn end(self) -> io::Result<()> {
        drop(self.begin);
        let synced = self.thread.join();
        synced.unwrap_or_else(|panic| panic::resume_unwind(panic))
    }
}

impl Write for Writer<'_, '_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = (&mut &*self.file).write(bytes)?;
        self.since += count;
        if self.since >= BYTES {
            self.sync();
        }
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Seek};

    use super::*;

    #[test]
    fn a_large_file_holds_what_was_written_and_errors_are_kept() {
        let mut file = tempfile::tempfile().unwrap();
        let piece: Vec<u8> = (0..BYTES / 2 + 3).map(|i| (i % 251) as u8).collect();
        written(&file, |writer| {
            (0..5).try_for_each(|_| writer.write_all(&piece))
        })
        .unwrap();
        file.rewind().unwrap();
        let mut found = Vec::new();
        file.read_to_end(&mut found).unwrap();
        assert!(found == piece.repeat(5));

        let failed = written(&file, |writer| {
            writer.write_all(&piece.repeat(3))?;
            Err(io::Error::other("full"))
        });
        assert_eq!(failed.unwrap_err().to_string(), "full");
    }
}
