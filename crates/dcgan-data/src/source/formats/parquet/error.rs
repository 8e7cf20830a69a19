//! Why a shard cannot be read.

use std::io;

use parquet::errors::ParquetError;

use crate::error::DataError;
use crate::io_reason::io_reason;

/// Why a shard cannot be read.
pub(super) enum ShardError {
    /// It is truncated or corrupt.
    Damaged(String),
    /// It is intact and holds something else than is expected.
    Unusable(String),
    Data(DataError),
}

impl From<ParquetError> for ShardError {
    fn from(error: ParquetError) -> Self {
        match error {
            ParquetError::General(text) | ParquetError::NYI(text) => {
                let text = text.to_lowercase();
                if text.contains("encrypt") {
                    Self::Unusable("it is encrypted".to_owned())
                } else if text.contains("codec") || text.contains("disabled feature") {
                    let reason = "it is compressed in a way that is not read: write it again with snappy or zstd";
                    Self::Unusable(reason.to_owned())
                } else {
                    Self::Damaged("its structure is invalid".to_owned())
                }
            }
            ParquetError::EOF(_)
            | ParquetError::NeedMoreData(_)
            | ParquetError::NeedMoreDataRange(_) => Self::Damaged("it ends too early".to_owned()),
            ParquetError::External(error) => match error.downcast_ref::<io::Error>() {
                Some(error) => Self::Damaged(io_reason(error)),
                None => Self::Damaged("its structure is invalid".to_owned()),
            },
            _ => Self::Damaged("its structure is invalid".to_owned()),
        }
    }
}
