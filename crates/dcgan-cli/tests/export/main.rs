//! `dcgan export` and `dcgan train --tensorboard`, read by the programs that their files are for.

mod command;
mod hub;
mod metrics_table;
mod onnx;
#[cfg(unix)]
mod page;
mod python;
#[path = "../../../dcgan-data/tests/data/skip.rs"]
mod skip;
mod state_dict;
#[allow(dead_code, reason = "shared with the tests of the other commands")]
#[path = "../cli/support.rs"]
mod support;
mod tensorboard;
