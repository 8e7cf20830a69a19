//! What is exported: one network of a run, with these weights.

use std::fmt;
use std::path::{Path, PathBuf};

use anyhow::Result;
use dcgan::checkpoint::{FileHeader, FileKind, WeightFile};
use dcgan::config::RunConfig;
use dcgan::sample::{LoadedGenerator, load_discriminator};
use dcgan::train::RunDirectory;
use dcgan::{Discriminator, Generator, device};

use super::Export;
use crate::shared::{early, origin, output};

/// A network to be exported.
pub struct Exported {
    pub network: Network,
    /// The header of a file that holds it alone.
    pub header: FileHeader,
    /// The settings of its training, if they are known.
    pub run: Option<RunConfig>,
    /// Whether it is a generator with the average of its weights.
    pub is_averaged: bool,
}

/// Either network.
#[derive(Clone)]
pub enum Network {
    Generator(Generator),
    Discriminator(Discriminator),
}

impl Network {
    /// Its layers, parameters and running statistics.
    pub fn layers(&self) -> &dcgan::model::Network {
        match self {
            Self::Generator(generator) => generator.network(),
            Self::Discriminator(discriminator) => discriminator.network(),
        }
    }
}

impl Exported {
    /// Loads the network that the arguments ask for.
    ///
    /// # Errors
    /// If there is none, or its file cannot be read.
    pub fn load(arguments: &Export) -> Result<Self> {
        let run = RunDirectory::open_shared(&arguments.run).ok();
        let chosen = arguments.checkpoint.resolve(&arguments.run)?;
        let file = match &run {
            Some(run) if chosen.is_dir() => newest(run, arguments),
            _ => chosen,
        };
        let exported = if arguments.discriminator {
            Self::discriminator(&file)?
        } else {
            Self::generator(&file, run.as_ref(), arguments)?
        };
        if let Some(run) = run.filter(RunDirectory::is_in_use) {
            output::note(&format!(
                "{} is still in training; this is step {} of it",
                run.path().display(),
                exported.header.step
            ));
        }
        Ok(exported)
    }

    fn generator(file: &Path, run: Option<&RunDirectory>, arguments: &Export) -> Result<Self> {
        let LoadedGenerator {
            generator, header, ..
        } = arguments.weights.load(file, &device::cpu())?;
        origin::set(&arguments.run, header.step);
        let config = header
            .run
            .clone()
            .or_else(|| run.and_then(|run| run.read_config().ok()));
        let has_average = config
            .as_ref()
            .is_some_and(|run| run.training.ema.is_some());
        Ok(Self {
            network: Network::Generator(generator),
            header: alone(header, FileKind::Generator),
            run: config,
            is_averaged: has_average && !arguments.weights.raw,
        })
    }

    fn discriminator(file: &Path) -> Result<Self> {
        let discriminator = load_discriminator(file, &device::cpu())?;
        let header = WeightFile::open(&discriminator_file(file))?
            .header()
            .clone();
        early::note(file, &header);
        Ok(Self {
            network: Network::Discriminator(discriminator),
            header: alone(header, FileKind::Discriminator),
            run: None,
            is_averaged: false,
        })
    }
}

impl fmt::Display for Exported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.header.kind)?;
        match self.header.step {
            0 => write!(f, " {}", self.header.data.source)?, // imported
            step => write!(f, " of step {step}")?,
        }
        let has_average = self
            .run
            .as_ref()
            .is_some_and(|run| run.training.ema.is_some());
        match (has_average, self.is_averaged) {
            (false, _) => Ok(()),
            (true, true) => f.write_str(" (average of weights)"),
            (true, false) => f.write_str(" (weights without averaging)"),
        }
    }
}

/// Where the newest weights of a run are: the run itself for those of its last report, or a checkpoint
/// since then.
fn newest(run: &RunDirectory, arguments: &Export) -> PathBuf {
    let reported = if arguments.discriminator {
        run.discriminator()
    } else {
        run.generator()
    };
    let saved = run.list_checkpoints().unwrap_or_default();
    let Some(newest) = saved.into_iter().max_by_key(|checkpoint| checkpoint.step) else {
        return run.path().to_owned();
    };
    let is_newer = match WeightFile::open(&reported) {
        Ok(file) => newest.step > file.header().step,
        Err(_) => !reported.exists(), // a damaged file is reported when it is loaded
    };
    // only checkpoints have the weights without averaging
    if is_newer || arguments.weights.raw {
        newest.path
    } else {
        run.path().to_owned()
    }
}

fn discriminator_file(path: &Path) -> PathBuf {
    if path.is_dir() {
        path.join("discriminator.safetensors")
    } else {
        path.to_owned()
    }
}

/// The header of a file with one network of the file with this header.
fn alone(header: FileHeader, kind: FileKind) -> FileHeader {
    FileHeader {
        kind,
        retries: 0,
        refused: Vec::new(),
        run: None,
        ..header
    }
}
