//! The cores that processes on one machine share.

use std::thread::available_parallelism;

/// How Open MPI has bound this process to cores.
#[derive(Clone, Copy, PartialEq)]
enum Binding {
    None,
    /// By Open MPI's default: one or two processes are bound to a core each, however many cores
    /// there are.
    Default,
    /// By the user's policy.
    Requested,
}

fn binding() -> Binding {
    let is_set = |name| std::env::var_os(name).is_some();
    if !is_set("OMPI_MCA_orte_bound_at_launch") {
        Binding::None
    } else if is_set("OMPI_MCA_hwloc_base_binding_policy") {
        Binding::Requested
    } else {
        Binding::Default
    }
}

/// Lets this process run on all cores, unless the user has bound it to some.
pub fn unbind() {
    if binding() == Binding::Default {
        allow_all_cores();
    }
}

/// The cores for each of `processes` on this machine, at least one.
pub fn per_process(processes: usize) -> usize {
    let usable = available_parallelism().map_or(1, usize::from);
    let all = match binding() {
        Binding::Requested => online().unwrap_or(usable),
        Binding::None | Binding::Default => usable,
    };
    (all / processes.max(1)).clamp(1, usable)
}

#[cfg(target_os = "linux")]
fn allow_all_cores() {
    use nix::sched::{CpuSet, sched_setaffinity};
    use nix::unistd::Pid;

    let mut all = CpuSet::new();
    for core in 0..CpuSet::count() {
        let _ = all.set(core);
    }
    // the system ignores cores that do not exist or are not ours; on an error nothing changes
    let _ = sched_setaffinity(Pid::from_raw(0), &all);
}

#[cfg(not(target_os = "linux"))]
fn allow_all_cores() {}

/// The number of cores of the machine.
#[cfg(unix)]
fn online() -> Option<usize> {
    use nix::unistd::{SysconfVar, sysconf};

    let cores = sysconf(SysconfVar::_NPROCESSORS_ONLN).ok()??;
    usize::try_from(cores).ok()
}

#[cfg(not(unix))]
fn online() -> Option<usize> {
    None
}
