//! What can be said about the pictures of a source, before any of them is decoded.

use crate::demo;
use crate::error::DataError;
use crate::pack::Pack;
use crate::source::{DataSource, Located, locate};

/// The names of the attributes and classes of a data set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AnnotationNames {
    /// The attributes.
    pub attributes: Vec<String>,
    /// The classes; empty if there are fewer than two.
    pub classes: Vec<String>,
}

impl AnnotationNames {
    /// Reads the lists and tables of contents of a source, but none of its pictures.
    ///
    /// # Errors
    ///
    /// If there is no data set, or it cannot be read.
    pub fn read(source: &DataSource) -> Result<Self, DataError> {
        let entries = match source {
            &DataSource::Demo { seed, .. } => demo::open(1, seed, 1)?.entries,
            DataSource::Files {
                path,
                format,
                split,
            } => match locate(path, *format, *split)? {
                Located::Source(located) => located.open()?.entries,
                Located::Pack => {
                    let pack = Pack::open(path)?;
                    let description = pack.description();
                    return Ok(Self::of(&description.attribute_names, &description.classes));
                }
            },
        };
        Ok(Self::of(&entries.attribute_names, &entries.classes))
    }

    fn of(attributes: &[String], classes: &[String]) -> Self {
        Self {
            attributes: attributes.to_vec(),
            classes: match classes {
                [] | [_] => Vec::new(),
                classes => classes.to_vec(),
            },
        }
    }
}
