//! The figures, one after the other.

use std::path::Path;

use anyhow::Result;
use dcgan_evaluate::inception::Activations;
use dcgan_evaluate::{
    ENOUGH_FOR_FID, EvaluationError, FEWEST_FOR_FID, Features, Statistics, fid, inception_score,
    kid, memorisation, reach, sliced_wasserstein,
};

use super::inception::FeatureNetwork;
use super::metric::{Metric, REACH, Wanted};
use super::reduced::reduced;
use super::report::Report;
use super::sides::Sides;
use super::{Evaluate, SEED};
use crate::shared::output;

/// Measures what is wanted.
///
/// # Errors
/// If a named metric cannot be measured, or a file cannot be read or written.
pub fn measure(
    arguments: &Evaluate,
    wanted: &Wanted,
    sides: &Sides,
    report: &mut Report,
) -> Result<()> {
    let on_features = wanted.network.as_ref();
    if let Some(network) = on_features {
        compare_features(arguments, wanted, sides, network, report)?;
    }
    let Some(real) = &sides.real else {
        return Ok(());
    };
    let generated = &sides.generated.pictures;
    if wanted.has(Metric::Swd) {
        let levels = sliced_wasserstein(&real.pictures, generated, SEED);
        if let Some(levels) = unless_too_few(levels, wanted.are_named)? {
            report.add_swd(&levels);
        }
    }
    if wanted.has(Metric::Memorisation) {
        let held_out = sides.held_out.as_ref().map(reduced).transpose()?;
        let (real, generated) = (reduced(&real.pictures)?, reduced(generated)?);
        let found = memorisation(&real, &generated, held_out.as_ref());
        report.memorisation = unless_too_few(found, wanted.are_named)?.map(Into::into);
    }
    Ok(())
}

/// The metrics on Inception's features.
fn compare_features(
    arguments: &Evaluate,
    wanted: &Wanted,
    sides: &Sides,
    network: &FeatureNetwork,
    report: &mut Report,
) -> Result<()> {
    let named = wanted.are_named;
    report.add_network(network);
    let Activations { features, logits } = network.activations(&sides.generated.pictures)?;
    let real = sides.real.as_ref();
    let real = real.map(|side| network.features(&side.pictures, &side.identity));
    let real = real.transpose()?;
    if wanted.has(Metric::Fid) {
        let distance = measure_fid(arguments, real.as_ref(), &features, named)?;
        if let Some(distance) = unless_too_few(distance, named)? {
            report.add_fid(distance, arguments.stats.as_deref());
        }
    }
    if wanted.has(Metric::Is) {
        let score = inception_score(&logits, SEED);
        report.inception_score = unless_too_few(score, named)?.map(Into::into);
    }
    let Some(real) = real else {
        return Ok(());
    };
    if wanted.has(Metric::Kid) {
        let distance = kid(&real, &features, SEED);
        report.kid = unless_too_few(distance, named)?.map(Into::into);
    }
    if wanted.has_any(&REACH) {
        let found = unless_too_few(reach(&real, &features), named)?;
        if let Some(found) = found {
            report.add_reach(&found, |metric| wanted.has(metric));
        }
    }
    if wanted.has(Metric::Memorisation) {
        let held_out = sides.held_out.as_ref();
        let held_out = held_out.map(|pictures| network.activations(pictures));
        let held_out = held_out.transpose()?.map(|found| found.features);
        let found = memorisation(&real, &features, held_out.as_ref());
        report.memorisation_in_features = unless_too_few(found, named)?.map(Into::into);
    }
    Ok(())
}

/// The FID beside the statistics of a file, or else of the real pictures, which are written if the
/// arguments ask for it.
fn measure_fid(
    arguments: &Evaluate,
    real: Option<&Features>,
    generated: &Features,
    is_named: bool,
) -> Result<Result<f64, EvaluationError>> {
    let real = match (&arguments.stats, real) {
        (Some(path), _) if arguments.reads_stats() => Statistics::read(path)?,
        (path, Some(real)) => {
            if let Err(error) = enough(real.len(), generated.len()) {
                return Ok(Err(error));
            }
            let statistics = Statistics::of(real)?;
            if let Some(path) = path {
                write(&statistics, path, real.len())?;
            }
            statistics
        }
        (_, None) => unreachable!("a FID is wanted only beside statistics or pictures"),
    };
    if let Err(error) = enough(usize::MAX, generated.len()) {
        return Ok(Err(error));
    }
    let smaller = generated.len().min(real.count().unwrap_or(usize::MAX));
    let distance = fid(&real, &Statistics::of(generated)?);
    if distance.is_ok() && smaller < ENOUGH_FOR_FID && is_named {
        output::note(&format!(
            "a FID of {smaller} pictures is too high by more than generators differ: compare it with those \
             of as many pictures only; papers use 10,000 or 50,000"
        ));
    }
    Ok(distance)
}

/// Refuses a FID before its statistics are computed.
fn enough(real: usize, generated: usize) -> Result<(), EvaluationError> {
    for (side, count) in [
        (dcgan_evaluate::Side::Real, real),
        (dcgan_evaluate::Side::Generated, generated),
    ] {
        if count < FEWEST_FOR_FID {
            return Err(EvaluationError::TooFew {
                metric: "FID",
                side,
                count,
                needed: FEWEST_FOR_FID,
            });
        }
    }
    Ok(())
}

fn write(statistics: &Statistics, path: &Path, pictures: usize) -> Result<()> {
    statistics.write(path)?;
    output::note(&format!(
        "the statistics of {pictures} real pictures are in {}",
        path.display()
    ));
    Ok(())
}

/// `None`, with a note, for a metric that nobody named and that has too few pictures.
fn unless_too_few<T>(measured: Result<T, EvaluationError>, is_named: bool) -> Result<Option<T>> {
    match measured {
        Ok(value) => Ok(Some(value)),
        Err(error @ EvaluationError::TooFew { .. }) if !is_named => {
            output::note(&format!("left out: {error}"));
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}
