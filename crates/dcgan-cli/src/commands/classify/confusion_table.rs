//! A confusion matrix as text.

use std::fmt::Write;

use dcgan_explore::classification::Confusion;
use dcgan_support::printable;

/// With more classes the matrix does not fit in a terminal, and only the hardest classes are shown.
const MAX_CLASSES: usize = 12;

/// Longer class names are cut.
const MAX_NAME_LENGTH: usize = 14;

/// A row for each class: its name, the share of correct predictions, and the number of predictions
/// of each class.
pub fn lines(confusion: &Confusion) -> Vec<String> {
    if confusion.classes().len() <= MAX_CLASSES {
        matrix(confusion)
    } else {
        hardest_classes(confusion)
    }
}

/// The names as they are shown: the columns depend on their lengths.
fn printable_names(confusion: &Confusion) -> Vec<String> {
    let names = confusion.classes().iter();
    names.map(|name| printable::line(name)).collect()
}

fn matrix(confusion: &Confusion) -> Vec<String> {
    let names = printable_names(confusion);
    let names: Vec<String> = names.iter().map(|name| cut(name)).collect();
    let counts = confusion.counts();
    let name_width = |name: &String| name.chars().count();
    let widths: Vec<usize> = names
        .iter()
        .enumerate()
        .map(|(column, name)| {
            let counts = counts.iter().map(|row| row[column].to_string().len());
            counts.fold(name_width(name), usize::max)
        })
        .collect();
    let first = names.iter().map(name_width).max().unwrap_or(0);
    let mut heading = format!("{:first$}       ", "");
    for (name, width) in names.iter().zip(&widths) {
        let _ = write!(heading, "  {name:>width$}");
    }
    let above = format!("{:first$}  right   predicted", "");
    let mut lines = vec![String::new(), above, heading];
    for (class, name) in names.iter().enumerate() {
        let accuracy = percent(confusion.class_accuracy(class));
        let mut line = format!("{name:first$}  {accuracy}");
        for (count, width) in counts[class].iter().zip(&widths) {
            let _ = write!(line, "  {count:>width$}");
        }
        lines.push(line);
    }
    lines
}

fn hardest_classes(confusion: &Confusion) -> Vec<String> {
    let names = printable_names(confusion);
    let mut ranked: Vec<(f64, usize)> = (0..names.len())
        .filter_map(|class| Some((confusion.class_accuracy(class)?, class)))
        .collect();
    ranked.sort_by(|(a, _), (b, _)| a.total_cmp(b));
    let title = format!(
        "the hardest of {} classes (--json prints all):",
        names.len()
    );
    let mut lines = vec![String::new(), title];
    for (accuracy, class) in ranked.into_iter().take(MAX_CLASSES) {
        let wrong = confusion.counts()[class]
            .iter()
            .enumerate()
            .filter(|(other, _)| *other != class)
            .max_by_key(|(_, count)| **count);
        let mistake = match wrong {
            Some((other, count)) if *count > 0 => format!("  {count} as {}", names[other]),
            _ => String::new(),
        };
        let accuracy = percent(Some(accuracy));
        lines.push(format!("  {accuracy}  {}{mistake}", names[class]));
    }
    lines
}

fn percent(share: Option<f64>) -> String {
    match share {
        Some(share) => format!("{:>4.0}%", 100.0 * share),
        None => "    -".to_owned(),
    }
}

fn cut(name: &str) -> String {
    if name.chars().count() > MAX_NAME_LENGTH {
        name.chars()
            .take(MAX_NAME_LENGTH - 1)
            .chain(['…'])
            .collect()
    } else {
        name.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_count_is_in_the_column_of_its_predicted_class() {
        let mut confusion = Confusion::new(vec!["cat".to_owned(), "a very long name".to_owned()]);
        for (class, predicted) in [(0, 0), (0, 0), (0, 0), (0, 1), (1, 1)] {
            confusion.count(class, predicted);
        }
        let expected = [
            "",
            "                right   predicted",
            "                       cat  a very long n…",
            "cat               75%    3               1",
            "a very long n…   100%    0               1",
        ];
        assert_eq!(lines(&confusion), expected);
    }

    #[test]
    fn only_the_hardest_of_many_classes_are_shown() {
        let mut confusion = Confusion::new((0..20).map(|class| format!("c{class}")).collect());
        for class in 0..20 {
            confusion.count(class, class);
        }
        confusion.count(7, 3);
        let lines = lines(&confusion);
        assert!(lines[1].contains("hardest of 20"), "{lines:?}");
        assert_eq!(lines[2], "    50%  c7  1 as c3");
    }
}
