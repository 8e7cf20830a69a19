//! The weights of a page: integers of 16 or 8 bits in the order in which its kernel reads them.
//!
//! A layer that makes its maps s times larger is s² *phases*: ordinary convolutions, each of which
//! gives every s-th pixel of every s-th row. The page knows no kernel sizes or paddings, only the
//! phases with their windows.
//!
//! In the page's bytes, each phase has a scale and a bias for each output channel, as little-endian
//! floats, then its integers `[channels / 8, rows, columns, c_in, 8]`. A weight is its integer times
//! the scale of its channel. Channels are padded to a multiple of 8 with zeros.

use dcgan::model::FoldedLayer;
use dcgan::ops::Activation;
use serde::Serialize;

/// Channels that the kernel computes together.
const GROUP: usize = 8;

/// How many bits a page has for each weight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bits {
    /// Pictures within 1 of 255 of the program's.
    Sixteen,
    /// Half as large; pictures differ by a few of 255.
    Eight,
}

impl Bits {
    /// Their number.
    pub fn number(self) -> usize {
        match self {
            Self::Sixteen => 16,
            Self::Eight => 8,
        }
    }

    /// The largest integer.
    fn most(self) -> f32 {
        match self {
            Self::Sixteen => 32767.0,
            Self::Eight => 127.0,
        }
    }
}

/// What the page knows of a layer.
#[derive(Debug, Serialize)]
pub struct Layer {
    /// The side of its input.
    side: usize,
    /// Of its input and its output, padded.
    channels: [usize; 2],
    /// How many times larger its output is.
    step: usize,
    relu: bool,
    phases: Vec<Phase>,
}

/// What the page knows of a phase; each is a row and a column, or rows and columns.
#[derive(Debug, Serialize)]
struct Phase {
    /// Its first pixel.
    at: [usize; 2],
    /// The size of its windows.
    window: [usize; 2],
    /// From a pixel of the input to the first of its window.
    offset: [isize; 2],
}

/// The layers and the bytes of all their weights.
pub fn packed(layers: &[FoldedLayer], bits: Bits) -> (Vec<Layer>, Vec<u8>) {
    let mut bytes = Vec::new();
    let mut side = 1;
    let mut described = Vec::new();
    for layer in layers {
        let geometry = Geometry::of(layer, side);
        described.push(geometry.describe());
        for y in &geometry.lines {
            for x in &geometry.lines {
                geometry.pack(layer, [y, x], bits, &mut bytes);
            }
        }
        side *= geometry.step;
    }
    (described, bytes)
}

/// The bytes of the weights of such layers.
pub fn packed_bytes(layers: &[FoldedLayer], bits: Bits) -> usize {
    let mut side = 1;
    let bytes = layers.iter().map(|layer| {
        let geometry = Geometry::of(layer, side);
        side *= geometry.step;
        let [c_in, c_out] = geometry.channels;
        let taps: usize = geometry.lines.iter().map(|line| line.taps.len()).sum();
        taps * taps * c_in * c_out * bits.number() / 8 + geometry.lines.len().pow(2) * c_out * 8
    });
    bytes.sum()
}

/// How the rows, or the columns, of a phase come about.
struct Line {
    /// The first row.
    at: usize,
    /// From a row to the first of its window.
    offset: isize,
    /// The kernel's rows, in the order of the rows of the window.
    taps: Vec<usize>,
}

struct Geometry {
    side: usize,
    step: usize,
    channels: [usize; 2],
    relu: bool,
    lines: Vec<Line>,
}

impl Geometry {
    fn of(layer: &FoldedLayer, side: usize) -> Self {
        let step = layer.output_side(side) / side;
        // a map of one pixel has no neighbours: its kernel may take steps of any size
        let stride = if side == 1 { step } else { layer.stride };
        assert_eq!(step, stride, "a layer of a generator");
        let first = side == 1;
        let [c_in, c_out] = [layer.c_in(), layer.c_out()];
        Self {
            side,
            step,
            channels: [if first { c_in } else { padded(c_in) }, padded(c_out)],
            relu: layer.activation == Activation::Relu,
            lines: (0..step).map(|at| line(layer, at, stride)).collect(),
        }
    }

