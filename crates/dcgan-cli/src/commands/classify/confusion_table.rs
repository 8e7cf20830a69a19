//! A confusion matrix as text.

use std::fmt::Write;

use dcgan_explore::classification::Confusion;

/// With more classes the matrix does not fit in a terminal, and only the hardest classes are shown.
const MAX_CLASSES: usize = 12;

/// Longer class names are cut.
const MAX_NAME_LENGTH: usize = 14;

/// A row for each class: its name, the share of correct predictions, and the number of predictions
/// of each class.
pub fn text(confusion: &Confusion) -> String {
    if confusion.classes().len() <= MAX_CLASSES {
        matrix(confusion)
    } else {
        hardest_classes(confusion)
    }
}

fn matrix(confusion: &Confusion) -> String {
    let names: Vec<String> = confusion.classes().iter().map(|name| cut(name)).collect();
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
    let mut text = format!("\n{:first$}  right   predicted\n{:first$}       ", "", "");
    for (name, width) in names.iter().zip(&widths) {
        let _ = write!(text, "  {name:>width$}");
    }
    text.push('\n');
    for (class, name) in names.iter().enumerate() {
        let accuracy = percent(confusion.class_accuracy(class));
        let _ = write!(text, "{name:first$}  {accuracy}");
        for (count, width) in counts[class].iter().zip(&widths) {
            let _ = write!(text, "  {count:>width$}");
        }
        text.push('\n');
    }
    text
}

fn hardest_classes(confusion: &Confusion) -> String {
    let names = confusion.classes();
    let mut ranked: Vec<(f64, usize)> = (0..names.len())
        .filter_map(|class| Some((confusion.class_accuracy(class)?, class)))
        .collect();
    ranked.sort_by(|(a, _), (b, _)| a.total_cmp(b));
    let mut text = format!(
        "\nthe hardest of {} classes (--json prints all):\n",
        names.len()
    );
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
        let _ = writeln!(
            text,
            "  {}  {}{mistake}",
            percent(Some(accuracy)),
            names[class]
        );
    }
    text
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
            "",
        ];
        assert_eq!(text(&confusion).split('\n').collect::<Vec<_>>(), expected);
    }

    #[test]
    fn only_the_hardest_of_many_classes_are_shown() {
        let mut confusion = Confusion::new((0..20).map(|class| format!("c{class}")).collect());
        for class in 0..20 {
            confusion.count(class, class);
        }
        confusion.count(7, 3);
        let text = text(&confusion);
        assert!(text.contains("hardest of 20"), "{text}");
        assert!(text.contains("  50%  c7  1 as c3"), "{text}");
    }
}
