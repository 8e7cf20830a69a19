//! The gradients of a network in buckets, which are summed over all ranks while those of other
//! layers are still computed (Li et al. 2020, "PyTorch Distributed").
//!
//! The backward pass comes from the last layer to the first, and so do buckets. A parameter that
//! takes part in several forward passes gets as many gradients, which are added up here; when
//! all of a bucket have come, its sum over the ranks starts.

use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use burn::backend::flex::FlexTensor;

use super::Ranks;
use super::job::{Exchange, Operation, Pending, Values};
use crate::buffer::Buffer;

/// Values from which on a bucket is full: 1 MB. Smaller ones would be waited for one by one,
/// larger ones would start late. A parameter of so many has a bucket of its own, and is sent from
/// where the backward pass has left it.
const FULL: usize = 1 << 18;

/// The gradients of one network.
#[derive(Debug)]
pub(crate) struct Buckets {
    ranks: Ranks,
    /// Whose gradients, in words.
    whose: &'static str,
    /// Where each parameter's gradient is: its bucket, and its place there.
    places: Vec<(usize, Range<usize>)>,
    /// The number of values in each bucket.
    sizes: Vec<usize>,
    /// In how many parts this rank's gradients come, if sums are to be taken in the order of
    /// [`Share::parts`](super::Share::parts).
    parts: Option<usize>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    buckets: Vec<Bucket>,
    /// How many of the buckets, from the first on, have started.
    started: usize,
    /// Of each parameter, the gradients that will come, and those that have.
    awaited: Vec<[usize; 2]>,
    /// The parameters in the order in which their gradients have come.
    #[cfg(test)]
    arrivals: Vec<usize>,
}

#[derive(Debug)]
enum Bucket {
    Empty,
    /// The one gradient of its one parameter.
    One(FlexTensor),
    /// Gradients beside each other, or on top of each other.
    Some(Buffer),
    Summing(Pending),
    Summed(Buffer),
}

/// The place of one parameter's gradient.
#[derive(Debug, Clone)]
pub(crate) struct Slot {
    buckets: Arc<Buckets>,
    parameter: usize,
}

impl Slot {
    /// One more gradient will come.
    pub fn expect_gradient(&self) {
        self.buckets.state().awaited[self.parameter][0] += 1;
    }

    /// A gradient has come, dense.
    pub fn add(&self, gradient: FlexTensor) {
        self.buckets.add(self.parameter, gradient);
    }
}

impl Buckets {
    /// Buckets for parameters of these lengths, in the order of their layers, and gradients in so
    /// many parts.
    pub fn new(
        ranks: Ranks,
        whose: &'static str,
        lengths: &[usize],
        parts: Option<usize>,
    ) -> Arc<Self> {
        let mut sizes = Vec::new();
        let mut places = vec![(0, 0..0); lengths.len()];
        for (place, &length) in places.iter_mut().zip(lengths).rev() {
            if length >= FULL || sizes.last().is_none_or(|&size| size >= FULL) {
                sizes.push(0);
            }
            let bucket = sizes.len() - 1;
            *place = (bucket, sizes[bucket]..sizes[bucket] + length);
            sizes[bucket] += length;
        }
        let state = State {
            buckets: sizes.iter().map(|_| Bucket::Empty).collect(),
            started: 0,
            awaited: vec![[0, 0]; lengths.len()],
            #[cfg(test)]
            arrivals: Vec::new(),
        };
        Arc::new(Self {
            ranks,
            whose,
            places,
            sizes,
            parts,
            state: Mutex::new(state),
        })
    }

    /// The place of each parameter's gradient, in the order of their layers.
    pub fn slots(self: &Arc<Self>) -> impl Iterator<Item = Slot> {
        (0..self.places.len()).map(|parameter| Slot {
            buckets: Arc::clone(self),
            parameter,
        })
    }

    /// A gradient that nobody has expected has come: the only one of its parameter.
    pub fn add_only(&self, parameter: usize, gradient: FlexTensor) {
        self.state().awaited[parameter][0] += 1;
        self.add(parameter, gradient);
    }