    fn describe(&self) -> Layer {
        let pairs = self
            .lines
            .iter()
            .flat_map(|y| self.lines.iter().map(move |x| [y, x]));
        Layer {
            side: self.side,
            channels: self.channels,
            step: self.step,
            relu: self.relu,
            phases: pairs
                .map(|lines| Phase {
                    at: lines.map(|line| line.at),
                    window: lines.map(|line| line.taps.len()),
                    offset: lines.map(|line| line.offset),
                })
                .collect(),
        }
    }

    fn pack(&self, layer: &FoldedLayer, lines: [&Line; 2], bits: Bits, bytes: &mut Vec<u8>) {
        let [c_in, c_out] = self.channels;
        let weights = self.weights(layer, lines);
        let largest = |channel: usize| {
            let of_channel = weights[channel / GROUP * (weights.len() / (c_out / GROUP))..]
                [..weights.len() / (c_out / GROUP)]
                .iter()
                .skip(channel % GROUP)
                .step_by(GROUP);
            of_channel.fold(0.0, |most: f32, weight| most.max(weight.abs()))
        };
        let scales: Vec<f32> = (0..c_out)
            .map(|channel| largest(channel) / bits.most())
            .collect();
        let biases = (0..c_out).map(|channel| bias(layer, channel, lines));
        bytes.extend(scales.iter().flat_map(|scale| scale.to_le_bytes()));
        bytes.extend(biases.flat_map(f32::to_le_bytes));
        debug_assert_eq!(weights.len() % (c_in * c_out), 0);
        let of_group = weights.len() / (c_out / GROUP);
        for (at, weight) in weights.iter().enumerate() {
            let scale = scales[at / of_group * GROUP + at % GROUP];
            let integer = if scale > 0.0 {
                (weight / scale).round()
            } else {
                0.0
            };
            match bits {
                Bits::Sixteen => bytes.extend((integer as i16).to_le_bytes()),
                Bits::Eight => bytes.extend((integer as i8).to_le_bytes()),
            }
        }
    }

    /// The weights of a phase, `[c_out / 8, rows, columns, c_in, 8]`.
    fn weights(&self, layer: &FoldedLayer, [y, x]: [&Line; 2]) -> Vec<f32> {
        let [c_in, c_out] = self.channels;
        let side = layer.kernel();
        let mut weights = Vec::with_capacity(c_out * y.taps.len() * x.taps.len() * c_in);
        for group in (0..c_out).step_by(GROUP) {
            for (row, column) in y
                .taps
                .iter()
                .flat_map(|y| x.taps.iter().map(move |x| (y, x)))
            {
                for input in 0..c_in {
                    weights.extend((group..group + GROUP).map(|output| {
                        if input >= layer.c_in() || output >= layer.c_out() {
                            return 0.0;
                        }
                        let kernel = (input * layer.c_out() + output) * side * side;
                        layer.weight[kernel + row * side + column]
                    }));
                }
            }
        }
        weights
    }
}

/// Row `at`, and every `stride`-th from there, of a transposed convolution's output: row `y` of the
/// input meets row `k` of the kernel at row `y · stride + k − padding` of the output.
fn line(layer: &FoldedLayer, at: usize, stride: usize) -> Line {
    let first = (at + layer.padding) % stride;
    let mut taps: Vec<usize> = (first..layer.kernel()).step_by(stride).collect();
    let newest = ((at + layer.padding - first) / stride) as isize; // the row that meets the first tap
    taps.reverse();
    Line {
        at,
        offset: newest + 1 - taps.len() as isize,
        taps,
    }
}

/// The bias of a channel, which may be one for each pixel.
fn bias(layer: &FoldedLayer, channel: usize, [y, x]: [&Line; 2]) -> f32 {
    if channel >= layer.c_out() {
        return 0.0;
    }
    if layer.has_bias_of_channels() {
        return layer.bias[channel];
    }
    layer.bias[(channel * 4 + y.at) * 4 + x.at]
}

