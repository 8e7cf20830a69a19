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

impl Schema {
    /// Looks at the columns of a file.
    ///
    /// # Errors
    ///
    /// One line if none of them holds pictures.
    pub fn of(reader: &SerializedFileReader<File>) -> Result<Self, String> {
        let metadata = reader.metadata().file_metadata();
        let features = features(metadata);
        let columns = metadata.schema_descr().columns();
        let flat: Vec<(usize, &ColumnDescriptor, String)> = columns
            .iter()
            .enumerate()
            .filter(|(_, column)| column.max_rep_level() == 0)
            .map(|(number, column)| (number, &**column, column.path().string()))
            .collect();
        let bytes = flat.iter().filter(|(_, column, path)| {
            let is_bytes = column.physical_type() == Type::BYTE_ARRAY;
            is_bytes && (path.ends_with(".bytes") || IMAGES.contains(&path.as_str()))
        });
        // Of several pictures in a row the one of the usual name is taken.
        let rank = |path: &str| {
            let name = path.strip_suffix(".bytes").unwrap_or(path);
            IMAGES
                .iter()
                .position(|known| *known == name)
                .unwrap_or(IMAGES.len())
        };
        let (bytes, _, bytes_path) =
            bytes.min_by_key(|(_, _, path)| rank(path)).ok_or_else(|| {
                let names: Vec<&str> = flat.iter().map(|(_, _, path)| path.as_str()).collect();
                format!(
                    "it has no column of pictures, such as image.bytes, only {}",
                    names.join(", ")
                )
            })?;
        let integer = |wanted: &str| {
            let mut found = flat.iter().filter(|(_, column, _)| is_integer(column));
            found
                .find(|(_, _, path)| path == wanted)
                .map(|(number, _, _)| *number)
        };
        let class_label = features
            .iter()
            .find(|(_, kind)| kind["_type"] == "ClassLabel");
        let class_label = class_label.map(|(name, _)| name.as_str());
        let named = LABELS.iter().copied().find(|name| integer(name).is_some());
        let label_name = named.or(class_label.filter(|name| integer(name).is_some()));
        let label = label_name.and_then(integer);
        let identity = IDENTITIES.iter().find_map(|name| integer(name));
        let attributes = flat.iter().filter(|(number, column, _)| {
            let taken = [label, identity].contains(&Some(*number));
            !taken && (is_integer(column) || column.physical_type() == Type::BOOLEAN)
        });
        let last = |path: &str| path.rsplit('.').next().unwrap_or(path).to_owned();
        let path_name = bytes_path
            .strip_suffix(".bytes")
            .map(|name| format!("{name}.path"));
        Ok(Self {
            bytes: *bytes,
            path: flat
                .iter()
                .find(|(_, column, path)| {
                    column.physical_type() == Type::BYTE_ARRAY && Some(path) == path_name.as_ref()
                })
                .map(|(number, _, _)| *number),
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
