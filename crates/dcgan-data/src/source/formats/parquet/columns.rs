//! The values of a parquet file's columns.

use std::fs::File;

use parquet::basic::Type;
use parquet::column::reader::{ColumnReaderImpl, get_typed_column_reader};
use parquet::data_type::{BoolType, DataType, Int32Type, Int64Type};
use parquet::file::reader::{FileReader, SerializedFileReader};

use super::error::ShardError;
use super::schema::{NamedColumn, Schema};
use crate::source::entries::{Entries, NONE};
use crate::source::listing::{MAX_ENTRIES, too_many};

/// The number of rows read at a time: pictures can be large.
const ROWS_AT_ONCE: usize = 16;

/// Takes a row's value, if it has one. Returns whether it takes more.
pub(super) type Visit<'a, Value> = dyn FnMut(Option<&Value>) -> Result<bool, ShardError> + 'a;

/// Passes each row's value of a column to `visit`, until that returns `false`.
pub(super) fn read_rows<T: DataType>(
    reader: &SerializedFileReader<File>,
    column: usize,
    visit: &mut Visit<'_, T::T>,
) -> Result<(), ShardError> {
    for group in 0..reader.metadata().num_row_groups() {
        let group = reader.get_row_group(group)?;
        let descriptor = group.metadata().column(column).column_descr_ptr();
        let most = descriptor.max_def_level();
        let mut values_reader: ColumnReaderImpl<T> =
            get_typed_column_reader(group.get_column_reader(column)?);
        let (mut levels, mut values) = (Vec::new(), Vec::new());
        loop {
            levels.clear();
            values.clear();
            let read =
                values_reader.read_records(ROWS_AT_ONCE, Some(&mut levels), None, &mut values)?;
            let (rows, _, _) = read;
            if rows == 0 {
                break;
            }
            let mut present = values.iter();
            for row in 0..rows {
                let is_null = most > 0 && levels.get(row) != Some(&most);
                let value = if is_null { None } else { present.next() };
                if !visit(value)? {
                    return Ok(());
                }
            }
        }
    }
    Ok(())
}

/// Takes the number of a row, from 0, and one of the values in it. Returns whether it takes more.
pub(super) type VisitElement<'a, Value> = dyn FnMut(usize, &Value) -> Result<bool, ShardError> + 'a;

/// Passes each value of a column that may hold a list in each row to `visit`, until that returns
/// `false`.
pub(super) fn read_elements<T: DataType>(
    reader: &SerializedFileReader<File>,
    column: usize,
    visit: &mut VisitElement<'_, T::T>,
) -> Result<(), ShardError> {
    let mut rows_begun = 0;
    for group in 0..reader.metadata().num_row_groups() {
        let group = reader.get_row_group(group)?;
        let descriptor = group.metadata().column(column).column_descr_ptr();
        let (most, is_repeated) = (descriptor.max_def_level(), descriptor.max_rep_level() > 0);
        let mut values_reader: ColumnReaderImpl<T> =
            get_typed_column_reader(group.get_column_reader(column)?);
        let (mut present, mut repeated, mut values) = (Vec::new(), Vec::new(), Vec::new());
        loop {
            present.clear();
            repeated.clear();
            values.clear();
            let (rows, _, levels) = values_reader.read_records(
                ROWS_AT_ONCE,
                Some(&mut present),
                Some(&mut repeated),
                &mut values,
            )?;
            if rows == 0 {
                break;
            }
            let mut values = values.iter();
            let elements = if most > 0 || is_repeated {
                levels
            } else {
                rows
            };
            for element in 0..elements {
                let begins_row = !is_repeated || repeated.get(element) == Some(&0);
                rows_begun += usize::from(begins_row);
                if most > 0 && present.get(element) != Some(&most) {
                    continue; // an empty list, or nothing in it
                }
                let (Some(value), Some(row)) = (values.next(), rows_begun.checked_sub(1)) else {
                    return Err(ShardError::Damaged("its structure is invalid".to_owned()));
                };
                if !visit(row, value)? {
                    return Ok(());
                }
            }
        }
    }
    Ok(())
}

