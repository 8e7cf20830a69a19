//! Explore a trained DCGAN: what its latent space and its discriminator's features mean.

pub mod attributes;
pub mod classification;
pub mod features;
pub mod linear_svm;
pub mod neighbours;
pub mod projection;
pub mod visualization;
