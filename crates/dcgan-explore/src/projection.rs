//! The latent vector whose sample is nearest to a given picture.

use burn::tensor::{Device, Tensor, TensorData};

use dcgan::config::{LatentDistribution, ModelConfig};
use dcgan::device::in_thread_pool;
use dcgan::latent;
use dcgan::model::{Discriminator, Generator, to_host};
use dcgan::ops::{self, AdamStep, adam_step};
use dcgan_support::random::Purpose;

/// The settings of a search.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Search {
    /// How many latent vectors to start from in parallel, at least 1. Most starts end in a local
    /// minimum of their own.
    pub starts: usize,
    /// Adam's steps from each start.
    pub steps: usize,
    /// Adam's initial learning rate; it decays to a tenth along a cosine.
    pub learning_rate: f64,
    /// The weight of the discriminator's activations in the loss, relative to the pixels.
    pub feature_weight: f64,
    /// The seed of the starts.
    pub seed: u64,
}

impl Default for Search {
    fn default() -> Self {
        Self {
            starts: 8,
            steps: 300,
            learning_rate: 0.05,
            feature_weight: 0.1,
            seed: 0,
        }
    }
}

/// The result of one start.
#[derive(Debug, Clone, PartialEq)]
pub struct Projection {
    /// The latent vector, `[z_dim]`.
    pub z: Vec<f32>,
    /// The mean squared distance between pixel values in [−1, 1].
    pub pixel_error: f32,
    /// The minimised loss: the pixel error plus the weighted distance of activations.
    pub loss: f32,
}

/// How long a normal latent vector may become, relative to √z_dim: the generator was hardly trained
/// on longer ones.
const MAX_LENGTH: f32 = 1.1;

/// Layers whose activations have a smaller mean square do not get more weight.
const MIN_MEAN_SQUARE: f32 = 1e-6;

/// Searches for the latent vectors whose samples are nearest to `target`: Adam on z through the
/// frozen generator, with the squared distance of the pixels and of the discriminator's activations
/// in all layers as the loss. One result for each start, the best first.
///
/// `progress` is called with the number of steps done.
///
/// ```
/// use dcgan::config::{ModelOptions, Preset};
/// use dcgan::model::Generator;
/// use dcgan_explore::projection::{Search, project};
///
/// let device = dcgan::device::by_name("cpu")?;
/// let model = ModelOptions::new(Preset::Small).with_ngf(4).build()?;
/// let generator = Generator::new(&model, 0, &device)?;
/// let grey = vec![0.0; 64 * 64 * 3];
/// let search = Search { starts: 2, steps: 3, ..Search::default() };
/// let found = project(&generator, None, &grey, &search, &|_| {});
/// assert_eq!((found.len(), found[0].z.len()), (2, 100));
/// assert!(found[0].loss <= found[1].loss);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Shapes
/// `target` `[image_size, image_size, channels]`, in [−1, 1]
///
/// # Panics
/// If `target` does not have the generator's size and channels, or there are no starts.
pub fn project(
    generator: &Generator,
    discriminator: Option<&Discriminator>,
    target: &[f32],
    search: &Search,
    progress: &(dyn Fn(usize) + Sync),
) -> Vec<Projection> {
    let model = generator.config();
    let device = generator.network().device();
    let objective = Objective::new(model, discriminator, target, search, &device);
    let shape = [search.starts, model.z_dim, 1, 1];
    let values = search.starts * model.z_dim;
    let purpose = Purpose::ProjectionStarts;
    let mut z = latent::noise(model, search.seed, purpose, 0, search.starts);
    let zeros = || Tensor::<1>::zeros([values], &device).inner();
    let mut moments = [zeros(), zeros()];
    for step in 0..search.steps {
        let flat = Tensor::<1>::from_data(TensorData::new(z, [values]), &device).require_grad();
        let gradient = in_thread_pool(&device, || {
            let pictures = generator.forward_differentiable(flat.clone().reshape(shape));
            let losses = objective.losses(pictures).loss; // [starts]
            let mut gradients = ops::sum(losses).backward();
            flat.grad_remove(&mut gradients).expect("z is a leaf")
        });
        let adam = AdamStep {
            learning_rate: search.learning_rate * decay(step, search.steps),
            beta1: 0.9,
            beta2: 0.999,
            epsilon: 1e-8,
        };
        let updated = adam_step(adam, step as u64 + 1, flat.inner(), gradient, moments);
        moments = updated.moments;
        z = to_host(updated.parameter);
        keep_plausible(model, &mut z);
        progress(step + 1);
    }
    let flat = Tensor::<1>::from_data(TensorData::new(z.clone(), [values]), &device);
    let losses = objective.losses(generator.forward_differentiable(flat.reshape(shape)));
    let (loss, pixel_error) = (to_host(losses.loss), to_host(losses.pixels));
    let mut found: Vec<_> = z
        .chunks_exact(model.z_dim)
        .zip(loss)
        .zip(pixel_error)
        .map(|((z, loss), pixel_error)| Projection {
            z: z.to_vec(),
            pixel_error,
            loss,
        })
        .collect();
    found.sort_by(|a, b| a.loss.total_cmp(&b.loss));
    found
}