/// Reads the numbers of a column; booleans are 0 and 1.
fn read_numbers(
    reader: &SerializedFileReader<File>,
    column: usize,
) -> Result<Vec<Option<i64>>, ShardError> {
    let mut numbers = Vec::new();
    let mut push = |number: Option<i64>| {
        numbers.push(number);
        if numbers.len() > MAX_ENTRIES {
            return Err(ShardError::Data(too_many()));
        }
        Ok(true)
    };
    let kind = reader
        .metadata()
        .file_metadata()
        .schema_descr()
        .column(column)
        .physical_type();
    match kind {
        Type::BOOLEAN => {
            read_rows::<BoolType>(reader, column, &mut |value| {
                push(value.map(|&value| value.into()))
            })?;
        }
        Type::INT32 => {
            read_rows::<Int32Type>(reader, column, &mut |value| {
                push(value.map(|&value| value.into()))
            })?;
        }
        _ => read_rows::<Int64Type>(reader, column, &mut |value| push(value.copied()))?,
    }
    Ok(numbers)
}

/// The columns that annotate the pictures.
#[derive(Debug, Default)]
pub(super) struct Annotations {
    classes: Vec<String>,
    labels: Option<Vec<u32>>,
    identities: Option<Vec<u32>>,
    /// By name: columns that hold only ±1, 0 and 1, or booleans.
    attributes: Vec<(String, Vec<u8>)>,
}

impl Annotations {
    pub fn read(reader: &SerializedFileReader<File>, schema: &Schema) -> Result<Self, ShardError> {
        let numbers = |column: Option<usize>| -> Result<Option<Vec<u32>>, ShardError> {
            let Some(column) = column else {
                return Ok(None);
            };
            let number = |value: Option<i64>| value.and_then(|value| u32::try_from(value).ok());
            let values = read_numbers(reader, column)?.into_iter();
            Ok(Some(
                values.map(|value| number(value).unwrap_or(NONE)).collect(),
            ))
        };
        let mut attributes = Vec::new();
        for NamedColumn { name, index } in &schema.attributes {
            let values = read_numbers(reader, *index)?;
            let held: Option<Vec<u8>> = values.iter().map(|value| truth(*value)).collect();
            if let Some(held) = held {
                attributes.push((name.clone(), held));
            }
        }
        Ok(Self {
            classes: schema.classes.clone(),
            labels: numbers(schema.label)?,
            identities: numbers(schema.identity)?,
            attributes,
        })
    }

    /// Gives each picture the values of its row.
    pub fn of_pictures(self, rows: &[usize]) -> Self {
        let numbers = |column: Option<Vec<u32>>| {
            column.map(|values| {
                let value = |row: &usize| values.get(*row).copied().unwrap_or(NONE);
                rows.iter().map(value).collect()
            })
        };
        let attributes = self.attributes.into_iter().map(|(name, values)| {
            let value = |row: &usize| values.get(*row).copied().unwrap_or(0);
            (name, rows.iter().map(value).collect())
        });
        Self {
            labels: numbers(self.labels),
            identities: numbers(self.identities),
            attributes: attributes.collect(),
            ..self
        }
    }

    /// Appends the columns of the next shard.
    pub fn append(&mut self, next: Self) -> Result<(), ShardError> {
        let differ =
            || ShardError::Unusable("its columns are not those of the first shard".to_owned());
        for (all, next) in [
            (&mut self.labels, next.labels),
            (&mut self.identities, next.identities),
        ] {
            match (all, next) {
                (Some(all), Some(next)) => all.extend(next),
                (None, None) => {}
                _ => return Err(differ()),
            }
        }
        // A column may hold 0 and 1 in one shard and other numbers in the next.
        self.attributes
            .retain(|(name, _)| next.attributes.iter().any(|(other, _)| other == name));
        for (name, values) in &mut self.attributes {
            let next = next.attributes.iter().find(|(other, _)| other == name);
            values.extend(next.into_iter().flat_map(|(_, values)| values));
        }
        Ok(())
    }

    /// Writes the columns into the entries; those without a value for each row are dropped.
    pub fn write(self, entries: &mut Entries) {
        let rows = entries.names.len();
        let whole = |column: Option<Vec<u32>>| column.filter(|values| values.len() == rows);
        entries.identities = whole(self.identities).unwrap_or_default();
        if let Some(labels) = whole(self.labels) {
            entries.labels = labels;
            entries.name_classes(&self.classes);
        }
        let attributes: Vec<_> = self
            .attributes
            .into_iter()
            .filter(|(_, values)| values.len() == rows)
            .collect();
        entries.attributes = (0..rows)
            .flat_map(|row| attributes.iter().map(move |(_, values)| values[row]))
            .collect();
        entries.attribute_names = attributes.into_iter().map(|(name, _)| name).collect();
    }
}

/// Whether an attribute holds; `None` if the value is not one of an attribute.
fn truth(value: Option<i64>) -> Option<u8> {
    match value? {
        1 => Some(1),
        -1 | 0 => Some(0),
        _ => None,
    }
}
