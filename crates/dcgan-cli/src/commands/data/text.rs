//! The report of a check as text.

use std::fmt::Display;
use std::path::Path;

use dcgan_data::{Check, Count, LeftOut, Sizes};

use crate::words;

/// The entries that are shown of a list; `--json` has all.
const SHOWN: usize = 10;

/// The counts in a line.
const COUNTS_PER_LINE: usize = 4;

/// The whole report.
pub fn describe(data: &Path, check: &Check) -> Vec<String> {
    let format = check.format.map_or("drawn", |format| format.name());
    let bad = match check.unreadable.len() {
        0 => String::new(),
        bad => format!(", {bad} cannot be used"),
    };
    let mut lines = vec![
        row("data", format!("{} ({format})", data.display())),
        row("pictures", format!("{}{bad}", check.pictures)),
    ];
    lines.extend(check.remarks.iter().map(|remark| row("", remark)));
    let encodings = check.encodings.iter();
    let encodings: Vec<String> = encodings
        .map(|(name, count)| format!("{count} {name}"))
        .collect();
    lines.push(row("formats", encodings.join(", ")));
    lines.push(row("sizes", sizes(&check.sizes)));
    lines.push(row("channels", channels(check)));
    lines.extend(counts("labels", &check.labels));
    lines.extend(counts("attributes", &check.attributes));
    if check.identities > 0 {
        lines.push(row("persons", check.identities));
    }
    lines.extend(list("unreadable", &check.unreadable));
    lines.extend(left_out(&check.left_out));
    let groups = check.exact_duplicates.iter().map(|group| group.join(" = "));
    lines.extend(list("same", &groups.collect::<Vec<_>>()));
    let pairs = check.near_duplicates.iter().map(|pair| pair.join(" ~ "));
    lines.extend(list("nearly same", &pairs.collect::<Vec<_>>()));
    lines.extend(list("blank", &check.blank));
    lines.extend(list("very small", &check.very_small));
    let advice = words::data::advices(data, &check.advice).into_iter();
    lines.extend(advice.map(|advice| row("advice", advice)));
    lines
}

fn row(title: &str, value: impl Display) -> String {
    format!("{title:<12} {value}")
}

fn channels(check: &Check) -> String {
    let transparent = match check.transparent {
        0 => String::new(),
        count => format!(", {count} transparent"),
    };
    let trained = if check.channels == 1 {
        "grey"
    } else {
        "colour"
    };
    format!(
        "{} grey, {} in colour{transparent}; trained in {trained}",
        check.grey, check.colour
    )
}

fn sizes(sizes: &Sizes) -> String {
    let size = |(width, height): (u32, u32)| format!("{width}x{height}");
    if sizes.different == 1 {
        return format!("all {}", size(sizes.smallest));
    }
    let frequent = sizes.frequent.iter();
    let frequent: Vec<String> = frequent
        .map(|(found, count)| format!("{count} of {}", size(*found)))
        .collect();
    format!(
        "{} to {}, {} different; most: {}",
        size(sizes.smallest),
        size(sizes.largest),
        sizes.different,
        frequent.join(", ")
    )
}

/// Counts below their title; nothing if there are none.
fn counts(title: &str, counts: &[Count]) -> Vec<String> {
    if counts.is_empty() {
        return Vec::new();
    }
    let mut lines = vec![row(title, counts.len())];
    for line in counts.chunks(COUNTS_PER_LINE).take(SHOWN) {
        let line: Vec<String> = line
            .iter()
            .map(|count| format!("{} {}", count.name, count.count))
            .collect();
        lines.push(row("", line.join(", ")));
    }
    let hidden = counts.len().saturating_sub(COUNTS_PER_LINE * SHOWN);
    if hidden > 0 {
        lines.push(row("", format!("and {hidden} more")));
    }
    lines
}

/// What is left out, by kind with the first of its names; nothing if all is used.
fn left_out(groups: &[LeftOut]) -> Vec<String> {
    if groups.is_empty() {
        return Vec::new();
    }
    let total: usize = groups.iter().map(|group| group.count).sum();
    let shown = groups
        .iter()
        .take(SHOWN)
        .map(|group| match group.names.first() {
            Some(name) if group.count == 1 => row("", format!("{group}: {name}")),
            Some(name) => row("", format!("{group}, such as {name}")),
            None => row("", group),
        });
    let mut lines = vec![row("left out", total)];
    lines.extend(shown);
    let hidden = groups.len().saturating_sub(SHOWN);
    if hidden > 0 {
        lines.push(row(
            "",
            format!("and {hidden} more kinds; --json lists all"),
        ));
    }
    lines
}

/// A list below its title; nothing if it is empty.
pub fn list(title: &str, entries: &[impl Display]) -> Vec<String> {
    if entries.is_empty() {
        return Vec::new();
    }
    let mut lines = vec![row(title, entries.len())];
    lines.extend(entries.iter().take(SHOWN).map(|entry| row("", entry)));
    let hidden = entries.len().saturating_sub(SHOWN);
    if hidden > 0 {
        lines.push(row("", format!("and {hidden} more; --json lists all")));
    }
    lines
}
