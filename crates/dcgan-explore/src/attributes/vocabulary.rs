//! Words such as "smiling woman" as conditions on attributes.

use std::fmt;

use super::AttributeError;

/// An attribute and whether it shall hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Condition {
    /// The number of the attribute among the names.
    pub attribute: usize,
    /// Whether it holds.
    pub holds: bool,
}

/// A word that means no attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownWord {
    /// As it was written.
    pub word: String,
    /// The nearest names and words that are known, the nearest first.
    pub nearest: Vec<String>,
}

impl fmt::Display for UnknownWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let nearest = self.nearest.join(", ");
        write!(
            f,
            "no attribute is called '{}': the nearest are {nearest}",
            self.word
        )
    }
}

impl std::error::Error for UnknownWord {}

/// How many near names are told.
const SHOWN: usize = 4;

/// What people say for attributes of CelebA and of the demo's faces: a word, whether it means that
/// the attribute holds, and the names of which the first that there is counts.
const MEANINGS: [(&str, bool, &[&str]); 66] = [
    ("smile", true, &["Smiling"]),
    ("happy", true, &["Smiling"]),
    ("neutral", false, &["Smiling"]),
    ("serious", false, &["Smiling"]),
    ("unsmiling", false, &["Smiling"]),
    ("man", true, &["Male"]),
    ("men", true, &["Male"]),
    ("boy", true, &["Male"]),
    ("woman", false, &["Male"]),
    ("women", false, &["Male"]),
    ("girl", false, &["Male"]),
    ("female", false, &["Male"]),
    ("old", false, &["Young"]),
    ("older", false, &["Young"]),
    ("elderly", false, &["Young"]),
    ("blond", true, &["Blond_Hair"]),
    ("blonde", true, &["Blond_Hair"]),
    ("blonde hair", true, &["Blond_Hair"]),
    ("brunette", true, &["Brown_Hair"]),
    ("brown-haired", true, &["Brown_Hair"]),
    ("black-haired", true, &["Black_Hair"]),
    ("grey-haired", true, &["Gray_Hair"]),
    ("gray-haired", true, &["Gray_Hair"]),
    ("grey hair", true, &["Gray_Hair"]),
    ("redhead", true, &["Red_Hair"]),
    ("red-haired", true, &["Red_Hair"]),
    ("long-haired", true, &["Long_Hair"]),
    ("short-haired", true, &["Short_Hair"]),
    ("curly", true, &["Curly_Hair"]),
    ("wavy", true, &["Wavy_Hair"]),
    ("dyed", true, &["Dyed_Hair"]),
    ("fringe", true, &["Bangs"]),
    ("glasses", true, &["Eyeglasses"]),
    ("glass", true, &["Eyeglasses"]),
    ("spectacles", true, &["Eyeglasses"]),
    ("sunglasses", true, &["Sunglasses", "Eyeglasses"]),
    ("hat", true, &["Wearing_Hat"]),
    ("cap", true, &["Wearing_Cap", "Wearing_Hat"]),
    ("beanie", true, &["Wearing_Beanie", "Wearing_Hat"]),
    ("hatless", false, &["Wearing_Hat"]),
    ("beard", false, &["No_Beard"]),
    ("bearded", false, &["No_Beard"]),
    ("beardless", true, &["No_Beard"]),
    ("shaved", true, &["No_Beard"]),
    ("clean-shaven", true, &["No_Beard"]),
    ("moustache", true, &["Mustache"]),
    ("stubble", true, &["5_o_Clock_Shadow"]),
    ("lipstick", true, &["Wearing_Lipstick"]),
    ("makeup", true, &["Heavy_Makeup", "Wearing_Lipstick"]),
    ("make-up", true, &["Heavy_Makeup", "Wearing_Lipstick"]),
    ("earring", true, &["Wearing_Earrings"]),
    ("earrings", true, &["Wearing_Earrings"]),
    ("necklace", true, &["Wearing_Necklace"]),
    ("tie", true, &["Wearing_Necktie"]),
    ("necktie", true, &["Wearing_Necktie"]),
    ("pale", true, &["Pale_Skin"]),
    ("freckled", true, &["Freckles"]),
    ("rosy", true, &["Rosy_Cheeks"]),
    ("chubby", true, &["Chubby"]),
    ("open mouth", true, &["Mouth_Slightly_Open"]),
    ("mouth open", true, &["Mouth_Slightly_Open"]),
    ("open-mouthed", true, &["Mouth_Slightly_Open"]),
    ("closed mouth", false, &["Mouth_Slightly_Open"]),
    ("mouth closed", false, &["Mouth_Slightly_Open"]),
    ("looking left", true, &["Looking_Left"]),
    ("looking right", true, &["Looking_Right"]),
];

/// Words that say nothing of a picture.
const FILLERS: [&str; 12] = [
    "a", "an", "the", "and", "with", "person", "people", "face", "faces", "of", "who", "is",
];

/// Words that turn the next one into its contrary.
const NEGATIONS: [&str; 4] = ["no", "not", "without", "non"];

