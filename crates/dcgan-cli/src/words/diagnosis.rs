//! The story of a run, as `dcgan doctor` prints it.

use std::fmt::{self, Display, Formatter};

use dcgan::doctor::{Diagnosis, Finding, ReportLine, State};
use dcgan::train::{Condition, Health, Measure};

use super::health;
use crate::shared::checkpoint::WORSE_FACTOR;

/// Rows of the table of reports.
const TABLE_ROWS: usize = 10;

/// Prints the story of a run.
pub struct Story<'a>(pub &'a Diagnosis);

impl Display for Story<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.write_state(f)?;
        for reason in &self.0.unreadable {
            writeln!(f, "A checkpoint is damaged: {reason}.")?;
        }
        if self.0.reports.is_empty() {
            return writeln!(
                f,
                "There is no report yet, so there is nothing more to say."
            );
        }
        writeln!(f)?;
        self.write_table(f)?;
        writeln!(f)?;
        if let Some(health) = self.0.reports.last().and_then(|report| report.health) {
            writeln!(f, "{}", sentences(&health))?;
        }
        self.write_findings(f)?;
        self.write_best(f)
    }
}

impl Story<'_> {
    fn write_state(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Diagnosis { run, step, .. } = self.0;
        let of = match self.0.total_steps {
            Some(total) => format!("{step} of {total} steps"),
            None => format!("{step} steps"),
        };
        let pictures = match self.0.pictures {
            Some(pictures) => format!(" on {pictures} pictures"),
            None => String::new(),
        };
        match &self.0.state {
            State::Running => writeln!(f, "{run} is training: {of}{pictures}."),
            State::Complete => writeln!(f, "{run} is complete: {of}{pictures}."),
            State::Stopped => writeln!(
                f,
                "{run} was stopped after {of}{pictures}; `dcgan train --resume {run}` resumes it{}.",
                match self.0.newest_checkpoint {
                    Some(checkpoint) => format!(" from step {checkpoint}"),
                    None => " from the beginning".to_owned(),
                }
            ),
            State::GaveUp(why) => writeln!(
                f,
                "{run} gave up after {of}{pictures}: {why}; start another run with {}.",
                health::advice(Condition::NotFinite)
            ),
        }
    }

    fn write_table(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "    step   loss D   loss G   D right on real, fake   variety   distance"
        )?;
        let last = self.0.reports.len() - 1;
        let rows = last.min(TABLE_ROWS - 1);
        for row in 0..=rows {
            let report = &self.0.reports[row * last / rows.max(1)];
            writeln!(f, "{}", table_row(report))?;
        }
        Ok(())
    }

    fn write_findings(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if self.0.findings.is_empty() {
            return writeln!(f, "Nothing wrong was found.");
        }
        for finding in &self.0.findings {
            write_finding(f, finding)?;
        }
        if self.0.findings.iter().all(|finding| !finding.ongoing) {
            writeln!(f, "None of it was left at the last report.")?;
        }
        Ok(())
    }

    /// Which checkpoint to use, and whether to train on.
    fn write_best(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let (Some(best), Some(newest)) = (self.0.best, self.0.distances.last()) else {
            return Ok(());
        };
        let run = &self.0.run;
        let figure = |distance| figure(best.measure, distance);
        let step = best.step;
        if step == newest.step {
            writeln!(
                f,
                "The newest fakes are the nearest to the real pictures so far ({} at step {step}).",
                figure(best.distance)
            )?;
            if self.0.state == State::Complete {
                writeln!(
                    f,
                    "It may still improve: `dcgan train --resume {run} --steps {}`.",
                    self.0.step * 2
                )?;
            }
            return Ok(());
        }
        let (then, now) = (figure(best.distance), figure(newest.distance));
        if newest.distance <= worse_factor(best.measure) * best.distance {
            return writeln!(
                f,
                "The fakes of step {step} were the nearest to the real pictures ({then}), about as near as now \
                 ({now}): `dcgan sample {run} --checkpoint best --grid best.png` draws them."
            );
        }
        let since = newest.step - step;
        let advice = match self.0.state {
            State::Running => "stop here",
            _ => "do not train on",
        };
        writeln!(
            f,
            "Best at step {step} ({then}); it has been getting worse for {since} steps ({now} now): {advice}, or start \
             another run with a lower --learning-rate. `dcgan sample {run} --checkpoint best --grid best.png` draws the \
             best."
        )
    }
}

/// The newest fakes are clearly worse than the best ones if their distance from the real pictures
/// is larger by this factor.
fn worse_factor(measure: Measure) -> f64 {
    match measure {
        Measure::Kid | Measure::Swd => WORSE_FACTOR,
        Measure::Report => 1.25, // of 64 pictures only
    }
}

/// A distance with its name.
fn figure(measure: Measure, distance: f64) -> String {
    match measure {
        Measure::Kid => format!("KID {distance:.5}"),
        Measure::Swd => format!("SWD x 1000 {distance:.2}"),
        Measure::Report => format!("distance {distance:.2}"),
    }
}

fn write_finding(f: &mut Formatter<'_>, finding: &Finding) -> fmt::Result {
    let (first, last) = (finding.steps.start(), finding.steps.end());
    let when = match (first == last, finding.ongoing) {
        (_, true) => format!("From step {first} on"),
        (true, false) => format!("At step {first}"),
        (false, false) => format!("From step {first} to {last}"),
    };
    writeln!(f, "{when}: {}.", health::line(finding.condition))
}

fn table_row(report: &ReportLine) -> String {
    let percent = |share: f32| format!("{:.0}%", share * 100.0);
    let or_none = |value: Option<f32>| value.map_or("-".to_owned(), |value| format!("{value:.2}"));
    let means = &report.means;
    format!(
        "{:>8}   {:>6}   {:>6}   {:>15}, {:>4}   {:>7}   {:>8}",
        report.step,
        loss(means.loss_d),
        loss(means.loss_g),
        percent(means.accuracy_real),
        percent(means.accuracy_fake),
        or_none(report.health.map(|health| health.diversity)),
        or_none(report.distance),
    )
}

/// A loss in a few characters, however large it is.
fn loss(loss: f32) -> String {
    if loss.abs() < 1000.0 {
        format!("{loss:.3}")
    } else {
        format!("{loss:.0e}")
    }
}

/// What was measured of the fakes, in a sentence or two.
fn sentences(health: &Health) -> String {
    let percent = |share: f32| format!("{:.0}%", share * 100.0);
    let mut words = format!(
        "The fakes are {} as varied as real pictures ({} in the discriminator's features)",
        percent(health.diversity),
        percent(health.diversity_features)
    );
    if health.twins > 0.0 {
        words += &format!(", {} of them have a twin", percent(health.twins));
    }
    if let Some(change) = health.change {
        words += &format!(
            ", and moved by {} of the distance between two pictures since the previous report",
            percent(change)
        );
    }
    words += ".";
    if let Some(novelty) = health.novelty {
        words += &format!(
            " Their distance from training pictures is {novelty:.1} times that of training pictures \
             from each other (0 for copies)."
        );
    }
    if health.saturated_fake > 0.005 || health.saturated_real > 0.005 {
        words += &format!(
            " {} of their values are fully black or white, {} of the real ones.",
            percent(health.saturated_fake),
            percent(health.saturated_real)
        );
    }
    words
}
