//! `dcgan arithmetic`: adding and taking away what pictures have in common.

use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::Args;
use dcgan::config::ModelConfig;
use dcgan::latent::{self, Expression, Group};
use dcgan::sample::Sampler;
use dcgan_explore::attributes::{AttributeClassifier, Condition, exemplars};
use dcgan_render::figure::{self, ArithmeticFigure};

use crate::shared::compute::ComputeArguments;
use crate::shared::data_arguments::CacheArguments;
use crate::shared::{attributes, files, output};

/// `dcgan arithmetic`
#[derive(Debug, Args)]
#[command(after_help = ARITHMETIC_HELP, allow_negative_numbers = true)]
pub struct Arithmetic {
    /// A run folder, a checkpoint, or a generator.safetensors
    pub run: PathBuf,

    /// Groups of seeds, or of words for what pictures look like, with + and − between spaces
    #[arg(value_name = "EXPRESSION")]
    pub expression: Expression,

    /// The figure, a .png
    #[arg(short, long, value_name = "FILE")]
    pub out: PathBuf,

    /// How far the neighbours of the result lie, in each coordinate
    #[arg(long, value_name = "SIZE", default_value_t = 0.25)]
    pub noise: f64,

    /// For words: pictures with attributes, of the kind that RUN was trained on, or the word `demo`
    #[arg(long, value_name = "DATA", help_heading = WORDS)]
    pub data: Option<PathBuf>,

    /// Pictures of each group
    #[arg(long, value_name = "N", default_value_t = 3, help_heading = WORDS,
          value_parser = clap::value_parser!(u64).range(1..=64))]
    pub exemplars: u64,

    /// Pictures that are drawn to choose from, seeds 0 and on
    #[arg(long, value_name = "N", default_value_t = 10_000, help_heading = WORDS,
          value_parser = clap::value_parser!(u64).range(10..=1_000_000))]
    pub candidates: u64,

    #[command(flatten)]
    pub cache: CacheArguments,

    #[command(flatten)]
    pub compute: ComputeArguments,
}

const WORDS: &str = "Groups in words";

const ARITHMETIC_HELP: &str = "\
Numbers are seeds: look at `dcgan sample RUN -n 64 --grid faces.png` (seeds 0 to 63, row by row)
and write down who shares a trait. The latent vectors of each group are averaged (the paper
averages three), the averages added with their signs. The figure shows the exemplars, the
averages, and the result among eight neighbours under uniform noise, as the paper's Figure 7.

Words are found by the model itself: a classifier on the discriminator's features learns the
attributes of DATA, labels many drawn pictures, and takes those it is most certain of. Words are
man, woman, smiling, neutral, young, old, blond, glasses, hat, beard and so on, with `no`, `not`
or `without` before them, or any attribute (class) of DATA by its own name.

Examples:
  dcgan arithmetic runs/photos \"3,7,12 - 20,21,25 + 40,41,44\" -o figure.png
  dcgan arithmetic runs/celeba \"smiling woman - neutral woman + neutral man\" \\
    --data img_align_celeba.zip -o smiling-man.png
  dcgan arithmetic runs/demo \"man with glasses - man without glasses + woman without glasses\" \\
    --data demo -o glasses.png";

/// The most seeds of a group: the figure shows all of them.
const MOST_SEEDS: u64 = 64;

/// The most groups of an expression.
const MOST_GROUPS: usize = 16;

