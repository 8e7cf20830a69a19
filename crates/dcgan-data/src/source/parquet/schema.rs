//! Which columns of a parquet file are what.

use parquet::basic::Type;
use parquet::file::metadata::FileMetaData;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::schema::types::ColumnDescriptor;
use serde_json::Value;
use std::fs::File;

/// Names of a column of labels, the first that is there counts.
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

/// The columns of a file by their numbers.
#[derive(Debug)]
pub(super) struct Schema {
    pub bytes: usize,
    pub path: Option<usize>,
    pub label: Option<usize>,
    pub identity: Option<usize>,
    /// Columns whose values may turn out to be ±1, with their names.
    pub attributes: Vec<(String, usize)>,
    /// The names of the classes, if the file gives them.
    pub classes: Vec<String>,
}

/// A column that has one value in each row: its number, what it is, its path.
type Column<'a> = (usize, &'a ColumnDescriptor, String);

impl Schema {
    /// Looks at the columns of a file.
    ///
    /// # Errors
    ///
    /// One line if none of them holds pictures.
    pub fn of(reader: &SerializedFileReader<File>) -> Result<Self, String> {
        let metadata = reader.metadata().file_metadata();
        let features = features(metadata);
        let columns = metadata.schema_descr().columns().iter().enumerate();
        let columns: Vec<Column<'_>> = columns
            .filter(|(_, column)| column.max_rep_level() == 0)
            .map(|(number, column)| (number, &**column, column.path().string()))
            .collect();
        let (bytes, path) = pictures(&columns)?;
        let label_name = label_name(&columns, &features);
        let label = label_name.and_then(|name| integer(&columns, name));
        let identity = IDENTITIES.iter().find_map(|name| integer(&columns, name));
        let attributes = columns.iter().filter(|(number, column, _)| {
            let taken = [label, identity].contains(&Some(*number));
            !taken && (is_integer(column) || column.physical_type() == Type::BOOLEAN)
        });
        let last = |path: &str| path.rsplit('.').next().unwrap_or(path).to_owned();
        Ok(Self {
            bytes,
            path,
            label,
            identity,
            attributes: attributes
                .map(|(number, _, path)| (last(path), *number))
                .collect(),
            classes: label_name
                .map(|name| class_names(&features, name))
                .unwrap_or_default(),
        })
    }
}

/// The columns of the pictures' bytes and, if there is one, of their paths. Of
/// several pictures in a row the one of the usual name is taken.
fn pictures(columns: &[Column<'_>]) -> Result<(usize, Option<usize>), String> {
    let of_bytes = || {
        let is_bytes = |column: &ColumnDescriptor| column.physical_type() == Type::BYTE_ARRAY;
        columns
            .iter()
            .filter(move |(_, column, _)| is_bytes(column))
    };
    let bytes = of_bytes()
        .filter(|(_, _, path)| path.ends_with(".bytes") || IMAGES.contains(&path.as_str()));
    let rank = |path: &str| {
        let name = path.strip_suffix(".bytes").unwrap_or(path);
        let known = IMAGES.iter().position(|known| *known == name);
        known.unwrap_or(IMAGES.len())
    };
    let (number, _, path) = bytes.min_by_key(|(_, _, path)| rank(path)).ok_or_else(|| {
        let names: Vec<&str> = columns.iter().map(|(_, _, path)| path.as_str()).collect();
        format!(
            "it has no column of pictures, such as image.bytes, only {}",
            names.join(", ")
        )
    })?;
    let path = path
        .strip_suffix(".bytes")
        .map(|name| format!("{name}.path"));
    let path = of_bytes().find(|(_, _, other)| Some(other) == path.as_ref());
    Ok((*number, path.map(|(number, _, _)| *number)))
}

/// The number of an integer column of a name.
fn integer(columns: &[Column<'_>], wanted: &str) -> Option<usize> {
    let mut found = columns.iter().filter(|(_, column, _)| is_integer(column));
    let found = found.find(|(_, _, path)| path == wanted)?;
    Some(found.0)
}

/// The column of labels: of a usual name, or what Hugging Face calls one.
fn label_name<'a>(columns: &[Column<'_>], features: &'a [(String, Value)]) -> Option<&'a str> {
    let is_there = |name: &&str| integer(columns, name).is_some();
    let usual = LABELS.into_iter().find(is_there);
    let mut called = features
        .iter()
        .filter(|(_, kind)| kind["_type"] == "ClassLabel");
    usual.or_else(|| {
        called
            .next()
            .map(|(name, _)| name.as_str())
            .filter(is_there)
    })
}

fn is_integer(column: &ColumnDescriptor) -> bool {
    matches!(column.physical_type(), Type::INT32 | Type::INT64)
}

/// What Hugging Face says of the columns.
fn features(metadata: &FileMetaData) -> Vec<(String, Value)> {
    let pairs = metadata.key_value_metadata().into_iter().flatten();
    let text = pairs
        .filter(|pair| pair.key == "huggingface")
        .find_map(|pair| pair.value.as_deref());
    let parsed = text.and_then(|text| serde_json::from_str::<Value>(text).ok());
    let features = parsed.and_then(|value| value["info"]["features"].as_object().cloned());
    features.unwrap_or_default().into_iter().collect()
}

fn class_names(features: &[(String, Value)], label: &str) -> Vec<String> {
    let feature = features.iter().find(|(name, _)| name == label);
    let names = feature.and_then(|(_, kind)| kind["names"].as_array());
    let names = names.into_iter().flatten();
    names
        .map(|name| name.as_str().unwrap_or_default().to_owned())
        .collect()
}
