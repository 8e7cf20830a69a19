//! Limits that the system sets: on memory, the stack, and the size of files. Exceeding one is an
//! error in one line, as any other.

use std::alloc::{GlobalAlloc, Layout};
use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use mimalloc::MiMalloc;

/// The memory of the process. Where there is none, the program says so and ends: nothing that is
/// left half-written has its final name.
pub struct Memory;

#[expect(
    unsafe_code,
    reason = "the interface of allocators; every call is passed on as it comes"
)]
// SAFETY: `MiMalloc` is an allocator, and its results are returned unchanged.
unsafe impl GlobalAlloc for Memory {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller keeps the promises of `alloc`.
        present(unsafe { MiMalloc.alloc(layout) }, layout.size())
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller keeps the promises of `alloc_zeroed`.
        present(unsafe { MiMalloc.alloc_zeroed(layout) }, layout.size())
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: the caller keeps the promises of `dealloc`.
        unsafe { MiMalloc.dealloc(memory, layout) }
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: the caller keeps the promises of `realloc`.
        present(unsafe { MiMalloc.realloc(memory, layout, size) }, size)
    }
}

fn present(memory: *mut u8, size: usize) -> *mut u8 {
    if memory.is_null() {
        end_without_memory(size);
    }
    memory
}

#[cold]
fn end_without_memory(size: usize) -> ! {
    static ENDING: AtomicBool = AtomicBool::new(false);
    if !ENDING.swap(true, Ordering::Relaxed) {
        let mut line = [0; 256]; // a string would have to be allocated
        let mut rest = &mut line[..];
        let _ = writeln!(
            rest,
            "error: out of memory: another {size} bytes are not to be had; choose a smaller \
             --batch-size or fewer --threads, or raise the limit (`ulimit -v`)"
        );
        let left = rest.len();
        let _ = io::stderr().write_all(&line[..line.len() - left]);
    }
    end_at_once()
}

/// Ends the process without calling anything that may allocate.
#[cfg(unix)]
#[expect(
    unsafe_code,
    reason = "`process::exit` calls what others have registered"
)]
fn end_at_once() -> ! {
    // SAFETY: always allowed.
    unsafe { nix::libc::_exit(1) }
}

#[cfg(not(unix))]
fn end_at_once() -> ! {
    std::process::abort()
}

/// The smallest stack on which everything runs.
#[cfg(unix)]
const MIN_STACK: u64 = 1 << 20;

/// Must be called first: makes a file that is too large an error of writing, and checks the stack.
///
/// # Errors
/// What is too small, in one line.
#[cfg(unix)]
#[expect(unsafe_code, reason = "the system's own interface")]
pub fn prepare() -> Result<(), &'static str> {
    use nix::libc;
    use nix::sys::signal::{SigHandler, Signal, signal};

    // SAFETY: ignoring a signal runs no code of ours.
    let _ = unsafe { signal(Signal::SIGXFSZ, SigHandler::SigIgn) };
    let mut limit = libc::rlimit {
        rlim_cur: 0,
        rlim_max: 0,
    };
    // SAFETY: `limit` is valid for the call.
    let is_known = unsafe { libc::getrlimit(libc::RLIMIT_STACK, &raw mut limit) } == 0;
    #[allow(clippy::unnecessary_cast, reason = "its type differs between systems")]
    if is_known && (limit.rlim_cur as u64) < MIN_STACK {
        return Err("the stack is limited to less than 1 MiB; raise the limit (`ulimit -s 8192`)");
    }
    Ok(())
}

/// Other systems have no such limits.
#[cfg(not(unix))]
pub fn prepare() -> Result<(), &'static str> {
    Ok(())
}
