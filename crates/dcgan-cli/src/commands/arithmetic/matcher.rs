//! Finds samples that match the descriptions of an expression, and checks the result against the
//! words.

use anyhow::{Context, Result};
use dcgan::latent::{self, SeedList};
use dcgan::sample::Sampler;
use dcgan_data::DataSource;
use dcgan_explore::attributes::{
    AttributeClassifier, AttributeTest, Description, exemplars, expectation,
};

use super::groups::signed_averages;
use super::{Arithmetic, words};
use crate::shared::{attributes, output};

/// Numbers of exemplars to try, until the result fits the words. The paper averages three.
const EXEMPLARS: [u64; 4] = [3, 8, 16, 32];

/// Finds samples that match the descriptions of an expression.
pub struct Matcher {
    classifier: AttributeClassifier,
    descriptions: Vec<Description>,
    /// What the result should be; nothing if a group is given by seeds.
    expected: Vec<AttributeTest>,
}

impl Matcher {
    pub fn learn(arguments: &Arithmetic, sampler: &Sampler, data: &DataSource) -> Result<Self> {
        let classifier = attributes::learn(&arguments.run, sampler, data, &arguments.cache)?;
        let words = words(&arguments.expression);
        let descriptions = words.iter().map(|words| classifier.describe(words));
        let descriptions = descriptions.collect::<Result<Vec<_>, _>>()?;
        let terms = &arguments.expression.terms;
        let expected = if descriptions.len() == terms.len() {
            let signs = terms.iter().map(|term| term.sign);
            expectation(&signs.zip(&descriptions).collect::<Vec<_>>())
        } else {
            Vec::new()
        };
        let matcher = Self {
            descriptions,
            classifier,
            expected,
        };
        for attribute in matcher.attributes() {
            attributes::report_accuracy(&matcher.classifier, attribute);
        }
        Ok(matcher)
    }

    /// The attributes that the descriptions mention, each once.
    fn attributes(&self) -> Vec<usize> {
        let mut attributes = Vec::new();
        for test in self.descriptions.iter().flat_map(|it| &it.tests) {
            if !attributes.contains(&test.attribute) {
                attributes.push(test.attribute);
            }
        }
        attributes
    }

    /// The seeds of each description's samples: as many as asked for, or as few as make the result fit the
    /// words.
    pub fn seeds(&self, arguments: &Arithmetic, sampler: &mut Sampler) -> Result<Vec<Vec<u64>>> {
        let seeds = match &arguments.seeds.seeds {
            Some(seeds) => seeds.clone(),
            None => SeedList::from_first(0, arguments.count)?,
        };
        let samples = attributes::label_samples(sampler, &self.classifier, &seeds);
        let counts = arguments
            .exemplars
            .map_or(EXEMPLARS.to_vec(), |count| vec![count]);
        let mut best: Option<(usize, Vec<Vec<u64>>)> = None;
        for count in counts {
            let chosen = match exemplars(&samples, &self.descriptions, count as usize) {
                Ok(chosen) => chosen,
                Err(error) if best.is_none() => return Err(error.into()),
                Err(_) => break, // there are no more
            };
            let z = latent::signed_sum(&signed_averages(
                &arguments.expression.terms,
                &chosen,
                sampler,
            ));
            let logits = &self.classifier.logits(&sampler.values(&[z]))[0];
            let missed = self
                .expected
                .iter()
                .filter(|test| !test.passes(logits))
                .count();
            if best.as_ref().is_none_or(|(fewest, _)| missed < *fewest) {
                best = Some((missed, chosen));
            }
            if missed == 0 {
                break;
            }
        }
        let (_, chosen) = best.context("no number of exemplars")?;
        for (description, seeds) in self.descriptions.iter().zip(&chosen) {
            let seeds: Vec<_> = seeds.iter().map(u64::to_string).collect();
            output::line(&format!("{}: seeds {}", description.words, seeds.join(",")));
        }
        Ok(chosen)
    }

    /// Reports what the classifier sees in a picture, and whether that fits the words. Returns the first.
    pub fn report(&self, picture: &[f32]) -> String {
        let logits = &self.classifier.logits(picture)[0];
        let seen = |attribute: usize| {
            let probability = 1.0 / (1.0 + (-logits[attribute]).exp());
            let name = &self.classifier.names()[attribute];
            format!("{name} {:.0}%", 100.0 * probability)
        };
        let all: Vec<_> = self.attributes().into_iter().map(seen).collect();
        let seen = all.join(", ");
        output::line(&format!("the classifier's view of the result: {seen}"));
        let missed = self.expected.iter().filter(|test| !test.passes(logits));
        let missed: Vec<_> = missed
            .map(|test| {
                let wanted = if test.holds { "with" } else { "without" };
                format!("{wanted} {}", self.classifier.names()[test.attribute])
            })
            .collect();
        if !missed.is_empty() {
            output::note_at_end(format!(
                "the result misses the words: it should be {}; a larger --count finds better exemplars, and a longer \
                 training makes more of the attributes",
                missed.join(" and ")
            ));
        }
        seen
    }
}
