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
}

/// The variables of a launcher with the number of processes, and this one's.
const LAUNCHERS: [[&str; 2]; 3] = [
    ["OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_RANK"],
    ["PMI_SIZE", "PMI_RANK"],
    ["SLURM_STEP_NUM_TASKS", "PMIX_RANK"],
];

impl Launch {
    /// How this process was started, if it was with others: by `mpirun` of Open MPI or MPICH, or
    /// by Slurm's `srun`.
    pub fn of_several() -> Option<Self> {
        let number = |name: &str| env::var(name).ok()?.parse::<usize>().ok();
        let launch = LAUNCHERS.iter().find_map(|[count, rank]| {
            Some(Self {
                count: number(count)?,
                rank: number(rank)?,
            })
        });
        launch.filter(|launch| launch.count > 1)
    }
}
