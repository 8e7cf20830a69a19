//! What memory there is, and how much of it was held, where the system tells (Linux).

use std::fs;

use super::BenchError;

/// The most memory that this process has held so far, in MiB.
pub fn peak_mib() -> Option<f64> {
    let kib = kib_of("/proc/self/status", "VmHWM:")?;
    Some(kib as f64 / 1024.0)
}

/// Whether `values` of 4 bytes for each picture of a batch can be held: a process that
/// takes more than there is would be ended without a word.
pub fn check(batch_size: usize, values: u64) -> Result<(), BenchError> {
    let Some(available) = kib_of("/proc/meminfo", "MemAvailable:") else {
        return Ok(());
    };
    check_against(available / 1024, batch_size, values)
}

fn check_against(available_mib: u64, batch_size: usize, values: u64) -> Result<(), BenchError> {
    let mib_of = |pictures: u64| pictures.saturating_mul(values).saturating_mul(4) >> 20;
    let needed_mib = mib_of(batch_size as u64);
    if needed_mib <= available_mib {
        return Ok(());
    }
    let fit = (available_mib << 20) / (values * 4);
    Err(BenchError::Memory {
        batch_size,
        needed_mib,
        available_mib,
        advice: format!("take fewer than {fit}"),
    })
}

/// A line such as `VmHWM:   123456 kB`.
fn kib_of(file: &str, key: &str) -> Option<u64> {
    let text = fs::read_to_string(file).ok()?;
    let line = text.lines().find(|line| line.starts_with(key))?;
    line[key.len()..]
        .trim()
        .strip_suffix("kB")?
        .trim()
        .parse()
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_beyond_the_memory_is_refused_with_what_would_fit() {
        let values = 1 << 18; // 1 MiB
        assert!(check_against(100, 100, values).is_ok());
        let error = check_against(100, 101, values).unwrap_err().to_string();
        assert!(
            error.contains("101 MiB") && error.contains("fewer than 100"),
            "{error}"
        );
        assert!(check_against(100, usize::MAX, u64::MAX / 8).is_err());
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn linux_tells_what_this_process_has_held() {
        assert!(peak_mib().unwrap() > 0.5);
    }
}
