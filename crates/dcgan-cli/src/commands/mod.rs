//! One file for each command.

pub mod bench;
pub mod demo_data;
pub mod info;
pub mod sample;
mod threads;
pub mod train;
mod train_display;