fn padded(channels: usize) -> usize {
    channels.next_multiple_of(GROUP)
}

#[cfg(test)]
mod tests {
    use dcgan::model::FoldedOperation;

    use super::*;

    fn layer(channels: [usize; 2], kernel: usize, [stride, padding]: [usize; 2]) -> FoldedLayer {
        let count = channels[0] * channels[1] * kernel * kernel;
        FoldedLayer {
            operation: FoldedOperation::ConvTranspose2d,
            weight_shape: [channels[0], channels[1], kernel, kernel],
            weight: (0..count).map(|at| (at as f32 * 0.7).sin()).collect(),
            bias: vec![0.5; channels[1]],
            stride,
            padding,
            output_padding: 0,
            activation: Activation::Relu,
        }
    }

    fn layers() -> [FoldedLayer; 4] {
        [
            layer([5, 9], 4, [1, 0]), // to 4×4
            layer([9, 6], 4, [2, 1]), // to 8×8
            layer([6, 4], 6, [2, 2]), // to 16×16, as upsampling makes it
            layer([4, 3], 3, [1, 1]),
        ]
    }

    #[test]
    fn the_size_is_known_before_the_weights_are_packed() {
        for bits in [Bits::Sixteen, Bits::Eight] {
            let (described, bytes) = packed(&layers(), bits);
            assert_eq!(packed_bytes(&layers(), bits), bytes.len());
            let sides: Vec<_> = described
                .iter()
                .map(|layer| layer.side * layer.step)
                .collect();
            assert_eq!(sides, [4, 8, 16, 16]);
        }
    }

    #[test]
    fn phases_compute_a_transposed_convolution() {
        let layer = layer([2, 3], 4, [2, 1]);
        let (side, map): (isize, Vec<f32>) = (3, (0..18).map(|at| (at as f32).cos()).collect());
        let value = |y: isize, x: isize, channel: usize| {
            let is_inside = (0..side).contains(&y) && (0..side).contains(&x);
            if is_inside {
                map[((y * side + x) as usize) * 2 + channel]
            } else {
                0.0
            }
        };
        // by definition: each pixel of the input adds a kernel to the output
        let mut expected = [0.5; 6 * 6];
        for (y, x) in (0..9).map(|at| (at / 3, at % 3)) {
            for (i, j) in (0..16).map(|at| (at / 4, at % 4)) {
                let (row, column) = (2 * y + i - 1, 2 * x + j - 1);
                if (0..6).contains(&row) && (0..6).contains(&column) {
                    for channel in 0..2 {
                        let weight = layer.weight[((channel * 3 + 1) * 16 + i * 4 + j) as usize];
                        expected[(row * 6 + column) as usize] +=
                            weight * value(y, x, channel as usize);
                    }
                }
            }
        }
        let geometry = Geometry::of(&layer, 3);
        for (y, x) in geometry
            .lines
            .iter()
            .flat_map(|y| geometry.lines.iter().map(move |x| (y, x)))
        {
            let weights = geometry.weights(&layer, [y, x]);
            for (row, column) in (0..9).map(|at| (at / 3, at % 3)) {
                let mut sum = bias(&layer, 1, [y, x]);
                let taps = (0..y.taps.len()).flat_map(|i| (0..x.taps.len()).map(move |j| (i, j)));
                for (place, (i, j)) in taps.enumerate() {
                    let (from, to) = (row + y.offset + i as isize, column + x.offset + j as isize);
                    for channel in 0..2 {
                        sum += weights[(place * 8 + channel) * 8 + 1] * value(from, to, channel);
                    }
                }
                let at = (2 * row as usize + y.at) * 6 + 2 * column as usize + x.at;
                assert!(
                    (sum - expected[at]).abs() < 1e-5,
                    "row {row}, column {column}"
                );
            }
        }
    }
}
