//! What memory there is, and how much of it was held.

use std::fs;

use sysinfo::{ProcessesToUpdate, System};

/// The bytes that this process can still take: what the system can give without swapping, and
/// what the limit of its control group (of a container, say) leaves. None if the system does
/// not tell.
pub fn available() -> Option<u64> {
    let mut system = System::new();
    system.refresh_memory();
    let free = Some(system.available_memory()).filter(|&bytes| bytes > 0);
    [free, left_in_group(&mut system)]
        .into_iter()
        .flatten()
        .min()
}

/// What the limit of the process's control group leaves. Files that the system keeps in memory
/// count as used there, but give way.
fn left_in_group(system: &mut System) -> Option<u64> {
    let process = sysinfo::get_current_pid().ok()?;
    system.refresh_processes(ProcessesToUpdate::Some(&[process]), false);
    let limits = system.process(process)?.cgroup_limits()?;
    Some(limits.total_memory.saturating_sub(limits.rss))
}

/// The most memory that this process has held so far, in MiB; none but on Linux.
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
    fn linux_tells_what_there_is_and_what_this_process_has_held() {
        assert!(available().unwrap() > 1 << 20);
        assert!(peak_mib().unwrap() > 0.5);
    }
}
