//! `dcgan arithmetic`: adding and subtracting what pictures have in common.

mod groups;
mod matcher;

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use clap::Args;
use dcgan::latent::{self, Expression, Group};
use dcgan_data::DataSource;
use dcgan_explore::attributes::Description;
use dcgan_render::figure::{self, ArithmeticFigure};
use image::{DynamicImage, RgbImage};

use self::groups::{Drawn, draw_groups, signed_averages};
use self::matcher::Matcher;
use crate::shared::compute::ComputeArguments;
use crate::shared::data_arguments::{CacheArguments, RunDataArguments};
use crate::shared::drawing::{DrawingArguments, Product, SeedArguments, WRITING, numbered};
use crate::shared::generator::WeightsArguments;
use crate::shared::targets::{Files, WritesFiles};
use crate::shared::{attributes, output, progress};

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

    /// Print one JSON object: the groups with their signs and seeds, and what the result looks like
    #[arg(long)]
    pub json: bool,

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
  dcgan arithmetic runs/demo \"man with hat - man without hat + woman without hat\" -o hat.png";

/// A group's seeds must fit in the figure.
const MAX_SEEDS: u64 = 64;

const MAX_GROUPS: usize = 16;

pub fn run(arguments: &Arithmetic) -> Result<()> {
    arguments.compute.limit_threads()?;
    if arguments.json {
        output::answer_in_json();
    }
    let drawing = &arguments.drawing;
    let target = drawing.target(&arguments.run, &PRODUCT)?;
    check(arguments)?;
    let source = data(arguments)?;
    if let Some(source) = &source {
        let [reading, learning, labelling] = attributes::tasks(source, arguments.count);
        progress::cover([reading, learning, labelling, (WRITING, 50.0)]);
    }
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
    let seen = matcher.as_ref().map(|matcher| {
        let picture = sampler.values(std::slice::from_ref(&z));
        matcher.report(&picture)
    });
    let neighbours = latent::neighbours(sampler.config(), &z, arguments.noise);
    let result = sampler.draw(&neighbours);
    let (names, mut pictures): (Vec<_>, Vec<_>) = groups.into_iter().map(Drawn::apart).unzip();
    pictures.push(result.into_iter().map(|picture| (picture, None)).collect());
    let singles = numbered(&PRODUCT, drawing.single_format(), pictures.concat());
    let count = singles.len() as u64;
    drawing.check_fits_in_memory(&target, &PRODUCT, count, sampler.config().image_size)?;
    if arguments.json {
        let answer = groups::answer(terms, &described_seeds, seen);
        output::json(&serde_json::to_string_pretty(&answer)?);
    }
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

/// The figure of groups with these names and seeds, from their pictures and the results.
fn figure(names: &[(String, Vec<u64>)], columns: usize, pictures: Vec<DynamicImage>) -> RgbImage {
    let mut pictures = pictures.into_iter();
    let mut groups = Vec::new();
    for (name, seeds) in names {
        groups.push(figure::Group {
            name: name.clone(),
            exemplars: pictures.by_ref().take(seeds.len()).collect(),
            captions: seeds.iter().map(|seed| format!("seed {seed}")).collect(),
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
