//! Differentiable augmentation (Zhao et al. 2020, arXiv 2006.10738): colours, translation and cutout,
//! each picture in its own way.

use std::ops::Range;

use rayon::prelude::*;

use crate::Nhwc;
use crate::profile::{self, Part};

/// What happens to one picture, in the order of the fields.
#[derive(Debug, Clone, PartialEq)]
pub struct Augmentation {
    /// Added to every value.
    pub brightness: f32,
    /// Factor of the distance from the pixel's mean over channels.
    pub saturation: f32,
    /// Factor of the distance from the picture's mean.
    pub contrast: f32,
    /// Rows and columns by which the picture moves down and to the right; zeros move in.
    pub shift: [isize; 2],
    /// Rows and columns that become zero.
    pub cutout: [Range<usize>; 2],
}

impl Augmentation {
    /// Changes nothing.
    pub fn none() -> Self {
        Self {
            brightness: 0.0,
            saturation: 1.0,
            contrast: 1.0,
            shift: [0, 0],
            cutout: [0..0, 0..0],
        }
    }

    fn is_cut_out(&self, y: usize, x: usize) -> bool {
        self.cutout[0].contains(&y) && self.cutout[1].contains(&x)
    }

    /// The linear part of the change of colours, which is its own adjoint.
    fn colours(&self, channels: usize, input: &[f32], output: &mut [f32]) {
        let (kept, of_pixel) = (
            self.contrast * self.saturation,
            self.contrast * (1.0 - self.saturation) / channels as f32,
        );
        let sum: f64 = input.iter().map(|value| f64::from(*value)).sum();
        let of_picture = (1.0 - self.contrast) * (sum / input.len() as f64) as f32;
        let pixels = input
            .chunks_exact(channels)
            .zip(output.chunks_exact_mut(channels));
        for (input, output) in pixels {
            let mean = of_pixel * input.iter().sum::<f32>() + of_picture;
            for (input, output) in input.iter().zip(output) {
                *output = kept * input + mean;
            }
        }
    }
}

/// Where a row or column of the output comes from.
fn source(to: usize, shift: isize, side: usize) -> Option<usize> {
    to.checked_add_signed(shift.wrapping_neg())
        .filter(|from| *from < side)
}

/// The augmented pictures.
///
/// # Panics
/// If a length does not match the sizes, or there is not one augmentation for each picture.
pub fn forward(sizes: Nhwc, augmentations: &[Augmentation], input: &[f32], output: &mut [f32]) {
    each(
        sizes,
        augmentations,
        input,
        output,
        |augmentation, input, output| {
            let (channels, row) = (sizes.channels, sizes.width * sizes.channels);
            let mut coloured = vec![0.0; input.len()];
            augmentation.colours(channels, input, &mut coloured);
            for (y, output) in output.chunks_exact_mut(row).enumerate() {
                let from_y = source(y, augmentation.shift[0], sizes.height);
                for (x, pixel) in output.chunks_exact_mut(channels).enumerate() {
                    let from_x = source(x, augmentation.shift[1], sizes.width);
                    match (from_y, from_x) {
                        (Some(from_y), Some(from_x)) if !augmentation.is_cut_out(y, x) => {
                            let from = &coloured[from_y * row + from_x * channels..];
                            for (value, from) in pixel.iter_mut().zip(from) {
                                *value = from + augmentation.brightness;
                            }
                        }
                        _ => pixel.fill(0.0),
                    }
                }
            }
        },
    );
}

/// The gradient of the pictures.
///
/// # Panics
/// As [`forward`].
pub fn input_gradient(
    sizes: Nhwc,
    augmentations: &[Augmentation],
    gradient: &[f32],
    of_input: &mut [f32],
) {
    each(
        sizes,
        augmentations,
        gradient,
        of_input,
        |augmentation, gradient, of_input| {
            let (channels, row) = (sizes.channels, sizes.width * sizes.channels);
            let mut moved = vec![0.0; gradient.len()];
            for (y, gradient) in gradient.chunks_exact(row).enumerate() {
                let Some(to_y) = source(y, augmentation.shift[0], sizes.height) else {
                    continue;
                };
                for (x, pixel) in gradient.chunks_exact(channels).enumerate() {
                    let to_x = source(x, augmentation.shift[1], sizes.width);
                    if let Some(to_x) = to_x.filter(|_| !augmentation.is_cut_out(y, x)) {
                        moved[to_y * row + to_x * channels..][..channels].copy_from_slice(pixel);
                    }
                }
            }
            augmentation.colours(channels, &moved, of_input);
        },
    );
}

