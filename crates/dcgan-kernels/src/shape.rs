//! The shapes of the two convolutions, checked when they are built so that the kernels need
//! not ask again.

use crate::geometry::Geometry;

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

    /// True when the batch holds no element.
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

    fn check(&self, what: &'static str) -> Result<(), ShapeError> {
        let sizes = [
            ("batch size", self.batch),
            ("height", self.height),
            ("width", self.width),
            ("number of channels", self.channels),
        ];
        for (size, value) in sizes {
            if value == 0 {
                return Err(ShapeError::Zero { what, size });
            }
        }
        addressable(sizes.map(|(_, value)| value)).ok_or(ShapeError::TooLarge { what })
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

/// Why a shape cannot exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ShapeError {
    /// A size that must be at least 1 is 0.
    #[error("the {size} of the {what} is 0; it must be at least 1")]
    Zero {
        /// The tensor or window with the wrong size.
        what: &'static str,
        /// Which of its sizes.
        size: &'static str,
    },
    /// The kernel does not fit into the padded input.
    #[error(
        "a {kernel}x{kernel} kernel does not fit into a {height}x{width} input \
         (padding included); use a smaller kernel, more padding or larger images"
    )]
    KernelTooLarge {
        /// Side of the kernel.
        kernel: usize,
        /// Height of the input with its padding.
        height: usize,
        /// Width of the input with its padding.
        width: usize,
    },
    /// A transposed convolution whose padding removes the whole output.
    #[error("padding {padding} removes the whole output of the transposed convolution; use less")]
    PaddingTooLarge {
        /// Padding on every side.
        padding: usize,
    },
    /// The output padding would reach past the next output position.
    #[error("output padding {output_padding} must be smaller than the stride {stride}")]
    OutputPaddingTooLarge {
        /// Extra output rows and columns.
        output_padding: usize,
        /// Stride of the transposed convolution.
        stride: usize,
    },
    /// The number of elements does not fit into memory.
    #[error("the {what} has more elements than memory can address; use smaller sizes")]
    TooLarge {
        /// The tensor that is too large.
        what: &'static str,
    },
}

/// Shape of a 2-D convolution as in PyTorch's `Conv2d`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Conv2dShape {
    input: Nhwc,
    output: Nhwc,
    window: Window,
}

impl Conv2dShape {
    /// Works out the output shape: `(in + 2 * padding - kernel) / stride + 1`, rounded down.
    ///
    /// # Errors
    ///
    /// [`ShapeError`] if a size is zero, the kernel is larger than the padded input, or a
    /// tensor is too large to address.
    pub fn new(input: Nhwc, out_channels: usize, window: Window) -> Result<Self, ShapeError> {
        input.check("input")?;
        check_window(window)?;
        let padded = |size: usize| grown(size, window.padding, "padded input");
        let (height, width) = (padded(input.height)?, padded(input.width)?);
        if window.kernel > height.min(width) {
            let kernel = window.kernel;
            return Err(ShapeError::KernelTooLarge {
                kernel,
                height,
                width,
            });
        }
        let output = Nhwc {
            batch: input.batch,
            height: (height - window.kernel) / window.stride + 1,
            width: (width - window.kernel) / window.stride + 1,
            channels: out_channels,
        };
        output.check("output")?;
        check_weight(input.channels, out_channels, window.kernel)?;
        Ok(Self {
            input,
            output,
            window,
        })
    }

    /// Shape of the input.
    pub fn input(&self) -> Nhwc {
        self.input
    }

    /// Shape of the output.
    pub fn output(&self) -> Nhwc {
        self.output
    }

    /// Kernel, stride and padding.
    pub fn window(&self) -> Window {
        self.window
    }

    /// Rows of an output image.
    pub fn out_height(&self) -> usize {
        self.output.height
    }

    /// Columns of an output image.
    pub fn out_width(&self) -> usize {
        self.output.width
    }

    /// Number of weights, `[out_channels, in_channels, kernel, kernel]`.
    pub fn weight_len(&self) -> usize {
        self.geometry().weight_len()
    }

