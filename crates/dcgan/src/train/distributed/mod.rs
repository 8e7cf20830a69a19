//! Training on a batch that several ranks share.

mod buckets;

pub(crate) use buckets::Buckets;
