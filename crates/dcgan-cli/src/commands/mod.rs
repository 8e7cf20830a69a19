//! One file for each command: its arguments and what it does.

pub mod arithmetic;
pub mod bench;
pub mod classify;
pub mod data;
pub mod demo_data;
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
pub mod project;
pub mod sample;
pub mod train;
pub mod visualize;
