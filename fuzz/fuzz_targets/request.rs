//! Bodies of requests to the studio.

#![no_main]

use dcgan_fuzz::Target;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| Target::Request.run(bytes));
