//! The memory of this machine and of this process.

use std::fs;

use sysinfo::{ProcessesToUpdate, System};

/// The bytes that this process can still allocate without swapping, within the limit of its
/// control group (of a container, say). `None` if the system does not report it.
pub fn available() -> Option<u64> {
    let mut system = System::new();
    system.refresh_memory();
    let free = Some(system.available_memory()).filter(|&bytes| bytes > 0);
    [free, available_in_group(&mut system)]
        .into_iter()
        .flatten()
        .min()
}

/// What the limit of the process's control group leaves. The page cache counts as used in a group,
/// but it is reclaimed on demand, so it is ignored.
fn available_in_group(system: &mut System) -> Option<u64> {
    let process = sysinfo::get_current_pid().ok()?;
    system.refresh_processes(ProcessesToUpdate::Some(&[process]), false);
    let limits = system.process(process)?.cgroup_limits()?;
    Some(limits.total_memory.saturating_sub(limits.rss))
}

/// The peak memory of this process so far, in MiB. `None` except on Linux.
pub fn peak_mib() -> Option<f64> {
    let text = fs::read_to_string("/proc/self/status").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib / 1024.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(target_os = "linux")]
    fn linux_reports_free_and_peak_memory() {
        assert!(available().unwrap() > 1 << 20);
        assert!(peak_mib().unwrap() > 0.5);
    }
}
