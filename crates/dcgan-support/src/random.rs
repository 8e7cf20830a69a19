//! Randomness without a state to save: every draw has its own generator, keyed
//! by (seed, purpose, index). What step 700 draws does not depend on what was
//! drawn before it, so a resumed run needs nothing but its step's number.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

/// What a generator is for. Two purposes never share numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u64)]
pub enum Purpose {
    /// The first weights of the generator; the index is a parameter's place.
    GeneratorWeights = 1,
    /// The first weights of the discriminator; the index is a parameter's place.
    DiscriminatorWeights = 2,
    /// Noise of the discriminator's update; the index is the step.
    DiscriminatorNoise = 3,
    /// Noise of the generator's update; the index is the step.
    GeneratorNoise = 4,
    /// The latent vector of one picture; the seed is the picture's, the index 0.
    Picture = 5,
    /// The latent vectors that a generator's statistics are estimated over.
    Statistics = 6,
    /// The pictures that a benchmark trains on; the index is 0.
    BenchmarkPictures = 7,
    /// The noise around the result of vector arithmetic; the index is the neighbour's place.
    Neighbours = 8,
    /// Where the search for a picture's latent vector starts; the index is 0.
    ProjectionStarts = 9,
    /// The directions along which pictures are compared; the index is the direction.
    Directions = 10,
    /// The order in which a support vector machine visits its examples; the index is the pass.
    SupportVectors = 20,
    /// Which pictures are labelled and which held out; the index is the class.
    LabelledPictures = 21,
}

/// The generator for `(seed, purpose, index)`.
pub fn stream(seed: u64, purpose: Purpose, index: u64) -> ChaCha8Rng {
    retry_stream(seed, purpose, index, 0)
}

/// The generator for `(seed, purpose, index)` after a training has gone back so many times:
/// each time it draws other numbers.
pub fn retry_stream(seed: u64, purpose: Purpose, index: u64, retries: u64) -> ChaCha8Rng {
    let mut key = [0; 32];
    key[..8].copy_from_slice(&seed.to_le_bytes());
    key[8..16].copy_from_slice(&(purpose as u64).to_le_bytes());
    key[16..24].copy_from_slice(&retries.to_le_bytes());
    let mut rng = ChaCha8Rng::from_seed(key);
    rng.set_stream(index);
    rng
}
