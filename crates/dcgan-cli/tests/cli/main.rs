//! The program as people use it: every test runs the real binary.

mod attributes;
mod bad_checkpoints;
mod bad_data;
mod bad_options;
mod bench;
mod cache;
mod data_check;
mod data_sets;
mod demo_data;
mod disk;
mod help;
mod info;
mod latent;
mod pictures;
mod resume;
mod sample;
mod support;
mod train;

#[cfg(unix)]
mod signals;
