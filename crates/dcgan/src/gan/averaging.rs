//! Gradients averaged over the ranks that share a batch.

use burn::backend::flex::FlexTensor;
use burn::tensor::{DType, Gradients, Tensor, TensorData};

use super::buckets::Buckets;
use crate::model::Network;

/// Replaces the gradients of this rank's part of a batch by those of the whole batch.
///
/// The loss is weighted by the size of the part, so the average is a sum. On the CPU most of it
/// was computed during the backward pass, and the rest is awaited here. On devices that run
/// asynchronously each gradient is summed as soon as the device has computed it.
pub(super) fn average(buckets: &Buckets, network: &Network, gradients: &mut Gradients) {
    let parameters = network.parameters();
    for (number, parameter) in parameters.iter().enumerate().rev() {
        if let Some(gradient) = parameter.leaf().grad_remove(gradients) {
            buckets.add_only(
                number,
                FlexTensor::from_data(gradient.into_data().convert::<f32>()),
            );
        }
    }
    buckets.finish(|parameter, sum| {
        let leaf = parameters[parameter].leaf();
        let length = [sum.len()];
        let data = TensorData::from_bytes(sum.into_bytes(), length, DType::F32);
        leaf.grad_replace(gradients, Tensor::from_data(data, &leaf.device().inner()));
    });
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use burn::tensor::Device;

    use super::*;
    use crate::config::{ModelOptions, Preset, TrainingConfig};
    use crate::gan::Gan;
    use crate::loss::{bce_fake, bce_real};
    use crate::model::{Pass, Weights, to_host};
    use crate::ranks::Share;

    /// When gradients are added to the buckets.
    #[derive(Clone, Copy, PartialEq)]
    enum Collect {
        Never,
        /// During the backward pass, as on the CPU.
        Within,
        /// After it, as on other devices.
        After,
    }

    /// D's gradients after a pass of two batches, and G's through a frozen D.
    fn gradients(preset: Preset, collect: Collect) -> Vec<Vec<f32>> {
        let model = ModelOptions::new(preset)
            .with_ngf(4)
            .with_ndf(4)
            .with_z_dim(8)
            .build()
            .unwrap();
        let device = Device::flex().autodiff();
        let mut gan = Gan::new(&model, &TrainingConfig::default(), &device).unwrap();
        let share = Share::of_one(4);
        let buckets = |network| Buckets::for_network(network, &share, "gradients", false);
        let buckets_d = buckets(gan.discriminator.network());
        let buckets_g = buckets(gan.generator.network());
        let pass = |weights, buckets: &Arc<Buckets>| Pass {
            gradient_sink: match collect {
                Collect::Within => Some(Arc::clone(buckets) as _),
                Collect::Never | Collect::After => None,
            },
            ..Pass::new(weights)
        };
        let values = (0..32).map(|i| (i as f32 * 0.7).sin()).collect::<Vec<_>>();
        let z = Tensor::from_data(TensorData::new(values, [4, 8, 1, 1]), &device);
        let fake = gan
            .generator
            .model
            .forward_train(z, &pass(Weights::Learn, &buckets_g));
        let learn = pass(Weights::Learn, &buckets_d);
        let freeze = pass(Weights::Freeze, &buckets_d);
        let discriminator = &mut gan.discriminator.model;
        let one = discriminator.forward_train(fake.clone().detach(), &learn);
        let other = discriminator.forward_train(fake.clone().detach() * 0.5, &learn);
        let mut of_d = (bce_fake(one) + bce_real(other)).backward();
        let mut of_g = bce_real(discriminator.forward_train(fake, &freeze)).backward();
        let discriminator = &gan.discriminator;
        if collect != Collect::Never {
            average(&buckets_d, discriminator.network(), &mut of_d);
            average(&buckets_g, gan.generator.network(), &mut of_g);
        }
        let networks = [
            (discriminator.network(), of_d),
            (gan.generator.network(), of_g),
        ];
        let of_network = |(network, gradients): (&Network, Gradients)| {
            let gradient = |parameter: &&crate::model::Parameter| {
                to_host(parameter.leaf().grad(&gradients).expect("a gradient"))
            };
            network
                .parameters()
                .iter()
                .map(gradient)
                .collect::<Vec<_>>()
        };
        networks.into_iter().flat_map(of_network).collect()
    }

    #[test]
    fn gradients_diverted_during_the_backward_pass_are_the_same_bit_for_bit() {
        for preset in [Preset::Tutorial, Preset::Paper, Preset::Small] {
            let [plain, within, after] = [Collect::Never, Collect::Within, Collect::After]
                .map(|collect| gradients(preset, collect));
            assert!(plain.iter().flatten().any(|&value| value != 0.0));
            assert!(plain == within, "{preset}");
            assert!(plain == after, "{preset}, after the pass");
        }
    }
}
