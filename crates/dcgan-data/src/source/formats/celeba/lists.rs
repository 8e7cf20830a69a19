//! CelebA's lists: a line for each picture, with its name and its values.
//!
//! The official files end lines with CR LF and separate values by spaces; the same lists also
//! circulate as comma-separated files with a header line.

use std::collections::HashMap;
use std::io::Read;
use std::path::PathBuf;

use dcgan_support::regular_file;

use super::super::zip::Archive;
use crate::decode::is_lfs_pointer;
use crate::error::DataError;
use crate::io_reason::io_reason;
use crate::source::files::unreadable;

/// The largest list; CelebA's own are up to 26 MB.
const MAX_BYTES: u64 = 512 << 20;

/// Where a list is.
#[derive(Clone, Debug)]
pub(super) enum ListFile {
    OnDisk(PathBuf),
    InZip {
        archive: PathBuf,
        name: String,
        index: usize,
    },
}

impl ListFile {
    /// Its path; in an archive below that of the archive.
    pub fn path(&self) -> PathBuf {
        match self {
            Self::OnDisk(path) => path.clone(),
            Self::InZip { archive, name, .. } => archive.join(name),
        }
    }

    fn read(&self) -> Result<Vec<u8>, DataError> {
        let mut bytes = Vec::new();
        match self {
            Self::OnDisk(path) => {
                regular_file::open(path)
                    .and_then(|file| file.take(MAX_BYTES).read_to_end(&mut bytes))
                    .map_err(|source| unreadable(path, source))?;
            }
            Self::InZip {
                archive: path,
                index,
                ..
            } => {
                let read = |entry: &mut dyn Read| entry.take(MAX_BYTES).read_to_end(&mut bytes);
                Archive::open(path)?
                    .with_entry(path, *index, read)?
                    .map_err(|error| DataError::damaged(path, "zip archive", &io_reason(&error)))?;
            }
        }
        Ok(bytes)
    }
}

/// A list that has been read.
#[derive(Debug)]
pub(super) struct List<Value> {
    /// The names of the columns; empty if the file has none.
    pub columns: Vec<String>,
    /// The row of each picture.
    rows: HashMap<String, usize>,
    /// Row by row.
    values: Vec<Value>,
    width: usize,
}

impl<Value> List<Value> {
    /// The values of a picture. The ending of its name is ignored: the pictures are published as
    /// `.jpg` and as `.png`.
    pub fn row(&self, name: &str) -> Option<&[Value]> {
        let row = *self.rows.get(stem(name))?;
        self.values.get(row * self.width..(row + 1) * self.width)
    }

    /// The number of pictures named.
    pub fn len(&self) -> usize {
        self.rows.len()
    }
}

/// The name of a file without its folders and ending.
fn stem(name: &str) -> &str {
    let file = name.rsplit(['/', '\\']).next().unwrap_or(name);
    file.rsplit_once('.').map_or(file, |(stem, _)| stem)
}

/// Reads `list_attr_celeba.txt`: a count, the names of the attributes, then ±1 for each. A value
/// is 1 if the attribute holds, else 0.
///
/// # Errors
///
/// [`DataError::BadList`] with the first invalid line.
pub(super) fn attributes(file: &ListFile) -> Result<List<u8>, DataError> {
    parse(file, Header::CountAndNames, |text| match text {
        "1" => Ok(1),
        "-1" | "0" => Ok(0),
        _ => Err("neither 1 nor -1"),
    })
}

/// Reads `list_eval_partition.txt` or `identity_CelebA.txt`: a number for each picture.
///
/// # Errors
///
/// [`DataError::BadList`] with the first invalid line.
pub(super) fn numbers(file: &ListFile) -> Result<List<u32>, DataError> {
    parse(file, Header::None, |text| {
        text.parse().map_err(|_| "not a number")
    })
}

/// What comes before the first picture.
#[derive(Clone, Copy, PartialEq)]
enum Header {
    None,
    CountAndNames,
}

fn parse<Value>(
    file: &ListFile,
    header: Header,
    value: impl Fn(&str) -> Result<Value, &'static str>,
) -> Result<List<Value>, DataError> {
    let text = read(file)?;
    parse_text(&text, header, value).map_err(|InvalidLine { line, reason }| DataError::BadList {
        path: file.path(),
        line,
        reason,
    })
}

fn read(file: &ListFile) -> Result<String, DataError> {
    let bytes = file.read()?;
    if is_lfs_pointer(&bytes) {
        return Err(DataError::LfsPointer { path: file.path() });
    }
    String::from_utf8(bytes).map_err(|_| DataError::BadList {
        path: file.path(),
        line: 1,
        reason: "the file is not text".to_owned(),
    })
}

/// What is wrong with a line.
#[derive(Debug)]
struct InvalidLine {
    /// From 1.
    line: usize,
    reason: String,
}

impl InvalidLine {
    fn new(line: usize, reason: impl Into<String>) -> Self {
        Self {
            line,
            reason: reason.into(),
        }
    }
}

