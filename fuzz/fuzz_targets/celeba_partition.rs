//! CelebA's partition list.

#![no_main]

use dcgan_fuzz::Target;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| Target::CelebaPartition.run(bytes));
