//! Latent vectors as requests name them: seeds, coordinates, sums and points between others, each perhaps moved
//! along directions.

use dcgan::config::{LatentDistribution, ModelConfig};
use dcgan::latent::{self, Interpolation, LatentDirection};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::failure::Failure;

/// A latent vector: one of `seed`, `z`, `sum` and `between`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "Fields")]
pub struct Latent {
    /// Where it is.
    #[serde(flatten)]
    pub place: Place,
    /// Limits the coordinates of a seed to ± this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub truncation: Option<f64>,
    /// How it is moved from there.
    #[serde(default, rename = "move", skip_serializing_if = "Vec::is_empty")]
    pub moves: Vec<Move>,
}

/// A latent vector as a request has it. Flattened enums take the first field that they know and ignore the others:
/// here each is read, so that a request never gets another picture than it asked for.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields {
    seed: Option<u64>,
    z: Option<Vec<f32>>,
    sum: Option<Vec<Term>>,
    between: Option<Between>,
    truncation: Option<f64>,
    #[serde(default, rename = "move")]
    moves: Vec<Move>,
}

impl TryFrom<Fields> for Latent {
    type Error = &'static str;

    fn try_from(fields: Fields) -> Result<Self, Self::Error> {
        let place = match (fields.seed, fields.z, fields.sum, fields.between) {
            (Some(seed), None, None, None) => Place::Seed(seed),
            (None, Some(z), None, None) => Place::Z(z),
            (None, None, Some(sum), None) => Place::Sum(sum),
            (None, None, None, Some(between)) => Place::Between(between),
            _ => return Err("a latent vector has exactly one of `seed`, `z`, `sum` and `between`"),
        };
        if fields.truncation.is_some() && !matches!(place, Place::Seed(_)) {
            return Err("only a latent vector of a seed can be truncated");
        }
        Ok(Self {
            place,
            truncation: fields.truncation,
            moves: fields.moves,
        })
    }
}

/// Where a latent vector is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(no_recursion)]
pub enum Place {
    /// At that of a seed.
    Seed(u64),
    /// At these coordinates, `z_dim` of them.
    Z(Vec<f32>),
    /// At the sum of weighted means, as in `A − B + C`.
    Sum(Vec<Term>),
    /// Between two others, by spherical interpolation.
    Between(Between),
}

/// A part of a sum.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Term {
    /// 1 or −1, or anything between −10 and 10.
    pub weight: f64,
    /// What is averaged.
    #[schema(no_recursion)]
    pub mean: Vec<Latent>,
}

/// A point between two latent vectors.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Between {
    /// The latent vector at 0.
    #[schema(no_recursion)]
    pub from: Box<Latent>,
    /// The latent vector at 1.
    #[schema(no_recursion)]
    pub to: Box<Latent>,
    /// From 0 to 1.
    pub at: f64,
}

/// A movement along a direction.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Move {
    /// The name of a direction of the run, such as `principal-1` or `smiling`.
    pub direction: String,
    /// In standard deviations of the latent vectors, from −20 to 20.
    pub strength: f64,
}

/// The most leaves in one request, and how deep sums may be inside each other.
const MOST_LEAVES: usize = 256;
const DEEPEST: usize = 4;

/// The largest seed that JavaScript's numbers hold.
const LARGEST_SEED: u64 = 1 << 53;

/// What latent vectors are made from.
pub struct Space<'a> {
    /// The networks.
    pub model: &'a ModelConfig,
    /// The directions and their names.
    pub directions: &'a [(String, LatentDirection)],
}

