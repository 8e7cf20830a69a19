//! One file for each command.

pub mod bench;
pub mod data;
pub mod demo_data;
pub mod info;
mod pictures;
pub mod sample;
mod threads;
pub mod train;
mod train_display;
