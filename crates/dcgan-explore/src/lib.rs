//! Explore a trained DCGAN: what its latent space and its discriminator's features mean.

pub mod attributes;
pub mod classification;
pub mod feature_reader;
mod linear;
pub mod neighbours;
pub mod projection;
pub mod visualization;