impl Space<'_> {
    /// The coordinates of latent vectors.
    ///
    /// # Errors
    /// If one cannot be understood.
    pub fn resolve(&self, latents: &[Latent]) -> Result<Vec<Vec<f32>>, Failure> {
        let leaves: usize = latents.iter().map(leaves).sum();
        if leaves > MOST_LEAVES {
            return Err(Failure::Invalid(format!(
                "the request names {leaves} latent vectors, and {MOST_LEAVES} are the most"
            )));
        }
        latents.iter().map(|latent| self.point(latent, 0)).collect()
    }

    fn point(&self, latent: &Latent, depth: usize) -> Result<Vec<f32>, Failure> {
        if depth > DEEPEST {
            return Err(Failure::Invalid(format!(
                "sums and interpolations are nested more than {DEEPEST} deep"
            )));
        }
        let mut z = match &latent.place {
            Place::Seed(seed) => self.seed(*seed, latent.truncation)?,
            Place::Z(z) => self.coordinates(z)?,
            Place::Sum(terms) => self.sum(terms, depth)?,
            Place::Between(way) => {
                if !(0.0..=1.0).contains(&way.at) {
                    return Err(Failure::Invalid(format!(
                        "`at` is {}, and must be between 0 and 1",
                        way.at
                    )));
                }
                let [from, to] = [&way.from, &way.to].map(|end| self.point(end, depth + 1));
                let distribution = self.model.latent_distribution();
                Interpolation::Spherical.at(distribution, &from?, &to?, way.at)
            }
        };
        for movement in &latent.moves {
            let Move {
                direction,
                strength,
            } = movement;
            if !(-20.0..=20.0).contains(strength) {
                return Err(Failure::Invalid(format!(
                    "the strength {strength} is not between -20 and 20"
                )));
            }
            let known = self.directions.iter().find(|(name, _)| name == direction);
            let (_, known) = known.ok_or_else(|| {
                Failure::Invalid(format!("the run has no direction '{direction}'"))
            })?;
            z = known.moved(&z, *strength);
        }
        Ok(z)
    }

    fn seed(&self, seed: u64, truncation: Option<f64>) -> Result<Vec<f32>, Failure> {
        if seed > LARGEST_SEED {
            return Err(Failure::Invalid(format!(
                "the seed {seed} is larger than {LARGEST_SEED}"
            )));
        }
        let Some(limit) = truncation else {
            return Ok(latent::from_seed(self.model, seed));
        };
        if !latent::TRUNCATION.contains(&limit) {
            return Err(Failure::Invalid(format!(
                "the truncation {limit} is not between {} and {}",
                latent::TRUNCATION.start(),
                latent::TRUNCATION.end()
            )));
        }
        if self.model.latent_distribution() != LatentDistribution::Normal {
            return Err(Failure::Invalid(
                "latent vectors of this generator are uniform, and only normal ones can be truncated"
                    .to_owned(),
            ));
        }
        Ok(latent::truncated(self.model, seed, limit))
    }

    fn coordinates(&self, z: &[f32]) -> Result<Vec<f32>, Failure> {
        let z_dim = self.model.z_dim;
        if z.len() != z_dim || !z.iter().all(|value| value.is_finite()) {
            return Err(Failure::Invalid(format!(
                "a latent vector of this run has {z_dim} finite numbers, and one has {}",
                z.len()
            )));
        }
        Ok(z.to_vec())
    }

    fn sum(&self, terms: &[Term], depth: usize) -> Result<Vec<f32>, Failure> {
        let mut sum = vec![0.0; self.model.z_dim];
        for term in terms {
            if !(-10.0..=10.0).contains(&term.weight) {
                return Err(Failure::Invalid(format!(
                    "the weight {} is not between -10 and 10",
                    term.weight
                )));
            }
            if term.mean.is_empty() {
                return Err(Failure::Invalid(
                    "a part of the sum has no picture to average".to_owned(),
                ));
            }
            let points = term.mean.iter().map(|latent| self.point(latent, depth + 1));
            let mean = latent::mean(&points.collect::<Result<Vec<_>, _>>()?);
            for (sum, value) in sum.iter_mut().zip(mean) {
                *sum += term.weight as f32 * value;
            }
        }
        Ok(sum)
    }
}

fn leaves(latent: &Latent) -> usize {
    match &latent.place {
        Place::Seed(_) | Place::Z(_) => 1,
        Place::Sum(terms) => terms.iter().flat_map(|term| &term.mean).map(leaves).sum(),
        Place::Between(way) => leaves(&way.from) + leaves(&way.to),
    }
}

