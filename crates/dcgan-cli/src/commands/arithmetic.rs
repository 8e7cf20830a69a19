//! `dcgan arithmetic`: adding and subtracting what pictures have in common.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use clap::Args;
use dcgan::latent::{self, Expression, Group, SeedList, Sign, SignedVector, Term};
use dcgan::sample::Sampler;
use dcgan_data::DataSource;
use dcgan_explore::attributes::{
    AttributeClassifier, AttributeTest, Description, exemplars, expectation,
};
use dcgan_render::figure::{self, ArithmeticFigure};
use image::{DynamicImage, RgbImage};

use crate::shared::compute::ComputeArguments;
use crate::shared::data_arguments::{CacheArguments, RunDataArguments};
use crate::shared::drawing::{DrawingArguments, Product, SeedArguments, numbered};
use crate::shared::generator::WeightsArguments;
use crate::shared::targets::{Files, WritesFiles};
use crate::shared::{attributes, output};

/// `dcgan arithmetic`
#[derive(Debug, Args)]
#[command(after_help = HELP, allow_negative_numbers = true)]
#[command(mut_arg("seeds", |seeds| seeds.conflicts_with("count").help_heading(DESCRIPTIONS)
    .help("Seeds of the samples to choose from, instead of the first N")))]
#[command(mut_args(attributes::describe_data))]
pub struct Arithmetic {
    /// A run directory, a checkpoint or a generator.safetensors
    pub run: PathBuf,

    /// Groups of seeds, or descriptions of pictures, with + and - between them
    #[arg(value_name = "EXPRESSION")]
    pub expression: Expression,

    /// How far to move the neighbours of the result in each coordinate
    #[arg(long, value_name = "SIZE", default_value_t = 0.25)]
    pub noise: f64,

    #[command(flatten)]
    pub data: RunDataArguments,

    /// Number of pictures in each described group [default: 3, or up to 32 if the result of fewer does
    /// not fit the words]
    #[arg(long, value_name = "N", help_heading = DESCRIPTIONS,
          value_parser = clap::value_parser!(u64).range(1..=64))]
    pub exemplars: Option<u64>,

    /// Number of samples to choose from, with seeds from 0
    #[arg(short = 'n', long, alias = "candidates", value_name = "N", default_value_t = 10_000,
          help_heading = DESCRIPTIONS, value_parser = clap::value_parser!(u64).range(10..=1_000_000))]
    pub count: u64,

    #[command(flatten)]
    pub seeds: SeedArguments,

    #[command(flatten)]
    pub drawing: DrawingArguments,

    #[command(flatten)]
    pub cache: CacheArguments,

    #[command(flatten)]
    pub weights: WeightsArguments,

    #[command(flatten)]
    pub compute: ComputeArguments,
}

const PRODUCT: Product = Product::figure("arithmetic");

impl WritesFiles for Arithmetic {
    fn files(&self) -> Files<'_> {
        let format = self.drawing.single_format();
        let data = self.data.data.as_deref();
        self.drawing.files(&self.run, data, &PRODUCT, |name| {
            PRODUCT.is_single(name, format)
        })
    }
}

const DESCRIPTIONS: &str = "Descriptions";

const HELP: &str = "\
Numbers are seeds: draw `dcgan sample RUN --labels` (seeds 0 to 63) and note which pictures share a
trait. The latent vectors of each group are averaged (the paper averages three), and the averages
are added with their signs. The figure shows the groups (--columns exemplars side by side), their
averages, and the result among eight neighbours, as in the paper's Figure 7; without --out it is
RUN/arithmetic.png. Single pictures come in the same order: of each group the exemplars and the
average, then the nine results, the fifth of which is the result itself.

For descriptions, a classifier on the discriminator's features learns the attributes of DATA, labels
many samples, and picks those that match with most certainty. If the result does not fit the words,
more exemplars are averaged, and the command says so if that does not help. It understands man, woman, smiling,
neutral, young, old, blond, glasses, hat, beard and so on, `no`, `not` and `without`, and the names
of all attributes and classes of DATA.

Examples:
  dcgan arithmetic runs/photos \"3,7,12 - 20,21,25 + 40,41,44\" -o figure.png
  dcgan arithmetic runs/celeba \"smiling woman - neutral woman + neutral man\" \\
    --data img_align_celeba.zip -o smiling-man.png
  dcgan arithmetic runs/demo \"man with glasses - man without glasses + woman without glasses\" \\
    -o glasses.png";

/// Numbers of exemplars to try, until the result fits the words. The paper averages three.
const EXEMPLARS: [u64; 4] = [3, 8, 16, 32];

/// A group's seeds must fit in the figure.
const MAX_SEEDS: u64 = 64;

const MAX_GROUPS: usize = 16;

