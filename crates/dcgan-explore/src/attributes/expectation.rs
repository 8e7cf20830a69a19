//! What a sum of descriptions says about its result.

use dcgan::latent::Sign;

use super::{AttributeTest, Description};

/// What the result of adding and subtracting pictures with these descriptions should look like: `man with
/// glasses − man without glasses + woman without glasses` is a woman with glasses.
///
/// Each description that wants an attribute counts +1 for it, each that excludes it −1, both with the
/// sign of the description. An attribute whose sum is positive is expected, one whose sum is negative is
/// excluded, and nothing is expected of one whose sum is 0.
pub fn expectation(terms: &[(Sign, &Description)]) -> Vec<AttributeTest> {
    let mut sums: Vec<(usize, i64)> = Vec::new();
    for (sign, description) in terms {
        for test in &description.tests {
            let counts_for = test.holds == (*sign == Sign::Plus);
            let change = if counts_for { 1 } else { -1 };
            match sums
                .iter_mut()
                .find(|(attribute, _)| *attribute == test.attribute)
            {
                Some((_, sum)) => *sum += change,
                None => sums.push((test.attribute, change)),
            }
        }
    }
    let decided = sums.into_iter().filter(|(_, sum)| *sum != 0);
    decided
        .map(|(attribute, sum)| AttributeTest {
            attribute,
            holds: sum > 0,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_man_with_glasses_without_the_man_but_with_a_woman_is_a_woman_with_glasses() {
        let names = ["Male", "Eyeglasses", "Smiling"].map(String::from);
        let describe = |words| Description::parse(words, &names).unwrap();
        let (first, second, third) = (
            describe("man with glasses"),
            describe("man without glasses"),
            describe("woman without glasses"),
        );
        let terms = [
            (Sign::Plus, &first),
            (Sign::Minus, &second),
            (Sign::Plus, &third),
        ];
        let expected =
            [(0, false), (1, true)].map(|(attribute, holds)| AttributeTest { attribute, holds });
        assert_eq!(expectation(&terms), expected);
        // what cancels says nothing
        assert_eq!(expectation(&[terms[0], terms[1]]), [expected[1]]);
    }
}
