//! Writes labels in the format of CelebA's `list_attr_celeba.txt`.

use std::io::{self, Write};

use super::labels::ATTRIBUTE_NAMES;

/// The file name of face `index` (from 0). The first is `000001.png`.
pub fn file_name(index: u64) -> String {
    format!("{:06}.png", index.saturating_add(1))
}

/// One line of an attribute file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttributeRow {
    /// The name of the picture's file.
    pub file_name: String,
    /// Which of [`ATTRIBUTE_NAMES`] hold.
    pub labels: [bool; ATTRIBUTE_NAMES.len()],
}

/// Writes an attribute file of `count` rows.
///
/// The format is that of CelebA's `list_attr_celeba.txt`, byte for byte. Lines end in CR LF. The
/// first holds the count, the second the attribute names, each followed by a space. Every other
/// line holds a file name and ` 1` or `-1` for each attribute, separated by spaces.
///
/// # Errors
/// [`AttributeFileError::Write`] if `writer` fails, and [`AttributeFileError::Count`] if there
/// are more or fewer than `count` rows. The file is invalid then.
///
/// ```
/// use dcgan_faces::{AttributeFileError, AttributeRow, face, file_name, write_attribute_file};
///
/// let rows = (0..2).map(|index| AttributeRow {
///     file_name: file_name(index),
///     labels: face(0, index).labels(),
/// });
/// let mut file = Vec::new();
/// write_attribute_file(&mut file, rows, 2)?;
/// assert!(file.starts_with(b"2\r\n5_o_Clock_Shadow Arched_Eyebrows "));
/// # Ok::<(), AttributeFileError>(())
/// ```
pub fn write_attribute_file(
    writer: &mut impl Write,
    rows: impl Iterator<Item = AttributeRow>,
    count: usize,
) -> Result<(), AttributeFileError> {
    write!(writer, "{count}\r\n")?;
    for name in ATTRIBUTE_NAMES {
        write!(writer, "{name} ")?;
    }
    write!(writer, "\r\n")?;
    let mut written = 0;
    for row in rows {
        write!(writer, "{}", row.file_name)?;
        for holds in row.labels {
            writer.write_all(if holds { b"  1" } else { b" -1" })?;
        }
        write!(writer, "\r\n")?;
        written += 1;
    }
    if written == count {
        Ok(())
    } else {
        Err(AttributeFileError::Count {
            announced: count,
            written,
        })
    }
}

/// Why an attribute file could not be written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AttributeFileError {
    /// The writer failed.
    #[error("the attribute file could not be written: {0}")]
    Write(#[from] io::Error),
    /// The number of rows differs from the count in the file's first line.
    #[error(
        "the attribute file announces {announced} pictures but got {written}: pass the number of rows"
    )]
    Count {
        /// The count in the first line.
        announced: usize,
        /// The number of rows.
        written: usize,
    },
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::face;

    fn row(file: u64, labels: [bool; ATTRIBUTE_NAMES.len()]) -> AttributeRow {
        AttributeRow {
            file_name: file_name(file),
            labels,
        }
    }

    fn written(rows: u64, count: usize) -> Result<Vec<u8>, AttributeFileError> {
        let rows = (0..rows).map(|index| row(index, face(5, index).labels()));
        let mut file = Vec::new();
        write_attribute_file(&mut file, rows, count)?;
        Ok(file)
    }

    #[test]
    fn the_format_is_that_of_celeba() {
        let mut labels = [false; ATTRIBUTE_NAMES.len()];
        labels[1] = true;
        let mut file = Vec::new();
        write_attribute_file(&mut file, [row(0, labels)].into_iter(), 1).unwrap();
        let names = ATTRIBUTE_NAMES.join(" ");
        let rest = " -1".repeat(ATTRIBUTE_NAMES.len() - 2);
        let expected = format!("1\r\n{names} \r\n000001.png -1  1{rest}\r\n");
        assert_eq!(String::from_utf8(file).unwrap(), expected);
    }

    #[test]
    fn the_file_can_be_read_back() {
        let text = String::from_utf8(written(30, 30).unwrap()).unwrap();
        let mut lines = text.split_terminator("\r\n");
        assert_eq!(lines.next(), Some("30"));
        let names: Vec<&str> = lines.next().unwrap().split_whitespace().collect();
        assert_eq!(names, ATTRIBUTE_NAMES);
        let mut rows = 0;
        for (index, line) in (0..).zip(lines) {
            let mut fields = line.split_whitespace();
            assert_eq!(fields.next(), Some(file_name(index).as_str()));
            let values: Vec<bool> = fields.map(|field| field == "1").collect();
            assert_eq!(values, face(5, index).labels());
            rows += 1;
        }
        assert_eq!(rows, 30);
    }

    #[test]
    fn a_wrong_count_is_reported_with_both_numbers() {
        let message = written(3, 4).unwrap_err().to_string();
        assert!(
            message.contains("announces 4") && message.contains("got 3"),
            "{message}"
        );
    }

    #[test]
    fn a_full_disk_is_an_error() {
        let mut disk = [0_u8; 64];
        let rows = std::iter::once(row(0, face(0, 0).labels()));
        let result = write_attribute_file(&mut disk.as_mut_slice(), rows, 1);
        assert!(matches!(result, Err(AttributeFileError::Write(_))));
    }
}
