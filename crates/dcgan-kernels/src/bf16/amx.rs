//! The instructions of the extension AMX-BF16.
//!
//! Their intrinsics are not stable in Rust, so they are written in assembly. A program has to ask
//! Linux for the registers before it uses them; other systems are not asked.

#![expect(
    unsafe_code,
    reason = "instructions that not every processor has, behind a value that only such a processor gets"
)]

use std::arch::asm;
use std::arch::x86_64::{
    __m512i, _mm512_shuffle_i32x4, _mm512_unpackhi_epi32, _mm512_unpackhi_epi64,
    _mm512_unpacklo_epi32, _mm512_unpacklo_epi64,
};
use std::sync::LazyLock;

use pulp::cast;

use super::PairRow;
use super::instruction::Instruction;
use super::tiles::{MAX_PAIRS, SIDE, Shape, Strip, TileUnit};
use crate::blocks::{BLOCK, Row};

/// Proof that the processor has the extension, that the system lets this process use it, and that
/// there is AVX512-BF16 too, which rounds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Amx(Instruction);

impl Amx {
    pub fn detect() -> Option<Self> {
        static IS_THERE: LazyLock<bool> = LazyLock::new(|| is_in_processor() && is_allowed());
        let rounding = Instruction::detect()?;
        IS_THERE.then_some(Self(rounding))
    }

    /// What rounds.
    pub fn rounding(self) -> Instruction {
        self.0
    }
}

/// Whether the processor has tiles with products in bf16, and the system saves them with a thread's
/// other registers.
fn is_in_processor() -> bool {
    use std::arch::x86_64::{__cpuid, __cpuid_count, _xgetbv};

    const OSXSAVE: u32 = 1 << 27;
    const AMX_BF16: u32 = 1 << 22;
    const AMX_TILE: u32 = 1 << 24;
    const CONFIGURATION_AND_DATA: u64 = 0b11 << 17;

    #[target_feature(enable = "xsave")]
    fn saved_registers() -> u64 {
        // SAFETY: called only where the processor has the instruction, and the system allows it.
        unsafe { _xgetbv(0) }
    }

    let has_leaf = __cpuid(0).eax >= 7;
    let features = AMX_BF16 | AMX_TILE;
    has_leaf
        && __cpuid_count(7, 0).edx & features == features
        && __cpuid(1).ecx & OSXSAVE != 0
        // SAFETY: OSXSAVE says that the instruction is there and allowed.
        && unsafe { saved_registers() } & CONFIGURATION_AND_DATA == CONFIGURATION_AND_DATA
}

/// Asks the system for the registers, for all threads of this process.
#[cfg(target_os = "linux")]
fn is_allowed() -> bool {
    const ARCH_REQ_XCOMP_PERM: libc::c_int = 0x1023;
    const TILE_DATA: libc::c_ulong = 18;
    // SAFETY: a request by number, which passes no pointer; systems that do not know it say so.
    unsafe { libc::syscall(libc::SYS_arch_prctl, ARCH_REQ_XCOMP_PERM, TILE_DATA) == 0 }
}

#[cfg(not(target_os = "linux"))]
fn is_allowed() -> bool {
    false
}

/// The shapes of the eight registers, as the processor reads them.
#[repr(C, align(64))]
struct Configuration {
    palette: u8,
    start_row: u8,
    reserved: [u8; 14],
    bytes_of_rows: [u16; 16],
    rows: [u8; 16],
}

impl Configuration {
    /// Of the registers 0 to 3 for the result, row by row, 4 and 5 for left tiles, and 6 and 7 for
    /// right ones. One that is not used has no rows.
    fn new(shape: Shape) -> Self {
        let [upper, lower] = shape.rows;
        let words = shape.words;
        let mut rows = [upper, upper, lower, lower, upper, lower, words, words];
        if shape.columns == 1 {
            [rows[1], rows[3], rows[7]] = [0; 3];
        }
        let mut configuration = Self {
            palette: 1,
            start_row: 0,
            reserved: [0; 14],
            bytes_of_rows: [0; 16],
            rows: [0; 16],
        };
        for (register, rows) in rows.into_iter().enumerate().filter(|&(_, rows)| rows > 0) {
            let words = if let 4 | 5 = register { words } else { SIDE };
            configuration.rows[register] = rows as u8;
            configuration.bytes_of_rows[register] = 4 * words as u16;
        }
        configuration
    }
}

