//! The program around the studio: what it runs, and the words that it has for what it finds.

use std::error::Error;
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use dcgan::config::RunConfig;
use dcgan::doctor::Diagnosis;
use dcgan::train::Advice;

/// The program `dcgan`.
#[derive(Debug, Clone)]
pub struct Program {
    /// The file to run for trainings and long commands.
    pub executable: PathBuf,
    /// Arguments before those of a command; none for `dcgan` itself.
    pub arguments: Vec<OsString>,
    /// What it says.
    pub words: Words,
}

/// The words of the program, which the library does not have.
#[derive(Debug, Clone, Copy)]
pub struct Words {
    /// An error in one line.
    pub error: fn(&(dyn Error + 'static)) -> String,
    /// What the doctor says of a run whose reports are plotted.
    pub story: fn(&Diagnosis) -> Vec<String>,
    /// A piece of advice as a part of a sentence, with the flag that it is about.
    pub advice: fn(Advice) -> String,
    /// The options of `dcgan train` that follow it in a new run with otherwise these settings; `None` if no
    /// option does.
    pub flags: fn(Advice, &RunConfig) -> Option<Vec<String>>,
    /// What a preset is for.
    pub preset: fn(dcgan::config::Preset) -> String,
}

impl Program {
    /// A command of the program without a terminal. Its words never come from a request as they are: names are
    /// looked up, and values are typed.
    pub(crate) fn command<I: IntoIterator<Item: Into<OsString>>>(&self, words: I) -> Command {
        let mut command = Command::new(&self.executable);
        command.args(&self.arguments).arg("--color=never");
        command.args(words.into_iter().map(Into::into));
        command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command
    }
}
