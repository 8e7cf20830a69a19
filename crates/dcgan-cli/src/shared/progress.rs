//! Progress bars.

use dcgan_support::printable;
use indicatif::{ProgressBar, ProgressStyle};

use super::output;

/// A bar without a style, hidden if another rank reports or with `--quiet`.
pub fn new(total: u64) -> ProgressBar {
    if output::has_no_progress() {
        return ProgressBar::hidden();
    }
    ProgressBar::new(total)
}

/// A bar that counts to `total`, hidden if another rank reports or with `--quiet`.
pub fn bar(task: &str, total: usize) -> ProgressBar {
    let template = "{prefix} {wide_bar} {pos}/{len}, {eta} left";
    let style =
        ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    new(total as u64)
        .with_style(style)
        .with_prefix(printable::line(task))
}
