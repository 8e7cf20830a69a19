//! `dcgan arithmetic`: adding and subtracting what pictures have in common.

use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::Args;
use dcgan::latent::{self, Expression, Group, Sign, SignedVector, Term};
use dcgan::sample::Sampler;
use dcgan_explore::attributes::{AttributeClassifier, Description, exemplars};
use dcgan_render::figure::{self, ArithmeticFigure};

use crate::shared::compute::ComputeArguments;
use crate::shared::data_arguments::CacheArguments;
use crate::shared::generator::WeightsArguments;
use crate::shared::targets::{Files, Replace, WritesFiles};
use crate::shared::{attributes, files, output};

/// `dcgan arithmetic`
#[derive(Debug, Args)]
#[command(after_help = HELP, allow_negative_numbers = true)]
pub struct Arithmetic {
    /// A run directory, a checkpoint or a generator.safetensors
    pub run: PathBuf,

    /// Groups of seeds, or descriptions of pictures, with + and - between them
    #[arg(value_name = "EXPRESSION")]
    pub expression: Expression,

    /// Write the figure to this .png file
    #[arg(short, long, value_name = "FILE")]
    pub out: PathBuf,

    /// How far to move the neighbours of the result in each coordinate
    #[arg(long, value_name = "SIZE", default_value_t = 0.25)]
    pub noise: f64,

    /// Pictures with attributes, of the kind that RUN was trained on, or `demo`
    #[arg(long, value_name = "DATA", help_heading = DESCRIPTIONS)]
    pub data: Option<PathBuf>,

    /// Number of pictures in each described group
    #[arg(long, value_name = "N", default_value_t = 3, help_heading = DESCRIPTIONS,
          value_parser = clap::value_parser!(u64).range(1..=64))]
    pub exemplars: u64,

    /// Number of samples to choose from, with seeds from 0
    #[arg(long, value_name = "N", default_value_t = 10_000, help_heading = DESCRIPTIONS,
          value_parser = clap::value_parser!(u64).range(10..=1_000_000))]
    pub candidates: u64,

    #[command(flatten)]
    pub cache: CacheArguments,

    #[command(flatten)]
    pub weights: WeightsArguments,

    #[command(flatten)]
    pub compute: ComputeArguments,

    #[command(flatten)]
    pub replace: Replace,
}

impl WritesFiles for Arithmetic {
    fn files(&self) -> Files<'_> {
        Files::new(
            self.replace,
            [&*self.run].into_iter().chain(self.data.as_deref()),
        )
        .writing(&self.out)
    }
}

const DESCRIPTIONS: &str = "Descriptions";

const HELP: &str = "\
Numbers are seeds: draw `dcgan sample RUN -n 64 --grid faces.png` (seeds 0 to 63, row by row) and
note which pictures share a trait. The latent vectors of each group are averaged (the paper
averages three), and the averages are added with their signs. The figure shows the groups, their
averages, and the result among eight neighbours, as in the paper's Figure 7.

Descriptions need --data: a classifier on the discriminator's features learns the attributes of
DATA, labels many samples, and picks those that match with most certainty. It understands man,
woman, smiling, neutral, young, old, blond, glasses, hat, beard and so on, `no`, `not` and
`without`, and the names of all attributes and classes of DATA.

Examples:
  dcgan arithmetic runs/photos \"3,7,12 - 20,21,25 + 40,41,44\" -o figure.png
  dcgan arithmetic runs/celeba \"smiling woman - neutral woman + neutral man\" \\
    --data img_align_celeba.zip -o smiling-man.png
  dcgan arithmetic runs/demo \"man with glasses - man without glasses + woman without glasses\" \\
    --data demo -o glasses.png";

/// A group's seeds must fit in the figure.
const MAX_SEEDS: u64 = 64;

const MAX_GROUPS: usize = 16;

pub fn run(arguments: &Arithmetic) -> Result<()> {
    arguments.compute.limit_threads()?;
    check(arguments)?;
    let device = arguments.compute.open_device()?;
    let mut sampler = Sampler::new(arguments.weights.load(&arguments.run, &device)?.generator);
    let matcher = Matcher::learn(arguments, &sampler)?;
    let described_seeds = match &matcher {
        Some(matcher) => matcher.seeds(arguments, &mut sampler)?,
        None => Vec::new(),
    };
    let (groups, averages) =
        draw_groups(&arguments.expression.terms, described_seeds, &mut sampler);
    let z = latent::signed_sum(&averages);
    if let Some(matcher) = &matcher {
        matcher.report(&sampler.values(std::slice::from_ref(&z)));
    }
    let neighbours = latent::neighbours(sampler.config(), &z, arguments.noise);
    let result = sampler.draw(&neighbours);
    let figure = ArithmeticFigure { groups, result };
    files::write_figure(&arguments.out, figure.draw())?;
    output::line(&format!(
        "{} groups, their averages and the result in {}",
        averages.len(),
        arguments.out.display()
    ));
    Ok(())
}

