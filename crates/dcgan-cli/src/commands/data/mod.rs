//! `dcgan data`: looking at data sets, and packing them.

mod check;
mod pack;
mod text;

use anyhow::Result;

use crate::cli::{Data, DataAction};

/// Does what is asked for.
pub fn run(arguments: &Data) -> Result<()> {
    match &arguments.action {
        DataAction::Check(arguments) => check::run(arguments),
        DataAction::Pack(arguments) => pack::run(arguments),
    }
}
