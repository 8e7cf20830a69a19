//! Trainings that are estimated not to fit into memory.

use dcgan::memory::MemoryError;

pub fn hint(error: &MemoryError) -> Option<String> {
    let smaller = if error.largest_batch < 2 {
        "take a smaller --ngf, --ndf or --image-size"
    } else {
        "take a smaller --batch-size, --ngf, --ndf or --image-size"
    };
    Some(format!("{smaller}, or train anyway with --ignore-memory"))
}
