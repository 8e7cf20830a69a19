//! The meaning of a parquet file's columns.

use std::fs::File;

use parquet::basic::Type;
use parquet::data_type::ByteArrayType;
use parquet::file::metadata::FileMetaData;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::schema::types::ColumnDescriptor;
use serde_json::Value;

use super::columns::read_elements;
use super::error::ShardError;
use crate::decode::is_picture;

/// Usual names of the column of labels, of identities and of pictures, by precedence.
const LABELS: [&str; 6] = [
    "label",
    "labels",
    "fine_label",
    "target",
    "class",
    "category",
];
const IDENTITIES: [&str; 3] = ["celeb_id", "identity", "celebrity_id"];
const IMAGES: [&str; 4] = ["image", "img", "jpg", "png"];

/// The columns of a file by their indices.
#[derive(Debug)]
pub(super) struct Schema {
    pub bytes: usize,
    /// Whether the column of the pictures has a list of them in each row.
    pub holds_lists: bool,
    pub path: Option<usize>,
    pub label: Option<usize>,
    pub identity: Option<usize>,
    /// Columns that are attributes if their values turn out to be ±1.
    pub attributes: Vec<NamedColumn>,
    /// The names of the classes; empty if the file has none.
    pub classes: Vec<String>,
}

/// A column and the last component of its path.
#[derive(Debug)]
pub(super) struct NamedColumn {
    pub name: String,
    pub index: usize,
}

/// A column with one value in each row, or with a list.
struct Column<'a> {
    index: usize,
    descriptor: &'a ColumnDescriptor,
    path: String,
}

impl Column<'_> {
    fn is_integer(&self) -> bool {
        matches!(self.descriptor.physical_type(), Type::INT32 | Type::INT64)
    }

    fn is_boolean(&self) -> bool {
        self.descriptor.physical_type() == Type::BOOLEAN
    }

    fn holds_bytes(&self) -> bool {
        self.descriptor.physical_type() == Type::BYTE_ARRAY && self.descriptor.max_rep_level() <= 1
    }

    fn holds_lists(&self) -> bool {
        self.descriptor.max_rep_level() > 0
    }
}

impl Schema {
    /// Examines the columns of a file.
    ///
    /// # Errors
    ///
    /// [`ShardError::Unusable`] with the columns if none of them holds pictures.
    pub fn read(reader: &SerializedFileReader<File>) -> Result<Self, ShardError> {
        let metadata = reader.metadata().file_metadata();
        let features = features(metadata);
        let columns: Vec<Column<'_>> = metadata
            .schema_descr()
            .columns()
            .iter()
            .enumerate()
            .map(|(index, column)| Column {
                index,
                descriptor: column,
                path: column.path().string(),
            })
            .collect();
        let bytes = bytes_column(reader, &columns)?;
        if let Some(rows) = bytes.is_null_everywhere(reader).filter(|rows| *rows > 0) {
            let reason = format!(
                "the pictures of its {rows} rows are missing, and only the paths of their files are \
                 there: use the folder of these files"
            );
            return Err(ShardError::Unusable(reason));
        }
        let label_name = label_name(&columns, &features);
        let label = label_name.and_then(|name| integer(&columns, name));
        let identity = IDENTITIES.iter().find_map(|name| integer(&columns, name));
        let attributes = columns.iter().filter(|column| {
            let is_taken = [label, identity].contains(&Some(column.index));
            let has_one_value = !column.holds_lists();
            !is_taken && has_one_value && (column.is_integer() || column.is_boolean())
        });
        let name = |path: &str| path.rsplit('.').next().unwrap_or(path).to_owned();
        Ok(Self {
            bytes: bytes.index,
            holds_lists: bytes.holds_lists(),
            path: path_column(&columns, bytes).map(|column| column.index),
            label,
            identity,
            attributes: attributes
                .map(|column| NamedColumn {
                    name: name(&column.path),
                    index: column.index,
                })
                .collect(),
            classes: label_name
                .map(|name| class_names(&features, name))
                .unwrap_or_default(),
        })
    }
}

impl Column<'_> {
    /// The number of rows, if the statistics say that none of them has a value here.
    fn is_null_everywhere(&self, reader: &SerializedFileReader<File>) -> Option<u64> {
        let groups = reader.metadata().row_groups();
        let nulls = groups.iter().map(|group| {
            let statistics = group.column(self.index).statistics()?;
            let rows = u64::try_from(group.num_rows()).ok()?;
            (statistics.null_count_opt()? >= rows && !self.holds_lists()).then_some(rows)
        });
        nulls.sum()
    }
}

