use crate::error::EvaluationError;

/// Pictures of one size: bytes, channels last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pictures {
    bytes: Vec<u8>,
    side: usize,
    channels: usize,
}

impl Pictures {
    /// `[pictures, side, side, channels]`
    ///
    /// # Errors
    /// If the bytes are not whole pictures.
    pub fn new(bytes: Vec<u8>, side: usize, channels: usize) -> Result<Self, EvaluationError> {
        let width = side * side * channels;
        if width == 0 || !bytes.len().is_multiple_of(width) {
            return Err(EvaluationError::NoRows {
                values: bytes.len(),
                width,
            });
        }
        Ok(Self {
            bytes,
            side,
            channels,
        })
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.bytes.len() / (self.side * self.side * self.channels)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Width and height in pixels.
    pub fn side(&self) -> usize {
        self.side
    }

    /// 1 for grey pictures, 3 for colour.
    pub fn channels(&self) -> usize {
        self.channels
    }

    /// `[side, side, channels]`
    pub fn picture(&self, index: usize) -> &[u8] {
        let width = self.side * self.side * self.channels;
        &self.bytes[index * width..][..width]
    }

    /// All of them, one after the other.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &[u8]> {
        self.bytes
            .chunks_exact(self.side * self.side * self.channels)
    }

    /// The pictures in parts of at most `count`, in order.
    pub fn chunks(&self, count: usize) -> impl Iterator<Item = Self> {
        let width = self.side * self.side * self.channels;
        self.bytes.chunks(count * width).map(|bytes| Self {
            bytes: bytes.to_vec(),
            side: self.side,
            channels: self.channels,
        })
    }

    /// Size and colours in words.
    pub fn shape(&self) -> String {
        let colours = if self.channels == 1 {
            "grey"
        } else {
            "in colour"
        };
        format!("{0}x{0} and {colours}", self.side)
    }
}

/// Refuses pictures of different sizes or colours.
pub(crate) fn check_shapes(real: &Pictures, generated: &Pictures) -> Result<(), EvaluationError> {
    if (real.side, real.channels) == (generated.side, generated.channels) {
        return Ok(());
    }
    Err(EvaluationError::Shapes {
        real: real.shape(),
        generated: generated.shape(),
    })
}
