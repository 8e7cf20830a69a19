//! One file for each command.

pub mod arithmetic;
mod attributes;
pub mod bench;
pub mod classify;
mod confusion_table;
pub mod data;
pub mod demo_data;
mod device;
pub mod devices;
pub mod direction;
pub mod doctor;
pub mod edit;
pub mod features;
pub mod forget;
pub mod import;
pub mod info;
pub mod interpolate;
pub mod neighbours;
mod pictures;
mod pictures_out;
pub mod project;
pub mod sample;
mod threads;
pub mod train;
mod train_display;
pub mod visualize;