/// The column of the pictures' bytes: if there are several, the one with the most usual name; if
/// there is none by name, one that begins with a picture.
fn bytes_column<'a, 'b>(
    reader: &SerializedFileReader<File>,
    columns: &'a [Column<'b>],
) -> Result<&'a Column<'b>, ShardError> {
    // `images.list.element.bytes` is the column `images`.
    let base = |path: &str| {
        let path = path.strip_suffix(".bytes").unwrap_or(path).to_owned();
        let list = [".list.element", ".list.item", ".bag.array_element"];
        let base = list.iter().find_map(|ending| path.strip_suffix(ending));
        base.map(str::to_owned).unwrap_or(path)
    };
    let rank = |path: &str| {
        let name = base(path);
        let name = name.strip_suffix('s').unwrap_or(&name);
        let rank = IMAGES.iter().position(|known| *known == name);
        rank.unwrap_or(IMAGES.len())
    };
    let is_candidate = |column: &&Column<'_>| {
        let path = column.path.as_str();
        let is_named = path.ends_with(".bytes") || rank(path) < IMAGES.len();
        column.holds_bytes() && is_named && !path.ends_with(".path")
    };
    let named = columns
        .iter()
        .filter(is_candidate)
        .min_by_key(|column| (column.holds_lists(), rank(&column.path)));
    if let Some(column) = named {
        return Ok(column);
    }
    for column in columns.iter().filter(|column| column.holds_bytes()) {
        if begins_with_picture(reader, column.index)? {
            return Ok(column);
        }
    }
    let names: Vec<&str> = columns.iter().map(|column| column.path.as_str()).collect();
    Err(ShardError::Unusable(format!(
        "it has no column of pictures, such as image.bytes, only {}",
        names.join(", ")
    )))
}

/// Whether the first value of a column is a picture.
fn begins_with_picture(
    reader: &SerializedFileReader<File>,
    column: usize,
) -> Result<bool, ShardError> {
    let mut found = false;
    read_elements::<ByteArrayType>(reader, column, &mut |_, value| {
        found = is_picture(value.data());
        Ok(false)
    })?;
    Ok(found)
}

/// The column of the pictures' paths that goes with the column of their bytes.
fn path_column<'a, 'b>(columns: &'a [Column<'b>], bytes: &Column<'_>) -> Option<&'a Column<'b>> {
    let path = format!("{}.path", bytes.path.strip_suffix(".bytes")?);
    columns
        .iter()
        .find(|column| column.holds_bytes() && column.path == path)
}

/// The index of the integer column at a path.
fn integer(columns: &[Column<'_>], path: &str) -> Option<usize> {
    let column = columns
        .iter()
        .find(|column| column.is_integer() && !column.holds_lists() && column.path == path)?;
    Some(column.index)
}

/// The column of labels: by its usual names, or the one that Hugging Face's metadata declares.
fn label_name<'a>(columns: &[Column<'_>], features: &'a [(String, Value)]) -> Option<&'a str> {
    let is_present = |name: &&str| integer(columns, name).is_some();
    let usual = LABELS.into_iter().find(is_present);
    usual.or_else(|| {
        let declared = features
            .iter()
            .find(|(_, kind)| kind["_type"] == "ClassLabel")?;
        Some(declared.0.as_str()).filter(is_present)
    })
}

/// What Hugging Face's metadata says about the columns.
fn features(metadata: &FileMetaData) -> Vec<(String, Value)> {
    let text = metadata
        .key_value_metadata()
        .into_iter()
        .flatten()
        .filter(|pair| pair.key == "huggingface")
        .find_map(|pair| pair.value.as_deref());
    let parsed = text.and_then(|text| serde_json::from_str::<Value>(text).ok());
    let features = parsed.and_then(|value| value["info"]["features"].as_object().cloned());
    features.unwrap_or_default().into_iter().collect()
}

fn class_names(features: &[(String, Value)], label: &str) -> Vec<String> {
    let feature = features.iter().find(|(name, _)| name == label);
    feature
        .and_then(|(_, kind)| kind["names"].as_array())
        .into_iter()
        .flatten()
        .map(|name| name.as_str().unwrap_or_default().to_owned())
        .collect()
}
