//! How the pixels of a bare picture lie in its bytes.

use crate::pixels::Pixels;

/// The largest side of a bare picture, and the largest number of its bytes.
const MAX_SIDE: u64 = 1 << 16;
const MAX_RECORD_BYTES: u64 = 64 << 20;

/// The size of a bare picture, and the order of its values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Layout {
    width: u32,
    height: u32,
    channels: usize,
    order: Order,
}

/// The order of a bare picture's values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// Row by row, the channels of a pixel together.
    Interleaved,
    /// All of red, then all of green, then all of blue, each row by row.
    Planes,
    /// As planes, but each column by column.
    ColumnMajorPlanes,
}

impl Layout {
    /// `None` if no picture has such a size.
    pub fn new(width: u64, height: u64, channels: u64, order: Order) -> Option<Self> {
        let sides_fit = (1..=MAX_SIDE).contains(&width) && (1..=MAX_SIDE).contains(&height);
        let fits = sides_fit
            && matches!(channels, 1 | 3 | 4)
            && width * height * channels <= MAX_RECORD_BYTES;
        fits.then_some(Self {
            width: width as u32,
            height: height as u32,
            channels: channels as usize,
            order,
        })
    }

    /// The bytes of one picture.
    pub fn bytes(self) -> usize {
        self.width as usize * self.height as usize * self.channels
    }

    /// The picture in the order used everywhere else: interleaved.
    pub fn pixels(self, bytes: &[u8]) -> Pixels {
        let (width, height) = (self.width as usize, self.height as usize);
        let plane = width * height;
        let interleave = |place: &dyn Fn(usize) -> usize| {
            let places = (0..plane).map(place);
            places
                .flat_map(|at| (0..self.channels).map(move |channel| bytes[channel * plane + at]))
                .collect()
        };
        let values = match self.order {
            Order::Interleaved => bytes.to_vec(),
            Order::Planes => interleave(&|at| at),
            Order::ColumnMajorPlanes => interleave(&|at| at % width * height + at / width),
        };
        Pixels {
            width: self.width,
            height: self.height,
            channels: self.channels,
            values,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn planes_are_interleaved() {
        let planes = Layout::new(2, 1, 3, Order::Planes).unwrap();
        assert_eq!(
            planes.pixels(&[1, 2, 3, 4, 5, 6]).values,
            [1, 3, 5, 2, 4, 6]
        );
        let columns = Layout::new(3, 2, 1, Order::ColumnMajorPlanes).unwrap();
        assert_eq!(
            columns.pixels(&[1, 4, 2, 5, 3, 6]).values,
            [1, 2, 3, 4, 5, 6]
        );
    }

    #[test]
    fn impossible_sizes_are_refused() {
        for (width, height, channels) in [
            (0, 1, 1),
            (1, 0, 3),
            (1, 1, 2),
            (1 << 20, 1, 1),
            (1 << 16, 1 << 16, 3),
            (u64::MAX, u64::MAX, 3),
        ] {
            assert_eq!(
                Layout::new(width, height, channels, Order::Interleaved),
                None
            );
        }
    }
}
