//! The pictures: where they come from and how they are prepared.

use std::fmt;
use std::path::PathBuf;

use dcgan_data::{Crop, Format, Levels, PictureOptions, Split};
use serde::{Deserialize, Serialize};

use super::ConfigError;

/// The default number of drawn faces.
pub const DEMO_FACES: u32 = 2000;

/// Where the pictures of a run come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DataOrigin {
    /// A data set on disk.
    Files {
        /// A directory, an archive, or a file of a data set.
        path: PathBuf,
        /// Its format; `None` to detect it.
        format: Option<Format>,
        /// Which split; `None` for `train` if the data has splits, else everything.
        split: Option<Split>,
    },
    /// Cartoon faces, drawn from the seed of the training.
    DrawnFaces {
        /// The number of faces.
        count: u32,
    },
}

impl fmt::Display for DataOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Files { path, .. } => write!(f, "{}", path.display()),
            Self::DrawnFaces { .. } => f.write_str("drawn faces"),
        }
    }
}

/// Where the pictures come from and how they are prepared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "DataTable", into = "DataTable")]
pub struct DataConfig {
    /// Where the pictures come from.
    pub origin: DataOrigin,
    /// Which square of each picture is used.
    pub crop: Crop,
    /// Whether pictures are mirrored at random.
    pub flip: bool,
    /// The colour behind transparent pictures, as RGB.
    pub background: [u8; 3],
    /// Which levels of pictures with 16 bits become black and white.
    pub levels: Levels,
}

impl DataConfig {
    /// The pictures of a directory, an archive or a file of a data set: detected format, centre
    /// square, not mirrored, on white.
    pub fn files(path: impl Into<PathBuf>) -> Self {
        Self::with_defaults(DataOrigin::Files {
            path: path.into(),
            format: None,
            split: None,
        })
    }

    /// `count` drawn faces.
    pub fn drawn_faces(count: u32) -> Self {
        Self::with_defaults(DataOrigin::DrawnFaces { count })
    }

    fn with_defaults(origin: DataOrigin) -> Self {
        let PictureOptions {
            crop,
            flip,
            background,
            levels,
            ..
        } = PictureOptions::default();
        Self {
            origin,
            crop,
            flip,
            background,
            levels,
        }
    }
}

/// The `[data]` table of `config.toml`.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct DataTable {
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<PathBuf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    demo_faces: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    format: Option<Format>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    split: Option<Split>,
    crop: Crop,
    flip: bool,
    background: [u8; 3],
    /// As [`Levels`] is written. Absent before schema 7, and for the whole range.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    levels: Option<String>,
}

impl TryFrom<DataTable> for DataConfig {
    type Error = ConfigError;

    fn try_from(table: DataTable) -> Result<Self, ConfigError> {
        let DataTable { format, split, .. } = table;
        let origin = match (table.path, table.demo_faces) {
            (Some(_), Some(_)) => return Err(ConfigError::TwoSources),
            (Some(path), None) => DataOrigin::Files {
                path,
                format,
                split,
            },
            (None, count) => DataOrigin::DrawnFaces {
                count: count.unwrap_or(DEMO_FACES),
            },
        };
        Ok(Self {
            origin,
            crop: table.crop,
            flip: table.flip,
            background: table.background,
            levels: match table.levels {
                Some(levels) => levels
                    .parse()
                    .map_err(|error| ConfigError::Toml(format!("data.levels: {error}")))?,
                None => Levels::Full,
            },
        })
    }
}

impl From<DataConfig> for DataTable {
    fn from(config: DataConfig) -> Self {
        let (path, format, split, demo_faces) = match config.origin {
            DataOrigin::Files {
                path,
                format,
                split,
            } => (Some(path), format, split, None),
            DataOrigin::DrawnFaces { count } => (None, None, None, Some(count)),
        };
        Self {
            path,
            demo_faces,
            format,
            split,
            crop: config.crop,
            flip: config.flip,
            background: config.background,
            levels: (!config.levels.is_full()).then(|| config.levels.to_string()),
        }
    }
}