    pub(crate) fn geometry(&self) -> Geometry {
        Geometry {
            fine: self.input,
            coarse: self.output,
            window: self.window,
        }
    }
}

/// Shape of a 2-D transposed convolution as in PyTorch's `ConvTranspose2d`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ConvTranspose2dShape {
    input: Nhwc,
    output: Nhwc,
    window: Window,
}

impl ConvTranspose2dShape {
    /// Works out the output shape:
    /// `(in - 1) * stride - 2 * padding + kernel + output_padding`.
    ///
    /// # Errors
    ///
    /// [`ShapeError`] if a size is zero, the padding removes the whole output, the output
    /// padding is not smaller than the stride, or a tensor is too large to address.
    pub fn new(
        input: Nhwc,
        out_channels: usize,
        window: Window,
        output_padding: usize,
    ) -> Result<Self, ShapeError> {
        input.check("input")?;
        check_window(window)?;
        let Window {
            kernel,
            stride,
            padding,
        } = window;
        if output_padding >= stride {
            return Err(ShapeError::OutputPaddingTooLarge {
                output_padding,
                stride,
            });
        }
        let spread = |size: usize| {
            let full = (size - 1).checked_mul(stride)?.checked_add(kernel)?;
            full.checked_add(output_padding)
        };
        let shrunk = |size: usize| {
            let full = spread(size).ok_or(ShapeError::TooLarge { what: "output" })?;
            let removed = grown(0, padding, "padding")?;
            full.checked_sub(removed)
                .filter(|&size| size > 0)
                .ok_or(ShapeError::PaddingTooLarge { padding })
        };
        let output = Nhwc {
            batch: input.batch,
            height: shrunk(input.height)?,
            width: shrunk(input.width)?,
            channels: out_channels,
        };
        output.check("output")?;
        check_weight(input.channels, out_channels, kernel)?;
        Ok(Self {
            input,
            output,
            window,
        })
    }

    /// Shape of the input.
    pub fn input(&self) -> Nhwc {
        self.input
    }

    /// Shape of the output.
    pub fn output(&self) -> Nhwc {
        self.output
    }

    /// Kernel, stride and padding.
    pub fn window(&self) -> Window {
        self.window
    }

    /// Rows of an output image.
    pub fn out_height(&self) -> usize {
        self.output.height
    }

    /// Columns of an output image.
    pub fn out_width(&self) -> usize {
        self.output.width
    }

    /// Number of weights, `[in_channels, out_channels, kernel, kernel]`.
    pub fn weight_len(&self) -> usize {
        self.geometry().weight_len()
    }

    pub(crate) fn geometry(&self) -> Geometry {
        Geometry {
            fine: self.output,
            coarse: self.input,
            window: self.window,
        }
    }
}

fn check_window(window: Window) -> Result<(), ShapeError> {
    let what = "window";
    if window.kernel == 0 {
        return Err(ShapeError::Zero {
            what,
            size: "kernel",
        });
    }
    if window.stride == 0 {
        return Err(ShapeError::Zero {
            what,
            size: "stride",
        });
    }
    Ok(())
}

fn check_weight(from: usize, to: usize, kernel: usize) -> Result<(), ShapeError> {
    addressable([from, to, kernel, kernel]).ok_or(ShapeError::TooLarge { what: "weight" })
}

fn grown(size: usize, padding: usize, what: &'static str) -> Result<usize, ShapeError> {
    padding
        .checked_mul(2)
        .and_then(|both| both.checked_add(size))
        // Signed arithmetic on positions must not overflow either.
        .filter(|&size| size <= isize::MAX as usize / 2)
        .ok_or(ShapeError::TooLarge { what })
}

/// `Some` if a tensor of these sizes fits into one Rust allocation of `f32`.
fn addressable(sizes: [usize; 4]) -> Option<()> {
    let limit = isize::MAX as usize / size_of::<f32>();
    let elements = sizes
        .iter()
        .try_fold(1_usize, |product, &size| product.checked_mul(size))?;
    (elements <= limit).then_some(())
}
