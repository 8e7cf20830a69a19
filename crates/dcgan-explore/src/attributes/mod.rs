//! What can be seen in pictures (a smile, glasses, a man) as a data set says it, and what the
//! generator has learned of it: groups of drawn pictures by words, directions in z, feature maps.
//!
//! ```text
//! known ─► classifier ─► samples ─┬─► exemplars    the seeds that words mean
//! words ──────────────────────────┤   direction    where an attribute lies in z
//!                                 └─► forgetting   which feature maps draw it
//! ```

mod annotations;
mod classifier;
mod direction;
mod error;
mod exemplars;
mod feature_maps;
mod held_out;
mod labelled_samples;
mod quantised_features;
mod vocabulary;

pub use classifier::AttributeClassifier;
pub use direction::{Effect, direction, effect};
pub use error::AttributeError;
pub use exemplars::exemplars;
pub use feature_maps::{
    FeatureMaps, feature_maps, second_highest_layer, shares_without, values_without,
};
pub use held_out::HeldOut;
pub use labelled_samples::LabelledSamples;
pub use vocabulary::{Condition, UnknownWord, conditions};
