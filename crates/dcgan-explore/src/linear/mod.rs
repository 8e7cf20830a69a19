//! Linear models.

pub mod logistic;
pub mod standardise;
pub mod svm;
