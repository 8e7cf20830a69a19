//! Runs targets on mutated seeds without a fuzzer, on any toolchain:
//! `mutate SECONDS [TARGET…]`. Says how many executions each one did.

use std::time::{Duration, Instant};

use dcgan_fuzz::Target;

/// Marsaglia's xorshift64: enough to choose what to break.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound.max(1) as u64) as usize
    }
}

/// Numbers that parsers get wrong.
const EDGES: [u64; 8] = [0, 1, 0x7f, 0xff, 0x7fff_ffff, 0xffff_ffff, u64::MAX >> 1, u64::MAX];

fn mutate(bytes: &mut Vec<u8>, random: &mut Random) {
    for _ in 0..=random.below(6) {
        let at = random.below(bytes.len());
        match random.below(7) {
            0 => bytes.truncate(at),
            1 => bytes.insert(at.min(bytes.len()), random.next() as u8),
            2 => {
                let end = (at + random.below(64)).min(bytes.len());
                let copy = bytes[at.min(end)..end].to_vec();
                let target = random.below(bytes.len());
                bytes.splice(target..target, copy);
            }
            3 => {
                let end = (at + random.below(64)).min(bytes.len());
                bytes.drain(at.min(end)..end);
            }
            4 => {
                let edge = EDGES[random.below(EDGES.len())].to_le_bytes();
                let width = 1 << random.below(4);
                for (byte, value) in bytes.iter_mut().skip(at).zip(&edge[..width]) {
                    *byte = *value;
                }
            }
            5 if at < bytes.len() => bytes[at] ^= 1 << random.below(8),
            _ if at < bytes.len() => bytes[at] = random.next() as u8,
            _ => {}
        }
    }
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let seconds = arguments.next().and_then(|text| text.parse().ok());
    let Some(seconds) = seconds else {
        eprintln!("mutate SECONDS [TARGET…]");
        std::process::exit(1);
    };
    let named: Vec<String> = arguments.collect();
    let wanted = |target: &Target| named.is_empty() || named.iter().any(|name| name == target.name());
    for target in Target::ALL.into_iter().filter(wanted) {
        let seeds = target.seeds();
        let mut random = Random(0x9e37_79b9_7f4a_7c15);
        let (start, mut executions, mut slowest) = (Instant::now(), 0_u64, Duration::ZERO);
        while start.elapsed() < Duration::from_secs(seconds) {
            let mut bytes = seeds[random.below(seeds.len())].clone();
            mutate(&mut bytes, &mut random);
            let last = std::env::temp_dir().join(format!("dcgan-fuzz-{}", target.name()));
            // What a crash is made from again.
            std::fs::write(&last, &bytes).expect("a temporary file");
            let before = Instant::now();
            target.run(&bytes);
            slowest = slowest.max(before.elapsed());
            executions += 1;
        }
        println!("{}: {executions} executions, the slowest {slowest:?}", target.name());
    }
}
