//! Tests of what not every machine has.

/// Prints that a test is skipped, and why. Panics if the environment variable `DCGAN_REQUIRE`, a
/// list of names separated by commas or the word `all`, holds `name`: a machine that should have it
/// must not pass without the test.
pub fn skip(name: &str, reason: &str) {
    let required = std::env::var("DCGAN_REQUIRE").unwrap_or_default();
    let is_required = required.split(',').any(|one| one == name || one == "all");
    assert!(!is_required, "DCGAN_REQUIRE holds {name}, but {reason}");
    println!("skipped: {reason}");
}
