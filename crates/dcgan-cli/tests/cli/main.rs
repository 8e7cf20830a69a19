//! The program as people use it: all tests run the real binary.

mod attributes;
mod averages;
mod bad_checkpoints;
mod bad_data;
mod bad_options;
mod bench;
mod bf16;
mod cache;
mod changed_files;
mod classify;
mod collapsed;
mod command_line;
mod compare;
mod config_file;
#[path = "../../../dcgan-data/tests/data/damage.rs"]
mod damage;
mod data_check;
mod data_sets;
mod demo_data;
mod devices;
mod disk;
mod doctor;
mod drawing;
mod dry_run;
mod edits;
mod evaluate;
mod evaluations;
mod features;
mod help;
mod import;
mod inception;
mod inception_weights;
mod info;
mod ingredients;
mod kills;
mod latent;
mod losses;
mod memory;
#[path = "../../../dcgan-data/tests/data/mutation.rs"]
mod mutation;
mod neighbours;
mod outputs;
mod pictures;
mod project;
mod reading;
mod resume;
mod sample;
mod saving;
#[path = "../../../dcgan-data/tests/data/skip.rs"]
mod skip;
mod start_from;
mod starting_together;
mod support;
mod train;
mod visualize;
#[cfg(feature = "vulkan")]
mod vulkan;
mod whole_data;

#[cfg(feature = "mpi")]
mod ranks;

#[cfg(not(feature = "mpi"))]
mod no_mpi;

#[cfg(unix)]
mod advice;
#[cfg(unix)]
mod hostile_names;
#[cfg(unix)]
mod leftovers;
#[cfg(unix)]
mod limits;
#[cfg(unix)]
mod signals;
#[cfg(unix)]
mod special_data;
#[cfg(unix)]
mod special_files;
#[cfg(unix)]
mod targets;
mod terminal;

#[cfg(target_os = "linux")]
mod clock;
