use super::SIDE;
use super::map::Map;

/// How pictures become 299 by 299.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resize {
    /// As pytorch-fid: bilinear, without anti-aliasing.
    Bilinear,
    /// As clean-fid: bicubic with anti-aliasing, without rounding to bytes.
    Clean,
}

/// The weights of an output value: of consecutive inputs, the first at `start`.
struct Tap {
    start: usize,
    weights: Vec<f32>,
}

impl Resize {
    /// What the network sees of a picture `[side, side, channels]`: `[299, 299, 3]`, scaled as the
    /// tool that resizes so does it, from −1 to 1 or to 0.992.
    pub fn to_inception(self, bytes: &[u8], side: usize, channels: usize) -> Vec<f32> {
        self.apply(bytes, side, channels, SIDE).values
    }

    /// A picture of bytes, enlarged or reduced to `target`, in colour.
    pub(super) fn apply(self, bytes: &[u8], side: usize, channels: usize, target: usize) -> Map {
        let (taps, middle) = match self {
            Self::Bilinear => (bilinear(side, target), 127.5),
            Self::Clean => (bicubic(side, target), 128.0),
        };
        let mut values = vec![0.0; 3 * target * target];
        for channel in 0..channels {
            let plane = bytes.iter().skip(channel).step_by(channels);
            let plane: Vec<f32> = plane.map(|&byte| f32::from(byte)).collect();
            // along the rows first, as Pillow does
            let narrow = resized_and_transposed(&plane, side, &taps);
            let resized = resized_and_transposed(&narrow, side, &taps);
            for (value, resized) in values[channel..].iter_mut().step_by(3).zip(resized) {
                *value = (resized.clamp(0.0, 255.0) - middle) / middle;
            }
        }
        if channels == 1 {
            for pixel in values.chunks_exact_mut(3) {
                pixel.fill(pixel[0]);
            }
        }
        Map {
            height: target,
            width: target,
            channels: 3,
            values,
        }
    }
}

/// Rows of `length` values resized, as columns: done twice, a picture is the right way up again.
fn resized_and_transposed(rows: &[f32], length: usize, taps: &[Tap]) -> Vec<f32> {
    let lines = rows.len() / length;
    let mut resized = vec![0.0; taps.len() * lines];
    for (tap, resized) in taps.iter().zip(resized.chunks_exact_mut(lines)) {
        for (row, value) in rows.chunks_exact(length).zip(resized) {
            let inputs = &row[tap.start..];
            *value = tap
                .weights
                .iter()
                .zip(inputs)
                .map(|(weight, input)| weight * input)
                .sum();
        }
    }
    resized
}

/// The two nearest values, by distance; `align_corners=False`.
fn bilinear(side: usize, target: usize) -> Vec<Tap> {
    let scale = side as f64 / target as f64;
    let tap = |place: usize| {
        let centre = ((place as f64 + 0.5) * scale - 0.5).max(0.0);
        let start = (centre as usize).min(side - 1);
        let rest = (centre - start as f64) as f32;
        let weights = if start + 1 < side {
            vec![1.0 - rest, rest]
        } else {
            vec![1.0]
        };
        Tap { start, weights }
    };
    (0..target).map(tap).collect()
}

/// Pillow's: a cubic of a = −0.5, stretched by the reduction.
fn bicubic(side: usize, target: usize) -> Vec<Tap> {
    let cubic = |x: f64| match x.abs() {
        x if x < 1.0 => (1.5 * x - 2.5) * x * x + 1.0,
        x if x < 2.0 => ((-0.5 * x + 2.5) * x - 4.0) * x + 2.0,
        _ => 0.0,
    };
    let scale = side as f64 / target as f64;
    let stretch = scale.max(1.0);
    let support = 2.0 * stretch;
    let tap = |place: usize| {
        let centre = (place as f64 + 0.5) * scale;
        let start = (centre - support + 0.5).max(0.0) as usize;
        let end = ((centre + support + 0.5) as usize).min(side);
        let weight = |input: usize| cubic((input as f64 - centre + 0.5) / stretch);
        let weights: Vec<f64> = (start..end).map(weight).collect();
        let sum: f64 = weights.iter().sum();
        Tap {
            start,
            weights: weights
                .into_iter()
                .map(|weight| (weight / sum) as f32)
                .collect(),
        }
    };
    (0..target).map(tap).collect()
}
