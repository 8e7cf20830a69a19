//! Runs targets on mutated seeds without a fuzzer, on any toolchain: `mutate SECONDS [TARGET…]`.
//! Reports the number of executions of each.

use std::time::{Duration, Instant};

use dcgan_fuzz::Target;
use mutation::{Random, mutate};

#[path = "../../crates/dcgan-data/tests/data/mutation.rs"]
mod mutation;

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
        let mut random = Random::new(1);
        let (start, mut executions, mut slowest) = (Instant::now(), 0_u64, Duration::ZERO);
        while start.elapsed() < Duration::from_secs(seconds) {
            let mut bytes = random.choose(&seeds).clone();
            for _ in 0..=random.below(6) {
                mutate(&mut bytes, &seeds, &mut random);
            }
            let last = std::env::temp_dir().join(format!("dcgan-fuzz-{}", target.name()));
            // A crash can be reproduced from this file.
            std::fs::write(&last, &bytes).expect("a temporary file");
            let before = Instant::now();
            target.run(&bytes);
            slowest = slowest.max(before.elapsed());
            executions += 1;
        }
        println!("{}: {executions} executions, the slowest {slowest:?}", target.name());
    }
}