/// Draws the figure.
pub fn run(arguments: &Arithmetic) -> Result<()> {
    arguments.compute.limit_threads()?;
    check(arguments)?;
    let device = arguments.compute.open_device()?;
    let mut sampler = Sampler::load(&arguments.run, &device)?;
    let model = sampler.config().clone();
    let words = Words::learn(arguments, &mut sampler)?;
    let seeds = match &words {
        Some(words) => words.seeds(arguments, &mut sampler)?,
        None => arguments
            .expression
            .terms
            .iter()
            .map(|term| seeds_of(&term.group))
            .collect(),
    };
    let (groups, averages) = groups(&arguments.expression, &seeds, &model, &mut sampler);
    let result = latent::signed_sum(&averages);
    let neighbours = latent::neighbours(&model, &result, arguments.noise);
    if let Some(words) = &words {
        words.tell(&classified(&words.classifier, &mut sampler, &result));
    }
    let result = sampler.draw(&neighbours);
    let figure = ArithmeticFigure { groups, result };
    files::write_figure(&arguments.out, figure.draw())?;
    output::line(&format!(
        "{} groups, the averages and the result in {}",
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
    if terms.len() > MOST_GROUPS {
        bail!("{} groups: take at most {MOST_GROUPS}", terms.len());
    }
    for term in terms {
        match &term.group {
            Group::Seeds(seeds) if seeds.len() > MOST_SEEDS => bail!(
                "the group {seeds} has {} seeds: take at most {MOST_SEEDS}",
                seeds.len()
            ),
            Group::Words(words) if arguments.data.is_none() => bail!(
                "'{words}' is no list of seeds such as 3,7,12; for words name pictures with \
                 attributes by --data"
            ),
            Group::Seeds(_) | Group::Words(_) => {}
        }
    }
    Ok(())
}

/// The seeds that a group names itself.
fn seeds_of(group: &Group) -> Vec<u64> {
    match group {
        Group::Seeds(seeds) => seeds.iter().collect(),
        Group::Words(_) => Vec::new(),
    }
}

/// What the words of an expression mean.
struct Words {
    classifier: AttributeClassifier,
    /// For each group in words, the words and what they mean.
    groups: Vec<(String, Vec<Condition>)>,
    /// The attributes that they speak of.
    attributes: Vec<usize>,
}

impl Words {
    /// Learns what they mean, if there are any.
    fn learn(arguments: &Arithmetic, sampler: &mut Sampler) -> Result<Option<Self>> {
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
        let model = sampler.config();
        let classifier = attributes::learn(
            &arguments.run,
            (model, sampler.device()),
            data,
            &arguments.cache,
        )?;
        let groups: Result<Vec<_>> = words
            .into_iter()
            .map(|words| Ok((words.clone(), classifier.conditions(words)?)))
            .collect();
        let groups = groups?;
        let mut attributes: Vec<usize> = Vec::new();
        for condition in groups.iter().flat_map(|(_, conditions)| conditions) {
            if !attributes.contains(&condition.attribute) {
                attributes.push(condition.attribute);
            }
        }
        for &attribute in &attributes {
            attributes::tell_accuracy(&classifier, attribute);
        }
        Ok(Some(Self {
            classifier,
            groups,
            attributes,
        }))
    }

    /// The seeds of all groups.
    fn seeds(&self, arguments: &Arithmetic, sampler: &mut Sampler) -> Result<Vec<Vec<u64>>> {
        let samples = attributes::label(sampler, &self.classifier, arguments.candidates)?;
        let groups: Vec<_> = self
            .groups
            .iter()
            .map(|(words, conditions)| (words.as_str(), conditions.clone()))
            .collect();
        let chosen = exemplars(&samples, &groups, arguments.exemplars as usize)?;
        for ((words, _), seeds) in groups.iter().zip(&chosen) {
            let seeds: Vec<_> = seeds.iter().map(u64::to_string).collect();
            output::line(&format!("{words}: seeds {}", seeds.join(",")));
        }
        let mut chosen = chosen.into_iter();
        let terms = arguments.expression.terms.iter();
        let seeds = terms.map(|term| match &term.group {
            Group::Seeds(_) => seeds_of(&term.group),
            Group::Words(_) => chosen.next().unwrap_or_default(),
        });
        Ok(seeds.collect())
    }

    /// Says what the classifier sees in the result.
    fn tell(&self, logits: &[f32]) {
        let each = self.attributes.iter().map(|&attribute| {
            let certainty = 1.0 / (1.0 + (-logits[attribute]).exp());
            format!(
                "{} {:.0}%",
                self.classifier.names()[attribute],
                100.0 * certainty
            )
        });
        let seen: Vec<_> = each.collect();
        output::line(&format!(
            "the classifier says of the result: {}",
            seen.join(", ")
        ));
    }
}

fn classified(classifier: &AttributeClassifier, sampler: &mut Sampler, z: &[f32]) -> Vec<f32> {
    let picture = sampler.values(&[z.to_vec()]);
    classifier.logits(&picture).swap_remove(0)
}

/// The groups as the figure shows them, and their averages with their signs.
fn groups(
    expression: &Expression,
    seeds: &[Vec<u64>],
    model: &ModelConfig,
    sampler: &mut Sampler,
) -> (Vec<figure::Group>, Vec<(bool, Vec<f32>)>) {
    let mut averages = Vec::new();
    let mut groups = Vec::new();
    for (place, (term, seeds)) in expression.terms.iter().zip(seeds).enumerate() {
        let seeds = seeds.iter();
        let mut vectors: Vec<_> = seeds.map(|&seed| latent::from_seed(model, seed)).collect();
        let average = latent::mean(&vectors);
        vectors.push(average.clone());
        averages.push((term.minus, average));
        let mut exemplars = sampler.draw(&vectors);
        let average = exemplars.pop().expect("a picture for each vector");
        let sign = match (place, term.minus) {
            (0, _) => "",
            (_, true) => "− ",
            (_, false) => "+ ",
        };
        groups.push(figure::Group {
            name: format!("{sign}{}", term.group),
            exemplars,
            average,
        });
    }
    (groups, averages)
}
