//! A network's gradients in buckets, each summed over all ranks while the backward pass still
//! computes the next (Li et al. 2020, "PyTorch Distributed").
//!
//! The backward pass goes from the last layer to the first, and buckets are filled in that order.
//! A parameter that takes part in several forward passes gets one gradient from each; they are
//! added up here. Once all gradients of a bucket have arrived, its sum over the ranks starts.

use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use burn::backend::flex::FlexTensor;

use crate::buffer::Buffer;
use crate::model::{Network, Parameter};
use crate::ops::GradientSink;
use crate::ranks::{Pending, Ranks, Share};

/// The number of values from which a bucket is full: 1 MB. Smaller buckets would be waited for one
/// by one, larger ones would start late. A parameter of this size has a bucket of its own, and is
/// sent from where the backward pass has left it.
const FULL_BUCKET: usize = 1 << 18;

/// The gradients of one network.
#[derive(Debug)]
pub(super) struct Buckets {
    ranks: Ranks,
    /// What messages call the gradients.
    name: &'static str,
    /// Where each parameter's gradient goes.
    places: Vec<Place>,
    /// The number of values in each bucket.
    sizes: Vec<usize>,
    /// In how many parts this rank's gradients arrive, if they are to be summed in the order of
    /// [`Share::parts`](crate::ranks::Share::parts).
    parts: Option<usize>,
    state: Mutex<State>,
}

/// The bucket of a parameter, and its range of values there.
#[derive(Debug, Clone)]
struct Place {
    bucket: usize,
    range: Range<usize>,
}

#[derive(Debug)]
struct State {
    buckets: Vec<Bucket>,
    /// How many of the buckets, from the first on, have started.
    started: usize,
    /// For each parameter.
    counts: Vec<Counts>,
}

/// How many gradients a parameter gets in this step.
#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    expected: usize,
    arrived: usize,
}

#[derive(Debug)]
enum Bucket {
    Empty,
    /// The one gradient of its one parameter.
    Single(Gradient),
    /// The gradients of its parameters, each the sum of those that have arrived; if they arrive in
    /// parts, one bucket of values after another.
    Filling(Buffer),
    Summing(Pending<Buffer>),
    Summed(Buffer),
}

/// A dense gradient where the backward pass has left it.
#[derive(Debug)]
struct Gradient(FlexTensor);

impl AsRef<[f32]> for Gradient {
    fn as_ref(&self) -> &[f32] {
        self.0.storage()
    }
}

impl GradientSink for Buckets {
    fn expect_gradient(&self, parameter: usize) {
        self.state().counts[parameter].expected += 1;
    }

    fn add_gradient(&self, parameter: usize, gradient: FlexTensor) {
        self.add(parameter, Gradient(gradient));
    }
}

impl Buckets {
    /// Buckets for the gradients of a network, which messages call `name`, from this rank's rows
    /// of each batch.
    pub fn for_network(
        network: &Network,
        share: &Share,
        name: &'static str,
        synchronised: bool,
    ) -> Arc<Self> {
        let parameters = network.parameters().into_iter();
        let lengths: Vec<usize> = parameters.map(Parameter::len).collect();
        let parts = share.parts().filter(|_| synchronised);
        Self::new(share.ranks().clone(), name, &lengths, parts)
    }

    /// Buckets for parameters of these lengths, in the order of their layers, whose gradients
    /// arrive in `parts`.
    fn new(ranks: Ranks, name: &'static str, lengths: &[usize], parts: Option<usize>) -> Arc<Self> {
        let mut sizes: Vec<usize> = Vec::new();
        let mut places = Vec::with_capacity(lengths.len());
        for &length in lengths.iter().rev() {
            if length >= FULL_BUCKET || sizes.last().is_none_or(|&size| size >= FULL_BUCKET) {
                sizes.push(0);
            }
            let bucket = sizes.len() - 1;
            let range = sizes[bucket]..sizes[bucket] + length;
            sizes[bucket] = range.end;
            places.push(Place { bucket, range });
        }
        places.reverse();
        let state = State {
            buckets: sizes.iter().map(|_| Bucket::Empty).collect(),
            started: 0,
            counts: vec![Counts::default(); lengths.len()],
        };
        Arc::new(Self {
            ranks,
            name,
            places,
            sizes,
            parts,
            state: Mutex::new(state),
        })
    }

