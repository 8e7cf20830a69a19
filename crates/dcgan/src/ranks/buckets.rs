//! The gradients of a network in buckets, which are summed over all ranks while those of other
//! layers are still computed (Li et al. 2020, "PyTorch Distributed").
//!
//! The backward pass comes from the last layer to the first, and so do buckets. A parameter that
//! takes part in several forward passes gets as many gradients, which are added up here; when
//! all of a bucket have come, its sum over the ranks starts.

use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use super::Ranks;
use super::job::{Exchange, Pending, Values};

/// Values from which on a bucket is full: 1 MB. Smaller ones would be waited for one by one,
/// larger ones would start late.
const FULL: usize = 1 << 18;

/// The gradients of one network.
#[derive(Debug)]
pub(crate) struct Buckets {
    ranks: Ranks,
    /// Whose gradients, in words.
    whose: &'static str,
    /// Where each parameter's gradient is.
    places: Vec<(usize, Range<usize>)>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    buckets: Vec<Bucket>,
    /// How many of the buckets, from the first on, have started.
    started: usize,
    /// Of each parameter, the gradients that will come, and those that have.
    awaited: Vec<[usize; 2]>,
}

#[derive(Debug)]
enum Bucket {
    /// This rank's gradients, and room for the sums.
    Filling(Exchange),
    Summing(Pending),
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

    /// A gradient has come.
    pub fn add(&self, gradient: &[f32]) {
        self.buckets.add(self.parameter, gradient);
    }
}

impl Buckets {
    /// Buckets for parameters of these lengths, in the order of their layers.
    pub fn new(ranks: Ranks, whose: &'static str, lengths: &[usize]) -> Arc<Self> {
        let mut sizes = Vec::new();
        let mut places = vec![(0, 0..0); lengths.len()];
        for (place, &length) in places.iter_mut().zip(lengths).rev() {
            if sizes.last().is_none_or(|&size| size >= FULL) {
                sizes.push(0);
            }
            let bucket = sizes.len() - 1;
            *place = (bucket, sizes[bucket]..sizes[bucket] + length);
            sizes[bucket] += length;
        }
        let room = |size| Values::Floats(vec![0.0; size]);
        let bucket = |&size: &usize| {
            let (sent, received) = (room(size), room(size));
            Bucket::Filling(Exchange { sent, received })
        };
        Arc::new(Self {
            ranks,
            whose,
            places,
            state: Mutex::new(State {
                buckets: sizes.iter().map(bucket).collect(),
                started: 0,
                awaited: vec![[0, 0]; lengths.len()],
            }),
        })
    }

    /// The place of each parameter's gradient, in the order of their layers.
    pub fn slots(self: &Arc<Self>) -> impl Iterator<Item = Slot> {
        (0..self.places.len()).map(|parameter| Slot {
            buckets: Arc::clone(self),
            parameter,
        })
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A gradient that nobody has expected has come: the only one of its parameter.
    pub fn add_only(&self, parameter: usize, gradient: &[f32]) {
        self.state().awaited[parameter][0] += 1;
        self.add(parameter, gradient);
    }

    fn add(&self, parameter: usize, gradient: &[f32]) {
        let state = &mut *self.state();
        let (bucket, range) = &self.places[parameter];
        let Bucket::Filling(Exchange {
            sent: Values::Floats(sums),
            ..
        }) = &mut state.buckets[*bucket]
        else {
            unreachable!("a gradient came after its bucket had started");
        };
        let sums = &mut sums[range.clone()];
        let [_, come] = &mut state.awaited[parameter];
        match *come {
            0 => sums.copy_from_slice(gradient),
            _ => sums.iter_mut().zip(gradient).for_each(|(sum, g)| *sum += g),
        }
        *come += 1;
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

    /// Starts the sum of the next bucket: all ranks start them in the same order.
    fn start(&self, state: &mut State) {
        let number = state.started;
        state.started += 1;
        let count = state.buckets.len();
        let bucket = &mut state.buckets[number];
        if let Bucket::Filling(values) = bucket {
            match &self.ranks.messenger {
                None => std::mem::swap(&mut values.sent, &mut values.received),
                Some(messenger) => {
                    let values = std::mem::replace(values, Exchange::EMPTY);
                    let what = format!("{} (bucket {} of {count})", self.whose, number + 1);
                    *bucket = Bucket::Summing(messenger.sum_gradients(values, what));
                }
            }
        }
    }

    /// Waits for all sums, gives each parameter's to `take`, and is ready for the next step.
    /// Parameters of which no gradient was expected have none.
    pub fn finish(&self, mut take: impl FnMut(usize, &[f32])) {
        let mut state = self.state();
        while state.started < state.buckets.len() {
            self.start(&mut state);
        }
        for number in 0..state.buckets.len() {
            let empty = Bucket::Filling(Exchange::EMPTY);
            let values = match std::mem::replace(&mut state.buckets[number], empty) {
                Bucket::Filling(values) => values,
                Bucket::Summing(pending) => pending.wait(),
            };
            if let Values::Floats(sums) = &values.received {
                for (parameter, (of, range)) in self.places.iter().enumerate() {
                    if *of == number && state.awaited[parameter][0] > 0 {
                        take(parameter, &sums[range.clone()]);
                    }
                }
            }
            state.buckets[number] = Bucket::Filling(values);
        }
        state.started = 0;
        state.awaited.fill([0, 0]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The sums of two parameters of one value each, which the second step must not mix up with
    /// those of the first.
    #[test]
    fn gradients_of_several_passes_are_added_up_and_each_step_begins_anew() {
        let buckets = Buckets::new(Ranks::alone(), "gradients", &[1, 1, 2]);
        let slots: Vec<Slot> = buckets.slots().collect();
        for step in [1.0, 10.0] {
            for slot in &slots[..2] {
                slot.expect_gradient();
                slot.expect_gradient();
            }
            for slot in &slots[..2] {
                slot.add(&[step]);
                slot.add(&[2.0 * step]);
            }
            let mut sums = Vec::new();
            buckets.finish(|parameter, sum| sums.push((parameter, sum.to_vec())));
            assert_eq!(sums, [(0, vec![3.0 * step]), (1, vec![3.0 * step])]);
        }
    }

    #[test]
    fn a_bucket_starts_when_the_last_of_its_gradients_has_come_and_none_before_another() {
        let buckets = Buckets::new(Ranks::alone(), "gradients", &[3, FULL, FULL]);
        let slots: Vec<Slot> = buckets.slots().collect();
        slots.iter().for_each(Slot::expect_gradient);
        let started = || buckets.state().started;
        slots[1].add(&vec![1.0; FULL]);
        assert_eq!(started(), 0, "the last layer's comes first");
        slots[2].add(&vec![1.0; FULL]);
        assert_eq!(started(), 2);
        slots[0].add(&[1.0; 3]);
        assert_eq!(started(), 3);
    }
}
