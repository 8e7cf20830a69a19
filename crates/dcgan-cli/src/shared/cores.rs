//! The cores that processes on one machine share.

use std::thread::available_parallelism;

/// How Open MPI has bound this process to cores.
#[derive(Clone, Copy, PartialEq)]
enum Binding {
    None,
    /// Without being asked: one or two processes to a core each, however many cores there are.
    Default,
    /// As the user wishes.
    Wish,
}

fn binding() -> Binding {
    let is_set = |name| std::env::var_os(name).is_some();
    match is_set("OMPI_MCA_orte_bound_at_launch") {
        false => Binding::None,
        true if is_set("OMPI_MCA_hwloc_base_binding_policy") => Binding::Wish,
        true => Binding::Default,
    }
}

/// Lets this process run on all cores, unless the user has bound it to some.
pub fn unbind() {
    if binding() == Binding::Default {
        all_cores();
    }
}

/// The cores for each of so many processes on this machine, at least one.
pub fn share(processes: usize) -> usize {
    let usable = available_parallelism().map_or(1, usize::from);
    let all = match binding() {
        Binding::Wish => online().unwrap_or(usable),
        Binding::None | Binding::Default => usable,
    };
    (all / processes.max(1)).clamp(1, usable)
}

#[cfg(target_os = "linux")]
fn all_cores() {
    use nix::sched::{CpuSet, sched_setaffinity};
    use nix::unistd::Pid;

    let mut all = CpuSet::new();
    for core in 0..CpuSet::count() {
        let _ = all.set(core);
    }
    // the system takes those away that are not there or not ours; else all stays as it was
    let _ = sched_setaffinity(Pid::from_raw(0), &all);
}

#[cfg(not(target_os = "linux"))]
fn all_cores() {}

/// The cores of the machine.
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
