//! The Laplacian pyramid (Burt and Adelson 1983) of a picture, one channel at a time: every level
//! holds what the next coarser one lacks, and the last one what is left.

/// Binomial weights, which the two axes share.
const WEIGHTS: [f32; 5] = [1.0 / 16.0, 4.0 / 16.0, 6.0 / 16.0, 4.0 / 16.0, 1.0 / 16.0];

/// A square of values.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Plane {
    pub side: usize,
    pub values: Vec<f32>,
}

/// The levels of a plane, the finest first.
pub(crate) fn pyramid(plane: Plane, levels: usize) -> Vec<Plane> {
    let mut pyramid = Vec::with_capacity(levels);
    let mut rest = plane;
    for _ in 1..levels {
        let coarse = halved(&rest);
        let enlarged = doubled(&coarse, rest.side);
        for (value, coarse) in rest.values.iter_mut().zip(&enlarged.values) {
            *value -= coarse;
        }
        pyramid.push(rest);
        rest = coarse;
    }
    pyramid.push(rest);
    pyramid
}

/// Smoothed, and every second value taken.
fn halved(plane: &Plane) -> Plane {
    let smooth = smoothed(plane, 1.0);
    let side = plane.side.div_ceil(2);
    let places = (0..side * side).map(|at| (2 * (at / side), 2 * (at % side)));
    Plane {
        side,
        values: places
            .map(|(y, x)| smooth.values[y * plane.side + x])
            .collect(),
    }
}

/// Enlarged to `side`: zeros between the values, smoothed.
fn doubled(plane: &Plane, side: usize) -> Plane {
    let mut sparse = Plane {
        side,
        values: vec![0.0; side * side],
    };
    for (at, value) in plane.values.iter().enumerate() {
        let (y, x) = (2 * (at / plane.side), 2 * (at % plane.side));
        sparse.values[y * side + x] = *value;
    }
    smoothed(&sparse, 2.0)
}

/// Smoothed along both axes, with the weights times `gain`, the picture mirrored at its edges.
fn smoothed(plane: &Plane, gain: f32) -> Plane {
    let side = plane.side;
    let weights = WEIGHTS.map(|weight| gain * weight);
    let mut columns = vec![0.0; plane.values.len()];
    for (y, smooth) in columns.chunks_exact_mut(side).enumerate() {
        for (offset, weight) in weights.iter().enumerate() {
            let from = mirrored(y as isize + offset as isize - 2, side);
            let row = &plane.values[from * side..][..side];
            for (smooth, value) in smooth.iter_mut().zip(row) {
                *smooth += weight * value;
            }
        }
    }
    let mut values = vec![0.0; plane.values.len()];
    let mut padded = vec![0.0; side + 4];
    for (row, smooth) in columns
        .chunks_exact(side)
        .zip(values.chunks_exact_mut(side))
    {
        for (place, padded) in padded.iter_mut().enumerate() {
            *padded = row[mirrored(place as isize - 2, side)];
        }
        for (offset, weight) in weights.iter().enumerate() {
            for (smooth, value) in smooth.iter_mut().zip(&padded[offset..]) {
                *smooth += weight * value;
            }
        }
    }
    Plane { side, values }
}

/// A place beyond an edge, mirrored at the outermost value.
fn mirrored(place: isize, side: usize) -> usize {
    let last = side as isize - 1;
    let place = if place < 0 { -place } else { place };
    let place = if place > last {
        2 * last - place
    } else {
        place
    };
    place.clamp(0, last) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flat_picture_has_nothing_but_its_coarsest_level() {
        for side in [16, 17, 32] {
            let plane = Plane {
                side,
                values: vec![7.0; side * side],
            };
            let levels = pyramid(plane, 2);
            assert_eq!(levels[1].side, side.div_ceil(2));
            assert!(
                levels[1]
                    .values
                    .iter()
                    .all(|value| (value - 7.0).abs() < 1e-5)
            );
            if side % 2 == 0 {
                assert!(levels[0].values.iter().all(|value| value.abs() < 1e-5));
            }
        }
    }
}
