//! Products in bf16 on the CPU.

use std::sync::LazyLock;

use dcgan_kernels::Bf16;

/// A variable that has bf16 emulated where the processor has no instruction for it, which is many
/// times slower: for tests, and for comparing how networks learn.
const EMULATE: &str = "DCGAN_EMULATE_BF16";

static IS_ASKED_FOR: LazyLock<bool> =
    LazyLock::new(|| std::env::var_os(EMULATE).is_some_and(|value| value == "1"));

/// Products in bf16 on this CPU: by its instruction or, if the environment variable
/// `DCGAN_EMULATE_BF16` is 1, without one, to the same bits. `None` if it can do neither.
pub fn bf16_on_cpu() -> Option<Bf16> {
    Bf16::detect().or_else(|| IS_ASKED_FOR.then(Bf16::emulated))
}

/// Whether [`bf16_on_cpu`] has no instruction, and is slow.
pub fn is_bf16_emulated() -> bool {
    Bf16::detect().is_none() && bf16_on_cpu().is_some()
}
