//! Comparing a generator with a data set.

use serde::{Deserialize, Serialize};

use super::InceptionFile;
use crate::model::Generator;
use crate::sample::Sampler;
use dcgan_data::{Augmentation, DataError, Dataset, epoch_order};
use dcgan_evaluate::inception::{FEATURES, Resize};
use dcgan_evaluate::{
    EvaluationError, FEWEST_FOR_FID, Features, Pictures, Statistics, fid, kid, sliced_wasserstein,
};

/// The most pictures on each side.
pub const MOST_PICTURES: usize = 2048;

/// The seed of random choices, and the first of the drawn pictures: figures of all steps and runs
/// can be compared.
const SEED: u64 = 0;

/// Pictures that are drawn, or seen by Inception, between two looks at whether to stop.
const CHUNK: usize = 64;

/// The figures of a generator.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Evaluation {
    /// Pictures on each side. Only figures of equal numbers compare.
    pub pictures: usize,
    /// The sliced Wasserstein distance times 1000, the mean over the levels of the pyramid.
    pub swd: f32,
    /// The kernel Inception distance, if Inception is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kid: Option<f32>,
    /// The Fréchet Inception distance, if Inception is there and so are enough pictures.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fid: Option<f32>,
}

/// Compares generators with the same real pictures.
pub struct Evaluator {
    real: Pictures,
    inception: Option<InceptionFile>,
    /// Of the real pictures; `None` before they are needed.
    features: Option<Features>,
}

impl Evaluator {
    /// Reads at most [`MOST_PICTURES`] pictures of a data set, the same ones in each run on it.
    ///
    /// # Errors
    /// If a picture cannot be read.
    pub fn new(dataset: &Dataset, inception: Option<InceptionFile>) -> Result<Self, DataError> {
        let mut order = epoch_order(SEED, 0, dataset.len() as u32);
        order.truncate(MOST_PICTURES);
        let mut bytes = Vec::new();
        for index in order {
            bytes.extend(dataset.picture(index as usize, Augmentation::NONE)?);
        }
        let real = Pictures::new(bytes, dataset.image_size(), dataset.channels());
        Ok(Self {
            real: real.expect("a data set has whole pictures of one size"),
            inception,
            features: None,
        })
    }

    /// Draws as many pictures as there are real ones and compares them. `generator` has the
    /// statistics for sampling. `None` if `should_stop` returns true before the end.
    ///
    /// # Errors
    /// If the pictures are too few or too small, or the features are not finite.
    pub fn evaluate(
        &mut self,
        generator: Generator,
        should_stop: &dyn Fn() -> bool,
    ) -> Result<Option<Evaluation>, EvaluationError> {
        let mut sampler = Sampler::new(generator);
        let mut bytes = Vec::new();
        let seeds: Vec<u64> = (SEED..).take(self.real.len()).collect();
        for seeds in seeds.chunks(CHUNK) {
            if should_stop() {
                return Ok(None);
            }
            for picture in sampler.pictures(seeds.iter().copied()) {
                bytes.extend_from_slice(picture.as_bytes());
            }
        }
        let fakes = Pictures::new(bytes, self.real.side(), self.real.channels())?;
        let levels = sliced_wasserstein(&self.real, &fakes, SEED)?;
        let sum: f64 = levels.iter().map(|level| level.distance).sum();
        let mut evaluation = Evaluation {
            pictures: fakes.len(),
            swd: (sum / levels.len() as f64) as f32,
            kid: None,
            fid: None,
        };
        if let Some(inception) = &self.inception {
            if self.features.is_none() {
                self.features = features(inception, &self.real, should_stop)?;
            }
            let fakes = features(inception, &fakes, should_stop)?;
            let (Some(real), Some(fakes)) = (&self.features, fakes) else {
                return Ok(None);
            };
            evaluation.kid = Some(kid(real, &fakes, SEED)?.mean as f32);
            if fakes.len() >= FEWEST_FOR_FID {
                let (real, fakes) = (Statistics::of(real)?, Statistics::of(&fakes)?);
                evaluation.fid = Some(fid(&real, &fakes)? as f32);
            }
        }
        Ok(Some(evaluation))
    }
}

/// Inception's features of pictures; `None` if `should_stop` returns true before the end.
fn features(
    inception: &InceptionFile,
    pictures: &Pictures,
    should_stop: &dyn Fn() -> bool,
) -> Result<Option<Features>, EvaluationError> {
    let mut values = Vec::with_capacity(pictures.len() * FEATURES);
    for chunk in pictures.chunks(CHUNK) {
        if should_stop() {
            return Ok(None);
        }
        let found = inception
            .network
            .activations(&chunk, Resize::Bilinear, &|| {})?;
        values.extend_from_slice(found.features.values());
    }
    Features::new(values, FEATURES).map(Some)
}
