//! The random numbers of a step.

use burn::tensor::{Device, Tensor, TensorData};
use rand_distr::{Distribution, StandardNormal};

use super::state::State;
use super::step::{StepNoise, Views};
use super::view::{View, draw_augmentations};
use crate::config::RunConfig;
use crate::ranks::Share;
use dcgan_support::random::{Purpose, retry_stream};

/// How far apart the indices of the updates of one step are: farther than trainings have steps.
const UPDATES_APART: u64 = 1 << 48;

/// Draws the random numbers of one step: this rank's rows. Each rank draws those of the whole
/// batch, so that they do not depend on how the batch is split.
pub(super) struct Draws<'a> {
    pub config: &'a RunConfig,
    pub state: &'a State,
    pub share: &'a Share,
    pub device: &'a Device,
    /// Which update of the step: 0 for that of both networks, 1 and more for those of the
    /// discriminator alone.
    pub update: u64,
    /// The part of the training that is done, in [0, 1).
    pub done: f64,
}

/// The batches that the discriminator sees in a step.
#[derive(Clone, Copy)]
enum Batch {
    Real,
    Fake,
    Drawn,
}

impl Draws<'_> {
    pub fn step_noise(&self) -> StepNoise {
        let training = &self.config.training;
        let generator = (!training.reuse_noise).then(|| self.latent(Purpose::GeneratorNoise));
        let penalty = |is_penalised: bool, batch| {
            let noise = || self.pixels(Purpose::PenaltyNoise, batch);
            (is_penalised && training.gradient_penalty.is_some()).then(noise)
        };
        let penalises_fakes = self.state.gan.objective.penalises_fakes();
        StepNoise {
            discriminator: self.latent(Purpose::DiscriminatorNoise),
            generator,
            views: Views {
                real: self.view(Batch::Real),
                fake: self.view(Batch::Fake),
                drawn: self.view(Batch::Drawn),
            },
            penalty: [
                penalty(true, Batch::Real),
                penalty(penalises_fakes, Batch::Fake),
            ],
        }
    }

    fn latent(&self, purpose: Purpose) -> Tensor<4> {
        let (model, training) = (&self.config.model, &self.config.training);
        let mut random = retry_stream(
            training.seed,
            purpose,
            self.state.step + self.update * UPDATES_APART,
            self.state.retries,
        );
        let (rows, count) = (self.share.rows(), training.batch_size * model.z_dim);
        let mut z = model.latent_distribution().draw(&mut random, count);
        z.truncate(rows.end * model.z_dim);
        z.drain(..rows.start * model.z_dim);
        let data = TensorData::new(z, [rows.len(), model.z_dim, 1, 1]);
        Tensor::from_data(data, self.device)
    }

    /// The generator for one of the batches of this step.
    fn random(&self, purpose: Purpose, batch: Batch) -> rand_chacha::ChaCha8Rng {
        let index = 3 * self.state.step + batch as u64 + self.update * UPDATES_APART;
        retry_stream(
            self.config.training.seed,
            purpose,
            index,
            self.state.retries,
        )
    }

    /// N(0, 1) for each value of the pictures.
    fn pixels(&self, purpose: Purpose, batch: Batch) -> Tensor<4> {
        let model = &self.config.model;
        let (side, channels) = (model.image_size, model.channels);
        let (rows, picture) = (self.share.rows(), side * side * channels);
        let random = self.random(purpose, batch);
        let values = Distribution::<f32>::sample_iter(StandardNormal, random);
        let values = values.skip(rows.start * picture).take(rows.len() * picture);
        let data = TensorData::new(values.collect(), [rows.len(), side, side, channels]);
        Tensor::<4>::from_data(data, self.device).permute([0, 3, 1, 2])
    }

    fn view(&self, batch: Batch) -> View {
        let training = &self.config.training;
        let augmentations = draw_augmentations(
            training.augment,
            self.state
                .gan
                .feedback
                .map_or(0.0, |feedback| feedback.augment_probability),
            self.config.model.image_size,
            training.batch_size,
            &mut self.random(Purpose::Augmentation, batch),
        );
        let factor = training.instance_noise * (1.0 - self.done);
        View {
            augmentations: augmentations.map(|all| all[self.share.rows()].into()),
            noise: (factor > 0.0).then(|| (self.pixels(Purpose::InstanceNoise, batch), factor)),
        }
    }
}
