//! `dcgan arithmetic`: adding and taking away what pictures have in common.

use anyhow::{Result, bail};
use dcgan::config::ModelConfig;
use dcgan::figure::{ArithmeticFigure, Group};
use dcgan::latent::{self, Expression};
use dcgan::sample::Sampler;

use super::{pictures_out, threads};
use crate::cli::Arithmetic;
use crate::output;

/// The most seeds of a group: the figure shows all of them.
const MOST_SEEDS: u64 = 64;

/// The most groups of an expression.
const MOST_GROUPS: usize = 16;

/// Draws the figure.
pub fn run(arguments: &Arithmetic) -> Result<()> {
    threads::limit(arguments.threads)?;
    check(arguments)?;
    let device = dcgan::device::by_name("cpu")?;
    let (mut sampler, _) = Sampler::load(&arguments.run, &device)?;
    let model = sampler.config().clone();
    let (groups, averages) = groups(&arguments.expression, &model, &mut sampler);
    let result = latent::signed_sum(&averages);
    let neighbours = latent::neighbours(&model, &result, arguments.noise);
    let result = sampler.draw(&neighbours);
    let figure = ArithmeticFigure { groups, result };
    pictures_out::write_figure(&arguments.out, figure.draw())?;
    output::line(&format!(
        "{} groups, the averages and the result in {}",
        averages.len(),
        arguments.out.display()
    ));
    Ok(())
}

fn check(arguments: &Arithmetic) -> Result<()> {
    pictures_out::check_figure(&arguments.out)?;
    if !(0.0..=10.0).contains(&arguments.noise) {
        bail!("--noise {}: give 0 to 10", arguments.noise);
    }
    let terms = &arguments.expression.terms;
    if terms.len() > MOST_GROUPS {
        bail!("{} groups: take at most {MOST_GROUPS}", terms.len());
    }
    if let Some(large) = terms.iter().find(|term| term.seeds.len() > MOST_SEEDS) {
        bail!(
            "the group {} has {} seeds: take at most {MOST_SEEDS}",
            large.seeds,
            large.seeds.len()
        );
    }
    Ok(())
}

/// The groups as the figure shows them, and their averages with their signs.
fn groups(
    expression: &Expression,
    model: &ModelConfig,
    sampler: &mut Sampler,
) -> (Vec<Group>, Vec<(bool, Vec<f32>)>) {
    let mut averages = Vec::new();
    let mut groups = Vec::new();
    for (place, term) in expression.terms.iter().enumerate() {
        let seeds = term.seeds.iter();
        let mut vectors: Vec<_> = seeds.map(|seed| latent::of_seed(model, seed)).collect();
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
        groups.push(Group {
            name: format!("{sign}{}", term.seeds),
            exemplars,
            average,
        });
    }
    (groups, averages)
}
