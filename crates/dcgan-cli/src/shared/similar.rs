//! The word that was probably meant.

/// The one of `known` that a mistyped word most likely stands for; `None` if none is similar.
pub fn similar<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_lowercase();
    let known = known.into_iter().filter_map(|other| {
        let lower = other.to_lowercase();
        let distance = strsim::damerau_levenshtein(&word, &lower);
        let length = word.chars().count().max(lower.chars().count());
        let is_beginning = word.chars().count() > 2 && lower.starts_with(&word);
        // a third of the letters may be wrong, but not all of a short word
        let is_near = distance * 3 <= length || (distance == 1 && length > 1);
        (is_near || is_beginning).then_some((distance, other))
    });
    known
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, other)| other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_found_and_other_words_are_not() {
        let known = ["photos", "paintings", "runs"];
        for (word, meant) in [
            ("phtos", Some("photos")),
            ("Photo", Some("photos")),
            ("ohptos", Some("photos")),
            ("paint", Some("paintings")),
            ("run", Some("runs")),
            ("data", None),
            ("x", None),
            ("", None),
        ] {
            assert_eq!(similar(word, known), meant, "{word}");
        }
    }
}
