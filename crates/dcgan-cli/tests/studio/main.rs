//! `dcgan studio`: the server and what it starts, and its page in a browser.

#[cfg(unix)]
#[allow(dead_code, reason = "shared with the tests of exported pages")]
#[path = "../export/page/browser.rs"]
mod browser;
#[cfg(unix)]
mod description;
#[cfg(unix)]
mod jobs;
#[cfg(unix)]
mod page;
#[cfg(unix)]
mod server;
#[path = "../../../dcgan-data/tests/data/skip.rs"]
mod skip;
#[allow(dead_code, reason = "shared with the tests of the other commands")]
#[path = "../cli/support.rs"]
mod support;
#[cfg(unix)]
mod trainings;
