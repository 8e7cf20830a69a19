//! CelebA's lists: a line for each picture, with its name and its values.
//!
//! The official files end their lines with CR LF and part values by spaces; the
//! same lists go round as comma-separated files with a line of titles.

use std::collections::HashMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::DataError;
use super::reader::unreadable;

/// The largest list; CelebA's own have up to 26 MB.
const MAX_BYTES: u64 = 512 << 20;

/// A list that has been read.
#[derive(Debug)]
pub(super) struct List<Value> {
    /// The names of the columns; empty if the file does not give them.
    pub columns: Vec<String>,
    /// The row of each picture.
    rows: HashMap<String, usize>,
    /// Row after row.
    values: Vec<Value>,
    width: usize,
}

impl<Value> List<Value> {
    /// The values of a picture. A name's ending does not count: the pictures are
    /// there as `.jpg` and as `.png`.
    pub fn row(&self, name: &str) -> Option<&[Value]> {
        let row = *self.rows.get(stem(name))?;
        self.values.get(row * self.width..(row + 1) * self.width)
    }

    /// How many pictures are named.
    pub fn len(&self) -> usize {
        self.rows.len()
    }
}

/// The name of a file without folders and ending.
fn stem(name: &str) -> &str {
    let file = name.rsplit(['/', '\\']).next().unwrap_or(name);
    file.rsplit_once('.').map_or(file, |(stem, _)| stem)
}

/// `list_attr_celeba.txt`: a count, the names of the attributes, then ±1 for
/// each; 1 if an attribute holds, else 0.
///
/// # Errors
///
/// [`DataError::BadList`] with the line that cannot be.
pub(super) fn attributes(path: &Path) -> Result<List<u8>, DataError> {
    parse(path, Titles::CountAndNames, |text| match text {
        "1" => Ok(1),
        "-1" | "0" => Ok(0),
        _ => Err("neither 1 nor -1"),
    })
}

/// `list_eval_partition.txt` or `identity_CelebA.txt`: a number for each picture.
///
/// # Errors
///
/// [`DataError::BadList`] with the line that cannot be.
pub(super) fn numbers(path: &Path) -> Result<List<u32>, DataError> {
    parse(path, Titles::None, |text| {
        text.parse().map_err(|_| "no number")
    })
}

/// What comes before the first picture.
#[derive(Clone, Copy, PartialEq)]
enum Titles {
    None,
    CountAndNames,
}

fn parse<Value>(
    path: &Path,
    titles: Titles,
    value: impl Fn(&str) -> Result<Value, &'static str>,
) -> Result<List<Value>, DataError> {
    let text = read(path)?;
    parse_text(&text, titles, value).map_err(|(line, reason)| DataError::BadList {
        path: path.to_owned(),
        line,
        reason,
    })
}

fn read(path: &Path) -> Result<String, DataError> {
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(MAX_BYTES).read_to_end(&mut bytes))
        .map_err(|source| unreadable(path, source))?;
    String::from_utf8(bytes).map_err(|_| DataError::BadList {
        path: path.to_owned(),
        line: 1,
        reason: "the file is not text".to_owned(),
    })
}

/// A line's number from 1, and what is wrong with it.
type Complaint = (usize, String);

fn parse_text<Value>(
    text: &str,
    titles: Titles,
    value: impl Fn(&str) -> Result<Value, &'static str>,
) -> Result<List<Value>, Complaint> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let filled = |(_, line): &(usize, &str)| !line.trim().is_empty();
    let mut lines = (1..).zip(text.lines()).filter(filled).peekable();
    let (count, columns) = read_titles(&mut lines, titles)?;
    let width = match titles {
        Titles::None => 1,
        Titles::CountAndNames => columns.len(),
    };
    let (mut rows, mut values, mut last) = (HashMap::new(), Vec::new(), 0);
    for (number, line) in lines {
        let mut fields = fields(line);
        let name = fields.next().unwrap_or_default();
        let before = values.len();
        for field in fields {
            let parsed = value(field).map_err(|why| (number, format!("'{field}' is {why}")))?;
            values.push(parsed);
        }
        let found = values.len() - before;
        if found != width {
            return Err((number, format!("{name} has {found} values, not {width}")));
        }
        if rows.insert(stem(name).to_owned(), rows.len()).is_some() {
            return Err((number, format!("{name} is named twice")));
        }
        last = number;
    }
    match count {
        Some(count) if count != rows.len() => {
            let reason = format!("{} pictures follow, not the {count} of line 1", rows.len());
            Err((last, reason))
        }
        _ if rows.is_empty() => Err((1, "no picture is named".to_owned())),
        _ => Ok(List {
            columns,
            rows,
            values,
            width,
        }),
    }
}

/// The stated number of pictures and the names of the columns.
fn read_titles<'a>(
    lines: &mut std::iter::Peekable<impl Iterator<Item = (usize, &'a str)>>,
    titles: Titles,
) -> Result<(Option<usize>, Vec<String>), Complaint> {
    let names = |line| -> Vec<String> { fields(line).map(str::to_owned).collect() };
    // Comma-separated lists have one line of titles, the picture's first.
    let comma_separated = |(_, line): &(usize, &str)| line.starts_with("image_id");
    if let Some((_, line)) = lines.next_if(comma_separated) {
        return Ok((None, names(line).split_off(1)));
    }
    if titles == Titles::None {
        return Ok((None, Vec::new()));
    }
    let (_, first) = lines.next().unwrap_or((1, ""));
    let count: usize = first
        .trim()
        .parse()
        .map_err(|_| (1, "the number of pictures is expected here".to_owned()))?;
    let (number, line) = lines.next().ok_or((
        2,
        "the names of the attributes are expected here".to_owned(),
    ))?;
    let columns = names(line);
    for (index, name) in columns.iter().enumerate() {
        if columns[..index].contains(name) {
            return Err((number, format!("attribute {name} is named twice")));
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

    fn read_attributes(text: &str) -> Result<List<u8>, Complaint> {
        parse_text(text, Titles::CountAndNames, |text| match text {
            "1" => Ok(1),
            "-1" => Ok(0),
            _ => Err("neither 1 nor -1"),
        })
    }

    const OFFICIAL: &str = "2\r\nSmiling Young \r\n000001.jpg -1  1\r\n000002.jpg  1 -1\r\n";

    #[test]
    fn the_official_form_is_read() {
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
    fn what_cannot_be_is_told_with_its_line() {
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
            let (found, reason) = read_attributes(&text).unwrap_err();
            assert_eq!(found, line, "{reason}");
            assert!(reason.contains(expected), "{reason}");
        }
    }
}
