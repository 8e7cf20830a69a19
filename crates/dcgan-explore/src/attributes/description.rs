//! Descriptions such as "smiling woman" as tests on attributes.

use super::synonyms::SYNONYMS;
use super::{AttributeError, UnknownWord};

/// Whether a picture has, or does not have, an attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AttributeTest {
    /// The attribute's index among the names.
    pub attribute: usize,
    /// Whether the attribute must hold.
    pub holds: bool,
}

impl AttributeTest {
    /// Whether a picture with these logits passes.
    pub fn passes(&self, logits: &[f32]) -> bool {
        (logits[self.attribute] > 0.0) == self.holds
    }
}

/// What a group of pictures has in common, in words and as tests.
///
/// ```
/// use dcgan_explore::attributes::{AttributeTest, Description};
///
/// let names = ["Eyeglasses", "Male", "Smiling"].map(str::to_owned);
/// let woman = Description::parse("smiling woman without glasses", &names)?;
/// let test = |attribute, holds| AttributeTest { attribute, holds };
/// assert_eq!(woman.tests, [test(2, true), test(1, false), test(0, false)]);
/// let error = Description::parse("smilng woman", &names).unwrap_err().to_string();
/// assert!(error.contains("smiling"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Description {
    /// The words as they were written.
    pub words: String,
    /// At least one test, each of another attribute.
    pub tests: Vec<AttributeTest>,
}

/// Words that say nothing about a picture.
const FILLERS: [&str; 12] = [
    "a", "an", "the", "and", "with", "person", "people", "face", "faces", "of", "who", "is",
];

/// Words that negate what follows.
const NEGATIONS: [&str; 4] = ["no", "not", "without", "non"];

/// How many similar words an error suggests.
const SUGGESTIONS: usize = 4;

impl Description {
    /// Parses words such as `smiling woman`, `old man without glasses` or `not Wearing_Hat` for
    /// data with the given attribute names. The names themselves are always understood, common
    /// synonyms if the data has their attribute.
    ///
    /// # Errors
    /// If a word is unknown, two words contradict each other, or no word names an attribute.
    pub fn parse(words: &str, names: &[String]) -> Result<Self, AttributeError> {
        let vocabulary = vocabulary(names);
        let parts: Vec<String> = words.split_whitespace().map(normalised).collect();
        let mut tests = Vec::<AttributeTest>::new();
        let mut negated = false;
        let mut start = 0;
        while start < parts.len() {
            let Some((end, mut test)) = longest_phrase(&parts, start, &vocabulary) else {
                let word = parts[start].as_str();
                if NEGATIONS.contains(&word) {
                    negated = true;
                } else if !FILLERS.contains(&word) {
                    return Err(unknown(word, &vocabulary));
                }
                start += 1;
                continue;
            };
            start = end;
            test.holds ^= std::mem::take(&mut negated);
            let earlier = tests.iter().find(|other| other.attribute == test.attribute);
            match earlier {
                None => tests.push(test),
                Some(earlier) if *earlier == test => {}
                Some(_) => {
                    return Err(AttributeError::Contradiction {
                        words: words.to_owned(),
                        name: names[test.attribute].clone(),
                    });
                }
            }
        }
        if tests.is_empty() {
            return Err(AttributeError::EmptyDescription {
                words: words.to_owned(),
            });
        }
        Ok(Self {
            words: words.to_owned(),
            tests,
        })
    }

    /// Whether a picture with these logits passes all tests.
    pub fn matches(&self, logits: &[f32]) -> bool {
        self.tests.iter().all(|test| test.passes(logits))
    }

    /// Whether the description says something about an attribute.
    pub(super) fn mentions(&self, attribute: usize) -> bool {
        self.tests.iter().any(|test| test.attribute == attribute)
    }
}

/// A word or a phrase, normalised, and what it means.
struct Entry {
    phrase: String,
    test: AttributeTest,
}