impl TileUnit for Amx {
    fn with_shape(self, shape: Shape, work: impl FnOnce(&dyn Fn(Strip))) {
        assert!((1..=SIDE).contains(&shape.words), "words of a tile");
        assert!(shape.rows[0] > 0 && shape.rows.iter().all(|&rows| rows <= SIDE));
        let multiply_strip = match (shape.rows[1] > 0, shape.columns) {
            (false, 1) => multiply_strip::<1, 1>,
            (false, _) => multiply_strip::<1, 2>,
            (true, 1) => multiply_strip::<2, 1>,
            (true, _) => multiply_strip::<2, 2>,
        };
        let configuration = Configuration::new(shape);
        // SAFETY: `self` exists only where the instruction does; the configuration is one of
        // palette 1, whose rows and bytes are in its bounds.
        unsafe {
            asm!(
                "ldtilecfg [{}]", in(reg) &raw const configuration,
                out("tmm0") _, out("tmm1") _, out("tmm2") _, out("tmm3") _,
                out("tmm4") _, out("tmm5") _, out("tmm6") _, out("tmm7") _,
                options(nostack, readonly),
            );
        }
        work(&|strip| {
            let mut starts = [[std::ptr::null::<PairRow>(); 2]; MAX_PAIRS];
            let mut count = 0;
            for factors in strip.factors(shape) {
                starts[count] = factors.map(<[PairRow]>::as_ptr);
                count += 1;
            }
            assert!(count > 0, "a strip has a pair");
            assert_eq!(strip.results.len(), shape.rows[0] + shape.rows[1]);
            let results = strip.results.as_mut_ptr();
            // SAFETY: the registers are configured for the shape. The slices have its rows, so all
            // that is read and written lies inside them, and the results are borrowed exclusively.
            unsafe { multiply_strip(&starts[..count], results, strip.add) };
        });
        // SAFETY: as above. No value is left in the registers.
        unsafe { asm!("tilerelease", options(nostack, nomem)) };
    }

    fn transpose(self, rows: &[[u32; BLOCK]], target: &mut [PairRow; BLOCK]) {
        #[target_feature(enable = "avx512f")]
        fn with_features(rows: &[[u32; BLOCK]], target: &mut [PairRow; BLOCK]) {
            for (half, target) in target.as_chunks_mut::<SIDE>().0.iter_mut().enumerate() {
                let mut square = [[0; SIDE]; SIDE];
                for (square, row) in square.iter_mut().zip(rows) {
                    *square = *row.as_chunks().0.get(half).expect("half of a row");
                }
                *target = cast(transposed(cast(square)));
            }
        }
        // SAFETY: `self` exists only where the processor has AVX-512.
        unsafe { with_features(rows, target) }
    }
}

