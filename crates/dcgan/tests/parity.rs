//! Networks and training agree with PyTorch.

mod fixture;

use burn::tensor::{Gradients, Tensor};
use dcgan::model::{Network, Pass};
use dcgan::train::{Measured, training_step};
use fixture::{Fixture, difference};

const OUTPUT_TOLERANCE: f64 = 1e-4;
const LOSS_TOLERANCE: f64 = 1e-4;
const GRADIENT_TOLERANCE: f64 = 1e-3;
/// For the change of weights in ten steps, which Adam makes sensitive to rounding.
const MOVEMENT_TOLERANCE: f64 = 1e-2;

fn host<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().iter::<f32>().collect()
}

fn assert_close(what: &str, found: &[f32], truth: &[f32], tolerance: f64) {
    let difference = difference(found, truth);
    assert!(
        difference <= tolerance,
        "{what} differs by {difference:.1e}"
    );
}

fn outputs_agree(fixture: &Fixture) {
    let mut gan = fixture.gan();
    let first_fake = |fakes: Tensor<4>| host(fakes.narrow(0, 0, 1));

    let fakes = gan.generator.model.forward(fixture.noise(0, "d"));
    assert_close(
        "G in inference",
        &first_fake(fakes),
        &fixture.values("eval.fake"),
        OUTPUT_TOLERANCE,
    );
    let logits = gan.discriminator.model.forward(fixture.real(0));
    assert_close(
        "D in inference",
        &host(logits),
        &fixture.values("eval.logits"),
        OUTPUT_TOLERANCE,
    );

    let fakes = gan
        .generator
        .model
        .forward_train(fixture.noise(0, "d"), &Pass::freeze());
    assert_close(
        "G in training",
        &first_fake(fakes),
        &fixture.values("fake"),
        OUTPUT_TOLERANCE,
    );
    let logits = gan
        .discriminator
        .model
        .forward_train(fixture.real(0), &Pass::freeze());
    assert_close(
        "D in training",
        &host(logits),
        &fixture.values("logits"),
        OUTPUT_TOLERANCE,
    );
}

fn gradients_agree(fixture: &Fixture) {
    let mut gan = fixture.gan();
    let noise = fixture.step_noise(0);
    let fake = gan
        .generator
        .model
        .forward_train(noise.discriminator, &Pass::learn());
    let logits_fake = gan
        .discriminator
        .model
        .forward_train(fake.clone().detach(), &Pass::learn());
    let logits_real = gan
        .discriminator
        .model
        .forward_train(fixture.real(0), &Pass::learn());
    let loss = gan.loss.of_discriminator(logits_real, logits_fake);
    let mut gradients = loss.backward();
    compare_gradients(
        fixture,
        "discriminator",
        gan.discriminator.network(),
        &gradients,
    );
    gan.discriminator
        .adam
        .step(gan.discriminator.model.network_mut(), &mut gradients);

    let fake = match noise.generator {
        Some(z) => gan.generator.model.forward_train(z, &Pass::learn()),
        None => fake,
    };
    let d = &mut gan.discriminator.model;
    let logits = d.forward_train(fake, &Pass::freeze());
    let loss = gan
        .loss
        .of_generator(logits, || d.forward_train(fixture.real(0), &Pass::freeze()));
    let gradients = loss.backward();
    compare_gradients(fixture, "generator", gan.generator.network(), &gradients);
    for parameter in gan.discriminator.network().parameters() {
        assert!(
            parameter.leaf().grad(&gradients).is_none(),
            "D is frozen in G's update"
        );
    }

    compare_running(
        fixture,
        "first_step.generator",
        gan.generator.network(),
        OUTPUT_TOLERANCE,
    );
    compare_running(
        fixture,
        "first_step.discriminator",
        gan.discriminator.network(),
        OUTPUT_TOLERANCE,
    );
}

fn compare_gradients(fixture: &Fixture, half: &str, network: &Network, gradients: &Gradients) {
    for parameter in network.parameters() {
        let name = format!("{half}.{}", parameter.name());
        let gradient = parameter
            .leaf()
            .grad(gradients)
            .unwrap_or_else(|| panic!("{name}: no gradient"));
        let truth = fixture.values(&format!("gradient.{name}"));
        if fixture.case.zero_gradient.contains(&name) {
            assert!(
                host(gradient).iter().all(|value| value.abs() < 1e-5),
                "{name} is not 0"
            );
        } else {
            assert_close(
                &format!("gradient of {name}"),
                &host(gradient),
                &truth,
                GRADIENT_TOLERANCE,
            );
        }
    }
}

