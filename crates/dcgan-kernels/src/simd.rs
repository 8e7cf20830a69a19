//! Run-time choice of the instruction set for plain loops.
//!
//! Such a loop is the body of a [`Loop::with_simd`] marked `#[inline(always)]`: pulp calls it from
//! a function compiled for this processor's instruction set, and the compiler vectorises it
//! there. (A closure is not enough: the compiler may keep it as a separate function, compiled for
//! the oldest processor.) Functions that such a loop applies to each number capture by value:
//! a captured reference would have to be read again after every store.

pub(crate) use pulp::{Simd, WithSimd as Loop};

use crate::profile::{self, Part};

/// Runs a loop with the best instruction set of this processor, and counts its time for a part.
#[inline(always)]
pub(crate) fn run<L: Loop>(part: Part, work: L) -> L::Output {
    profile::time(part, || pulp::Arch::new().dispatch(work))
}
