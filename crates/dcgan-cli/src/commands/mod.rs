//! One file for each command.

pub mod arithmetic;
mod attributes;
pub mod bench;
pub mod data;
pub mod demo_data;
pub mod direction;
pub mod edit;
pub mod forget;
pub mod info;
pub mod interpolate;
pub mod neighbours;
mod pictures;
mod pictures_out;
pub mod sample;
mod threads;
pub mod train;
mod train_display;