fn parse_text<Value>(
    text: &str,
    header: Header,
    value: impl Fn(&str) -> Result<Value, &'static str>,
) -> Result<List<Value>, InvalidLine> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let filled = |(_, line): &(usize, &str)| !line.trim().is_empty();
    let mut lines = (1..).zip(text.lines()).filter(filled).peekable();
    let (count, columns) = read_header(&mut lines, header)?;
    let width = match header {
        Header::None => 1,
        Header::CountAndNames => columns.len(),
    };
    let (mut rows, mut values, mut last) = (HashMap::new(), Vec::new(), 0);
    for (number, line) in lines {
        let mut fields = fields(line);
        let name = fields.next().unwrap_or_default();
        let before = values.len();
        for field in fields {
            let parsed = value(field)
                .map_err(|why| InvalidLine::new(number, format!("'{field}' is {why}")))?;
            values.push(parsed);
        }
        let found = values.len() - before;
        if found != width {
            let reason = format!("{name} has {found} values, not {width}");
            return Err(InvalidLine::new(number, reason));
        }
        if rows.insert(stem(name).to_owned(), rows.len()).is_some() {
            return Err(InvalidLine::new(number, format!("{name} is named twice")));
        }
        last = number;
    }
    match count {
        Some(count) if count != rows.len() => {
            let reason = format!("{} pictures follow, not the {count} of line 1", rows.len());
            Err(InvalidLine::new(last, reason))
        }
        _ if rows.is_empty() => Err(InvalidLine::new(1, "no picture is named")),
        _ => Ok(List {
            columns,
            rows,
            values,
            width,
        }),
    }
}

/// Reads the stated number of pictures and the names of the columns.
fn read_header<'a>(
    lines: &mut std::iter::Peekable<impl Iterator<Item = (usize, &'a str)>>,
    header: Header,
) -> Result<(Option<usize>, Vec<String>), InvalidLine> {
    let names = |line| -> Vec<String> { fields(line).map(str::to_owned).collect() };
    // Comma-separated lists have a header line, whose first column is the picture's name.
    let comma_separated = |(_, line): &(usize, &str)| line.starts_with("image_id");
    if let Some((_, line)) = lines.next_if(comma_separated) {
        return Ok((None, names(line).split_off(1)));
    }
    if header == Header::None {
        return Ok((None, Vec::new()));
    }
    let (_, first) = lines.next().unwrap_or((1, ""));
    let count: usize = first
        .trim()
        .parse()
        .map_err(|_| InvalidLine::new(1, "the number of pictures is expected here"))?;
    let (number, line) = lines
        .next()
        .ok_or_else(|| InvalidLine::new(2, "the names of the attributes are expected here"))?;
    let columns = names(line);
    for (index, name) in columns.iter().enumerate() {
        if columns[..index].contains(name) {
            let reason = format!("attribute {name} is named twice");
            return Err(InvalidLine::new(number, reason));
        }
    }
    Ok((Some(count), columns))
}

fn fields(line: &str) -> impl Iterator<Item = &str> {
    line.split(|character: char| character.is_whitespace() || character == ',')
        .filter(|field| !field.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_attributes(text: &str) -> Result<List<u8>, InvalidLine> {
        parse_text(text, Header::CountAndNames, |text| match text {
            "1" => Ok(1),
            "-1" => Ok(0),
            _ => Err("neither 1 nor -1"),
        })
    }

    const OFFICIAL: &str = "2\r\nSmiling Young \r\n000001.jpg -1  1\r\n000002.jpg  1 -1\r\n";

    #[test]
    fn the_official_format_is_read() {
        let list = read_attributes(OFFICIAL).unwrap();
        assert_eq!(list.columns, ["Smiling", "Young"]);
        assert_eq!(list.row("img_align_celeba/000002.png"), Some(&[1, 0][..]));
        assert_eq!((list.row("000003.jpg"), list.len()), (None, 2));
    }

    #[test]
    fn comma_separated_lists_are_read() {
        let list = read_attributes("image_id,Smiling,Young\n1.jpg,1,-1\n").unwrap();
        assert_eq!(list.columns, ["Smiling", "Young"]);
        assert_eq!(list.row("1.jpg"), Some(&[1, 0][..]));
    }

    #[test]
    fn an_invalid_line_is_reported_by_its_number() {
        let cases = [
            (
                OFFICIAL.replacen('2', "3", 1),
                4,
                "2 pictures follow, not the 3",
            ),
            (
                OFFICIAL.replacen(" -1  1", " -1", 1),
                3,
                "000001.jpg has 1 values, not 2",
            ),
            (
                OFFICIAL.replacen(" Young", "", 1),
                3,
                "000001.jpg has 2 values, not 1",
            ),
            (OFFICIAL.replacen("-1  1", "-1  7", 1), 3, "'7' is neither"),
            (OFFICIAL.replace("000002", "000001"), 4, "named twice"),
            (OFFICIAL.replace("Young", "Smiling"), 2, "named twice"),
            ("hello".to_owned(), 1, "the number of pictures"),
            (String::new(), 1, "the number of pictures"),
            ("0\n".to_owned(), 2, "the names of the attributes"),
            ("0\nSmiling\n".to_owned(), 1, "no picture"),
        ];
        for (text, line, expected) in cases {
            let error = read_attributes(&text).unwrap_err();
            assert_eq!(error.line, line, "{error:?}");
            assert!(error.reason.contains(expected), "{error:?}");
        }
    }
}
