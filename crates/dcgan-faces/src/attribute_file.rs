//! Writes the labels as CelebA's `list_attr_celeba.txt` has them.

use std::io::{self, Write};

use super::labels::ATTRIBUTE_NAMES;

/// The file name of face `index` (from 0): `000001.png` is the first.
pub fn file_name(index: u64) -> String {
    format!("{:06}.png", index.saturating_add(1))
}

/// Writes an attribute file for the pictures named in `rows`, of which there must be `count`.
///
/// The format is that of CelebA's `list_attr_celeba.txt`, byte for byte: lines end in CR LF; the
/// first holds the count, the second the names, each followed by a space, and every other line a
/// file name and for each attribute ` 1` or `-1`, all parted by spaces.
///
/// # Errors
/// [`AttributeFileError::Write`] if `writer` fails, and [`AttributeFileError::Count`] if there
/// are more or fewer than `count` rows: what was written is then not a valid file.
///
/// ```
/// use dcgan_data::demo;
///
/// let rows = (0..2).map(|i| (demo::file_name(i), demo::face(0, i).labels()));
/// let mut file = Vec::new();
/// demo::write_attribute_file(&mut file, rows, 2)?;
/// assert!(file.starts_with(b"2\r\n5_o_Clock_Shadow Arched_Eyebrows "));
/// # Ok::<(), demo::AttributeFileError>(())
/// ```
pub fn write_attribute_file(
    writer: &mut impl Write,
    rows: impl Iterator<Item = (String, [bool; ATTRIBUTE_NAMES.len()])>,
    count: usize,
) -> Result<(), AttributeFileError> {
    write!(writer, "{count}\r\n")?;
    for name in ATTRIBUTE_NAMES {
        write!(writer, "{name} ")?;
    }
    write!(writer, "\r\n")?;
    let mut written = 0;
    for (name, labels) in rows {
        write!(writer, "{name}")?;
        for holds in labels {
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
    /// The number of rows is not the one in the file's first line.
    #[error(
        "the attribute file announces {announced} pictures but got {written}: pass the number of rows"
    )]
    Count {
        /// The number in the first line.
        announced: usize,
        /// The rows that came.
        written: usize,
    },
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::face;

    fn written(rows: u64, count: usize) -> Result<Vec<u8>, AttributeFileError> {
        let rows = (0..rows).map(|index| (file_name(index), face(5, index).labels()));
        let mut file = Vec::new();
        write_attribute_file(&mut file, rows, count)?;
        Ok(file)
    }

    #[test]
    fn the_bytes_are_those_of_celeba() {
        let mut labels = [false; ATTRIBUTE_NAMES.len()];
        labels[1] = true;
        let mut file = Vec::new();
        write_attribute_file(&mut file, [(file_name(0), labels)].into_iter(), 1).unwrap();
        let names = ATTRIBUTE_NAMES.join(" ");
        let rest = " -1".repeat(ATTRIBUTE_NAMES.len() - 2);
        let expected = format!("1\r\n{names} \r\n000001.png -1  1{rest}\r\n");
        assert_eq!(String::from_utf8(file).unwrap(), expected);
    }

    #[test]
    fn reading_the_file_gives_the_labels_back() {
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
    fn a_wrong_count_is_an_error_that_says_both_numbers() {
        let message = written(3, 4).unwrap_err().to_string();
        assert!(
            message.contains("announces 4") && message.contains("got 3"),
            "{message}"
        );
    }

    #[test]
    fn a_full_disk_is_an_error() {
        let mut disk = [0_u8; 64];
        let rows = std::iter::once((file_name(0), face(0, 0).labels()));
        let result = write_attribute_file(&mut disk.as_mut_slice(), rows, 1);
        assert!(matches!(result, Err(AttributeFileError::Write(_))));
    }
}
