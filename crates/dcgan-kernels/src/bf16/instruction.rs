//! The instructions of the extension AVX512-BF16.

#![expect(
    unsafe_code,
    reason = "instructions that not every processor has, behind a value that only such a processor gets"
)]

use std::arch::is_x86_feature_detected;
use std::arch::x86_64::{
    __m512, __m512bh, __m512i, _mm512_cvtne2ps_pbh, _mm512_dpbf16_ps, _mm512_permutexvar_epi16,
};

use pulp::Simd;
use pulp::x86::V4;
use pulp::{cast, f32x16, u32x16};

use super::PairRow;
use crate::blocks::Row;
use crate::blocks::unit::{Unit, Work};

/// Proof that the processor has the extension, and AVX-512 with all that x86-64-v4 asks for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Instruction(V4);

impl Instruction {
    pub fn detect() -> Option<Self> {
        let v4 = V4::try_new()?;
        is_x86_feature_detected!("avx512bf16").then_some(Self(v4))
    }

    pub fn run(self, work: impl Work<Word = u32>) {
        #[target_feature(
            enable = "avx512bf16,avx512f,avx512bw,avx512cd,avx512dq,avx512vl,fma,bmi1,bmi2,lzcnt,popcnt"
        )]
        fn with_features(unit: Instruction, work: impl Work<Word = u32>) {
            work.run(unit);
        }
        // SAFETY: `self` exists only where the processor has these features.
        unsafe { with_features(self, work) }
    }

    /// Rounds rows, with neighbours in a word.
    pub fn store_rows(self, rows: &[Row], target: &mut [PairRow]) {
        #[target_feature(enable = "avx512bf16,avx512f")]
        fn with_features(rows: &[Row], target: &mut [PairRow]) {
            for (row, target) in rows.iter().zip(target) {
                let [low, high] = halves(row);
                let words = _mm512_cvtne2ps_pbh(high, low);
                *target = words_of(words);
            }
        }
        // SAFETY: as in `run`.
        unsafe { with_features(rows, target) }
    }

    /// Rounds rows, two into each two of the target, with values of the same channel in a word. A
    /// last row without a partner gets one of zeros.
    pub fn store_pairs(self, rows: &[Row], target: &mut [PairRow]) {
        #[target_feature(enable = "avx512bf16,avx512f,avx512bw")]
        fn with_features(rows: &[Row], target: &mut [PairRow]) {
            // Of 16 low and 16 high halves, one after the other, each with its partner.
            let order: [u16; 32] = std::array::from_fn(|i| (i / 2 + i % 2 * 16) as u16);
            let order: __m512i = cast(order);
            for (rows, target) in rows.chunks(2).zip(target.as_chunks_mut::<2>().0) {
                let low = halves(&rows[0]);
                let high = halves(rows.get(1).unwrap_or(&[0.0; 32]));
                for ((low, high), target) in low.into_iter().zip(high).zip(target) {
                    let words: __m512i = cast(words_of(_mm512_cvtne2ps_pbh(high, low)));
                    *target = cast(_mm512_permutexvar_epi16(order, words));
                }
            }
        }
        // SAFETY: as in `run`.
        unsafe { with_features(rows, target) }
    }
}

/// The registers of a row.
#[inline(always)]
fn halves(row: &Row) -> [__m512; 2] {
    cast(*row)
}

/// The words of pairs.
#[inline(always)]
fn words_of(pairs: __m512bh) -> PairRow {
    // SAFETY: both are 64 bytes, of which any are valid.
    unsafe { std::mem::transmute::<__m512bh, PairRow>(pairs) }
}

impl Unit for Instruction {
    type Word = u32;
    type Words = u32x16;
    type Sums = f32x16;

    const LANES: usize = 16;
    const REGISTERS: usize = 32;

    #[inline(always)]
    fn zero(self) -> f32x16 {
        self.0.splat_f32s(0.0)
    }

    #[inline(always)]
    fn sums(row: &[f32]) -> &[f32x16] {
        V4::as_simd_f32s(row).0
    }

    #[inline(always)]
    fn sums_mut(row: &mut [f32]) -> &mut [f32x16] {
        V4::as_mut_simd_f32s(row).0
    }

    #[inline(always)]
    fn words(row: &[u32]) -> &[u32x16] {
        V4::as_simd_u32s(row).0
    }

    #[inline(always)]
    fn splat(self, word: u32) -> u32x16 {
        self.0.splat_u32s(word)
    }

    #[inline(always)]
    fn multiply_add(self, left: u32x16, right: u32x16, sum: f32x16) -> f32x16 {
        // SAFETY: `self` exists only where the processor has the instruction; words and pairs are
        // 64 bytes, of which any are valid.
        unsafe {
            let pairs = |words: u32x16| std::mem::transmute::<u32x16, __m512bh>(words);
            cast(_mm512_dpbf16_ps(cast(sum), pairs(left), pairs(right)))
        }
    }
}
