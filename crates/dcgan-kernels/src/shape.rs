//! The shapes of the two convolutions. They are checked once, when they are built.

use std::marker::PhantomData;

use crate::geometry::Geometry;
use crate::nhwc::{Nhwc, Window};

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
pub type Conv2dShape = LayerShape<Convolution>;

/// Shape of a 2-D transposed convolution as in PyTorch's `ConvTranspose2d`.
pub type ConvTranspose2dShape = LayerShape<TransposedConvolution>;

/// The shape of a layer of one kind: [`Conv2dShape`] or [`ConvTranspose2dShape`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LayerShape<Kind> {
    input: Nhwc,
    output: Nhwc,
    window: Window,
    kind: PhantomData<Kind>,
}

/// The kind of [`Conv2dShape`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Convolution {}

/// The kind of [`ConvTranspose2dShape`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TransposedConvolution {}

impl<Kind> LayerShape<Kind> {
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

    /// Number of weights: `[out_channels, in_channels, kernel, kernel]` of a convolution,
    /// `[in_channels, out_channels, kernel, kernel]` of a transposed one.
    pub fn weight_len(&self) -> usize {
        self.input.channels * self.output.channels * self.window.taps()
    }

    /// Checks what both kinds have in common.
    fn checked(input: Nhwc, output: Nhwc, window: Window) -> Result<Self, ShapeError> {
        check_sizes(&output, "output")?;
        let weight = [
            input.channels,
            output.channels,
            window.kernel,
            window.kernel,
        ];
        if !is_addressable(weight) {
            return Err(ShapeError::TooLarge { what: "weight" });
        }
        Ok(Self {
            input,
            output,
            window,
            kind: PhantomData,
        })
    }
}

impl Conv2dShape {
    /// Computes the output shape: `(in + 2 * padding - kernel) / stride + 1`, rounded down.
    ///
    /// # Errors
    ///
    /// If a size is zero, the kernel is larger than the padded input, or a tensor is too large
    /// to address.
    pub fn new(input: Nhwc, out_channels: usize, window: Window) -> Result<Self, ShapeError> {
        check_sizes(&input, "input")?;
        check_window(window)?;
        let padded = |size: usize| with_padding(size, window.padding, "padded input");
        let (height, width) = (padded(input.height)?, padded(input.width)?);
        if window.kernel > height.min(width) {
            return Err(ShapeError::KernelTooLarge {
                kernel: window.kernel,
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
        Self::checked(input, output, window)
    }

    pub(crate) fn geometry(&self) -> Geometry {
        Geometry {
            fine: self.input,
            coarse: self.output,
            window: self.window,
        }
    }
}

impl ConvTranspose2dShape {
    /// Computes the output shape:
    /// `(in - 1) * stride - 2 * padding + kernel + output_padding`.
    ///
    /// # Errors
    ///
    /// If a size is zero, the padding removes the whole output, the output padding is not
    /// smaller than the stride, or a tensor is too large to address.
    pub fn new(
        input: Nhwc,
        out_channels: usize,
        window: Window,
        output_padding: usize,
    ) -> Result<Self, ShapeError> {
        check_sizes(&input, "input")?;
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
        let unpadded = |size: usize| {
            let full = (size - 1).checked_mul(stride)?.checked_add(kernel)?;
            full.checked_add(output_padding)
        };
        let out_size = |size: usize| {
            let full = unpadded(size).ok_or(ShapeError::TooLarge { what: "output" })?;
            let removed = with_padding(0, padding, "padding")?;
            full.checked_sub(removed)
                .filter(|&size| size > 0)
                .ok_or(ShapeError::PaddingTooLarge { padding })
        };
        let output = Nhwc {
            batch: input.batch,
            height: out_size(input.height)?,
            width: out_size(input.width)?,
            channels: out_channels,
        };
        Self::checked(input, output, window)
    }

    pub(crate) fn geometry(&self) -> Geometry {
        Geometry {
            fine: self.output,
            coarse: self.input,
            window: self.window,
        }
    }
}

fn check_sizes(tensor: &Nhwc, what: &'static str) -> Result<(), ShapeError> {
    let sizes = [
        ("batch size", tensor.batch),
        ("height", tensor.height),
        ("width", tensor.width),
        ("number of channels", tensor.channels),
    ];
    for (size, value) in sizes {
        if value == 0 {
            return Err(ShapeError::Zero { what, size });
        }
    }
    if is_addressable(sizes.map(|(_, value)| value)) {
        Ok(())
    } else {
        Err(ShapeError::TooLarge { what })
    }
}

fn check_window(window: Window) -> Result<(), ShapeError> {
    for (size, value) in [("kernel", window.kernel), ("stride", window.stride)] {
        if value == 0 {
            return Err(ShapeError::Zero {
                what: "window",
                size,
            });
        }
    }
    Ok(())
}

fn with_padding(size: usize, padding: usize, what: &'static str) -> Result<usize, ShapeError> {
    padding
        .checked_mul(2)
        .and_then(|both| both.checked_add(size))
        // Signed arithmetic on positions must not overflow either.
        .filter(|&size| size <= isize::MAX as usize / 2)
        .ok_or(ShapeError::TooLarge { what })
}

/// Whether a tensor of these sizes fits into one Rust allocation of `f32`.
fn is_addressable(sizes: [usize; 4]) -> bool {
    let limit = isize::MAX as usize / size_of::<f32>();
    sizes
        .iter()
        .try_fold(1_usize, |product, &size| product.checked_mul(size))
        .is_some_and(|elements| elements <= limit)
}
