//! A generator or discriminator file, with and without a corrected checksum.

#![no_main]

use dcgan_fuzz::Target;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| Target::Weights.run(bytes));
