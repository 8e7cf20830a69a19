//! Several ranks train one model.

use super::{SLOW, assert_alike, difference, has_mpirun, metrics, run};
use crate::support::{Place, assert_names};

#[test]
fn with_synchronised_batch_norm_1_2_and_4_ranks_train_identical_networks_bit_for_bit() {
    if !has_mpirun() {
        return;
    }
    for networks in [
        "--preset small --ngf 8 --ndf 8 --batch-size 16 --flip --crop random --ema=100",
        "--preset tutorial --ngf 4 --ndf 4 --batch-size 8 --loss hinge",
        "--preset paper --image-size 32 --ngf 4 --ndf 4 --batch-size 12 --reuse-noise",
        "--preset laptop --image-size 32 --ngf 4 --ndf 4 --batch-size 8 --spectral-norm --d-norm none \
         --loss relativistic --gradient-penalty 1 --augment full --instance-noise 0.1",
    ] {
        let place = Place::with_faces();
        let train = format!(
            "train faces {networks} --steps 20 --report-every 10 --threads 1 --sync-batch-norm"
        );
        place.run(&format!("{train} --out one")).succeeded();
        for ranks in [2, 4] {
            let out = format!("of-{ranks}");
            run(&place, ranks, &format!("{train} --out {out}")).succeeded();
            for name in ["loss_d", "loss_g"] {
                let difference = difference(&place, ["one", &out], name);
                assert!(
                    difference < 1e-5,
                    "{networks}, {ranks}, {name}: {difference}"
                );
            }
            for file in [
                "generator.safetensors",
                "discriminator.safetensors",
                "samples/step-000020.png",
            ] {
                place.assert_same(&format!("one/{file}"), &format!("{out}/{file}"));
            }
        }
    }
}

#[test]
fn ranks_that_do_not_divide_the_batch_stay_close_to_a_single_one() {
    if !has_mpirun() {
        return;
    }
    let place = Place::with_faces();
    let train = format!("train faces {SLOW} --steps 20 --report-every 10 --flip --crop random");
    place
        .run(&format!("{train} --threads 1 --out one/run"))
        .succeeded();
    let out = "of-3/run";
    let arguments = format!("{train} --sync-batch-norm --threads 1 --out {out}");
    let answer = run(&place, 3, &arguments).succeeded();
    assert_eq!(answer.stderr, "");
    assert_names(&answer.stdout, &["3 ranks", "Done: 20 steps"]);
    assert_eq!(place.files("one/run"), place.files(out));
    assert_names(
        &place.text(&format!("{out}/config.toml")),
        &["sync_batch_norm = true"],
    );
    assert_alike(&place, ["one/run", out]);
}

#[test]
fn without_synchronised_batch_norm_each_rank_has_its_own_statistics() {
    if !has_mpirun() {
        return;
    }
    let place = Place::with_faces();
    let train = format!("train faces {SLOW} --steps 6 --report-every 2 --threads 1");
    place.run(&format!("{train} --out one")).succeeded();
    run(&place, 2, &format!("{train} --out two")).succeeded();
    let difference = difference(&place, ["one", "two"], "loss_d");
    assert!((1e-4..0.5).contains(&difference), "{difference}");
}

#[test]
fn reused_noise_and_linear_layers_are_shared_too() {
    if !has_mpirun() {
        return;
    }
    let place = Place::with_faces();
    let train = "train faces --preset paper --image-size 32 --ngf 4 --ndf 4 --batch-size 12 \
        --learning-rate 0.000002 --reuse-noise --steps 8 --report-every 4 --threads 1";
    place.run(&format!("{train} --out one")).succeeded();
    run(&place, 3, &format!("{train} --sync-batch-norm --out three")).succeeded();
    assert_alike(&place, ["one", "three"]);
}

#[test]
fn a_run_of_two_ranks_resumes_bit_for_bit() {
    if !has_mpirun() {
        return;
    }
    let place = Place::with_faces();
    let train = "train faces --preset small --ngf 4 --ndf 4 --batch-size 8 --report-every 2 \
        --sync-batch-norm --threads 1";
    run(&place, 2, &format!("{train} --steps 6 --out whole/run")).succeeded();
    run(&place, 2, &format!("{train} --steps 4 --out parts/run")).succeeded();
    run(&place, 2, "train --resume parts/run --steps 6 --threads 1").succeeded();
    place.assert_same_folders("whole/run/samples", "parts/run/samples");
    for file in ["metrics.jsonl", "checkpoints/step-000006.safetensors"] {
        place.assert_same(&format!("whole/run/{file}"), &format!("parts/run/{file}"));
    }
    assert_eq!(metrics(&place, "whole/run").len(), 6);
}
