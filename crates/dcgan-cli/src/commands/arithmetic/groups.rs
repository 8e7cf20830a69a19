//! The groups of an expression: their latent vectors and their pictures.

use dcgan::latent::{self, Group, Sign, SignedVector, Term};
use dcgan::sample::Sampler;
use image::DynamicImage;
use serde::Serialize;

use crate::shared::drawing::Label;

/// A group of an expression.
pub struct Drawn {
    /// With its sign.
    name: String,
    seeds: Vec<u64>,
    /// One for each seed.
    exemplars: Vec<DynamicImage>,
    average: DynamicImage,
}

impl Drawn {
    /// The name and the seeds, and all pictures.
    #[expect(clippy::type_complexity, reason = "both are used at once")]
    pub fn apart(self) -> ((String, Vec<u64>), Vec<(DynamicImage, Option<Label>)>) {
        let labels = self.seeds.iter().map(|&seed| Some(Label::Seed(seed)));
        let mut pictures: Vec<_> = self.exemplars.into_iter().zip(labels).collect();
        pictures.push((self.average, None));
        ((self.name, self.seeds), pictures)
    }
}

/// The seeds of each term. `described` are those of the terms that are descriptions, in their order.
fn seeds_of_terms(terms: &[Term], described: &[Vec<u64>]) -> Vec<Vec<u64>> {
    let mut described = described.iter();
    let seeds = terms.iter().map(|term| match &term.group {
        Group::Seeds(seeds) => seeds.iter().collect(),
        Group::Words(_) => described.next().expect("seeds of each description").clone(),
    });
    seeds.collect()
}

/// The mean latent vector of each term, with its sign.
pub fn signed_averages(
    terms: &[Term],
    described: &[Vec<u64>],
    sampler: &Sampler,
) -> Vec<SignedVector> {
    let groups = terms.iter().zip(seeds_of_terms(terms, described));
    let averages = groups.map(|(term, seeds)| {
        let vectors: Vec<_> = seeds.iter().map(|&seed| sampler.latent(seed)).collect();
        SignedVector {
            sign: term.sign,
            vector: latent::mean(&vectors),
        }
    });
    averages.collect()
}

/// The pictures of the terms.
pub fn draw_groups(
    terms: &[Term],
    described: &[Vec<u64>],
    averages: &[SignedVector],
    sampler: &mut Sampler,
) -> Vec<Drawn> {
    let all = terms
        .iter()
        .zip(seeds_of_terms(terms, described))
        .zip(averages);
    let draw = |(place, ((term, seeds), average)): (usize, ((&Term, Vec<u64>), &SignedVector))| {
        let mut vectors: Vec<_> = seeds.iter().map(|&seed| sampler.latent(seed)).collect();
        vectors.push(average.vector.clone());
        let mut exemplars = sampler.draw(&vectors);
        let average = exemplars.pop().expect("a picture for each vector");
        let prefix = match term.sign {
            Sign::Minus => "− ",
            Sign::Plus if place == 0 => "",
            Sign::Plus => "+ ",
        };
        Drawn {
            name: format!("{prefix}{}", term.group),
            seeds,
            exemplars,
            average,
        }
    };
    all.enumerate().map(draw).collect()
}

/// `--json`
#[derive(Serialize)]
pub struct Answer {
    terms: Vec<TermAnswer>,
    /// What the classifier sees in the result; none if there are only seeds.
    seen: Option<String>,
}

#[derive(Serialize)]
struct TermAnswer {
    /// 1 or −1.
    weight: i32,
    /// As in the expression.
    group: String,
    seeds: Vec<u64>,
}

/// The terms of an expression with their seeds.
pub fn answer(terms: &[Term], described: &[Vec<u64>], seen: Option<String>) -> Answer {
    let all = terms.iter().zip(seeds_of_terms(terms, described));
    let term = |(term, seeds): (&Term, Vec<u64>)| TermAnswer {
        weight: match term.sign {
            Sign::Plus => 1,
            Sign::Minus => -1,
        },
        group: term.group.to_string(),
        seeds,
    };
    Answer {
        terms: all.map(term).collect(),
        seen,
    }
}
