//! Several ranks on a GPU, which may be Mesa's software renderer.

use super::{assert_alike, has_mpirun, run};
use crate::support::TINY_TUTORIAL;
use crate::vulkan;

#[test]
fn with_synchronised_batch_norm_two_ranks_on_a_gpu_train_like_one() {
    let Some(place) = vulkan::place().filter(|_| has_mpirun()) else {
        return;
    };
    let train = format!(
        "train faces {TINY_TUTORIAL} --learning-rate 0.000002 --steps 4 --report-every 2 --device vulkan \
         --sync-batch-norm"
    );
    place.run(&format!("{train} --out one")).succeeded();
    run(&place, 2, &format!("{train} --out two")).succeeded();
    assert_alike(&place, ["one", "two"]);
}
