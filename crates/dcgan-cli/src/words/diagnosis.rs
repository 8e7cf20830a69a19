//! The story of a run, as `dcgan doctor` prints it.

use std::iter;
use std::path::Path;

use dcgan::doctor::{Diagnosis, Finding, ReportLine, State};
use dcgan::train::{Advice, Condition, Health, Measure};

use super::{counted, health, report_table};
use crate::shared::quoted::quoted;

/// Rows of the table of reports.
const TABLE_ROWS: usize = 10;

/// The story of a run, line by line.
pub fn story(diagnosis: &Diagnosis) -> Vec<String> {
    let mut lines = first_lines(diagnosis);
    if !diagnosis.reports.is_empty() {
        lines.push(String::new());
        lines.extend(table(&diagnosis.reports));
        lines.push(String::new());
    }
    lines.extend(last_lines(diagnosis));
    lines
}

/// The story without its table, for where the reports are plotted.
pub fn story_without_table(diagnosis: &Diagnosis) -> Vec<String> {
    [first_lines(diagnosis), last_lines(diagnosis)].concat()
}

/// Where the run is, and what is wrong with its checkpoints.
fn first_lines(diagnosis: &Diagnosis) -> Vec<String> {
    let mut lines = vec![state(diagnosis)];
    let damaged = diagnosis.unreadable.iter();
    lines.extend(damaged.map(|reason| format!("A checkpoint is damaged: {reason}.")));
    let foreign = diagnosis.foreign.iter();
    lines.extend(foreign.map(|reason| format!("A checkpoint is ignored: {reason}.")));
    if diagnosis.checkpoints_are_gone {
        lines.push("Its checkpoints are gone, so it cannot be trained on.".to_owned());
    }
    if diagnosis.damaged_lines > 0 {
        let damaged = counted(diagnosis.damaged_lines, "line");
        lines.push(format!(
            "Left out: {damaged} of metrics.jsonl that cannot be read."
        ));
    }
    lines
}

/// What the reports say.
fn last_lines(diagnosis: &Diagnosis) -> Vec<String> {
    let mut lines = Vec::new();
    let Some(last) = diagnosis.reports.last() else {
        lines.push("There is no report yet, so there is nothing more to say.".to_owned());
        return lines;
    };
    lines.extend(last.health.as_ref().map(sentences));
    lines.extend(findings(&diagnosis.findings, diagnosis.is_early()));
    if diagnosis.is_early() {
        lines.push(early(diagnosis));
    } else {
        lines.extend(best(diagnosis));
    }
    lines
}

fn state(diagnosis: &Diagnosis) -> String {
    let Diagnosis { run, step, .. } = diagnosis;
    let of = match diagnosis.total_steps {
        Some(total) => format!("{step} of {}", counted(total, "step")),
        None => counted(*step, "step"),
    };
    let pictures = match diagnosis.pictures {
        Some(pictures) => format!(" on {}", counted(pictures, "picture")),
        None => String::new(),
    };
    match &diagnosis.state {
        State::Running => format!("{run} is training: {of}{pictures}."),
        State::Complete => format!("{run} is complete: {of}{pictures}."),
        State::Stopped => {
            let stopped = format!("{run} was stopped after {of}{pictures}");
            let from = match diagnosis.newest_checkpoint {
                Some(checkpoint) => format!("step {checkpoint}"),
                None if !diagnosis.checkpoints_are_gone
                    && diagnosis.unreadable.is_empty()
                    && diagnosis.foreign.is_empty() =>
                {
                    "the beginning".to_owned()
                }
                None => return format!("{stopped}; it has no checkpoint that it can resume from."),
            };
            let quoted = quoted(Path::new(run));
            format!("{stopped}; `dcgan train --resume {quoted}` resumes it from {from}.")
        }
        State::GaveUp(why) => format!(
            "{run} gave up after {of}{pictures}: {why}; start another run with {}.",
            health::words(&[Advice::LowerLearningRate])
        ),
    }
}

/// A heading, and at most [`TABLE_ROWS`] of the reports, evenly spread.
fn table(reports: &[ReportLine]) -> Vec<String> {
    let last = reports.len() - 1;
    let rows = last.min(TABLE_ROWS - 1);
    let shown = (0..=rows).map(|row| table_row(&reports[row * last / rows.max(1)]));
    iter::once(report_table::HEADING.to_owned())
        .chain(shown)
        .collect()
}

fn table_row(report: &ReportLine) -> String {
    let variety = report.health.map(|health| health.diversity);
    report_table::row(report.step, &report.means, variety, report.distance)
}

fn findings(findings: &[Finding], early: bool) -> Vec<String> {
    if findings.is_empty() {
        let nothing = "Nothing wrong was found.".to_owned();
        return if early { Vec::new() } else { vec![nothing] };
    }
    let mut lines: Vec<String> = findings.iter().map(finding).collect();
    if findings.iter().all(|finding| !finding.ongoing) {
        lines.push("None of it was left at the last report.".to_owned());
    }
    lines
}

