use dcgan_kernels::products::times_transposed_here;

/// Feature maps of one picture: `[height, width, channels]`.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Map {
    pub height: usize,
    pub width: usize,
    pub channels: usize,
    pub values: Vec<f32>,
}

/// Which values a window covers, along one axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Axis {
    pub kernel: usize,
    pub stride: usize,
    pub padding: usize,
}

impl Axis {
    fn outputs(self, inputs: usize) -> usize {
        (inputs + 2 * self.padding - self.kernel) / self.stride + 1
    }

    /// The inputs of an output, without those in the padding.
    fn inputs(self, output: usize, inputs: usize) -> std::ops::Range<usize> {
        let start = output * self.stride;
        let end = (start + self.kernel).saturating_sub(self.padding);
        start.saturating_sub(self.padding)..end.min(inputs)
    }
}

/// A convolution with batch norm folded in, and ReLU after it.
#[derive(Debug, Clone)]
pub(super) struct Convolution {
    pub vertical: Axis,
    pub horizontal: Axis,
    pub inputs: usize,
    /// `[outputs, kernel height, kernel width, inputs]`
    pub weight: Vec<f32>,
    pub bias: Vec<f32>,
}

impl Convolution {
    pub fn apply(&self, map: &Map) -> Map {
        assert_eq!(map.channels, self.inputs, "channels of a convolution");
        let height = self.vertical.outputs(map.height);
        let width = self.horizontal.outputs(map.width);
        let channels = self.bias.len();
        let mut values = vec![0.0; height * width * channels];
        let inner = self.weight.len() / channels;
        let is_pointwise = inner == self.inputs && (height, width) == (map.height, map.width);
        if is_pointwise {
            times_transposed_here(&map.values, &self.weight, inner, &mut values);
        } else {
            // as many rows at a time as stay in the cache
            let rows = (UNFOLDED / (width * inner)).clamp(1, height);
            let mut unfolded = Vec::with_capacity(rows * width * inner);
            for (chunk, values) in values.chunks_mut(rows * width * channels).enumerate() {
                let rows = chunk * rows..chunk * rows + values.len() / (width * channels);
                self.unfold(map, rows, width, &mut unfolded);
                times_transposed_here(&unfolded, &self.weight, inner, values);
            }
        }
        for pixel in values.chunks_exact_mut(channels) {
            for (value, bias) in pixel.iter_mut().zip(&self.bias) {
                *value = (*value + bias).max(0.0);
            }
        }
        Map {
            height,
            width,
            channels,
            values,
        }
    }

    /// The windows of some output rows, one after the other; zeros for what is in the padding.
    fn unfold(
        &self,
        map: &Map,
        rows: std::ops::Range<usize>,
        width: usize,
        unfolded: &mut Vec<f32>,
    ) {
        unfolded.clear();
        let channels = map.channels;
        let zeros = |unfolded: &mut Vec<f32>, count: usize| {
            unfolded.resize(unfolded.len() + count * channels, 0.0);
        };
        let Axis { kernel, .. } = self.horizontal;
        for row in rows {
            for column in 0..width {
                let xs = self.horizontal.inputs(column, map.width);
                let before = self
                    .horizontal
                    .padding
                    .saturating_sub(column * self.horizontal.stride);
                let after = kernel - before - xs.len();
                for offset in 0..self.vertical.kernel {
                    let y =
                        (row * self.vertical.stride + offset).wrapping_sub(self.vertical.padding);
                    if y >= map.height {
                        zeros(unfolded, kernel);
                        continue;
                    }
                    zeros(unfolded, before);
                    let start = (y * map.width + xs.start) * channels;
                    unfolded.extend_from_slice(&map.values[start..][..xs.len() * channels]);
                    zeros(unfolded, after);
                }
            }
        }
    }
}

/// The most unfolded values at a time.
const UNFOLDED: usize = 1 << 18;

/// A square window of a pool.
fn square(stride: usize, padding: usize) -> Axis {
    Axis {
        kernel: 3,
        stride,
        padding,
    }
}

/// The largest value of 3 by 3.
pub(super) fn max_pool(map: &Map, stride: usize, padding: usize) -> Map {
    pool(
        map,
        square(stride, padding),
        f32::NEG_INFINITY,
        f32::max,
        |_| 1.0,
    )
}

/// The mean of 3 by 3, of what is not padding.
pub(super) fn average_pool(map: &Map) -> Map {
    pool(
        map,
        square(1, 1),
        0.0,
        |a, b| a + b,
        |count| 1.0 / count as f32,
    )
}

fn pool(
    map: &Map,
    axis: Axis,
    start: f32,
    join: impl Fn(f32, f32) -> f32,
    scale: impl Fn(usize) -> f32,
) -> Map {
    let (height, width) = (axis.outputs(map.height), axis.outputs(map.width));
    let channels = map.channels;
    let mut values = vec![start; height * width * channels];
    for (place, pooled) in values.chunks_exact_mut(channels).enumerate() {
        let ys = axis.inputs(place / width, map.height);
        let xs = axis.inputs(place % width, map.width);
        let count = ys.len() * xs.len();
        for y in ys {
            for x in xs.clone() {
                let pixel = &map.values[(y * map.width + x) * channels..][..channels];
                for (pooled, value) in pooled.iter_mut().zip(pixel) {
                    *pooled = join(*pooled, *value);
                }
            }
        }
        let scale = scale(count);
        pooled.iter_mut().for_each(|value| *value *= scale);
    }
    Map {
        height,
        width,
        channels,
        values,
    }
}

/// Maps of one size as the channels of one.
pub(super) fn joined(maps: &[Map]) -> Map {
    let (height, width) = (maps[0].height, maps[0].width);
    let channels = maps.iter().map(|map| map.channels).sum();
    let mut values = Vec::with_capacity(height * width * channels);
    for place in 0..height * width {
        for map in maps {
            values.extend_from_slice(&map.values[place * map.channels..][..map.channels]);
        }
    }
    Map {
        height,
        width,
        channels,
        values,
    }
}
