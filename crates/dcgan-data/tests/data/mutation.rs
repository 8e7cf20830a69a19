//! Random mutations of bytes, for tests and for fuzzing without a fuzzer.

/// Marsaglia's xorshift64, which is good enough to choose mutations.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// A number below `bound`, or 0.
    pub fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound.max(1) as u64) as usize
    }

    /// One of several items.
    pub fn choose<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }
}

/// Numbers that parsers handle wrongly.
const EDGES: [u64; 10] = [
    0,
    1,
    0x7f,
    0xff,
    0x7fff,
    0xffff,
    0x7fff_ffff,
    0xffff_ffff,
    u64::MAX >> 1,
    u64::MAX,
];

/// Mutates bytes once, perhaps with parts of `others`.
pub fn mutate(bytes: &mut Vec<u8>, others: &[Vec<u8>], random: &mut Random) {
    let length = bytes.len();
    let at = random.below(length);
    let end = |random: &mut Random, most| (at + random.below(most)).min(length);
    match random.below(10) {
        0 => bytes.truncate(at),
        1 => bytes.insert(at, random.next() as u8),
        2 => {
            // Repeat a part.
            let copy = bytes[at..end(random, 64)].to_vec();
            let target = random.below(length);
            bytes.splice(target..target, copy);
        }
        3 => {
            let end = end(random, 64);
            bytes.drain(at..end);
        }
        4 => {
            // Overwrite a number.
            let edge = random.choose(&EDGES).to_le_bytes();
            let width = 1 << random.below(4);
            overwrite(bytes, at, &edge[..width]);
        }
        5 => {
            for _ in 0..=random.below(20) {
                let at = random.below(length);
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= 1 << random.below(8);
                }
            }
        }
        6 => overwrite(bytes, at, &[random.next() as u8]),
        7 => {
            let value = random.next() as u8;
            let end = end(random, 300);
            bytes[at..end].fill(value);
        }
        8 => {
            // Replace a part by the rest of another file.
            let other = random.choose(others);
            let from = random.below(other.len());
            let end = end(random, 200);
            bytes.splice(at..end, other[from..].iter().copied());
        }
        _ => {
            // Begin as another file does.
            let other = random.choose(others);
            let length = random.below(64).min(other.len());
            overwrite(bytes, 0, &other[..length]);
        }
    }
}

/// Overwrites bytes at a position, as far as there are any.
pub fn overwrite(bytes: &mut [u8], at: usize, values: &[u8]) {
    for (byte, value) in bytes.iter_mut().skip(at).zip(values) {
        *byte = *value;
    }
}
