//! The comparison as text, as Markdown and as JSON.

use std::fmt::Write;

use anyhow::Result;
use dcgan::train::Measure;
use dcgan_support::printable;
use serde_json::json;

use super::entry::name_of;
use super::row::{Row, Spread};

/// Aligned columns.
pub fn lines(rows: &[Row], measure: Measure) -> Vec<String> {
    let cells = cells(rows, measure, "");
    let columns = cells[0].len();
    let width = |column: usize| {
        let lengths = cells.iter().map(|row| row[column].chars().count());
        lengths.max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut lines = Vec::new();
    for row in &cells {
        let mut line = String::new();
        for ((cell, width), column) in row.iter().zip(&widths).zip(0..) {
            let padding = " ".repeat(width - cell.chars().count());
            // names to the left, figures to the right
            let _ = match column {
                0 => write!(line, "{cell}{padding}"),
                _ => write!(line, "   {padding}{cell}"),
            };
        }
        lines.push(line.trim_end().to_owned());
    }
    lines
}

/// A table, and below it the commands that repeat its rows.
pub fn markdown(rows: &[Row], measure: Measure) -> Vec<String> {
    let mut lines = Vec::new();
    for (number, row) in cells(rows, measure, "`").iter().enumerate() {
        let escaped: Vec<String> = row.iter().map(|cell| cell.replace('|', "\\|")).collect();
        lines.push(format!("| {} |", escaped.join(" | ")));
        if number == 0 {
            let rule = (0..row.len()).map(|column| if column == 0 { "---" } else { "---:" });
            lines.push(format!("| {} |", rule.collect::<Vec<_>>().join(" | ")));
        }
    }
    lines.extend([String::new(), "```sh".to_owned()]);
    lines.extend(rows.iter().flat_map(|row| row.commands.clone()));
    lines.push("```".to_owned());
    lines
}

/// Everything.
///
/// # Errors
/// If a figure has no JSON form.
pub fn json(rows: &[Row], measure: Measure) -> Result<String> {
    let object = json!({ "measure": name_of(measure), "rows": rows });
    Ok(serde_json::to_string_pretty(&object)?)
}

/// With more settings than these, a column for each would hold little but "unset".
const MOST_SETTINGS: usize = 3;

/// The heading and the rows, with options in quotes.
fn cells(rows: &[Row], measure: Measure, quote: &str) -> Vec<Vec<String>> {
    let measured = name_of(measure);
    let settings: Vec<&String> = rows
        .first()
        .map_or_else(Vec::new, |row| row.settings.keys().collect());
    let are_options = settings.len() > MOST_SETTINGS;
    let has_fid = rows.iter().any(|row| row.fid.is_some());
    let mut heading = vec!["run".to_owned()];
    if are_options {
        heading.push("options".to_owned());
    } else {
        heading.extend(settings.iter().map(|key| short(key).to_owned()));
    }
    heading.extend(["last step", "minutes"].map(str::to_owned));
    heading.extend([measured.to_owned(), "best".to_owned(), "at step".to_owned()]);
    if has_fid {
        heading.push("FID".to_owned());
    }
    heading.extend(["diversity", "novelty"].map(str::to_owned));
    let mut cells = vec![heading];
    for row in rows {
        // as they are printed, which the widths of the columns depend on
        let mut line = vec![printable::line(&row.runs.join(", "))];
        if are_options {
            let options = printable::line(&row.options.join(" "));
            line.push(if options.is_empty() {
                "-".to_owned()
            } else {
                format!("{quote}{options}{quote}")
            });
        } else {
            line.extend(row.settings.values().map(|value| printable::line(value)));
        }
        line.push(row.steps.to_string());
        let minutes = row.seconds.map(|seconds| Spread {
            mean: seconds.mean / 60.0,
            deviation: None,
        });
        line.push(figure(minutes, 1));
        line.push(figure(Some(row.newest), 2));
        line.push(figure(Some(row.best), 2));
        line.push(
            row.best_step
                .map_or("-".to_owned(), |step| step.to_string()),
        );
        if has_fid {
            line.push(figure(row.fid, 1));
        }
        line.push(figure(row.diversity, 2));
        line.push(figure(row.novelty, 2));
        cells.push(line);
    }
    cells
}

/// The setting without its section.
fn short(key: &str) -> &str {
    let known = ["model.", "training.length.", "training.", "data."];
    let found = known.iter().find_map(|section| key.strip_prefix(section));
    found.unwrap_or(key)
}

/// A mean with its deviation.
fn figure(spread: Option<Spread>, decimals: usize) -> String {
    match spread {
        None => "-".to_owned(),
        Some(Spread {
            mean,
            deviation: None,
        }) => format!("{mean:.decimals$}"),
        Some(Spread {
            mean,
            deviation: Some(deviation),
        }) => format!("{mean:.decimals$} ± {deviation:.decimals$}"),
    }
}