fn check(arguments: &Arithmetic) -> Result<()> {
    files::check_figure_name(&arguments.out)?;
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
            Group::Words(words) if arguments.data.is_none() => bail!(
                "'{words}' is not a list of seeds such as 3,7,12; a description needs pictures \
                 with attributes, --data"
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
}

impl Matcher {
    /// `None` if the expression has no descriptions.
    fn learn(arguments: &Arithmetic, sampler: &Sampler) -> Result<Option<Self>> {
        let terms = arguments.expression.terms.iter();
        let words: Vec<&String> = terms
            .filter_map(|term| match &term.group {
                Group::Words(words) => Some(words),
                Group::Seeds(_) => None,
            })
            .collect();
        let Some(data) = arguments.data.as_ref().filter(|_| !words.is_empty()) else {
            return Ok(None);
        };
        let classifier = attributes::learn(&arguments.run, sampler, data, &arguments.cache)?;
        let descriptions: Result<_, _> = words
            .into_iter()
            .map(|words| classifier.describe(words))
            .collect();
        let matcher = Self {
            descriptions: descriptions?,
            classifier,
        };
        for attribute in matcher.attributes() {
            attributes::report_accuracy(&matcher.classifier, attribute);
        }
        Ok(Some(matcher))
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

    /// The seeds of each description's samples.
    fn seeds(&self, arguments: &Arithmetic, sampler: &mut Sampler) -> Result<Vec<Vec<u64>>> {
        let samples = attributes::label_samples(sampler, &self.classifier, arguments.candidates)?;
        let chosen = exemplars(&samples, &self.descriptions, arguments.exemplars as usize)?;
        for (description, seeds) in self.descriptions.iter().zip(&chosen) {
            let seeds: Vec<_> = seeds.iter().map(u64::to_string).collect();
            output::line(&format!("{}: seeds {}", description.words, seeds.join(",")));
        }
        Ok(chosen)
    }

    /// Reports what the classifier sees in a picture.
    fn report(&self, picture: &[f32]) {
        let logits = &self.classifier.logits(picture)[0];
        let attributes = self.attributes();
        let seen: Vec<_> = attributes
            .iter()
            .map(|&attribute| {
                let probability = 1.0 / (1.0 + (-logits[attribute]).exp());
                let name = &self.classifier.names()[attribute];
                format!("{name} {:.0}%", 100.0 * probability)
            })
            .collect();
        output::line(&format!(
            "the classifier's view of the result: {}",
            seen.join(", ")
        ));
    }
}

/// The groups as the figure shows them, and their signed averages. `described_seeds` are those of
/// the groups that are descriptions.
fn draw_groups(
    terms: &[Term],
    described_seeds: Vec<Vec<u64>>,
    sampler: &mut Sampler,
) -> (Vec<figure::Group>, Vec<SignedVector>) {
    let mut described_seeds = described_seeds.into_iter();
    let (mut groups, mut averages) = (Vec::new(), Vec::new());
    for (place, Term { sign, group }) in terms.iter().enumerate() {
        let seeds: Vec<u64> = match group {
            Group::Seeds(seeds) => seeds.iter().collect(),
            Group::Words(_) => described_seeds.next().expect("seeds of each description"),
        };
        let model = sampler.config();
        let mut vectors: Vec<_> = seeds
            .iter()
            .map(|&seed| latent::from_seed(model, seed))
            .collect();
        let vector = latent::mean(&vectors);
        vectors.push(vector.clone());
        let mut exemplars = sampler.draw(&vectors);
        let average = exemplars.pop().expect("a picture for each vector");
        let prefix = match sign {
            Sign::Minus => "− ",
            Sign::Plus if place == 0 => "",
            Sign::Plus => "+ ",
        };
        groups.push(figure::Group {
            name: format!("{prefix}{group}"),
            exemplars,
            average,
        });
        averages.push(SignedVector {
            sign: *sign,
            vector,
        });
    }
    (groups, averages)
}
