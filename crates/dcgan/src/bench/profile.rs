//! Where the time of a step goes, in shares.

use serde::Serialize;

use crate::ops::profile::Profile;

/// Where the time of a step goes, by operation and by kind of work.
#[derive(Debug, Clone, Serialize)]
pub struct StepProfile {
    /// The operations of each layer in wall-clock time, the longest first; the time between them
    /// comes last.
    pub operations: Vec<OperationTime>,
    /// The kinds of work in thread time, without waiting; the rest of threads × wall-clock time
    /// comes last.
    pub parts: Vec<PartTime>,
}

/// One operation of one layer.
#[derive(Debug, Clone, Serialize)]
pub struct OperationTime {
    /// Its name, such as `conv2d 64→128, 32→16: forward`.
    pub name: String,
    /// Mean calls per step; `None` for the time between operations.
    pub calls_per_step: Option<f64>,
    /// The time of these calls, in milliseconds.
    pub milliseconds_per_step: f64,
    /// Their share of the step, 0 to 1.
    pub share: f64,
}

/// One kind of work.
#[derive(Debug, Clone, Serialize)]
pub struct PartTime {
    /// Its name, such as `matrix products (GEMM)`.
    pub name: &'static str,
    /// The time of all threads per step, in milliseconds.
    pub thread_milliseconds_per_step: f64,
    /// Its share of the time of all threads, 0 to 1.
    pub share: f64,
}

impl StepProfile {
    /// The profile of steps that took `seconds` each.
    pub(super) fn new(profile: Profile, seconds: &[f64], threads: usize) -> Self {
        let steps = seconds.len() as f64;
        let wall: f64 = seconds.iter().sum();
        let operation = |name: String, calls: Option<u64>, time: f64| OperationTime {
            name,
            calls_per_step: calls.map(|calls| calls as f64 / steps),
            milliseconds_per_step: 1e3 * time / steps,
            share: time / wall,
        };
        let mut between = wall;
        let mut operations = Vec::new();
        for measured in profile.operations {
            let time = measured.time.as_secs_f64();
            between -= time;
            operations.push(operation(measured.name, Some(measured.calls), time));
        }
        operations.push(operation(
            "between the operations".to_owned(),
            None,
            between.max(0.0),
        ));

        let all_threads = wall * threads as f64;
        let part = |name, time: f64| PartTime {
            name,
            thread_milliseconds_per_step: 1e3 * time / steps,
            share: time / all_threads,
        };
        let mut rest = all_threads;
        let mut parts = Vec::new();
        for (measured, time) in profile.parts {
            let time = time.as_secs_f64();
            rest -= time;
            parts.push(part(measured.name(), time));
        }
        parts.sort_by(|one, other| other.share.total_cmp(&one.share));
        parts.push(part("waiting, Burn, and the rest", rest.max(0.0)));
        Self { operations, parts }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::ops::profile::{Operation, Part};

    #[test]
    fn shares_of_operations_and_parts_add_up_to_the_whole() {
        let profile = Profile {
            operations: vec![Operation {
                name: "adam".to_owned(),
                calls: 6,
                time: Duration::from_secs(1),
            }],
            parts: vec![
                (Part::Adam, Duration::from_secs(1)),
                (Part::Products, Duration::from_secs(5)),
            ],
        };
        let found = StepProfile::new(profile, &[1.0, 3.0], 2);
        let operations: Vec<_> = found
            .operations
            .iter()
            .map(|operation| (operation.calls_per_step, operation.share))
            .collect();
        assert_eq!(operations, [(Some(3.0), 0.25), (None, 0.75)]);
        let parts: Vec<_> = found
            .parts
            .iter()
            .map(|part| (part.thread_milliseconds_per_step, part.share))
            .collect();
        assert_eq!(parts, [(2500.0, 0.625), (500.0, 0.125), (1000.0, 0.25)]);
        assert_eq!(found.parts[0].name, Part::Products.name());
    }
}
