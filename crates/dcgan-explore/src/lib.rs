//! Explore a trained DCGAN: what its latent space and its discriminator's features mean.
//!
//! | module | question |
//! | --- | --- |
//! | [`attributes`] | which directions in z and which feature maps draw an attribute, such as a smile? |
//! | [`classification`] | how good are the discriminator's features for classifying pictures? |
//! | [`neighbours`] | did the generator memorise training pictures? |
//! | [`projection`] | which latent vector draws a given picture? |
//! | [`visualization`] | what do the discriminator's feature maps respond to? |
//! | [`feature_reader`], [`feature_file`] | the discriminator's features of a data set, as rows and as a file |

pub mod attributes;
pub mod classification;
pub mod feature_file;
pub mod feature_reader;
mod linear;
pub mod neighbours;
pub mod projection;
pub mod visualization;
