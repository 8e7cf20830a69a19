//! Progress bars.

use dcgan_support::printable;
use indicatif::{ProgressBar, ProgressStyle};

use super::output;

/// A bar that counts to `total`, hidden if another rank reports.
pub fn bar(task: &str, total: usize) -> ProgressBar {
    if output::is_silent() {
        return ProgressBar::hidden();
    }
    let template = "{prefix} {wide_bar} {pos}/{len}, {eta} left";
    let style =
        ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(total as u64)
        .with_style(style)
        .with_prefix(printable::line(task))
}