pub fn run(arguments: &Arithmetic) -> Result<()> {
    arguments.compute.limit_threads()?;
    let drawing = &arguments.drawing;
    let target = drawing.target(&arguments.run, &PRODUCT)?;
    check(arguments)?;
    let source = data(arguments)?;
    let device = arguments.compute.open_device()?;
    let generator = arguments.weights.load(&arguments.run, &device)?.generator;
    let mut sampler = arguments.seeds.sampler(generator)?;
    let matcher = match &source {
        Some(source) => Some(Matcher::learn(arguments, &sampler, source)?),
        None => None,
    };
    let terms = &arguments.expression.terms;
    let described_seeds = match &matcher {
        Some(matcher) => matcher.seeds(arguments, &mut sampler)?,
        None => Vec::new(),
    };
    let averages = signed_averages(terms, &described_seeds, &sampler);
    let groups = draw_groups(terms, &described_seeds, &averages, &mut sampler);
    let z = latent::signed_sum(&averages);
    if let Some(matcher) = &matcher {
        matcher.report(&sampler.values(std::slice::from_ref(&z)));
    }
    let neighbours = latent::neighbours(sampler.config(), &z, arguments.noise);
    let result = sampler.draw(&neighbours);
    let (names, mut pictures): (Vec<_>, Vec<_>) = groups.into_iter().map(Drawn::apart).unzip();
    pictures.push(result.into_iter().map(|picture| (picture, None)).collect());
    let singles = numbered(&PRODUCT, drawing.single_format(), pictures.concat());
    let count = singles.len() as u64;
    drawing.check_fits_in_memory(&target, &PRODUCT, count, sampler.config().image_size)?;
    let columns = drawing.columns.unwrap_or(1) as usize;
    drawing.write(&target, &PRODUCT, count, singles, |pictures| {
        figure(&names, columns, pictures)
    })?;
    drawing.report(
        &target,
        &format!("{} groups, their averages and the result", averages.len()),
    );
    Ok(())
}

/// The figure of groups with these names and numbers of exemplars, from their pictures and the
/// results.
fn figure(names: &[(String, usize)], columns: usize, pictures: Vec<DynamicImage>) -> RgbImage {
    let mut pictures = pictures.into_iter();
    let mut groups = Vec::new();
    for (name, exemplars) in names {
        groups.push(figure::Group {
            name: name.clone(),
            exemplars: pictures.by_ref().take(*exemplars).collect(),
            average: pictures.next().unwrap_or_default(),
        });
    }
    let result = pictures.collect();
    let figure = ArithmeticFigure {
        groups,
        columns,
        result,
    };
    figure.draw()
}

/// The pictures that descriptions are learned from; `None` if there are only seeds. Words that the
/// data does not know are refused here, before any work.
fn data(arguments: &Arithmetic) -> Result<Option<DataSource>> {
    let words = words(&arguments.expression);
    let Some(first) = words.first() else {
        return Ok(None);
    };
    let source = arguments.data.source(&arguments.run);
    let (source, _) = source.with_context(|| {
        format!("'{first}' is not a list of seeds such as 3,7,12, and words need pictures with attributes")
    })?;
    let names = attributes::names(&source)?;
    for words in words {
        Description::parse(words, &names)?;
    }
    Ok(Some(source))
}

/// The descriptions of an expression.
fn words(expression: &Expression) -> Vec<&str> {
    let terms = expression.terms.iter();
    terms
        .filter_map(|term| match &term.group {
            Group::Words(words) => Some(words.as_str()),
            Group::Seeds(_) => None,
        })
        .collect()
}

fn check(arguments: &Arithmetic) -> Result<()> {
    if !(0.0..=10.0).contains(&arguments.noise) {
        bail!("--noise {}: give 0 to 10", arguments.noise);
    }
    let terms = &arguments.expression.terms;
    if terms.len() > MAX_GROUPS {
        bail!(
            "the expression has {} groups; give at most {MAX_GROUPS}",
            terms.len()
        );
    }
    for term in terms {
        match &term.group {
            Group::Seeds(seeds) if seeds.len() > MAX_SEEDS => bail!(
                "the group {seeds} has {} seeds; give at most {MAX_SEEDS}",
                seeds.len()
            ),
            Group::Seeds(_) | Group::Words(_) => {}
        }
    }
    Ok(())
}

/// Finds samples that match the descriptions of an expression.
struct Matcher {
    classifier: AttributeClassifier,
    descriptions: Vec<Description>,
    /// What the result should be; nothing if a group is given by seeds.
    expected: Vec<AttributeTest>,
}

impl Matcher {
    fn learn(arguments: &Arithmetic, sampler: &Sampler, data: &DataSource) -> Result<Self> {
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
    fn seeds(&self, arguments: &Arithmetic, sampler: &mut Sampler) -> Result<Vec<Vec<u64>>> {
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

    /// Reports what the classifier sees in a picture, and whether that fits the words.
    fn report(&self, picture: &[f32]) {
        let logits = &self.classifier.logits(picture)[0];
        let seen = |attribute: usize| {
            let probability = 1.0 / (1.0 + (-logits[attribute]).exp());
            let name = &self.classifier.names()[attribute];
            format!("{name} {:.0}%", 100.0 * probability)
        };
        let all: Vec<_> = self.attributes().into_iter().map(seen).collect();
        output::line(&format!(
            "the classifier's view of the result: {}",
            all.join(", ")
        ));
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
    }
}

/// A group of an expression.
struct Drawn {
    /// With its sign.
    name: String,
    /// With their seeds.
    exemplars: Vec<(DynamicImage, Option<String>)>,
    average: DynamicImage,
}

impl Drawn {
    /// The name and the number of exemplars, and all pictures.
    #[expect(clippy::type_complexity, reason = "both are used at once")]
    fn apart(self) -> ((String, usize), Vec<(DynamicImage, Option<String>)>) {
        let mut pictures = self.exemplars;
        let exemplars = pictures.len();
        pictures.push((self.average, None));
        ((self.name, exemplars), pictures)
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
fn signed_averages(terms: &[Term], described: &[Vec<u64>], sampler: &Sampler) -> Vec<SignedVector> {
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
fn draw_groups(
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
        let labels = seeds.iter().map(|seed| Some(seed.to_string()));
        Drawn {
            name: format!("{prefix}{}", term.group),
            exemplars: exemplars.into_iter().zip(labels).collect(),
            average,
        }
    };
    all.enumerate().map(draw).collect()
}
