//! How good the discriminator's features are (the paper's section 5.1): a linear support vector
//! machine learns the classes of some pictures from their features and is judged on others.

mod classifier;
mod confusion;
mod division;
mod error;
mod labelled_pictures;

pub use classifier::{COSTS, Classifier, Trial};
pub use confusion::Confusion;
pub use division::{Division, Selection};
pub use error::ClassificationError;
pub use labelled_pictures::LabelledPictures;
