//! Why a shard cannot be read.

use parquet::errors::ParquetError;

use crate::error::DataError;

/// Why a shard cannot be read.
pub(super) enum ShardError {
    Damaged(String),
    Data(DataError),
}

impl From<ParquetError> for ShardError {
    fn from(error: ParquetError) -> Self {
        Self::Damaged(error.to_string())
    }
}

impl From<String> for ShardError {
    fn from(reason: String) -> Self {
        Self::Damaged(reason)
    }
}
