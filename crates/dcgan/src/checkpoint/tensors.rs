//! The header and the tensors of a safetensors file.

use std::collections::HashSet;
use std::fmt;
use std::fs::File;
use std::io::{self, Read};

use half::f16;
use safetensors::Dtype;
use safetensors::tensor::Metadata;
use serde::de::{Error as _, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::LENGTH_BYTES;
use crate::model::ModelError;
use dcgan_support::read_at::fill_at;

/// The longest header to read: hundreds of times as long as those that are written.
const MAX_HEADER_BYTES: u64 = 4 << 20;

/// The tensors of an open file.
pub struct Tensors {
    pub file: File,
    /// The offset of the first one.
    pub start: u64,
    pub metadata: Metadata,
}

/// The JSON header of a file; `None` if it is truncated or too long.
pub fn read_header(file: &File) -> io::Result<Option<Vec<u8>>> {
    let (mut length, mut head) = (Vec::new(), Vec::new());
    file.take(LENGTH_BYTES as u64).read_to_end(&mut length)?;
    let Ok(length) = length.try_into().map(u64::from_le_bytes) else {
        return Ok(None);
    };
    file.take(length.min(MAX_HEADER_BYTES))
        .read_to_end(&mut head)?;
    Ok((head.len() as u64 == length).then_some(head))
}

/// Parses the header of a file.
pub fn parse_header(header: &[u8]) -> serde_json::Result<Metadata> {
    serde_json::from_slice::<UniqueKeys>(header)?;
    serde_json::from_slice(header)
}

/// A JSON object without duplicate keys, of which readers would use one or the other.
struct UniqueKeys;

impl<'de> Deserialize<'de> for UniqueKeys {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Self)
    }
}

impl<'de> Visitor<'de> for UniqueKeys {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self, A::Error> {
        let mut names = HashSet::new();
        while let Some((name, _)) = map.next_entry::<String, IgnoredAny>()? {
            if let Some(twice) = names.replace(name) {
                return Err(A::Error::custom(format!("duplicate key {twice:?}")));
            }
        }
        Ok(self)
    }
}

impl Tensors {
    /// The values of a tensor of `f32`, or of 16 bits.
    pub fn floats(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>, ModelError> {
        let is_half = self
            .metadata
            .info(name)
            .is_some_and(|info| info.dtype == Dtype::F16);
        let values = if is_half {
            self.halves(name, shape)?
        } else {
            self.singles(name, shape)?
        };
        ModelError::check_values(name, &values)?;
        Ok(values)
    }

    fn halves(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>, ModelError> {
        let start = self.offset(name, Dtype::F16, shape)?;
        let mut bytes = vec![0; 2 * shape.iter().product::<usize>()];
        self.read(name, start, &mut bytes)?;
        let halves = bytes.as_chunks::<2>().0.iter();
        Ok(halves
            .map(|&half| f16::from_le_bytes(half).to_f32())
            .collect())
    }

    fn singles(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>, ModelError> {
        let start = self.offset(name, Dtype::F32, shape)?;
        let mut values = vec![0.0_f32; shape.iter().product()];
        self.read(name, start, bytemuck::cast_slice_mut(&mut values))?;
        if cfg!(target_endian = "big") {
            for value in &mut values {
                *value = f32::from_le_bytes(value.to_ne_bytes());
            }
        }
        Ok(values)
    }

    /// An `i64` scalar that counts.
    pub fn count(&self, name: &str) -> Result<u64, ModelError> {
        let start = self.offset(name, Dtype::I64, &[])?;
        let mut value = [0; 8];
        self.read(name, start, &mut value)?;
        let value = i64::from_le_bytes(value);
        u64::try_from(value).map_err(|_| ModelError::Mismatch {
            name: name.to_owned(),
            found: value.to_string(),
            needed: "a count".to_owned(),
        })
    }

    /// The offset of a tensor, after its type and shape are checked.
    fn offset(&self, name: &str, dtype: Dtype, shape: &[usize]) -> Result<u64, ModelError> {
        let info = self.metadata.info(name);
        let info = info.ok_or_else(|| ModelError::Missing(name.to_owned()))?;
        if info.dtype != dtype || info.shape != shape {
            return Err(ModelError::Mismatch {
                name: name.to_owned(),
                found: format!("{:?} {:?}", info.dtype, info.shape),
                needed: format!("{dtype:?} {shape:?}"),
            });
        }
        Ok(self.start + info.data_offsets.0 as u64)
    }

    fn read(&self, name: &str, start: u64, bytes: &mut [u8]) -> Result<(), ModelError> {
        fill_at(&self.file, bytes, start).map_err(|error| ModelError::Unreadable {
            name: name.to_owned(),
            reason: error.to_string(),
        })
    }
}