#[cfg(test)]
mod tests {
    use dcgan::config::{ModelOptions, Preset};

    use super::*;

    fn model() -> ModelConfig {
        let options = ModelOptions::new(Preset::Small).with_ngf(4);
        options.build().unwrap()
    }

    fn resolve(text: &str) -> Result<Vec<f32>, Failure> {
        let model = model();
        let space = Space {
            model: &model,
            directions: &[],
        };
        let latent = serde_json::from_str::<Latent>(text)
            .map_err(|error| Failure::Invalid(error.to_string()))?;
        Ok(space.resolve(&[latent])?.remove(0))
    }

    #[test]
    fn a_seed_is_that_of_the_sampler() {
        assert_eq!(
            resolve(r#"{"seed":7}"#).unwrap(),
            latent::from_seed(&model(), 7)
        );
    }

    #[test]
    fn a_truncated_seed_is_that_of_a_sampler_that_truncates() {
        assert_eq!(
            resolve(r#"{"seed":7,"truncation":0.7}"#).unwrap(),
            latent::truncated(&model(), 7, 0.7)
        );
        for limit in ["0", "-1", "1e9"] {
            let error = resolve(&format!(r#"{{"seed":7,"truncation":{limit}}}"#)).unwrap_err();
            assert!(error.to_string().contains("is not between"), "{error}");
        }
    }

    #[test]
    fn a_sum_adds_means_with_their_weights() {
        let sum = resolve(
            r#"{"sum":[{"weight":1,"mean":[{"seed":1},{"seed":3}]},{"weight":-1,"mean":[{"seed":2}]}]}"#,
        );
        let [one, two, three] = [1, 2, 3].map(|seed| latent::from_seed(&model(), seed));
        for (place, value) in sum.unwrap().into_iter().enumerate() {
            let expected = (one[place] + three[place]) / 2.0 - two[place];
            assert!((value - expected).abs() < 1e-6);
        }
    }

    #[test]
    fn the_ends_of_an_interpolation_are_exact() {
        let end = resolve(r#"{"between":{"from":{"seed":1},"to":{"seed":2},"at":1}}"#);
        assert_eq!(end.unwrap(), latent::from_seed(&model(), 2));
    }

    #[test]
    fn nonsense_is_refused_in_a_sentence() {
        for (text, said) in [
            (r#"{"z":[1,2]}"#, "has 100 finite numbers"),
            (r#"{"sum":[{"weight":1,"mean":[]}]}"#, "no picture"),
            (
                r#"{"sum":[{"weight":11,"mean":[{"seed":1}]}]}"#,
                "weight 11",
            ),
            (r#"{"seed":18014398509481984}"#, "larger than"),
            (
                r#"{"between":{"from":{"seed":1},"to":{"seed":2},"at":1.5}}"#,
                "`at` is 1.5",
            ),
            (
                r#"{"seed":1,"move":[{"direction":"smiling","strength":1}]}"#,
                "no direction 'smiling'",
            ),
            (
                r#"{"seed":1,"move":[{"direction":"smiling","strength":1e9}]}"#,
                "not between",
            ),
            (r#"{"seed":1,"z":[1,2]}"#, "exactly one of"),
            (r#"{"truncation":0.7}"#, "exactly one of"),
            (
                r#"{"sum":[],"truncation":0.7}"#,
                "only a latent vector of a seed",
            ),
            (r#"{"seed":1,"sede":2}"#, "unknown field `sede`"),
            (
                r#"{"between":[{"seed":1},{"seed":2}],"at":0.5}"#,
                "at line 1",
            ),
        ] {
            let error = resolve(text).unwrap_err().to_string();
            assert!(error.contains(said), "{text}: {error}");
        }
        let mut deep = r#"{"seed":1}"#.to_owned();
        for _ in 0..6 {
            deep = format!(r#"{{"sum":[{{"weight":1,"mean":[{deep}]}}]}}"#);
        }
        assert!(resolve(&deep).unwrap_err().to_string().contains("deep"));
    }
}