/// That the pictures are still noise, and how to train on.
fn early(diagnosis: &Diagnosis) -> String {
    let Diagnosis {
        run,
        step,
        usual_steps,
        ..
    } = diagnosis;
    let early = format!(
        "It is early: after {}, pictures are usually still noise or blurs. They take about {usual_steps} steps with these \
         settings to show something, and several times as many to become good",
        counted(*step, "step")
    );
    let further = usual_steps * 3;
    match diagnosis.state {
        State::Running
            if diagnosis
                .total_steps
                .is_some_and(|total| total >= *usual_steps) =>
        {
            format!("{early}. Let it train.")
        }
        State::Stopped
            if diagnosis
                .total_steps
                .is_some_and(|total| total >= *usual_steps) =>
        {
            format!("{early}: `dcgan train --resume {run}` trains on.")
        }
        State::Running => format!(
            "{early}, which is more than this run will make: when it is complete, `dcgan train --resume {run} --steps \
             {further}` trains on."
        ),
        State::Complete | State::Stopped => {
            format!("{early}: `dcgan train --resume {run} --steps {further}` trains on.")
        }
        State::GaveUp(_) => format!("{early}."),
    }
}

fn finding(finding: &Finding) -> String {
    let (first, last) = (finding.steps.start(), finding.steps.end());
    let when = match (first == last, finding.ongoing) {
        (_, true) => format!("From step {first} on"),
        (true, false) => format!("At step {first}"),
        (false, false) => format!("From step {first} to {last}"),
    };
    format!(
        "{when}: {}.",
        health::line(finding.condition, &finding.advice)
    )
}

/// Which checkpoint to use, and whether to train on.
fn best(diagnosis: &Diagnosis) -> Vec<String> {
    let (Some(best), Some(newest)) = (diagnosis.best, diagnosis.distances.last()) else {
        return Vec::new();
    };
    let run = quoted(Path::new(&diagnosis.run));
    let figure = |distance| figure(best.measure, distance);
    let step = best.step;
    if step == newest.step {
        let mut lines = vec![format!(
            "The newest fakes are the nearest to the real pictures so far ({} at step {step}).",
            figure(best.distance)
        )];
        if diagnosis.state == State::Complete && !is_ill(diagnosis) {
            let steps = diagnosis.step * 2;
            lines.push(format!(
                "It may still improve: `dcgan train --resume {run} --steps {steps}`."
            ));
        }
        return lines;
    }
    let (then, now) = (figure(best.distance), figure(newest.distance));
    if !best.is_clearly_better_than(newest.distance) {
        return vec![format!(
            "The fakes of step {step} were the nearest to the real pictures ({then}), about as near as now \
             ({now}): `dcgan sample {run} --checkpoint best -o best.png` draws them."
        )];
    }
    let since = newest.step - step;
    let advice = match diagnosis.state {
        State::Running => "stop here",
        _ => "do not train on",
    };
    vec![format!(
        "Best at step {step} ({then}); it has been getting worse for {since} steps ({now} now): {advice}, or start \
         another run with a lower --learning-rate. `dcgan sample {run} --checkpoint best -o best.png` draws the \
         best."
    )]
}

/// Whether the newest report found something wrong that training on does not mend.
fn is_ill(diagnosis: &Diagnosis) -> bool {
    let mut ongoing = diagnosis.findings.iter().filter(|finding| finding.ongoing);
    ongoing.any(|finding| {
        let mends = [Condition::TooLittleData, Condition::FewColours];
        !mends.contains(&finding.condition)
    })
}

/// A distance with its name.
fn figure(measure: Measure, distance: f32) -> String {
    match measure {
        Measure::Kid => format!("KID {distance:.5}"),
        Measure::Swd => format!("SWD x 1000 {distance:.2}"),
        Measure::Report => format!("distance {distance:.2}"),
    }
}

/// What was measured of the fakes, in a sentence or two.
fn sentences(health: &Health) -> String {
    let percent = |share: f32| format!("{:.0}%", share * 100.0);
    let mut clauses = vec![format!(
        "are {} as varied as real pictures ({} in the discriminator's features)",
        percent(health.diversity),
        percent(health.diversity_features)
    )];
    if let Some(colours) = health.colours {
        clauses.push(format!(
            "have the colours of {} of them where they have the fewest",
            percent(colours)
        ));
    }
    if let Some(change) = health.change {
        clauses.push(format!(
            "moved by {} of the distance between two pictures since the previous report",
            percent(change)
        ));
    }
    let last = clauses.pop().unwrap_or_default();
    let mut words = if clauses.is_empty() {
        format!("The fakes {last}.")
    } else {
        format!("The fakes {}, and {last}.", clauses.join(", "))
    };
    if health.twins > 0.0 {
        words += &format!(
            " {} of them have a twin, another fake that is almost the same.",
            percent(health.twins)
        );
    }
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
