use std::fmt;
use std::path::PathBuf;

use thiserror::Error;

/// The two sides of a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Real pictures.
    Real,
    /// Generated pictures.
    Generated,
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Real => "real",
            Self::Generated => "generated",
        })
    }
}

/// Why a figure cannot be computed.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum EvaluationError {
    /// A metric needs more pictures to mean anything.
    #[error(
        "{metric} needs at least {needed} pictures on either side, and there are {count} {side} ones"
    )]
    TooFew {
        /// The metric.
        metric: &'static str,
        /// The side that has too few.
        side: Side,
        /// How many it has.
        count: usize,
        /// How many it needs.
        needed: usize,
    },
    /// A feature is not a finite number.
    #[error("the features of picture {row} are not finite numbers")]
    NotFinite {
        /// The picture's place, from 0.
        row: usize,
    },
    /// The values do not divide into rows of this width.
    #[error("{values} values are not rows of {width}")]
    NoRows {
        /// How many values there are.
        values: usize,
        /// The width of a row.
        width: usize,
    },
    /// Features of different networks.
    #[error(
        "the real pictures have {real} features each and the generated ones {generated}: they come from different networks"
    )]
    Widths {
        /// Features of a real picture.
        real: usize,
        /// Features of a generated one.
        generated: usize,
    },
    /// Pictures of different sizes or colours.
    #[error("the real pictures are {real} and the generated ones {generated}")]
    Shapes {
        /// The shape of the real pictures.
        real: String,
        /// The shape of the generated ones.
        generated: String,
    },
    /// Pictures that are too small for a metric.
    #[error("{metric} needs pictures of at least {needed} pixels a side, and these have {side}")]
    TooSmall {
        /// The metric.
        metric: &'static str,
        /// The side of the pictures.
        side: usize,
        /// The smallest side it works on.
        needed: usize,
    },
    /// A statistics file that cannot be used.
    #[error("{path} holds no statistics ({reason})", path = .path.display())]
    Statistics {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A file that cannot be read or written.
    #[error(transparent)]
    Path(#[from] dcgan_support::path_error::PathError),
}