    /// Adds a gradient that was not announced: the only one of its parameter.
    pub fn add_only(&self, parameter: usize, gradient: FlexTensor) {
        self.expect_gradient(parameter);
        self.add_gradient(parameter, gradient);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(&self, parameter: usize, gradient: Gradient) {
        let state = &mut *self.state();
        let Place { bucket, range } = &self.places[parameter];
        let size = self.sizes[*bucket];
        let bucket = &mut state.buckets[*bucket];
        let counts = &mut state.counts[parameter];
        let parts = self.parts.unwrap_or(1);
        *bucket = match std::mem::replace(bucket, Bucket::Empty) {
            Bucket::Empty if range.len() == size && parts == 1 => Bucket::Single(gradient),
            before => {
                let mut sums = before.into_buffer(parts * size);
                let mut gradients = gradient.as_ref().chunks(range.len());
                for sums in sums.chunks_mut(size) {
                    let sums = &mut sums[range.clone()];
                    // a parameter whose layer does not compute in parts has one gradient in all
                    match gradients.next() {
                        Some(gradient) if counts.arrived == 0 => sums.copy_from_slice(gradient),
                        Some(gradient) => add_to(sums, gradient),
                        None if counts.arrived == 0 => sums.fill(0.0),
                        None => {}
                    }
                }
                Bucket::Filling(sums)
            }
        };
        counts.arrived += 1;
        while state.started < state.buckets.len() && self.is_full(state, state.started) {
            self.start(state);
        }
    }

    /// Whether all gradients of a bucket have arrived.
    fn is_full(&self, state: &State, bucket: usize) -> bool {
        self.places
            .iter()
            .zip(&state.counts)
            .filter(|(place, _)| place.bucket == bucket)
            .all(|(_, counts)| counts.expected > 0 && counts.arrived == counts.expected)
    }

    /// Starts the sum of the next bucket; all ranks start them in the same order. A bucket that
    /// has no gradients has none on any rank, and is left out.
    fn start(&self, state: &mut State) {
        let number = state.started;
        state.started += 1;
        let of = state.buckets.len();
        let bucket = &mut state.buckets[number];
        let what = || format!("{} (bucket {} of {of})", self.name, number + 1);
        *bucket = match std::mem::replace(bucket, Bucket::Empty) {
            Bucket::Empty | Bucket::Summing(_) | Bucket::Summed(_) => Bucket::Empty,
            Bucket::Single(gradient) if self.ranks.is_alone() => {
                Bucket::Summed(copy(gradient.as_ref()))
            }
            Bucket::Single(gradient) => self.sum(gradient, what()),
            Bucket::Filling(parts) => {
                let values = sum_in_pairs(parts, self.sizes[number]);
                if self.ranks.is_alone() {
                    Bucket::Summed(values)
                } else {
                    self.sum(values, what())
                }
            }
        };
    }

    /// Starts the sum of a bucket over all ranks. To sum in a given order, each rank gathers what
    /// all have and [adds it up](Self::finish) itself.
    fn sum<S>(&self, sent: S, what: String) -> Bucket
    where
        S: AsRef<[f32]> + Send + 'static,
    {
        let len = sent.as_ref().len();
        let pending = if self.parts.is_some() {
            let received = Buffer::new(self.ranks.count() * len);
            self.ranks.start_gather(sent, received, what)
        } else {
            self.ranks.start_sum(sent, Buffer::new(len), what)
        };
        Bucket::Summing(pending.expect("several ranks have a messenger"))
    }

    /// Waits for all sums, passes each parameter's to `take`, and prepares for the next step.
    /// Parameters of which no gradient was expected have none.
    pub fn finish(&self, mut take: impl FnMut(usize, Buffer)) {
        let mut state = self.state();
        while state.started < state.buckets.len() {
            self.start(&mut state);
        }
        for number in 0..state.buckets.len() {
            let sums = match std::mem::replace(&mut state.buckets[number], Bucket::Empty) {
                Bucket::Summing(pending) => sum_in_pairs(pending.wait(), self.sizes[number]),
                Bucket::Summed(sums) => sums,
                Bucket::Empty | Bucket::Single(_) | Bucket::Filling(_) => continue,
            };
            let mut sums = Some(sums);
            for (parameter, place) in self.places.iter().enumerate() {
                if place.bucket != number {
                    continue;
                }
                let whole = sums.take_if(|sums| sums.len() == place.range.len());
                let range = || sums.as_ref().map(|sums| copy(&sums[place.range.clone()]));
                let sum = whole.or_else(range);
                if let (Some(sum), 1..) = (sum, state.counts[parameter].expected) {
                    take(parameter, sum);
                }
            }
        }
        state.started = 0;
        state.counts.fill(Counts::default());
    }
}

impl Bucket {
    /// Memory of `len` values for gradients, with those that have arrived.
    fn into_buffer(self, len: usize) -> Buffer {
        match self {
            Self::Empty => Buffer::new(len),
            Self::Single(gradient) => copy(gradient.as_ref()),
            Self::Filling(sums) => sums,
            Self::Summing(_) | Self::Summed(_) => {
                unreachable!("a gradient arrived after its bucket had started")
            }
        }
    }
}

fn add_to(sums: &mut [f32], gradient: &[f32]) {
    for (sum, value) in sums.iter_mut().zip(gradient) {
        *sum += value;
    }
}

/// The sum of vectors of `size` values stored one after another, one or a power of two of them: in
/// pairs, then pairs of pairs.
fn sum_in_pairs(mut vectors: Buffer, size: usize) -> Buffer {
    if vectors.len() == size {
        return vectors;
    }
    let mut step = size;
    while step < vectors.len() {
        for pair in vectors.chunks_mut(2 * step) {
            let (sums, others) = pair.split_at_mut(step);
            add_to(&mut sums[..size], &others[..size]);
        }
        step *= 2;
    }
    copy(&vectors[..size])
}

fn copy(values: &[f32]) -> Buffer {
    let mut copy = Buffer::new(values.len());
    copy.copy_from_slice(values);
    copy
}

#[cfg(test)]
mod tests {
    use burn::tensor::TensorData;

