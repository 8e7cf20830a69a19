//! The layout of activations, and the window that moves over them.

/// A channels-last batch of images: `[batch, height, width, channels]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Nhwc {
    /// Number of images.
    pub batch: usize,
    /// Rows of one image.
    pub height: usize,
    /// Columns of one image.
    pub width: usize,
    /// Numbers per pixel.
    pub channels: usize,
}

impl Nhwc {
    /// Number of `f32` elements in the batch.
    pub fn len(&self) -> usize {
        self.batch * self.image_len()
    }

    /// Whether the batch holds no element.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Number of pixels in the whole batch, which is the number of rows of length `channels`.
    pub fn pixels(&self) -> usize {
        self.batch * self.height * self.width
    }

    /// Number of `f32` elements in one image.
    pub(crate) fn image_len(&self) -> usize {
        self.height * self.width * self.channels
    }
}

/// How a square kernel moves over an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Window {
    /// Side of the square kernel, in pixels.
    pub kernel: usize,
    /// Pixels between neighbouring positions.
    pub stride: usize,
    /// Zero pixels added on every side.
    pub padding: usize,
}

impl Window {
    /// Number of taps of the kernel.
    pub(crate) fn taps(&self) -> usize {
        self.kernel * self.kernel
    }
}