/// Multiplies a strip of `ROWS` by `COLUMNS` registers: the sum over pairs of the rows that start
/// at the first address with those at the second. Loads stand between products, each just before the
/// first that needs it; loads one pair ahead were slower.
///
/// # Safety
/// The registers must be configured. There must be as many rows at the addresses, and rows of
/// results, as their shape says, and at least one pair.
unsafe fn multiply_strip<const ROWS: usize, const COLUMNS: usize>(
    pairs: &[[*const PairRow; 2]],
    results: *mut Row,
    add: bool,
) {
    // SAFETY: the caller's.
    unsafe {
        asm!(
            "test {add:e}, {add:e}",
            "jnz 2f",
            "tilezero tmm0",
            ".if {columns} > 1",
            "tilezero tmm1",
            ".endif",
            ".if {rows} > 1",
            "tilezero tmm2",
            ".if {columns} > 1",
            "tilezero tmm3",
            ".endif",
            ".endif",
            "jmp 3f",
            "2:",
            "tileloadd tmm0, [{upper} + {long}*1]",
            ".if {columns} > 1",
            "tileloadd tmm1, [{upper} + {long}*1 + 64]",
            ".endif",
            ".if {rows} > 1",
            "tileloadd tmm2, [{lower} + {long}*1]",
            ".if {columns} > 1",
            "tileloadd tmm3, [{lower} + {long}*1 + 64]",
            ".endif",
            ".endif",
            "3:",
            "mov {left}, [{pairs}]",
            "mov {right}, [{pairs} + 8]",
            "add {pairs}, 16",
            "tileloadd tmm4, [{left} + {short}*1]",
            "tileloadd tmm6, [{right} + {long}*1]",
            "tdpbf16ps tmm0, tmm4, tmm6",
            ".if {columns} > 1",
            "tileloadd tmm7, [{right} + {long}*1 + 64]",
            "tdpbf16ps tmm1, tmm4, tmm7",
            ".endif",
            ".if {rows} > 1",
            "tileloadd tmm5, [{left} + {short}*1 + 1024]",
            "tdpbf16ps tmm2, tmm5, tmm6",
            ".if {columns} > 1",
            "tdpbf16ps tmm3, tmm5, tmm7",
            ".endif",
            ".endif",
            "dec {count}",
            "jnz 3b",
            "tilestored [{upper} + {long}*1], tmm0",
            ".if {columns} > 1",
            "tilestored [{upper} + {long}*1 + 64], tmm1",
            ".endif",
            ".if {rows} > 1",
            "tilestored [{lower} + {long}*1], tmm2",
            ".if {columns} > 1",
            "tilestored [{lower} + {long}*1 + 64], tmm3",
            ".endif",
            ".endif",
            rows = const ROWS,
            columns = const COLUMNS,
            add = in(reg) u32::from(add),
            pairs = inout(reg) pairs.as_ptr() => _,
            count = inout(reg) pairs.len() => _,
            upper = in(reg) results,
            lower = in(reg) results.wrapping_add(SIDE),
            short = in(reg) size_of::<PairRow>(),
            long = in(reg) size_of::<Row>(),
            left = out(reg) _,
            right = out(reg) _,
            out("tmm0") _, out("tmm1") _, out("tmm2") _, out("tmm3") _,
            out("tmm4") _, out("tmm5") _, out("tmm6") _, out("tmm7") _,
            options(nostack),
        );
    }
}

/// The columns of a square as rows.
#[target_feature(enable = "avx512f")]
fn transposed(rows: [__m512i; SIDE]) -> [__m512i; SIDE] {
    // Of every two rows, and then of every four, words of one column side by side.
    let mut twos = rows;
    for i in (0..SIDE).step_by(2) {
        twos[i] = _mm512_unpacklo_epi32(rows[i], rows[i + 1]);
        twos[i + 1] = _mm512_unpackhi_epi32(rows[i], rows[i + 1]);
    }
    let mut fours = twos;
    for i in (0..SIDE).step_by(4) {
        fours[i] = _mm512_unpacklo_epi64(twos[i], twos[i + 2]);
        fours[i + 1] = _mm512_unpackhi_epi64(twos[i], twos[i + 2]);
        fours[i + 2] = _mm512_unpacklo_epi64(twos[i + 1], twos[i + 3]);
        fours[i + 3] = _mm512_unpackhi_epi64(twos[i + 1], twos[i + 3]);
    }
    // Now quarter `q` of vector `4 i + j` is column `4 q + j` of rows `4 i..4 i + 4`.
    const EVEN: i32 = 0b10_00_10_00;
    const ODD: i32 = 0b11_01_11_01;
    let mut columns = fours;
    for j in 0..4 {
        let [a, b, c, d] = [fours[j], fours[4 + j], fours[8 + j], fours[12 + j]];
        let [even, odd] = [
            [
                _mm512_shuffle_i32x4::<EVEN>(a, b),
                _mm512_shuffle_i32x4::<EVEN>(c, d),
            ],
            [
                _mm512_shuffle_i32x4::<ODD>(a, b),
                _mm512_shuffle_i32x4::<ODD>(c, d),
            ],
        ];
        columns[j] = _mm512_shuffle_i32x4::<EVEN>(even[0], even[1]);
        columns[4 + j] = _mm512_shuffle_i32x4::<EVEN>(odd[0], odd[1]);
        columns[8 + j] = _mm512_shuffle_i32x4::<ODD>(even[0], even[1]);
        columns[12 + j] = _mm512_shuffle_i32x4::<ODD>(odd[0], odd[1]);
    }
    columns
}
