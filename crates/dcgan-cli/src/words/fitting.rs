//! Advice that fits the command: never a flag that it does not have.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use crate::shared::quoted::quoted;

/// The flags of the command that runs.
static FLAGS: Mutex<Option<HashSet<String>>> = Mutex::new(None);

/// The run that is being trained, which can be resumed.
static RUN: Mutex<Option<PathBuf>> = Mutex::new(None);

/// Says which flags the command has, such as `--out`.
pub fn set_flags(flags: HashSet<String>) {
    *FLAGS.lock().unwrap_or_else(PoisonError::into_inner) = Some(flags);
}

/// Says which run can be resumed from here on.
pub fn set_run(run: &Path) {
    *RUN.lock().unwrap_or_else(PoisonError::into_inner) = Some(run.to_owned());
}

/// The command that resumes the run that is being trained, if there is one.
pub fn resume_command() -> Option<String> {
    let run = RUN.lock().unwrap_or_else(PoisonError::into_inner);
    Some(format!("`dcgan train --resume {}`", quoted(run.as_ref()?)))
}

/// A hint without those of its alternatives that name a flag which the command does not have.
pub fn fitting(hint: String) -> Option<String> {
    match &*FLAGS.lock().unwrap_or_else(PoisonError::into_inner) {
        Some(flags) => without_others(&hint, flags),
        None => Some(hint),
    }
}

fn without_others(hint: &str, flags: &HashSet<String>) -> Option<String> {
    let alternatives = hint.split(", or ");
    let fits = |part: &&str| named_flags(part).all(|flag| flags.contains(flag));
    let left: Vec<&str> = alternatives.filter(fits).collect();
    (!left.is_empty()).then(|| left.join(", or "))
}

/// The flags in a text, except in quoted commands: those are not for the command that runs.
fn named_flags(text: &str) -> impl Iterator<Item = &str> {
    let outside = text.split('`').step_by(2);
    let words = outside.flat_map(str::split_whitespace);
    words.filter(|word| word.starts_with("--")).map(|word| {
        let is_end = |c: char| !c.is_ascii_alphanumeric();
        word.trim_end_matches(is_end)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hint_keeps_only_alternatives_that_the_command_has() {
        let flags = HashSet::from(["--out".to_owned()]);
        let left = |hint| without_others(hint, &flags);
        let of = |text: &str| Some(text.to_owned());
        assert_eq!(left("make room"), of("make room"));
        assert_eq!(left("omit --no-cache, or unpack it"), of("unpack it"));
        assert_eq!(left("choose another --split"), None);
        let hint = "resume it with `dcgan train --resume x`, or name another with --out; then wait";
        assert_eq!(left(hint), of(hint));
    }
}