/// Everything that is understood for these attributes: their names come first.
fn vocabulary(names: &[String]) -> Vec<Entry> {
    let entry = |phrase: &str, attribute, holds| Entry {
        phrase: normalised(phrase),
        test: AttributeTest { attribute, holds },
    };
    let mut vocabulary: Vec<Entry> = names
        .iter()
        .enumerate()
        .map(|(attribute, name)| entry(name, attribute, true))
        .collect();
    let find = |wanted: &&str| {
        names
            .iter()
            .position(|name| name.eq_ignore_ascii_case(wanted))
    };
    for synonyms in SYNONYMS {
        if let Some(attribute) = synonyms.attributes.iter().find_map(find) {
            let with = synonyms.with.iter().map(|word| (word, true));
            let without = synonyms.without.iter().map(|word| (word, false));
            let entries = with.chain(without);
            vocabulary.extend(entries.map(|(word, holds)| entry(word, attribute, holds)));
        }
    }
    vocabulary
}

/// The end of the longest known phrase from `start` on, and what it means. "no beard" is a name
/// rather than a negation.
fn longest_phrase(
    parts: &[String],
    start: usize,
    vocabulary: &[Entry],
) -> Option<(usize, AttributeTest)> {
    (start + 1..=parts.len()).rev().find_map(|end| {
        let phrase = parts[start..end].join(" ");
        let entry = vocabulary.iter().find(|entry| entry.phrase == phrase)?;
        Some((end, entry.test))
    })
}

/// In lower case, with spaces for underscores.
pub(super) fn normalised(name: &str) -> String {
    name.replace('_', " ").to_lowercase()
}

fn unknown(word: &str, vocabulary: &[Entry]) -> AttributeError {
    let known = vocabulary.iter().map(|entry| entry.phrase.as_str());
    UnknownWord {
        word: word.to_owned(),
        similar: most_similar(word, known),
    }
    .into()
}

/// The known words that are most similar to a misspelt one.
pub(super) fn most_similar<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Vec<String> {
    let word = normalised(word);
    // a part of a name counts nearly as much as the whole: "hair" is similar to Blond_Hair
    let similarity = |known: &str| {
        let known = normalised(known);
        known
            .split(' ')
            .map(|part| strsim::jaro_winkler(part, &word) - 0.01)
            .fold(strsim::jaro_winkler(&known, &word), f64::max)
    };
    let mut ranked: Vec<_> = known.map(|known| (similarity(known), known)).collect();
    ranked.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    ranked.dedup_by_key(|(_, known)| *known);
    let best = ranked.into_iter().take(SUGGESTIONS);
    best.map(|(_, known)| known.to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> Vec<String> {
        [
            "5_o_Clock_Shadow",
            "Blond_Hair",
            "Eyeglasses",
            "Male",
            "No_Beard",
            "Smiling",
            "Wearing_Hat",
            "Young",
        ]
        .map(str::to_owned)
        .to_vec()
    }

    fn tests_of(words: &str) -> Vec<(String, bool)> {
        let description = Description::parse(words, &names()).unwrap();
        description
            .tests
            .into_iter()
            .map(|test| (names()[test.attribute].clone(), test.holds))
            .collect()
    }

    #[test]
    fn words_and_names_mean_attributes() {
        for (words, expected) in [
            ("neutral man", vec![("Smiling", false), ("Male", true)]),
            (
                "old blonde woman with glasses",
                vec![
                    ("Young", false),
                    ("Blond_Hair", true),
                    ("Male", false),
                    ("Eyeglasses", true),
                ],
            ),
            (
                "a man with a beard",
                vec![("Male", true), ("No_Beard", false)],
            ),
            ("no beard", vec![("No_Beard", true)]),
            ("not Smiling", vec![("Smiling", false)]),
            ("without Wearing_Hat", vec![("Wearing_Hat", false)]),
            ("not old", vec![("Young", true)]),
            ("5 o clock shadow", vec![("5_o_Clock_Shadow", true)]),
            ("smiling smiling", vec![("Smiling", true)]),
        ] {
            let expected: Vec<_> = expected
                .into_iter()
                .map(|(name, holds)| (name.to_owned(), holds))
                .collect();
            assert_eq!(tests_of(words), expected, "{words}");
        }
    }

    #[test]
    fn unusable_words_are_refused_with_suggestions() {
        for (words, named) in [
            ("smilng woman", "smiling"),
            ("wman", "woman"),
            ("eyeglases", "eyeglasses"),
            ("man woman", "Male"),
            ("a face", "'a face' names no attribute"),
            ("goatee", "'goatee'"),
        ] {
            let error = Description::parse(words, &names()).unwrap_err().to_string();
            assert!(error.contains(named), "{words}: {error}");
        }
    }
}
