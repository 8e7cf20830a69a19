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
use super::{COMPARING, Evaluate, SEED};
use crate::shared::{output, progress};

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
    let bar = progress::bar(COMPARING, 2);
    if wanted.has(Metric::Swd) {
        report.add_swd(&sliced_wasserstein(&real.pictures, generated, SEED)?);
    }
    bar.inc(1);
    if wanted.has(Metric::Memorisation) {
        let held_out = sides.held_out.as_ref().map(reduced).transpose()?;
        let (real, generated) = (reduced(&real.pictures)?, reduced(generated)?);
        report.memorisation = Some(memorisation(&real, &generated, held_out.as_ref())?.into());
    }
    bar.finish_and_clear();
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
    if named && wanted.has(Metric::Fid) {
        // before the network works for minutes
        let real = sides.real.as_ref().map(|real| real.pictures.len());
        enough(real.unwrap_or(usize::MAX), sides.generated.pictures.len())?;
    }
    report.add_network(network);
    let Activations { features, logits } = network.activations(&sides.generated.pictures)?;
    let real = sides.real.as_ref();
    let real = real.map(|side| network.features(&side.pictures, &side.identity));
    let real = real.transpose()?;
    if wanted.has(Metric::Fid) {
        let distance = measure_fid(arguments, wanted, real.as_ref(), &features)?;
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
    wanted: &Wanted,
    real: Option<&Features>,
    generated: &Features,
) -> Result<Result<f64, EvaluationError>> {
    let pictures = real.map_or(usize::MAX, Features::len);
    let given = wanted.statistics.as_ref();
    let counted = given.map_or(pictures, |given| given.count().unwrap_or(usize::MAX));
    if let Err(error) = enough(counted, generated.len()) {
        return Ok(Err(error));
    }
    let measured = match (given, real) {
        (None, Some(real)) => Some(Statistics::of(real)?),
        _ => None,
    };
    if let (Some(statistics), Some(path)) = (&measured, &arguments.stats) {
        write(statistics, path, pictures)?;
    }
    let Some(real) = given.or(measured.as_ref()) else {
        unreachable!("a FID is wanted only beside statistics or pictures");
    };
    let smaller = generated.len().min(counted);
    let distance = fid(real, &Statistics::of(generated)?);
    if distance.is_ok() && smaller < ENOUGH_FOR_FID {
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