/// The conditions that words such as `smiling woman`, `old man without glasses` or
/// `not Wearing_Hat` put on pictures with these attributes. A name's own words are always known,
/// whatever the data set is.
///
/// ```
/// use dcgan_explore::attributes::{Condition, conditions};
///
/// let names = ["Eyeglasses", "Male", "Smiling"].map(str::to_owned);
/// let found = conditions("smiling woman without glasses", &names)?;
/// let condition = |attribute, holds| Condition { attribute, holds };
/// assert_eq!(found, [condition(2, true), condition(1, false), condition(0, false)]);
/// let error = conditions("smilng woman", &names).unwrap_err().to_string();
/// assert!(error.contains("smiling"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// A word that is not known, with the nearest ones; words that contradict each other, or say
/// nothing.
pub fn conditions(words: &str, names: &[String]) -> Result<Vec<Condition>, AttributeError> {
    let vocabulary = vocabulary(names);
    let parts: Vec<String> = words.split_whitespace().map(simple).collect();
    let (mut found, mut negated, mut place) = (Vec::<Condition>::new(), false, 0);
    while place < parts.len() {
        let known = longest_phrase(&parts, place, &vocabulary);
        let Some((end, mut condition)) = known else {
            let word = parts[place].as_str();
            match (NEGATIONS.contains(&word), FILLERS.contains(&word)) {
                (true, _) => negated = true,
                (_, true) => {}
                _ => return Err(unknown(word, &vocabulary)),
            }
            place += 1;
            continue;
        };
        place = end;
        condition.holds ^= std::mem::take(&mut negated);
        match found
            .iter()
            .find(|other| other.attribute == condition.attribute)
        {
            None => found.push(condition),
            Some(other) if *other == condition => {}
            Some(_) => {
                return Err(AttributeError::Contradiction {
                    words: words.to_owned(),
                    name: names[condition.attribute].clone(),
                });
            }
        }
    }
    match found.is_empty() {
        true => Err(AttributeError::NoCondition {
            words: words.to_owned(),
        }),
        false => Ok(found),
    }
}

/// Where the longest known phrase from `place` on ends, and what it means: "no beard" is a name, and
/// no negation.
fn longest_phrase(
    parts: &[String],
    place: usize,
    vocabulary: &[(String, Condition)],
) -> Option<(usize, Condition)> {
    let mut ends = (place + 1..=parts.len()).rev();
    ends.find_map(|end| {
        let phrase = parts[place..end].join(" ");
        let meaning = vocabulary.iter().find(|(word, _)| *word == phrase);
        meaning.map(|(_, condition)| (end, *condition))
    })
}

/// Small letters, with spaces for underscores.
pub(super) fn simple(name: &str) -> String {
    name.replace('_', " ").to_lowercase()
}

/// Every word or phrase that means something where there are these attributes: the names first.
fn vocabulary(names: &[String]) -> Vec<(String, Condition)> {
    let own = names.iter().enumerate().map(|(attribute, name)| {
        let holds = true;
        (simple(name), Condition { attribute, holds })
    });
    let meant = MEANINGS.iter().filter_map(|&(word, holds, meant)| {
        let attribute = |meant: &&str| {
            names
                .iter()
                .position(|name| name.eq_ignore_ascii_case(meant))
        };
        let attribute = meant.iter().find_map(attribute)?;
        Some((word.to_owned(), Condition { attribute, holds }))
    });
    own.chain(meant).collect()
}

fn unknown(word: &str, vocabulary: &[(String, Condition)]) -> AttributeError {
    let known = vocabulary.iter().map(|(word, _)| word.as_str());
    let unknown = UnknownWord {
        word: word.to_owned(),
        nearest: nearest(word, known),
    };
    unknown.into()
}

/// The known words that a misspelled one is most likely to mean.
pub(super) fn nearest<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Vec<String> {
    let word = simple(word);
    // a part of a name counts as much as the whole: "hair" is near to Blond_Hair
    let likeness = |known: &str| {
        let known = simple(known);
        let parts = known
            .split(' ')
            .map(|part| strsim::jaro_winkler(part, &word) - 0.01);
        parts.fold(strsim::jaro_winkler(&known, &word), f64::max)
    };
    let mut ranked: Vec<_> = known.map(|known| (likeness(known), known)).collect();
    ranked.sort_by(|one, other| other.0.total_cmp(&one.0));
    ranked.dedup_by(|one, other| one.1 == other.1);
    let shown = ranked.into_iter().take(SHOWN);
    shown.map(|(_, known)| known.to_owned()).collect()
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

    fn found(words: &str) -> Vec<(String, bool)> {
        let conditions = conditions(words, &names()).unwrap().into_iter();
        conditions
            .map(|it| (names()[it.attribute].clone(), it.holds))
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
            assert_eq!(found(words), expected, "{words}");
        }
    }

    #[test]
    fn what_means_nothing_is_refused_with_what_may_be_meant() {
        for (words, named) in [
            ("smilng woman", "smiling"),
            ("wman", "woman"),
            ("eyeglases", "eyeglasses"),
            ("man woman", "Male"),
            ("a face", "'a face' names no attribute"),
            ("goatee", "'goatee'"),
        ] {
            let error = conditions(words, &names()).unwrap_err().to_string();
            assert!(error.contains(named), "{words}: {error}");
        }
    }

    #[test]
    fn every_meaning_is_of_an_attribute_of_a_known_data_set() {
        // the rest of CelebA's forty that words are for
        let celeba = [
            "Heavy_Makeup",
            "Chubby",
            "Wearing_Necklace",
            "Wearing_Necktie",
        ];
        for (word, _, meant) in MEANINGS {
            let demo = dcgan_faces::ATTRIBUTE_NAMES;
            let known = |name: &&str| demo.contains(name) || celeba.contains(name);
            assert!(meant.iter().all(known), "{word}");
        }
    }
}
