//! The report of a check as text.

use std::fmt::{self, Write};
use std::path::Path;

use dcgan_data::{Check, Count};

use crate::words;

/// The entries that are shown of a list; `--json` has all.
const SHOWN: usize = 10;

/// The counts in a line.
const COUNTS_PER_LINE: usize = 4;

/// The whole report.
pub fn describe(data: &Path, check: &Check) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = write_all(&mut text, data, check);
    text
}

fn write_all(text: &mut String, data: &Path, check: &Check) -> fmt::Result {
    let format = check.format.map_or("drawn", |format| format.name());
    writeln!(text, "{:<12} {} ({format})", "data", data.display())?;
    let bad = match check.unreadable.len() {
        0 => String::new(),
        bad => format!(", {bad} cannot be used"),
    };
    writeln!(text, "{:<12} {}{bad}", "pictures", check.pictures)?;
    for remark in &check.remarks {
        writeln!(text, "{:<12} {remark}", "")?;
    }
    let encodings = check.encodings.iter();
    let encodings: Vec<String> = encodings
        .map(|(name, count)| format!("{count} {name}"))
        .collect();
    writeln!(text, "{:<12} {}", "formats", encodings.join(", "))?;
    write_sizes(text, check)?;
    let transparent = match check.transparent {
        0 => String::new(),
        count => format!(", {count} transparent"),
    };
    let trained = if check.channels == 1 {
        "grey"
    } else {
        "colour"
    };
    writeln!(
        text,
        "{:<12} {} grey, {} in colour{transparent}; trained in {trained}",
        "channels", check.grey, check.colour
    )?;
    write_counts(text, "labels", &check.labels)?;
    write_counts(text, "attributes", &check.attributes)?;
    if check.identities > 0 {
        writeln!(text, "{:<12} {}", "persons", check.identities)?;
    }
    text.push_str(&list("unreadable", &check.unreadable));
    let groups = check.exact_duplicates.iter().map(|group| group.join(" = "));
    text.push_str(&list("same", &groups.collect::<Vec<_>>()));
    let pairs = check.near_duplicates.iter().map(|pair| pair.join(" ~ "));
    text.push_str(&list("nearly same", &pairs.collect::<Vec<_>>()));
    text.push_str(&list("blank", &check.blank));
    text.push_str(&list("very small", &check.very_small));
    for advice in &check.advice {
        writeln!(text, "{:<12} {}", "advice", words::data::advice(advice))?;
    }
    Ok(())
}

fn write_sizes(text: &mut String, check: &Check) -> fmt::Result {
    let sizes = &check.sizes;
    let size = |(width, height): (u32, u32)| format!("{width}x{height}");
    if sizes.different == 1 {
        return writeln!(text, "{:<12} all {}", "sizes", size(sizes.smallest));
    }
    let frequent = sizes.frequent.iter();
    let frequent: Vec<String> = frequent
        .map(|(found, count)| format!("{count} of {}", size(*found)))
        .collect();
    writeln!(
        text,
        "{:<12} {} to {}, {} different; most: {}",
        "sizes",
        size(sizes.smallest),
        size(sizes.largest),
        sizes.different,
        frequent.join(", ")
    )
}

fn write_counts(text: &mut String, title: &str, counts: &[Count]) -> fmt::Result {
    if counts.is_empty() {
        return Ok(());
    }
    writeln!(text, "{title:<12} {}", counts.len())?;
    for line in counts.chunks(COUNTS_PER_LINE).take(SHOWN) {
        let line: Vec<String> = line
            .iter()
            .map(|count| format!("{} {}", count.name, count.count))
            .collect();
        writeln!(text, "{:<12} {}", "", line.join(", "))?;
    }
    let hidden = counts.len().saturating_sub(COUNTS_PER_LINE * SHOWN);
    match hidden {
        0 => Ok(()),
        hidden => writeln!(text, "{:<12} and {hidden} more", ""),
    }
}

/// A list below its title; nothing if it is empty.
pub fn list<Line: fmt::Display>(title: &str, lines: &[Line]) -> String {
    let mut text = String::new();
    if lines.is_empty() {
        return text;
    }
    let _ = writeln!(text, "{title:<12} {}", lines.len());
    for line in lines.iter().take(SHOWN) {
        let _ = writeln!(text, "{:<12} {line}", "");
    }
    if lines.len() > SHOWN {
        let _ = writeln!(
            text,
            "{:<12} and {} more; --json lists all",
            "",
            lines.len() - SHOWN
        );
    }
    text
}