fn each(
    sizes: Nhwc,
    augmentations: &[Augmentation],
    input: &[f32],
    output: &mut [f32],
    work: impl Fn(&Augmentation, &[f32], &mut [f32]) + Sync,
) {
    assert_eq!(input.len(), sizes.len(), "length of the input");
    assert_eq!(output.len(), sizes.len(), "length of the output");
    assert_eq!(augmentations.len(), sizes.batch, "number of augmentations");
    let picture = sizes.height * sizes.width * sizes.channels;
    augmentations
        .par_iter()
        .zip(input.par_chunks_exact(picture))
        .zip(output.par_chunks_exact_mut(picture))
        .for_each(|((augmentation, input), output)| {
            profile::time(Part::Augmentation, || work(augmentation, input, output));
        });
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZES: Nhwc = Nhwc {
        batch: 3,
        height: 4,
        width: 5,
        channels: 3,
    };

    fn augmentations() -> [Augmentation; 3] {
        let all = Augmentation {
            brightness: 0.25,
            saturation: 1.5,
            contrast: 0.5,
            shift: [1, -2],
            cutout: [2..4, 0..2],
        };
        [
            Augmentation::none(),
            Augmentation {
                shift: [-9, 0], // out of the picture
                ..Augmentation::none()
            },
            all,
        ]
    }

    fn values(step: f32) -> Vec<f32> {
        (0..SIZES.len()).map(|i| (i as f32 * step).sin()).collect()
    }

    #[test]
    fn each_picture_changes_as_defined() {
        let input = values(0.7);
        let mut output = vec![9.0; input.len()];
        forward(SIZES, &augmentations(), &input, &mut output);
        let picture = input.len() / 3;
        assert_eq!(output[..picture], input[..picture]);
        assert!(
            output[picture..2 * picture]
                .iter()
                .all(|value| *value == 0.0)
        );
        // the definition, step by step, as in the paper's code
        let (input, output) = (&input[2 * picture..], &output[2 * picture..]);
        let brightened: Vec<f32> = input.iter().map(|value| value + 0.25).collect();
        let saturated: Vec<f32> = brightened
            .chunks_exact(3)
            .flat_map(|pixel| {
                let mean = pixel.iter().sum::<f32>() / 3.0;
                pixel.iter().map(move |value| (value - mean) * 1.5 + mean)
            })
            .collect();
        let mean = saturated.iter().sum::<f32>() / picture as f32;
        for (y, x, c) in (0..60).map(|i| (i / 15, i / 3 % 5, i % 3)) {
            let found = output[(y * 5 + x) * 3 + c];
            let is_zero = y == 0 || x > 2 || (y >= 2 && x < 2);
            let expected = if is_zero {
                0.0
            } else {
                let value = saturated[((y - 1) * 5 + x + 2) * 3 + c];
                (value - mean) * 0.5 + mean
            };
            assert!(
                (found - expected).abs() < 1e-5,
                "{y} {x} {c}: {found} {expected}"
            );
        }
    }

    #[test]
    fn the_gradient_is_the_adjoint() {
        let augmentations = augmentations().map(|augmentation| Augmentation {
            brightness: 0.0,
            ..augmentation
        });
        let (input, gradient) = (values(0.7), values(0.3));
        let (mut output, mut of_input) = (vec![0.0; input.len()], vec![0.0; input.len()]);
        forward(SIZES, &augmentations, &input, &mut output);
        input_gradient(SIZES, &augmentations, &gradient, &mut of_input);
        let product =
            |one: &[f32], other: &[f32]| one.iter().zip(other).map(|(a, b)| a * b).sum::<f32>();
        let (left, right) = (product(&output, &gradient), product(&input, &of_input));
        assert!((left - right).abs() < 1e-4, "{left} {right}");
    }
}