    use super::*;

    fn gradient(value: f32, length: usize) -> FlexTensor {
        FlexTensor::from_data(TensorData::new(vec![value; length], [length]))
    }

    /// All sums, in the order of their parameters.
    fn finish(buckets: &Buckets) -> Vec<(usize, Vec<f32>)> {
        let mut sums = Vec::new();
        buckets.finish(|parameter, sum| sums.push((parameter, sum.to_vec())));
        sums.sort_by_key(|(parameter, _)| *parameter);
        sums
    }

    #[test]
    fn gradients_of_several_passes_are_added_up_and_each_step_starts_from_zero() {
        for length in [2, FULL_BUCKET] {
            let buckets = Buckets::new(Ranks::alone(), "gradients", &[length, 3, 4], None);
            for step in [1.0, 10.0] {
                for parameter in [0, 1] {
                    buckets.expect_gradient(parameter);
                    buckets.expect_gradient(parameter);
                }
                for (parameter, length) in [(0, length), (1, 3)] {
                    buckets.add_gradient(parameter, gradient(step, length));
                    buckets.add_gradient(parameter, gradient(2.0 * step, length));
                }
                let sum = |length| vec![3.0 * step; length];
                assert_eq!(finish(&buckets), [(0, sum(length)), (1, sum(3))]);
            }
        }
    }

    #[test]
    fn buckets_start_in_order_each_when_its_last_gradient_has_arrived() {
        let lengths = [3, FULL_BUCKET, FULL_BUCKET];
        let buckets = Buckets::new(Ranks::alone(), "gradients", &lengths, None);
        for parameter in 0..lengths.len() {
            buckets.expect_gradient(parameter);
        }
        let started = || buckets.state().started;
        buckets.add_gradient(1, gradient(1.0, FULL_BUCKET));
        assert_eq!(started(), 0, "the last layer's bucket is the first");
        buckets.add_gradient(2, gradient(1.0, FULL_BUCKET));
        assert_eq!(started(), 2);
        buckets.add_gradient(0, gradient(1.0, 3));
        assert_eq!(started(), 3);
    }

    #[test]
    fn parts_are_added_up_over_all_passes_first_and_then_in_pairs() {
        let buckets = Buckets::new(Ranks::alone(), "gradients", &[1, 1], Some(4));
        for parameter in [0, 0, 1] {
            buckets.expect_gradient(parameter);
        }
        let big = 1e8; // added to it, a 1 is lost
        let parts = |values: [f32; 4]| FlexTensor::from_data(TensorData::new(values.to_vec(), [4]));
        buckets.add_gradient(1, gradient(7.0, 1)); // of the whole batch at once
        buckets.add_gradient(0, parts([big, 1.0, -1.0, 0.0]));
        buckets.add_gradient(0, parts([-big, 1.0, big, -big]));
        assert_eq!(finish(&buckets), [(0, vec![2.0]), (1, vec![7.0])]);
    }
}
