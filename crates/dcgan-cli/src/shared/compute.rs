//! `--device` and `--threads`, which every command that runs a network has.

use std::sync::{Mutex, PoisonError};
use std::thread;

use anyhow::{Result, bail};
use clap::Args;
use dcgan::device::{self, Device};

use super::output;
use crate::words::counted;

const MAX_THREADS: usize = 1024;

/// Where to compute, and with how many threads.
#[derive(Debug, Args)]
pub struct ComputeArguments {
    /// Device to compute on: cpu, cuda, rocm, metal, vulkan, with a number if there are several
    /// (cuda:1), or auto; see `dcgan devices`
    #[arg(long, value_name = "DEVICE", default_value = "cpu")]
    pub device: String,

    /// Threads to compute with [default: all cores]
    #[arg(long, value_name = "N")]
    pub threads: Option<usize>,
}

impl ComputeArguments {
    /// Opens the device.
    pub fn open_device(&self) -> Result<Device> {
        let device = device::by_name(&self.device)?;
        output::detail(&format!(
            "device {}, {}",
            self.device,
            counted(rayon::current_num_threads(), "thread")
        ));
        if device::is_software(&device) {
            output::note(&format!(
                "{} is a software renderer, meant for testing: --device cpu is many times faster",
                self.device
            ));
        }
        Ok(device)
    }

    /// Limits the process to `--threads`.
    pub fn limit_threads(&self) -> Result<()> {
        limit_threads(self.threads)
    }
}

/// Limits the process to this number of threads. `None` is one thread per core.
pub fn limit_threads(threads: Option<usize>) -> Result<()> {
    if let Some(threads) = threads
        && !(1..=MAX_THREADS).contains(&threads)
    {
        bail!("--threads {threads} is out of range: give 1 to {MAX_THREADS}");
    }
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads.unwrap_or(0));
    if pool.build_global().is_err() || !can_start_others() {
        bail!(TOO_MANY_THREADS);
    }
    Ok(())
}

/// What the program says when the system refuses a thread.
pub const TOO_MANY_THREADS: &str = "cannot start another thread: the system's limit on threads or \
     memory is reached; use fewer --threads, or raise the limit (`ulimit -u`, `ulimit -v`, or the \
     container's on processes)";

/// As [`limit_threads`], where another command may have done so before: the number of the first counts.
pub fn limit_threads_once(threads: Option<usize>) -> Result<()> {
    static BEGUN: Mutex<bool> = Mutex::new(false);
    let mut begun = BEGUN.lock().unwrap_or_else(PoisonError::into_inner);
    if !*begun {
        limit_threads(threads)?;
        *begun = true;
        return Ok(());
    }
    let now = rayon::current_num_threads();
    match threads {
        Some(threads) if threads != now => bail!(
            "--threads {threads}: this process computes with {now} since its first call; give it to that one, \
             or start another process"
        ),
        _ => Ok(()),
    }
}

/// The threads that a command starts besides those that compute.
const OTHERS: usize = 4;

/// Whether the threads that are started later can be: it is better not to begin without them.
fn can_start_others() -> bool {
    let gate = Mutex::new(()); // keeps them until all have started
    thread::scope(|scope| {
        let closed = gate.lock();
        let start = |_| thread::Builder::new().spawn_scoped(scope, || drop(gate.lock()));
        let started: Vec<_> = (0..OTHERS).map(start).collect();
        drop(closed);
        started.iter().all(Result::is_ok)
    })
}

/// Keeps Mesa quiet on a machine without a desktop, where it complains on standard error that it
/// cannot ask the desktop for its preferred GPU. Must be called before any thread is started.
#[cfg_attr(
    feature = "vulkan",
    expect(unsafe_code, reason = "Mesa has no other switch than the environment")
)]
pub fn silence_mesa() {
    #[cfg(feature = "vulkan")]
    {
        let desktop = ["XDG_RUNTIME_DIR", "DISPLAY", "WAYLAND_DISPLAY"];
        if desktop.iter().all(|name| std::env::var_os(name).is_none()) {
            // SAFETY: no other thread is running yet that could read the environment.
            unsafe { std::env::set_var("NODEVICE_SELECT", "1") };
        }
    }
}
