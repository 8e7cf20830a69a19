use crate::error::EvaluationError;

/// Features of pictures: a row of finite numbers for each.
#[derive(Debug, Clone, PartialEq)]
pub struct Features {
    values: Vec<f32>,
    width: usize,
}

impl Features {
    /// `[pictures, width]`, row by row.
    ///
    /// # Errors
    /// If the values are not rows of this width, or not finite.
    pub fn new(values: Vec<f32>, width: usize) -> Result<Self, EvaluationError> {
        if width == 0 || !values.len().is_multiple_of(width) {
            return Err(EvaluationError::NoRows {
                values: values.len(),
                width,
            });
        }
        match values.iter().position(|value| !value.is_finite()) {
            Some(place) => Err(EvaluationError::NotFinite { row: place / width }),
            None => Ok(Self { values, width }),
        }
    }

    /// How many pictures.
    pub fn len(&self) -> usize {
        self.values.len() / self.width
    }

    /// Whether there are no pictures.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// How many features a picture has.
    pub fn width(&self) -> usize {
        self.width
    }

    /// All values, row by row.
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    /// The features of a picture.
    pub fn row(&self, index: usize) -> &[f32] {
        &self.values[index * self.width..][..self.width]
    }

    /// The rows at these places, in double precision.
    pub(crate) fn doubles(&self, rows: impl IntoIterator<Item = usize>) -> Vec<f64> {
        let rows = rows.into_iter().flat_map(|row| self.row(row));
        rows.copied().map(f64::from).collect()
    }
}

/// Refuses features of different networks.
pub(crate) fn check_widths(real: &Features, generated: &Features) -> Result<(), EvaluationError> {
    if real.width() == generated.width() {
        return Ok(());
    }
    Err(EvaluationError::Widths {
        real: real.width(),
        generated: generated.width(),
    })
}
