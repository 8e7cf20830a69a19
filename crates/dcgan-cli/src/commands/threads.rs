//! `--threads`.

use anyhow::{Context, Result, bail};

/// Makes all that computes use so many threads; none for one on each core.
pub fn limit(threads: Option<usize>) -> Result<()> {
    let Some(threads) = threads else {
        return Ok(());
    };
    if !(1..=1024).contains(&threads) {
        bail!("--threads {threads}: give 1 to 1024");
    }
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build_global()
        .context("cannot start the threads")
}
