//! What pictures show (a smile, glasses, a man) according to a data set, and what the generator has
//! learned of it: samples that match words, directions in z, feature maps.
//!
//! ```text
//! annotations ─► classifier ─► labelled_samples ─┬─► exemplars     seeds that match words
//! synonyms ─► description ───────────────────────┤   direction     where an attribute lies in z
//!                                                └─► feature_maps  which maps draw it
//! description ─► expectation   what a sum of descriptions says about its result
//! ```

mod activations;
mod annotations;
mod classifier;
mod description;
mod direction;
mod error;
mod exemplars;
mod expectation;
mod feature_maps;
mod held_out;
mod labelled_samples;
mod quantised_features;
mod synonyms;

pub use classifier::AttributeClassifier;
pub use description::{AttributeTest, Description};
pub use direction::{Effect, find_direction, measure_effect};
pub use error::{AttributeError, UnknownWord};
pub use exemplars::exemplars;
pub use expectation::expectation;
pub use feature_maps::{
    AttributeShares, DroppedMaps, FeatureMaps, Probe, WeightedMap, attribute_shares,
    find_feature_maps, second_highest_layer, values_without,
};
pub use held_out::{HeldOut, Tally};
pub use labelled_samples::LabelledSamples;
