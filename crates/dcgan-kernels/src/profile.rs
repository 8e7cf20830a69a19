//! The time of a training step by kind of work.
//!
//! Off until it is [started](start). It then reads the clock twice for each task of some ten
//! microseconds. It counts thread time: two threads that work for one second count as two
//! seconds.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

/// A kind of work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Matrix products (GEMM): of the transformed layers, and of the direct ones.
    Products,
    /// Winograd's transforms of activations and gradients, to points and back.
    ValueTransforms,
    /// Winograd's transforms of weights, to points and back.
    WeightTransforms,
    /// Copies of the values under a kernel's window, and their adjoint; pixels rounded into planes, and
    /// planes of results written.
    Columns,
    /// Weights laid out for a direct product, and gradients laid out like the weight.
    WeightLayouts,
    /// Batch norm with its activation.
    BatchNorm,
    /// Activations alone, biases and their gradients.
    Activations,
    /// Adam's update.
    Adam,
    /// Moving averages of weights.
    MovingAverage,
    /// Spectral norms of weights.
    SpectralNorm,
    /// Augmentation of pictures.
    Augmentation,
}

impl Part {
    /// All kinds.
    pub const ALL: [Self; 11] = [
        Self::Products,
        Self::ValueTransforms,
        Self::WeightTransforms,
        Self::Columns,
        Self::WeightLayouts,
        Self::BatchNorm,
        Self::Activations,
        Self::Adam,
        Self::MovingAverage,
        Self::SpectralNorm,
        Self::Augmentation,
    ];

    /// Its name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Products => "matrix products (GEMM)",
            Self::ValueTransforms => "Winograd transforms of values",
            Self::WeightTransforms => "Winograd transforms of weights",
            Self::Columns => "columns under the kernel",
            Self::WeightLayouts => "weight layouts",
            Self::BatchNorm => "batch norm and activation",
            Self::Activations => "activations and biases",
            Self::Adam => "Adam",
            Self::MovingAverage => "moving averages",
            Self::SpectralNorm => "spectral norms",
            Self::Augmentation => "augmentation",
        }
    }
}

static ON: AtomicBool = AtomicBool::new(false);
static NANOSECONDS: [AtomicU64; Part::ALL.len()] = [const { AtomicU64::new(0) }; Part::ALL.len()];

/// Starts counting from zero, for the whole process.
pub fn start() {
    for counter in &NANOSECONDS {
        counter.store(0, Relaxed);
    }
    ON.store(true, Relaxed);
}

/// Stops, and returns the thread time spent on each part.
pub fn stop() -> [(Part, Duration); Part::ALL.len()] {
    ON.store(false, Relaxed);
    Part::ALL.map(|part| {
        let nanoseconds = NANOSECONDS[part as usize].load(Relaxed);
        (part, Duration::from_nanos(nanoseconds))
    })
}

/// Runs `work`, which must not wait for other tasks, and adds its time to a part.
#[inline(always)]
pub(crate) fn time<R>(part: Part, work: impl FnOnce() -> R) -> R {
    if !ON.load(Relaxed) {
        return work();
    }
    let start = Instant::now();
    let result = work();
    let nanoseconds = start.elapsed().as_nanos() as u64;
    NANOSECONDS[part as usize].fetch_add(nanoseconds, Relaxed);
    result
}
