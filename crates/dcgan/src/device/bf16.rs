//! Products in bf16 on the CPU.

use std::sync::LazyLock;

use dcgan_kernels::Bf16;

/// A variable that has bf16 emulated where the processor has no instruction for it, which is many
/// times slower: for tests, and for comparing how networks learn.
const EMULATE: &str = "DCGAN_EMULATE_BF16";

static EMULATED: LazyLock<Option<Bf16>> =
    LazyLock::new(|| match std::env::var(EMULATE).ok()?.as_str() {
        "1" | "avx512" => Some(Bf16::emulated_vectors()),
        "amx" => Some(Bf16::emulated_tiles()),
        _ => None,
    });

/// Products in bf16 on this CPU: by its instructions or, if the environment variable
/// `DCGAN_EMULATE_BF16` asks for it, without them, to the same bits: as those of AVX512-BF16 if it is 1
/// or `avx512`, and of AMX-BF16 if it is `amx`. `None` if it can do neither.
pub fn bf16_on_cpu() -> Option<Bf16> {
    Bf16::detect().or(*EMULATED)
}

/// Whether this CPU has AMX-BF16, and the system lets this process use it.
pub fn has_amx_bf16() -> bool {
    Bf16::tiles().is_some()
}

/// Whether [`bf16_on_cpu`] has no instruction, and is slow.
pub fn is_bf16_emulated() -> bool {
    Bf16::detect().is_none() && bf16_on_cpu().is_some()
}
