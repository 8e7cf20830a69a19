//! Which method computes a layer.
//!
//! The cost of a method is counted in products at full speed. The weights below were fitted to
//! timings of the layers of DCGANs with 16 to 1024 channels, on two cores of a Zen 4 processor.
//! Forward pass and both gradients transform and multiply the same numbers of values, so one
//! choice serves all three.

use crate::geometry::Geometry;
use crate::winograd::Tiling;

/// A way to compute the three kernels of a layer.
#[derive(Debug)]
pub(super) enum Method {
    /// One window per image.
    Dense,
    /// A product over the values under the window.
    Direct,
    /// Fewer products, between transformed tiles.
    Winograd(Tiling),
}

impl Method {
    /// The cheapest method for a layer.
    pub fn of(geometry: &Geometry) -> Self {
        if geometry.is_dense() {
            return Self::Dense;
        }
        let sides = Tiling::SIDES.filter_map(|side| Tiling::new(geometry, side));
        let tilings = sides.map(|tiling| (winograd_cost(geometry, &tiling), tiling));
        match tilings.min_by(|(a, _), (b, _)| a.total_cmp(b)) {
            Some((cost, tiling)) if cost < direct_cost(geometry) => Self::Winograd(tiling),
            _ => Self::Direct,
        }
    }
}

/// Products run below full speed, since their factors are packed first, and every value under
/// a window is copied.
fn direct_cost(geometry: &Geometry) -> f64 {
    const PRODUCT: f64 = 1.3;
    const COPY: f64 = 4.0;
    let columns = (geometry.coarse.pixels() * geometry.column_len()) as f64;
    columns * (PRODUCT * geometry.coarse.channels as f64 + COPY)
}

/// Transforms are bound by the caches: each value costs as much as dozens of products.
fn winograd_cost(geometry: &Geometry, tiling: &Tiling) -> f64 {
    const PRODUCT: f64 = 1.15;
    const VALUE: f64 = 45.0;
    const WEIGHT: f64 = 33.0;
    let counts = tiling.counts(geometry);
    PRODUCT * counts.products + VALUE * counts.values + WEIGHT * counts.weights
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shape::{Conv2dShape, Nhwc, Window};

    /// The tile that is chosen for a convolution of square images, if any.
    fn side(batch: usize, size: usize, channels: [usize; 2], window: [usize; 3]) -> Option<usize> {
        let [fine, coarse] = channels;
        let input = Nhwc {
            batch,
            height: size,
            width: size,
            channels: fine,
        };
        let [kernel, stride, padding] = window;
        let window = Window {
            kernel,
            stride,
            padding,
        };
        let shape = Conv2dShape::new(input, coarse, window).expect("possible");
        match Method::of(&shape.geometry()) {
            Method::Winograd(tiling) => Some(tiling.side),
            Method::Dense | Method::Direct => None,
        }
    }

    #[test]
    fn wide_layers_are_transformed() {
        for batch in [16, 128] {
            for (size, fine, coarse) in [(8, 512, 1024), (16, 256, 512), (32, 128, 256)] {
                assert_eq!(side(batch, size, [fine, coarse], [4, 2, 1]), Some(4));
                assert_eq!(side(batch, size, [fine, coarse], [5, 2, 2]), Some(4));
            }
        }
    }

    /// The tests of the public kernels, for values and for bits, rely on these.
    #[test]
    fn some_layers_of_the_tests_in_other_files_are_transformed() {
        assert_eq!(side(8, 16, [64, 64], [4, 2, 1]), Some(4));
        assert_eq!(side(8, 10, [64, 64], [4, 1, 0]), Some(3));
        assert_eq!(side(8, 16, [64, 64], [5, 2, 2]), Some(4));
        assert_eq!(side(8, 22, [64, 64], [4, 2, 0]), Some(5));
    }

    #[test]
    fn tiles_fit_images_of_odd_sides() {
        assert_eq!(side(128, 14, [64, 128], [4, 1, 0]), Some(3));
        assert_eq!(side(128, 11, [128, 128], [4, 2, 0]), Some(4));
        assert_eq!(side(128, 31, [128, 128], [4, 2, 0]), Some(5));
    }

    #[test]
    fn narrow_layers_are_direct() {
        for (fine, coarse) in [(3, 64), (3, 128), (1, 64), (16, 16), (64, 1)] {
            assert_eq!(side(128, 64, [fine, coarse], [4, 2, 1]), None);
        }
    }

    #[test]
    fn single_images_and_single_windows_are_not_transformed() {
        assert_eq!(side(1, 8, [512, 1024], [4, 2, 1]), None);
        assert_eq!(side(128, 4, [512, 512], [4, 1, 0]), None);
    }
}
