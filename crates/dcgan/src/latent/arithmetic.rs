//! Vector arithmetic on latent vectors (the paper, section 6.3.2).

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use super::seed_list::{SeedList, SeedListError};

/// Groups of pictures to add and subtract: `3,7,12 - 20,21,25 + 40,41,44`, or
/// `smiling woman - neutral woman + neutral man`.
///
/// The latent vectors of each group are averaged. The paper averages three, as single vectors gave
/// unstable results.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expression {
    /// At least one.
    pub terms: Vec<Term>,
}

/// One group and its sign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    /// Whether the group is added or subtracted.
    pub sign: Sign,
    /// Its pictures.
    pub group: Group,
}

/// The sign of a term.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sign {
    /// The term is added.
    Plus,
    /// The term is subtracted.
    Minus,
}

/// The pictures of a term.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Group {
    /// Their seeds.
    Seeds(SeedList),
    /// What they look like, in words with single spaces.
    Words(String),
}

impl fmt::Display for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Seeds(seeds) => seeds.fmt(f),
            Self::Words(words) => words.fmt(f),
        }
    }
}

impl FromStr for Group {
    type Err = SeedListError;

    /// Text with a letter is a description, other text a list of seeds.
    fn from_str(text: &str) -> Result<Self, SeedListError> {
        let words: Vec<_> = text.split_whitespace().collect();
        if text.contains(char::is_alphabetic) {
            Ok(Self::Words(words.join(" ")))
        } else {
            words.concat().parse().map(Self::Seeds)
        }
    }
}

/// Why an expression is invalid.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ExpressionError {
    /// There is no group before a sign.
    #[error("a group is missing before '{0}'; an expression looks like \"3,7 - 20,21 + 40,41\"")]
    MissingGroupBefore(String),
    /// There is no group after the last sign.
    #[error("a group is missing at the end; an expression looks like \"3,7 - 20,21 + 40,41\"")]
    MissingLastGroup,
    /// A group is not a list of seeds.
    #[error(transparent)]
    Seeds(#[from] SeedListError),
}

impl FromStr for Expression {
    type Err = ExpressionError;

    /// Signs are surrounded by spaces; a `-` without spaces is a range of seeds.
    fn from_str(text: &str) -> Result<Self, ExpressionError> {
        let mut terms = Vec::new();
        let mut sign = Sign::Plus;
        let mut group = String::new();
        for word in text.split_whitespace() {
            let next_sign = match word {
                "+" => Sign::Plus,
                "-" | "−" => Sign::Minus,
                _ => {
                    group.push(' ');
                    group.push_str(word);
                    continue;
                }
            };
            if group.is_empty() {
                return Err(ExpressionError::MissingGroupBefore(word.to_owned()));
            }
            let group = std::mem::take(&mut group).parse()?;
            terms.push(Term { sign, group });
            sign = next_sign;
        }
        if group.is_empty() {
            return Err(ExpressionError::MissingLastGroup);
        }
        let group = group.parse()?;
        terms.push(Term { sign, group });
        Ok(Self { terms })
    }
}

/// The mean of latent vectors, coordinate by coordinate.
///
/// # Panics
/// If `vectors` is empty, or their lengths differ.
pub fn mean(vectors: &[Vec<f32>]) -> Vec<f32> {
    let mut sums = vec![0.0_f64; vectors[0].len()];
    for vector in vectors {
        assert_eq!(vector.len(), sums.len(), "lengths of latent vectors");
        for (sum, &value) in sums.iter_mut().zip(vector) {
            *sum += f64::from(value);
        }
    }
    let count = vectors.len() as f64;
    sums.into_iter().map(|sum| (sum / count) as f32).collect()
}

/// A latent vector to add or subtract.
#[derive(Debug, Clone, PartialEq)]
pub struct SignedVector {
    /// Whether it is added or subtracted.
    pub sign: Sign,
    /// `[z_dim]`
    pub vector: Vec<f32>,
}

/// The sum of vectors with their signs.
///
/// # Panics
/// If `terms` is empty, or the lengths differ.
pub fn signed_sum(terms: &[SignedVector]) -> Vec<f32> {
    let mut sum = vec![0.0; terms[0].vector.len()];
    for SignedVector { sign, vector } in terms {
        assert_eq!(vector.len(), sum.len(), "lengths of latent vectors");
        for (sum, value) in sum.iter_mut().zip(vector) {
            *sum += match sign {
                Sign::Plus => *value,
                Sign::Minus => -value,
            };
        }
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_between_spaces_separate_groups() {
        let expression: Expression = "3,7, 12 - 20-22 + 40".parse().unwrap();
        let terms: Vec<_> = expression
            .terms
            .iter()
            .map(|term| (term.sign, term.group.to_string()))
            .collect();
        let expected = [
            (Sign::Plus, "3,7,12"),
            (Sign::Minus, "20-22"),
            (Sign::Plus, "40"),
        ];
        assert_eq!(
            terms,
            expected.map(|(sign, seeds)| (sign, seeds.to_owned()))
        );
    }

    #[test]
    fn groups_with_letters_are_descriptions() {
        let expression: Expression = "smiling  woman − 5_o_Clock_Shadow + 4, 5".parse().unwrap();
        let groups: Vec<_> = expression
            .terms
            .into_iter()
            .map(|term| term.group)
            .collect();
        let words = |words: &str| Group::Words(words.to_owned());
        assert_eq!(
            groups[..2],
            [words("smiling woman"), words("5_o_Clock_Shadow")]
        );
        assert_eq!(groups[2], Group::Seeds("4,5".parse().unwrap()));
    }

    #[test]
    fn invalid_expressions_are_refused_with_the_place() {
        for (text, named) in [
            ("", "at the end"),
            ("1 -", "at the end"),
            ("- 1", "before '-'"),
            ("1 + - 2", "before '-'"),
            ("1 + 2.5", "'2.5'"),
        ] {
            let error = text.parse::<Expression>().unwrap_err().to_string();
            assert!(error.contains(named), "{text}: {error}");
        }
    }

    #[test]
    fn groups_are_averaged_and_added_with_their_signs() {
        assert_eq!(mean(&[vec![1.0, 4.0], vec![3.0, 0.0]]), [2.0, 2.0]);
        let term = |sign, vector: [f32; 2]| SignedVector {
            sign,
            vector: vector.to_vec(),
        };
        let terms = [
            term(Sign::Plus, [1.0, 2.0]),
            term(Sign::Minus, [0.5, 0.5]),
            term(Sign::Plus, [4.0, 0.0]),
        ];
        assert_eq!(signed_sum(&terms), [4.5, 1.5]);
    }
}