    /// The parameters in the order in which their gradients have come.
    #[cfg(test)]
    pub fn arrivals(&self) -> Vec<usize> {
        self.state().arrivals.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(&self, parameter: usize, gradient: FlexTensor) {
        let state = &mut *self.state();
        let (bucket, range) = &self.places[parameter];
        let [_, come] = &mut state.awaited[parameter];
        let bucket = &mut state.buckets[*bucket];
        let size = self.sizes[self.places[parameter].0];
        let parts = self.parts.unwrap_or(1);
        *bucket = match std::mem::replace(bucket, Bucket::Empty) {
            Bucket::Empty if range.len() == size && parts == 1 => Bucket::One(gradient),
            before => {
                let mut values = before.into_buffer(parts * size);
                let mut gradients = gradient.storage::<f32>().chunks(range.len());
                for sums in values.chunks_mut(size) {
                    add_up(&mut sums[range.clone()], gradients.next(), *come > 0);
                }
                Bucket::Some(values)
            }
        };
        *come += 1;
        #[cfg(test)]
        state.arrivals.push(parameter);
        while state.started < state.buckets.len() && self.is_full(state, state.started) {
            self.start(state);
        }
    }

    /// Whether all gradients of a bucket have come.
    fn is_full(&self, state: &State, bucket: usize) -> bool {
        let awaited = self.places.iter().zip(&state.awaited);
        awaited
            .filter(|((of, _), _)| *of == bucket)
            .all(|(_, [expected, come])| *expected > 0 && come == expected)
    }

    /// Starts the sum of the next bucket: all ranks start them in the same order. Of a bucket
    /// without gradients there is none, on any rank.
    fn start(&self, state: &mut State) {
        let number = state.started;
        state.started += 1;
        let count = state.buckets.len();
        let bucket = &mut state.buckets[number];
        let sent = match std::mem::replace(bucket, Bucket::Empty) {
            Bucket::One(gradient) => Values::Gradient(gradient),
            Bucket::Some(values) => Values::Buffer(in_pairs(values, self.sizes[number])),
            Bucket::Empty | Bucket::Summing(_) | Bucket::Summed(_) => return,
        };
        *bucket = match &self.ranks.messenger {
            Some(messenger) => {
                let operation = match self.parts {
                    Some(_) => Operation::Gather, // and added up here, in order
                    None => Operation::Sum,
                };
                let received = sent.room(operation, self.ranks.count());
                let what = format!("{} (bucket {} of {count})", self.whose, number + 1);
                Bucket::Summing(messenger.sum_gradients(
                    operation,
                    Exchange { sent, received },
                    what,
                ))
            }
            None => Bucket::Summed(match sent {
                Values::Gradient(gradient) => copy(gradient.storage()),
                sent => sent.buffer(),
            }),
        };
    }

    /// Waits for all sums, gives each parameter's to `take`, and is ready for the next step.
    /// Parameters of which no gradient was expected have none.
    pub fn finish(&self, mut take: impl FnMut(usize, Buffer)) {
        let mut state = self.state();
        while state.started < state.buckets.len() {
            self.start(&mut state);
        }
        for number in 0..state.buckets.len() {
            let sums = match std::mem::replace(&mut state.buckets[number], Bucket::Empty) {
                Bucket::Summing(pending) => {
                    in_pairs(pending.wait().received.buffer(), self.sizes[number])
                }
                Bucket::Summed(sums) => sums,
                Bucket::Empty | Bucket::One(_) | Bucket::Some(_) => continue,
            };
            let awaited = self.places.iter().zip(&state.awaited).enumerate();
            let here = awaited.filter(|(_, ((bucket, _), _))| *bucket == number);
            let mut sums = Some(sums);
            for (parameter, ((_, range), [expected, _])) in here {
                let whole = sums.take_if(|sums| sums.len() == range.len());
                let part = || sums.as_ref().map(|sums| copy(&sums[range.clone()]));
                if let (Some(sum), 1..) = (whole.or_else(part), *expected) {
                    take(parameter, sum);
                }
            }
        }
        state.started = 0;
        state.awaited.fill([0, 0]);
    }
}

impl Bucket {
    /// Room for gradients, with those that have come.
    fn into_buffer(self, size: usize) -> Buffer {
        match self {
            Self::Empty => Buffer::of(size),
            Self::One(gradient) => copy(gradient.storage()),
            Self::Some(values) => values,
            Self::Summing(_) | Self::Summed(_) => {
                unreachable!("a gradient came after its bucket had started")
            }
        }
    }
}

/// Adds a gradient to those of its parameter that have come, if some `have`; the gradient may be
/// none.
fn add_up(sums: &mut [f32], gradient: Option<&[f32]>, have: bool) {
    match (gradient, have) {
        (Some(gradient), false) => sums.copy_from_slice(gradient),
        (Some(gradient), true) => sums.iter_mut().zip(gradient).for_each(|(sum, g)| *sum += g),
        (None, false) => sums.fill(0.0),
        (None, true) => {}
    }
}

/// The sum of vectors of `size` values beside each other, one or a power of two: in pairs, and
/// pairs of pairs.
fn in_pairs(mut values: Buffer, size: usize) -> Buffer {
    if values.len() == size {
        return values;
    }
    let mut step = size;
    while step < values.len() {
        for pair in values.chunks_mut(2 * step) {
            let (one, other) = pair.split_at_mut(step);
            add_up(&mut one[..size], Some(&other[..size]), true);
        }
        step *= 2;
    }
    copy(&values[..size])
}

fn copy(values: &[f32]) -> Buffer {
    let mut copy = Buffer::of(values.len());
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

    #[test]
    fn gradients_of_several_passes_are_added_up_and_each_step_begins_anew() {
        for length in [2, FULL] {
            let buckets = Buckets::new(Ranks::alone(), "gradients", &[length, 3, 4], None);
            let slots: Vec<Slot> = buckets.slots().collect();
            for step in [1.0, 10.0] {
                for slot in &slots[..2] {
                    slot.expect_gradient();
                    slot.expect_gradient();
                }
                for (slot, length) in slots.iter().zip([length, 3]) {
                    slot.add(gradient(step, length));
                    slot.add(gradient(2.0 * step, length));
                }
                let mut sums = Vec::new();
                buckets.finish(|parameter, sum| sums.push((parameter, sum.to_vec())));
                sums.sort_by_key(|(parameter, _)| *parameter);
                let sum = |length| vec![3.0 * step; length];
                assert_eq!(sums, [(0, sum(length)), (1, sum(3))]);
            }
        }
    }

    #[test]
    fn a_bucket_starts_when_the_last_of_its_gradients_has_come_and_none_before_another() {
        let buckets = Buckets::new(Ranks::alone(), "gradients", &[3, FULL, FULL], None);
        let slots: Vec<Slot> = buckets.slots().collect();
        slots.iter().for_each(Slot::expect_gradient);
        let started = || buckets.state().started;
        slots[1].add(gradient(1.0, FULL));
        assert_eq!(started(), 0, "the last layer's comes first");
        slots[2].add(gradient(1.0, FULL));
        assert_eq!(started(), 2);
        slots[0].add(gradient(1.0, 3));
        assert_eq!(started(), 3);
    }

    #[test]
    fn parts_of_all_passes_are_added_up_first_and_then_in_pairs() {
        let buckets = Buckets::new(Ranks::alone(), "gradients", &[1, 1], Some(4));
        let slots: Vec<Slot> = buckets.slots().collect();
        slots.iter().for_each(Slot::expect_gradient);
        slots[0].expect_gradient();
        let big = 1e8; // beside which a one is lost
        let parts = |values: [f32; 4]| FlexTensor::from_data(TensorData::new(values.to_vec(), [4]));
        slots[1].add(gradient(7.0, 1)); // of the whole batch at once
        slots[0].add(parts([big, 1.0, -1.0, 0.0]));
        slots[0].add(parts([-big, 1.0, big, -big]));
        let mut sums = Vec::new();
        buckets.finish(|parameter, sum| sums.push((parameter, sum.to_vec())));
        sums.sort_by_key(|(parameter, _)| *parameter);
        assert_eq!(sums, [(0, vec![2.0]), (1, vec![7.0])]);
    }
}