/// From 1 to 0.1 along a cosine.
fn decay(step: usize, steps: usize) -> f64 {
    let done = step as f64 / steps as f64;
    0.55 + 0.45 * (std::f64::consts::PI * done).cos()
}

/// Moves vectors back to where the latent distribution has its mass.
fn keep_plausible(model: &ModelConfig, z: &mut [f32]) {
    match model.latent_distribution() {
        LatentDistribution::Uniform => z.iter_mut().for_each(|z| *z = z.clamp(-1.0, 1.0)),
        LatentDistribution::Normal => {
            let max = MAX_LENGTH * (model.z_dim as f32).sqrt();
            for z in z.chunks_exact_mut(model.z_dim) {
                let length = z.iter().map(|z| z * z).sum::<f32>().sqrt();
                if length > max {
                    z.iter_mut().for_each(|z| *z *= max / length);
                }
            }
        }
    }
}

/// The loss.
struct Objective<'a> {
    discriminator: Option<&'a Discriminator>,
    feature_weight: f64,
    /// `[1, channels, image_size, image_size]`
    target: Tensor<4>,
    /// One for each layer of the discriminator.
    target_activations: Vec<Activations>,
}

/// The discriminator's activations on the target in one layer.
struct Activations {
    values: Tensor<4>,
    mean_square: f32,
}

/// For each start, `[starts]`.
struct Losses {
    loss: Tensor<1>,
    pixels: Tensor<1>,
}

impl<'a> Objective<'a> {
    fn new(
        model: &ModelConfig,
        discriminator: Option<&'a Discriminator>,
        target: &[f32],
        search: &Search,
        device: &Device,
    ) -> Self {
        let shape = [1, model.image_size, model.image_size, model.channels];
        let data = TensorData::new(target.to_vec(), shape);
        let target = Tensor::<4>::from_data(data, device).permute([0, 3, 1, 2]);
        let target_activations = match discriminator {
            Some(discriminator) => discriminator
                .hidden_activations(target.clone())
                .into_iter()
                .map(Activations::new)
                .collect(),
            None => Vec::new(),
        };
        Self {
            discriminator,
            feature_weight: search.feature_weight,
            target,
            target_activations,
        }
    }

    fn losses(&self, pictures: Tensor<4>) -> Losses {
        let pixels = distance(pictures.clone(), self.target.clone());
        let mut loss = pixels.clone();
        if let Some(discriminator) = self.discriminator {
            let weight = self.feature_weight / self.target_activations.len() as f64;
            let activations = discriminator.hidden_activations(pictures).into_iter();
            for (found, target) in activations.zip(&self.target_activations) {
                let distance = distance(found, target.values.clone());
                loss = loss + distance * (weight / f64::from(target.mean_square));
            }
        }
        Losses { loss, pixels }
    }
}

impl Activations {
    fn new(values: Tensor<4>) -> Self {
        let mean_square = to_host(ops::mean(values.clone().square()))[0];
        Self {
            values,
            mean_square: mean_square.max(MIN_MEAN_SQUARE),
        }
    }
}

/// The mean squared distance of each picture of a batch to the target, `[B]`.
fn distance(batch: Tensor<4>, target: Tensor<4>) -> Tensor<1> {
    let [count, ..] = batch.dims();
    let squares = (batch - target).square();
    squares
        .reshape([count as i32, -1])
        .mean_dim(1)
        .reshape([count])
}

#[cfg(test)]
mod tests {
    use super::*;
    use dcgan::config::{ModelOptions, Preset};
    use dcgan::model::FoldedGenerator;

    #[test]
    fn the_latent_vector_of_a_sample_is_recovered() {
        let device = dcgan::device::by_name("cpu").unwrap();
        for preset in [Preset::Pytorch, Preset::Paper] {
            let model = ModelOptions::new(preset)
                .with_image_size(32)
                .with_ngf(8)
                .with_ndf(4)
                .with_z_dim(10)
                .build()
                .unwrap();
            let mut generator = Generator::new(&model, 1, &device).unwrap();
            // larger weights than the initial ones, so that samples differ
            for parameter in generator.network_mut().parameters_mut() {
                let values = parameter.values().iter().map(|value| value * 4.0).collect();
                parameter.set_values(values);
            }
            let discriminator = Discriminator::new(&model, 2, &device).unwrap();
            let z = latent::from_seed(&model, 3);
            let target = FoldedGenerator::new(generator.clone(), 1).draw(&z);
            let search = Search {
                starts: 4,
                steps: 120,
                ..Search::default()
            };
            let start = Search { steps: 0, ..search };
            let run = |search| project(&generator, Some(&discriminator), &target, &search, &|_| {});
            let (before, after) = (run(start), run(search));
            assert_eq!(after.len(), 4);
            assert!(after.is_sorted_by(|a, b| a.loss <= b.loss));
            assert!(
                after[0].pixel_error < 0.05 * before[0].pixel_error,
                "{preset}: {} before, {} after",
                before[0].pixel_error,
                after[0].pixel_error
            );
            assert_eq!(run(search), after, "the search is deterministic");
        }
    }
}
