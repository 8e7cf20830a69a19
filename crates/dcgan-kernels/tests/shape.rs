//! Output shapes, and errors for impossible shapes.

use dcgan_kernels::{Conv2dShape, ConvTranspose2dShape, Nhwc, ShapeError, Window};

fn input(batch: usize, side: usize, channels: usize) -> Nhwc {
    Nhwc {
        batch,
        height: side,
        width: side,
        channels,
    }
}

fn window(kernel: usize, stride: usize, padding: usize) -> Window {
    Window {
        kernel,
        stride,
        padding,
    }
}

#[test]
fn a_convolution_of_stride_two_halves_the_image() {
    let shape = Conv2dShape::new(input(2, 64, 3), 8, window(4, 2, 1)).expect("possible");
    assert_eq!(shape.output(), input(2, 32, 8));
    assert_eq!(shape.weight_len(), 384);
}

#[test]
fn a_convolution_rounds_its_output_down() {
    let side = |size, kernel, stride, padding| {
        let shape = Conv2dShape::new(input(1, size, 1), 1, window(kernel, stride, padding));
        shape.expect("possible").output().width
    };
    assert_eq!(
        [side(64, 4, 2, 0), side(31, 4, 2, 0), side(14, 4, 1, 0)],
        [31, 14, 11]
    );
}

#[test]
fn output_padding_extends_a_transposed_convolution() {
    let side = |window, extra| {
        let shape = ConvTranspose2dShape::new(input(1, 8, 4), 2, window, extra);
        shape.expect("possible").output().height
    };
    assert_eq!(side(window(4, 2, 1), 0), 16);
    assert_eq!(side(window(5, 2, 2), 0), 15);
    assert_eq!(side(window(5, 2, 2), 1), 16);
}

#[test]
fn zero_sizes_are_refused() {
    let zero = |result: Result<Conv2dShape, ShapeError>| {
        assert!(matches!(result, Err(ShapeError::Zero { .. })), "{result:?}");
    };
    zero(Conv2dShape::new(input(0, 8, 3), 1, window(4, 2, 1)));
    zero(Conv2dShape::new(input(1, 0, 3), 1, window(4, 2, 1)));
    zero(Conv2dShape::new(input(1, 8, 0), 1, window(4, 2, 1)));
    zero(Conv2dShape::new(input(1, 8, 3), 0, window(4, 2, 1)));
    zero(Conv2dShape::new(input(1, 8, 3), 1, window(0, 2, 1)));
    zero(Conv2dShape::new(input(1, 8, 3), 1, window(4, 0, 1)));
}

#[test]
fn a_kernel_larger_than_the_padded_image_is_refused() {
    let result = Conv2dShape::new(input(1, 3, 1), 1, window(6, 1, 1));
    assert_eq!(
        result,
        Err(ShapeError::KernelTooLarge {
            kernel: 6,
            height: 5,
            width: 5
        })
    );
    assert!(Conv2dShape::new(input(1, 3, 1), 1, window(5, 1, 1)).is_ok());
}

#[test]
fn padding_must_leave_some_output() {
    let result = ConvTranspose2dShape::new(input(1, 1, 1), 1, window(4, 2, 2), 0);
    assert_eq!(result, Err(ShapeError::PaddingTooLarge { padding: 2 }));
}

#[test]
fn output_padding_must_be_smaller_than_the_stride() {
    let result = ConvTranspose2dShape::new(input(1, 4, 1), 1, window(4, 2, 1), 2);
    assert_eq!(
        result,
        Err(ShapeError::OutputPaddingTooLarge {
            output_padding: 2,
            stride: 2
        })
    );
}

#[test]
fn overflowing_sizes_are_refused_without_a_panic() {
    let huge = usize::MAX / 2;
    for input in [input(huge, 8, 3), input(1, huge, 3), input(1, 8, huge)] {
        assert!(Conv2dShape::new(input, 2, window(4, 2, 1)).is_err());
        assert!(ConvTranspose2dShape::new(input, 2, window(4, 2, 1), 0).is_err());
    }
    for window in [
        window(huge, 2, 1),
        window(4, 2, huge),
        window(1 << 31, 1 << 40, 1 << 31),
    ] {
        assert!(Conv2dShape::new(input(1, 8, 3), 2, window).is_err());
    }
    for window in [window(huge, 2, 1), window(4, huge, 1), window(4, 2, huge)] {
        assert!(ConvTranspose2dShape::new(input(2, 8, 3), 2, window, 0).is_err());
    }
    assert!(Conv2dShape::new(input(1, 8, 3), huge, window(4, 2, 1)).is_err());
}

#[test]
fn an_error_suggests_what_to_change() {
    let error = Conv2dShape::new(input(1, 3, 1), 1, window(6, 1, 1)).expect_err("impossible");
    assert_eq!(
        error.to_string(),
        "a 6x6 kernel does not fit into a 5x5 input (padding included); use a smaller kernel, \
         more padding or larger images"
    );
}
