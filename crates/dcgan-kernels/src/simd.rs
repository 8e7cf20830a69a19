//! Run-time choice of the instruction set for plain loops.
//!
//! A loop that should profit is the body of a [`Loop::with_simd`] marked `#[inline(always)]`:
//! pulp calls it from a function compiled for the instruction set that this processor has,
//! and the compiler vectorises it there. (A closure is not enough: the compiler is free to
//! leave it a function of its own, compiled for the oldest processor.) Functions that such a
//! loop applies to each number hold what they capture by value: behind a reference it would
//! have to be read again after every store.

pub(crate) use pulp::{Simd, WithSimd as Loop};

use crate::profile::{self, Part};

/// Runs a loop with the best instruction set of this processor, on the account of a part.
#[inline(always)]
pub(crate) fn run<L: Loop>(part: Part, work: L) -> L::Output {
    profile::time(part, || pulp::Arch::new().dispatch(work))
}
