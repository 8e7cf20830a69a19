//! A confusion table as text.

use std::fmt::Write;

use dcgan_explore::classification::Confusion;

/// Classes whose table fits a terminal; of more only the hardest are told.
const MOST: usize = 12;

/// Letters of a class's name that are shown.
const LETTERS: usize = 14;

/// A row for each class: its name, what part of it was recognised, and what its pictures were
/// taken for.
pub fn text(confusion: &Confusion) -> String {
    match confusion.classes().len() {
        0..=MOST => table(confusion),
        _ => hardest(confusion),
    }
}

fn table(confusion: &Confusion) -> String {
    let names: Vec<String> = confusion.classes().iter().map(|name| short(name)).collect();
    let counts = confusion.counts();
    let widest = |column: usize| {
        let numbers = counts.iter().map(|row| row[column].to_string().len());
        numbers
            .chain([names[column].chars().count()])
            .max()
            .unwrap_or(0)
    };
    let widths: Vec<usize> = (0..names.len()).map(widest).collect();
    let first = names
        .iter()
        .map(|name| name.chars().count())
        .max()
        .unwrap_or(0);
    let mut text = format!("\n{:first$}  right   taken for\n{:first$}       ", "", "");
    for (name, width) in names.iter().zip(&widths) {
        let _ = write!(text, "  {name:>width$}");
    }
    text.push('\n');
    for (class, name) in names.iter().enumerate() {
        let _ = write!(
            text,
            "{name:first$}  {}",
            percent(confusion.accuracy_of(class))
        );
        for (count, width) in counts[class].iter().zip(&widths) {
            let _ = write!(text, "  {count:>width$}");
        }
        text.push('\n');
    }
    text
}

fn hardest(confusion: &Confusion) -> String {
    let names = confusion.classes();
    let accuracy = |class: usize| confusion.accuracy_of(class);
    let mut classes: Vec<usize> = (0..names.len()).collect();
    classes.retain(|&class| accuracy(class).is_some());
    classes.sort_by(|&one, &other| {
        let [one, other] = [one, other].map(|class| accuracy(class).unwrap_or(1.0));
        one.total_cmp(&other)
    });
    let mut text = format!(
        "\nthe hardest of {} classes (--json has all):\n",
        names.len()
    );
    for class in classes.into_iter().take(MOST) {
        let others = confusion.counts()[class].iter().enumerate();
        let mistaken = others.filter(|(other, _)| *other != class);
        let taken_for = match mistaken.max_by_key(|(_, count)| **count) {
            Some((other, count)) if *count > 0 => format!("  {count} for {}", names[other]),
            _ => String::new(),
        };
        let _ = writeln!(
            text,
            "  {}  {}{taken_for}",
            percent(accuracy(class)),
            names[class]
        );
    }
    text
}

fn percent(part: Option<f64>) -> String {
    part.map_or_else(
        || "    -".to_owned(),
        |part| format!("{:>4.0}%", 100.0 * part),
    )
}

fn short(name: &str) -> String {
    match name.chars().count() > LETTERS {
        true => name.chars().take(LETTERS - 1).chain(['…']).collect(),
        false => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_count_stands_under_the_name_of_what_it_was_taken_for() {
        let mut confusion = Confusion::new(vec!["cat".to_owned(), "a very long name".to_owned()]);
        for (class, taken_for) in [(0, 0), (0, 0), (0, 0), (0, 1), (1, 1)] {
            confusion.count(class, taken_for);
        }
        let expected = [
            "",
            "                right   taken for",
            "                       cat  a very long n…",
            "cat               75%    3               1",
            "a very long n…   100%    0               1",
            "",
        ];
        assert_eq!(text(&confusion).split('\n').collect::<Vec<_>>(), expected);
    }

    #[test]
    fn of_many_classes_the_hardest_are_told() {
        let mut confusion = Confusion::new((0..20).map(|class| format!("c{class}")).collect());
        for class in 0..20 {
            confusion.count(class, class);
        }
        confusion.count(7, 3);
        let text = text(&confusion);
        assert!(text.contains("hardest of 20"), "{text}");
        assert!(text.contains("  50%  c7  1 for c3"), "{text}");
    }
}
