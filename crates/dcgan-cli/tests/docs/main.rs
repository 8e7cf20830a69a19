//! The documentation stays true: its commands run, its links lead somewhere.
//!
//! Rust examples are compiled by the documentation tests of `dcgan`.

mod commands;
mod help;
#[path = "../cli/inception_weights.rs"]
mod inception_weights;
mod links;
mod markdown;
mod scratch;

use std::collections::BTreeSet;

use commands::{NOT_RUN, Outcome, Shell};
use markdown::{CommandLine, Page, pages, sources};
use scratch::Scratch;

/// The languages a code block may have. A block without one would be taken for Rust by rustdoc,
/// and for text by readers.
const LANGUAGES: [&str; 5] = ["sh", "rust", "rust,no_run", "python", "text"];

#[test]
fn every_command_in_the_documentation_runs() {
    let scratch = Scratch::new();
    let mut results = Results::default();
    for page in pages() {
        let commands = page.commands();
        if !commands.is_empty() {
            results.run(&mut Shell::new(scratch.copy()), &commands);
        }
    }
    results.all_succeeded();
    assert!(
        results.succeeded > 60,
        "only {} commands",
        results.succeeded
    );
    for (program, why) in NOT_RUN {
        assert!(
            results.reasons.contains(why),
            "no page has a command that begins with '{program}' any more"
        );
    }
}

#[test]
fn the_chinese_front_page_has_the_same_commands_as_the_english_one() {
    let commands = |name: &str| -> Vec<String> {
        let page = pages().into_iter().find(|page| page.name == name);
        let commands = page.expect("a front page").commands();
        commands
            .into_iter()
            .map(|command| {
                let text = command.text.split(" #").next().unwrap_or_default();
                text.trim().to_owned()
            })
            .collect()
    };
    assert_eq!(commands("README.zh-CN.md"), commands("README.md"));
}

#[test]
fn every_example_in_the_help_runs() {
    let mut results = Results::default();
    results.run(&mut Shell::new(Scratch::new().copy()), &help::examples());
    results.all_succeeded();
    assert!(
        results.succeeded > 30,
        "only {} examples",
        results.succeeded
    );
}

#[test]
#[cfg(feature = "mpi")]
fn commands_under_mpirun_run() {
    let scratch = Scratch::new();
    let mut results = Results::default();
    for page in pages() {
        let mut commands = page.commands();
        commands.retain(|line| line.text.starts_with("mpirun") && line.text.contains(" dcgan "));
        if !commands.is_empty() {
            results.run(&mut Shell::with_mpi(scratch.copy()), &commands);
        }
    }
    results.all_succeeded();
    assert!(results.succeeded > 2, "only {} commands", results.succeeded);
}

/// What became of many commands.
#[derive(Default)]
struct Results {
    succeeded: usize,
    failures: Vec<String>,
    /// Why some were not run.
    reasons: BTreeSet<&'static str>,
}

impl Results {
    fn run(&mut self, shell: &mut Shell, commands: &[CommandLine]) {
        for line in commands {
            match shell.run(line) {
                Outcome::Succeeded => self.succeeded += 1,
                Outcome::Failed(message) => self.failures.push(message),
                Outcome::NotRun(why) => _ = self.reasons.insert(why),
            }
        }
    }

    fn all_succeeded(&self) {
        assert!(self.failures.is_empty(), "{}", self.failures.join("\n"));
    }
}

#[test]
fn every_code_block_says_its_language() {
    for page in pages() {
        for block in page.blocks() {
            let Page { name, .. } = &page;
            assert!(
                LANGUAGES.contains(&block.language.as_str()),
                "{name}:{}: '{}' is none of {LANGUAGES:?}",
                block.line,
                block.language
            );
        }
    }
}

#[test]
fn every_relative_link_leads_somewhere() {
    let broken: Vec<String> = pages().iter().flat_map(links::broken).collect();
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn every_rust_file_that_a_page_names_exists() {
    let sources = sources();
    let pages = pages();
    let missing = pages
        .iter()
        .flat_map(|page| links::missing_sources(page, &sources));
    let missing: Vec<String> = missing.collect();
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

#[test]
fn every_page_is_linked_from_another_one() {
    let pages = pages();
    let linked: BTreeSet<_> = pages.iter().flat_map(links::targets).collect();
    for page in &pages {
        let is_entrance = page.name.ends_with("README.md");
        assert!(
            is_entrance || linked.contains(&page.path),
            "no page links to {}",
            page.name
        );
    }
}
