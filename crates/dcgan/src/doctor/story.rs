//! A diagnosis in words.

use std::fmt::{self, Display, Formatter};

use super::{Diagnosis, Finding, ReportLine, State};
use crate::train::Health;

/// Rows of the table of reports.
const ROWS: usize = 10;

/// The newest pictures are worse than the best ones if they are farther from the real ones by
/// this factor.
const WORSE: f32 = 1.25;

impl Display for Diagnosis {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.write_state(f)?;
        for reason in &self.unreadable {
            writeln!(f, "A checkpoint is damaged: {reason}.")?;
        }
        if self.reports.is_empty() {
            return writeln!(f, "There is no report yet, so there is no more to tell.");
        }
        writeln!(f)?;
        self.write_table(f)?;
        writeln!(f)?;
        if let Some(health) = self.reports.last().and_then(|report| report.health) {
            writeln!(f, "{}", in_words(&health))?;
        }
        self.write_findings(f)?;
        self.write_best(f)
    }
}

impl Diagnosis {
    fn write_state(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { run, step, .. } = self;
        let of = match self.total_steps {
            Some(total) => format!("{step} of {total} steps"),
            None => format!("{step} steps"),
        };
        let pictures = match self.pictures {
            Some(pictures) => format!(" on {pictures} pictures"),
            None => String::new(),
        };
        match &self.state {
            State::Running => writeln!(f, "{run} is training: {of}{pictures}."),
            State::Complete => writeln!(f, "{run} is complete: {of}{pictures}."),
            State::Stopped => writeln!(
                f,
                "{run} was stopped after {of}{pictures}; `dcgan train --resume {run}` goes on{}.",
                match self.newest_checkpoint {
                    Some(checkpoint) => format!(" from step {checkpoint}"),
                    None => " from the beginning".to_owned(),
                }
            ),
            State::GaveUp(why) => writeln!(f, "{run} gave up after {of}{pictures}: {why}."),
        }
    }

    fn write_table(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "    step   loss D   loss G   D right on real, fake   variety   distance"
        )?;
        let last = self.reports.len() - 1;
        let rows = last.min(ROWS - 1);
        for row in 0..=rows {
            let report = &self.reports[row * last / rows.max(1)];
            writeln!(f, "{}", table_row(report))?;
        }
        Ok(())
    }

    fn write_findings(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if self.findings.is_empty() {
            return writeln!(f, "Nothing wrong was found.");
        }
        for finding in &self.findings {
            write_finding(f, finding)?;
        }
        if self.findings.iter().all(|finding| !finding.goes_on) {
            writeln!(f, "At the last report nothing of it was left.")?;
        }
        Ok(())
    }

    /// Which pictures to take, and whether to go on.
    fn write_best(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let newest = self
            .reports
            .last()
            .and_then(|report| Some((report.step, report.distance?)));
        let (Some(best), Some((step, distance))) = (self.best, newest) else {
            return Ok(());
        };
        if best.step == step {
            writeln!(
                f,
                "The newest fakes are the nearest to the real pictures so far."
            )?;
            if self.state == State::Complete {
                let run = &self.run;
                writeln!(
                    f,
                    "It may get better still: `dcgan train --resume {run} --steps {}`.",
                    self.step * 2
                )?;
            }
            return Ok(());
        }
        let how = match distance > WORSE * best.distance {
            true => "clearly nearer than now",
            false => "about as near as now",
        };
        writeln!(
            f,
            "The fakes of step {} were the nearest to the real pictures, {how}; that checkpoint \
             is kept: `dcgan sample {}/checkpoints/step-{:06}.safetensors --grid best.png`.",
            best.step, self.run, best.step
        )
    }
}

fn write_finding(f: &mut Formatter<'_>, finding: &Finding) -> fmt::Result {
    let (first, last) = (finding.steps.start(), finding.steps.end());
    let when = match (first == last, finding.goes_on) {
        (_, true) => format!("From step {first} on"),
        (true, false) => format!("At step {first}"),
        (false, false) => format!("From step {first} to {last}"),
    };
    let (sign, advice) = (finding.sign, finding.advice);
    writeln!(f, "{when}: {sign}. Try {advice}.")
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

/// A loss, in a few places however large it is.
fn loss(loss: f32) -> String {
    match loss.abs() < 1000.0 {
        true => format!("{loss:.3}"),
        false => format!("{loss:.0e}"),
    }
}

/// What is measured of the fakes, as a sentence or two.
pub fn in_words(health: &Health) -> String {
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
            ", and have moved by {} of the distance between two pictures since the report before",
            percent(change)
        );
    }
    words += ".";
    if let Some(novelty) = health.novelty {
        words += &format!(
            " They are {novelty:.1} times as far from training pictures as these from each other \
             (0 for copies)."
        );
    }
    if health.saturated_fake > 0.005 || health.saturated_real > 0.005 {
        words += &format!(
            " {} of their values are black or white to the end, {} of the real ones.",
            percent(health.saturated_fake),
            percent(health.saturated_real)
        );
    }
    words
}
