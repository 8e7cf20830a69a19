//! What a launcher tells the processes that it starts, in their environment: known before MPI is
//! asked, and to a build without MPI.

use std::env;

/// How this process was started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Launch {
    /// How many processes were started together.
    pub count: usize,
    /// This one's number, from 0.
    pub rank: usize,
    /// How many of them are on this machine, where that is told.
    pub local_count: usize,
}

/// The variables of a launcher with the number of processes, this one's, and how many are on
/// its machine.
const LAUNCHERS: [[&str; 3]; 3] = [
    [
        "OMPI_COMM_WORLD_SIZE",
        "OMPI_COMM_WORLD_RANK",
        "OMPI_COMM_WORLD_LOCAL_SIZE",
    ],
    ["PMI_SIZE", "PMI_RANK", "MPI_LOCALNRANKS"],
    ["SLURM_STEP_NUM_TASKS", "PMIX_RANK", "SLURM_TASKS_PER_NODE"],
];

impl Launch {
    /// How this process was started, if it was with others: by `mpirun` of Open MPI or MPICH, or
    /// by Slurm's `srun`.
    pub fn of_several() -> Option<Self> {
        let number = |name: &str| env::var(name).ok()?.parse::<usize>().ok();
        let launch = LAUNCHERS.iter().find_map(|[count, rank, local_count]| {
            Some(Self {
                count: number(count)?,
                rank: number(rank)?,
                local_count: number(local_count).unwrap_or(1),
            })
        });
        launch.filter(|launch| launch.count > 1)
    }
}
