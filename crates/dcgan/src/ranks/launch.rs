//! What a launcher says in the environment of the processes that it starts. It is known before MPI
//! starts, and in a build without MPI.

use std::env;

/// How this process was started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Launch {
    /// The number of processes that were started together.
    pub count: usize,
    /// The number of this one, from 0.
    pub rank: usize,
}

/// The environment variables of a launcher.
struct Variables {
    count: &'static str,
    rank: &'static str,
}

const LAUNCHERS: [Variables; 3] = [
    Variables {
        count: "OMPI_COMM_WORLD_SIZE",
        rank: "OMPI_COMM_WORLD_RANK",
    },
    Variables {
        count: "PMI_SIZE",
        rank: "PMI_RANK",
    },
    Variables {
        count: "SLURM_STEP_NUM_TASKS",
        rank: "PMIX_RANK",
    },
];

impl Launch {
    /// How this process was started, if it was one of several: by `mpirun` of Open MPI or MPICH, or
    /// by Slurm's `srun`.
    pub fn from_env() -> Option<Self> {
        let number = |name: &str| env::var(name).ok()?.parse::<usize>().ok();
        let launch = LAUNCHERS.iter().find_map(|variables| {
            Some(Self {
                count: number(variables.count)?,
                rank: number(variables.rank)?,
            })
        });
        launch.filter(|launch| launch.count > 1)
    }
}
