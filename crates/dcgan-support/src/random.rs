//! Randomness without state to save: every draw has its own generator, keyed by (seed, purpose,
//! index). The draws of step 700 do not depend on earlier ones, so a resumed run needs only the
//! number of its step.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

/// The purpose of a generator. Different purposes never share random numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u64)]
pub enum Purpose {
    /// The initial weights of the generator; the index is the parameter's position.
    GeneratorWeights = 1,
    /// The initial weights of the discriminator; the index is the parameter's position.
    DiscriminatorWeights = 2,
    /// The noise of the discriminator's update; the index is the step.
    DiscriminatorNoise = 3,
    /// The noise of the generator's update; the index is the step.
    GeneratorNoise = 4,
    /// The latent vector of one picture; the seed is the picture's, the index 0.
    Picture = 5,
    /// The latent vectors over which a generator's batch-norm statistics are estimated.
    Statistics = 6,
    /// The pictures of a benchmark; the index is 0.
    BenchmarkPictures = 7,
    /// The noise around the result of vector arithmetic; the index is the neighbour.
    Neighbours = 8,
    /// The starting points of the search for a picture's latent vector; the index is 0.
    ProjectionStarts = 9,
    /// The directions along which pictures are compared; the index is the direction.
    Directions = 10,
    /// The noise of the gradient penalty; the index is three times the step, plus the batch.
    PenaltyNoise = 11,
    /// How pictures are augmented; the index as for the gradient penalty.
    Augmentation = 12,
    /// The noise on pictures that the discriminator sees; the index as for the gradient penalty.
    InstanceNoise = 13,
    /// The order in which a support vector machine visits its examples; the index is the pass.
    SupportVectors = 20,
    /// The choice of labelled and held-out pictures; the index is the class.
    LabelledPictures = 21,
    /// The subsets of a kernel distance; the index is the subset's, twice, plus 1 for the fakes.
    KernelSubsets = 22,
    /// The order of pictures for the Inception score; the index is 0.
    ScoreOrder = 23,
    /// Where neighbourhoods are cut out of a picture; the index is the picture's.
    Neighbourhoods = 24,
    /// The directions along which neighbourhoods are compared; the index is the direction.
    NeighbourhoodDirections = 25,
    /// Which pictures of a data set are evaluated; the index is 0.
    EvaluatedPictures = 26,
}

/// The generator for `(seed, purpose, index)`.
pub fn stream(seed: u64, purpose: Purpose, index: u64) -> ChaCha8Rng {
    retry_stream(seed, purpose, index, 0)
}

/// The generator for `(seed, purpose, index)` of a training that has been rolled back `retries`
/// times. Each retry draws different numbers.
pub fn retry_stream(seed: u64, purpose: Purpose, index: u64, retries: u64) -> ChaCha8Rng {
    let mut rng = keyed_generator([seed, purpose as u64, retries, 0]);
    rng.set_stream(index);
    rng
}

/// The ChaCha8 generator whose key consists of these words, in little-endian order.
pub fn keyed_generator(key: [u64; 4]) -> ChaCha8Rng {
    let mut bytes = [0; 32];
    for (bytes, word) in bytes.chunks_exact_mut(8).zip(key) {
        bytes.copy_from_slice(&word.to_le_bytes());
    }
    ChaCha8Rng::from_seed(bytes)
}

#[cfg(test)]
mod tests {
    use rand_chacha::rand_core::Rng;

    use super::*;

    #[test]
    fn keys_never_change() {
        let mut key = [0; 32];
        (key[0], key[8], key[16]) = (7, 4, 2);
        let mut expected = ChaCha8Rng::from_seed(key);
        expected.set_stream(9);
        let mut drawn = retry_stream(7, Purpose::GeneratorNoise, 9, 2);
        assert_eq!(drawn.next_u64(), expected.next_u64());
    }
}
