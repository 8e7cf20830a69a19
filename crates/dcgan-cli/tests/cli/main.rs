//! The program as people use it: every test runs the real binary.

mod bad_checkpoints;
mod bad_data;
mod bad_options;
mod bench;
mod cache;
mod classify;
mod data_check;
mod data_sets;
mod demo_data;
mod disk;
mod doctor;
mod features;
mod help;
mod info;
mod kills;
mod latent;
mod pictures;
mod project;
mod resume;
mod sample;
mod saving;
mod support;
mod train;
mod visualize;

#[cfg(unix)]
mod signals;