fn compare_running(fixture: &Fixture, prefix: &str, network: &Network, tolerance: f64) {
    for batch_norm in network.batch_norms() {
        let name = |field: &str| format!("{prefix}.{}.{field}", batch_norm.name());
        let (mean, var) = (batch_norm.running_mean(), batch_norm.running_var());
        // a mean follows the bias before it, which drifts (see `zero_gradient`)
        let drifts = prefix.ends_with("discriminator") && !fixture.case.zero_gradient.is_empty();
        let mean_tolerance = if drifts {
            MOVEMENT_TOLERANCE
        } else {
            tolerance
        };
        assert_close(
            &name("mean"),
            &mean,
            &fixture.values(&name("running_mean")),
            mean_tolerance,
        );
        assert_close(
            &name("var"),
            &var,
            &fixture.values(&name("running_var")),
            tolerance,
        );
        assert_eq!(
            batch_norm.batches_tracked(),
            fixture.count(&name("num_batches_tracked"))
        );
    }
}

fn ten_steps_agree(fixture: &Fixture) {
    let mut gan = fixture.gan();
    let (mut losses_d, mut losses_g) = (Vec::new(), Vec::new());
    for step in 0..fixture.case.steps {
        let measured = training_step(&mut gan, fixture.real(step), fixture.step_noise(step));
        let metrics = Measured::read(vec![measured])[0];
        losses_d.push(metrics.loss_d);
        losses_g.push(metrics.loss_g);
    }
    assert_close(
        "loss_D",
        &losses_d,
        &fixture.values("loss_d"),
        LOSS_TOLERANCE,
    );
    assert_close(
        "loss_G",
        &losses_g,
        &fixture.values("loss_g"),
        LOSS_TOLERANCE,
    );
    if fixture.case.ema.is_some() {
        let averaged = gan.drawing_generator();
        compare_movement(fixture, "generator", "average", averaged.network());
    }
    for (half, network) in [
        ("generator", gan.generator.network()),
        ("discriminator", gan.discriminator.network()),
    ] {
        compare_movement(fixture, half, &format!("final.{half}"), network);
        compare_running(
            fixture,
            &format!("final.{half}"),
            network,
            MOVEMENT_TOLERANCE,
        );
    }
}

/// Compares how far the parameters have moved from the initial weights to those under `end`.
fn compare_movement(fixture: &Fixture, half: &str, end: &str, network: &Network) {
    for parameter in network.parameters() {
        let name = format!("{half}.{}", parameter.name());
        if fixture.case.zero_gradient.contains(&name) {
            continue; // Adam turns rounding errors into full steps
        }
        let start = fixture.values(&format!("initial.{name}"));
        let moved =
            |end: &[f32]| -> Vec<f32> { end.iter().zip(&start).map(|(e, s)| e - s).collect() };
        let truth = fixture.values(&format!("{end}.{}", parameter.name()));
        assert_close(
            &name,
            &moved(&parameter.values()),
            &moved(&truth),
            MOVEMENT_TOLERANCE,
        );
    }
}

macro_rules! parity {
    ($($case:ident),*) => { $(
        mod $case {
            use super::*;

            #[test]
            fn outputs_agree_with_pytorch() {
                outputs_agree(&Fixture::load(stringify!($case)));
            }

            #[test]
            fn gradients_and_running_statistics_agree_with_pytorch() {
                gradients_agree(&Fixture::load(stringify!($case)));
            }

            #[test]
            fn ten_training_steps_agree_with_pytorch() {
                ten_steps_agree(&Fixture::load(stringify!($case)));
            }
        }
    )* };
}

parity!(
    tutorial,
    tutorial_1_channel,
    tutorial_reuse_noise,
    pytorch,
    pytorch_32,
    pytorch_128,
    paper,
    paper_32,
    small,
    hinge_averaged,
    relativistic
);
