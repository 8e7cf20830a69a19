//! An idx file of labels.

#![no_main]

use dcgan_fuzz::Target;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| Target::IdxLabels.run(bytes));
