//! What the ranks of a training agree on. In a single process nothing is exchanged.

mod agreement;
mod replicas;

pub use agreement::check_same_pictures;
pub(super) use agreement::{any_non_finite, any_request, average_metrics};
pub(super) use replicas::{check_replicas, copy_root};

#[cfg(all(test, feature = "mpi"))]
mod tests;
