//! What `--version` prints.

use std::sync::LazyLock;

/// The version, and below what it was built of and where it runs: what a report of a bug needs.
pub fn long() -> &'static str {
    static LONG: LazyLock<String> = LazyLock::new(describe);
    &LONG
}

fn describe() -> String {
    let commit = option_env!("DCGAN_COMMIT").map_or(String::new(), |commit| format!(" ({commit})"));
    format!(
        "{}{commit}\nfeatures: {}\ninstruction sets: {}\nsystem: {} {}",
        env!("CARGO_PKG_VERSION"),
        listed(&features()),
        instruction_sets(),
        std::env::consts::OS,
        std::env::consts::ARCH,
    )
}

/// The features of this build.
fn features() -> Vec<&'static str> {
    [
        ("parquet", cfg!(feature = "parquet")),
        ("cuda", cfg!(feature = "cuda")),
        ("rocm", cfg!(feature = "rocm")),
        ("metal", cfg!(feature = "metal")),
        ("vulkan", cfg!(feature = "vulkan")),
        ("autotune", cfg!(feature = "autotune")),
        ("mpi", cfg!(feature = "mpi")),
    ]
    .into_iter()
    .filter_map(|(name, is_on)| is_on.then_some(name))
    .collect()
}

/// The instruction sets of this processor that kernels are written for.
pub fn instruction_sets() -> String {
    #[cfg(target_arch = "x86_64")]
    let found = [
        ("avx2", is_x86_feature_detected!("avx2")),
        ("fma", is_x86_feature_detected!("fma")),
        ("avx512f", is_x86_feature_detected!("avx512f")),
        ("avx512bf16", is_x86_feature_detected!("avx512bf16")),
        ("amx-bf16", dcgan::device::has_amx_bf16()),
    ];
    #[cfg(target_arch = "aarch64")]
    let found = [("neon", std::arch::is_aarch64_feature_detected!("neon"))];
    #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
    let found: [(&str, bool); 0] = [];
    let names = found
        .into_iter()
        .filter_map(|(name, is_there)| is_there.then_some(name));
    listed(&names.collect::<Vec<_>>())
}

fn listed(names: &[&str]) -> String {
    match names {
        [] => "none".to_owned(),
        names => names.join(", "),
    }
}
