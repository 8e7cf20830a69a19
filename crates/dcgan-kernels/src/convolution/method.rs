//! The choice of a method for a layer.
//!
//! The cost of a method is counted in products at full speed. The constants for `f32` were fitted to
//! timings of the layers of DCGANs with 16 to 1024 channels, on two cores of a Zen 4 processor. Those
//! for bf16 are estimates from them. With tiles they were compared with timings on a Xeon with AMX, and
//! chose the faster method for all layers of three presets but one.
//! The forward pass and both gradients transform and multiply the same numbers of values, so one
//! choice serves all three.

use crate::arithmetic::{Arithmetic, Bf16};
use crate::geometry::Geometry;
use crate::planes;
use crate::winograd::{Sizes, Tiling};

/// A way to compute the three kernels of a layer.
#[derive(Debug)]
pub(super) enum Method {
    /// One window per image.
    Dense,
    /// A product over the values under the window.
    Direct,
    /// Fewer products, between transformed tiles.
    Winograd(Tiling),
    /// Products of shifted planes, with tiles.
    Planes(Bf16),
}

impl Method {
    /// The cheapest method for a layer, of those that are exact enough.
    pub fn cheapest(geometry: &Geometry, arithmetic: Arithmetic) -> Self {
        if geometry.is_dense() {
            return Self::Dense;
        }
        let costs = Costs::of(arithmetic);
        let sizes = Sizes::of(arithmetic);
        let tilings =
            Tiling::all(geometry, &sizes).map(|tiling| (costs.winograd(geometry, &tiling), tiling));
        let (other, cost_of_other) = match arithmetic {
            Arithmetic::Bf16(bf16) if bf16.has_tiles() => {
                (Self::Planes(bf16), costs.planes(geometry))
            }
            Arithmetic::F32 | Arithmetic::Bf16(_) => (Self::Direct, costs.direct(geometry)),
        };
        match tilings.min_by(|(a, _), (b, _)| a.total_cmp(b)) {
            Some((cost, tiling)) if cost < cost_of_other => Self::Winograd(tiling),
            _ => other,
        }
    }
}

/// What the parts of the methods cost, in products of `f32` at full speed.
struct Costs {
    /// A product whose factors are packed first.
    direct_product: f64,
    /// A value under a window; with planes, one that is rounded.
    copy: f64,
    /// A product between transformed tiles.
    product: f64,
    /// Transforms are bound by the caches: each value costs as much as dozens of products.
    value: f64,
    weight: f64,
}

impl Costs {
    fn of(arithmetic: Arithmetic) -> Self {
        match arithmetic {
            Arithmetic::F32 => Self {
                direct_product: 1.3,
                copy: 4.0,
                product: 1.15,
                value: 45.0,
                weight: 33.0,
            },
            Arithmetic::Bf16(bf16) if bf16.has_tiles() => Self {
                direct_product: 0.1,
                copy: 8.0,
                product: 0.13,
                value: 30.0,
                weight: 25.0,
            },
            Arithmetic::Bf16(_) => Self {
                direct_product: 0.65,
                copy: 10.0,
                product: 0.6,
                value: 30.0,
                weight: 25.0,
            },
        }
    }

    fn direct(&self, geometry: &Geometry) -> f64 {
        let columns = (geometry.coarse.pixels() * geometry.column_len()) as f64;
        columns * (self.direct_product * geometry.coarse.channels as f64 + self.copy)
    }

    fn planes(&self, geometry: &Geometry) -> f64 {
        let counts = planes::Counts::new(geometry);
        self.direct_product * counts.products + self.copy * (counts.values + counts.weights)
    }

    fn winograd(&self, geometry: &Geometry, tiling: &Tiling) -> f64 {
        let counts = tiling.counts(geometry);
        self.product * counts.products + self.value * counts.values + self.weight * counts.weights
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nhwc::{Nhwc, Window};
    use crate::shape::Conv2dShape;

    /// The side of the tiles for a convolution of square images; `None` if it is not transformed.
    fn tile_side(input: Nhwc, out_channels: usize, window: Window) -> Option<usize> {
        let shape = Conv2dShape::new(input, out_channels, window).expect("possible");
        match Method::cheapest(&shape.geometry(), Arithmetic::F32) {
            Method::Winograd(tiling) => Some(tiling.side),
            Method::Dense | Method::Direct | Method::Planes(_) => None,
        }
    }

    fn square(batch: usize, side: usize, channels: usize) -> Nhwc {
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
    fn wide_layers_are_transformed() {
        for batch in [16, 128] {
            for (size, fine, coarse) in [(8, 512, 1024), (16, 256, 512), (32, 128, 256)] {
                let input = square(batch, size, fine);
                assert_eq!(tile_side(input, coarse, window(4, 2, 1)), Some(4));
                assert_eq!(tile_side(input, coarse, window(5, 2, 2)), Some(4));
            }
        }
    }

    /// The tests of the public kernels rely on these.
    #[test]
    fn some_layers_of_other_tests_are_transformed() {
        let side = |size, window| tile_side(square(8, size, 64), 64, window);
        assert_eq!(side(16, window(4, 2, 1)), Some(4));
        assert_eq!(side(10, window(4, 1, 0)), Some(3));
        assert_eq!(side(16, window(5, 2, 2)), Some(4));
        assert_eq!(side(22, window(4, 2, 0)), Some(5));
    }

    #[test]
    fn tiles_fit_images_of_odd_sides() {
        let side = |size, channels, window| tile_side(square(128, size, channels), 128, window);
        assert_eq!(side(14, 64, window(4, 1, 0)), Some(3));
        assert_eq!(side(11, 128, window(4, 2, 0)), Some(4));
        assert_eq!(side(31, 128, window(4, 2, 0)), Some(5));
    }

    #[test]
    fn narrow_layers_are_direct() {
        for (fine, coarse) in [(3, 64), (3, 128), (1, 64), (16, 16), (64, 1)] {
            let input = square(128, 64, fine);
            assert_eq!(tile_side(input, coarse, window(4, 2, 1)), None);
        }
    }

    #[test]
    fn single_images_and_single_windows_are_not_transformed() {
        assert_eq!(tile_side(square(1, 8, 512), 1024, window(4, 2, 1)), None);
        assert_eq!(tile_side(square(128, 4, 512), 512, window(4, 1, 0)), None);
    }
}
