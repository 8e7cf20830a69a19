//! One file for each command: its arguments and what it does.

pub mod arithmetic;
pub mod bench;
pub mod cache;
pub mod classify;
pub mod compare;
pub mod completions;
pub mod data;
pub mod demo_data;
pub mod devices;
pub mod direction;
pub mod doctor;
pub mod edit;
pub mod evaluate;
pub mod export;
pub mod features;
pub mod forget;
pub mod import;
pub mod info;
pub mod interpolate;
pub mod man;
pub mod neighbours;
pub mod project;
pub mod runs;
pub mod sample;
pub mod studio;
pub mod train;
pub mod visualize;

use anyhow::Result;
use clap::Subcommand;

use crate::shared::launch;
use crate::shared::targets::WritesFiles;

/// The commands, in the groups of `dcgan --help`.
#[derive(Debug, Subcommand)]
pub enum Command {
    #[command(flatten)]
    TrainAndData(TrainAndData),
    #[command(flatten)]
    Draw(Draw),
    #[command(flatten)]
    Explore(Explore),
    #[command(flatten)]
    Judge(Judge),
    #[command(flatten)]
    FilesAndMachine(FilesAndMachine),
}

#[derive(Debug, Subcommand)]
pub enum TrainAndData {
    /// Train on a folder of pictures, an archive, a data set or `demo`
    Train(Box<train::Train>),
    /// Watch trainings and play with what they learned, in a browser
    Studio(studio::Studio),
    /// Check a data set, or pack it into one file
    Data(data::Data),
    /// Write the faces of `demo` as files, with their attributes
    DemoData(demo_data::DemoData),
}

#[derive(Debug, Subcommand)]
pub enum Draw {
    /// Draw pictures with a trained generator
    Sample(sample::Sample),
    /// Draw the pictures between latent vectors
    Interpolate(interpolate::Interpolate),
    /// Add and subtract what pictures have in common
    Arithmetic(arithmetic::Arithmetic),
}

#[derive(Debug, Subcommand)]
pub enum Explore {
    /// Find the latent direction of an attribute, such as a smile
    Direction(direction::Direction),
    /// Move pictures along a direction
    Edit(edit::Edit),
    /// Drop the feature maps that draw an attribute
    Forget(forget::Forget),
    /// Find the latent vectors whose pictures are nearest to given ones
    Project(project::Project),
    /// Show what the discriminator's features respond to
    #[command(alias = "visualise")]
    Visualize(visualize::Visualize),
    /// Write the discriminator's features as a NumPy array
    Features(features::Features),
}

#[derive(Debug, Subcommand)]
pub enum Judge {
    /// Report what went wrong in a run and what to try
    Doctor(doctor::Doctor),
    /// Measure how near drawn pictures are to real ones
    Evaluate(Box<evaluate::Evaluate>),
    /// Compare several runs: settings, figures, pictures
    Compare(compare::Compare),
    /// Compare drawn pictures with the nearest training pictures
    #[command(alias = "neighbors")]
    Neighbours(neighbours::Neighbours),
    /// Measure how well the discriminator's features classify
    Classify(classify::Classify),
}

#[derive(Debug, Subcommand)]
pub enum FilesAndMachine {
    /// Convert a network saved by PyTorch (.pth, .pt)
    Import(import::Import),
    /// Write a trained network for other programs
    Export(export::Export),
    /// Describe a checkpoint, a weight file or a run directory
    Info(info::Info),
    /// List the runs: state, steps, size on disk, last picture
    Runs(runs::Runs),
    /// List or clear the cache of decoded pictures
    Cache(cache::Cache),
    /// Measure the speed of training and sampling
    Bench(bench::Bench),
    /// List the devices that --device accepts
    Devices(devices::Devices),
    /// Print what a shell needs to complete command lines
    Completions(completions::Completions),
    /// Print or write manual pages
    Man(man::Man),
}

impl Command {
    /// Whether it is asked for what it prints, so that `--quiet` leaves that; other commands write
    /// files, and print what they are.
    pub fn is_question(&self) -> bool {
        match self {
            Self::TrainAndData(TrainAndData::Data(_) | TrainAndData::Studio(_))
            | Self::Judge(_) => true,
            Self::TrainAndData(TrainAndData::Train(train)) => train.dry_run,
            Self::FilesAndMachine(FilesAndMachine::Import(_) | FilesAndMachine::Export(_)) => false,
            Self::FilesAndMachine(_) => true,
            Self::TrainAndData(_) | Self::Draw(_) | Self::Explore(_) => false,
        }
    }
}

/// Every group's heading, and its commands as clap defines them.
pub fn groups() -> [(&'static str, clap::Command); 5] {
    fn group<T: Subcommand>() -> clap::Command {
        T::augment_subcommands(clap::Command::new("group"))
    }
    [
        ("Train and data", group::<TrainAndData>()),
        ("Draw", group::<Draw>()),
        ("Explore", group::<Explore>()),
        ("Judge", group::<Judge>()),
        ("Files and machine", group::<FilesAndMachine>()),
    ]
}

/// Runs a command that writes files, if it may write them.
fn checked<T: WritesFiles>(arguments: &T, run: fn(&T) -> Result<()>) -> Result<()> {
    arguments.files().prepared(|| run(arguments))
}

/// Runs a command.
pub fn run(command: Command) -> Result<()> {
    use {
        Command as C, Draw as D, Explore as E, FilesAndMachine as F, Judge as J, TrainAndData as T,
    };

    if !matches!(command, C::TrainAndData(T::Train(_))) {
        launch::require_single_process()?;
    }
    match command {
        C::TrainAndData(T::Train(arguments)) => train::run(&arguments), // rank 0 checks for all
        C::TrainAndData(T::Data(arguments)) => {
            // it reports a missing data set itself, as JSON too
            arguments
                .files()
                .reporting_inputs()
                .prepared(|| data::run(&arguments))
        }
        C::TrainAndData(T::Studio(arguments)) => checked(&arguments, studio::run),
        C::TrainAndData(T::DemoData(arguments)) => checked(&arguments, demo_data::run),
        C::Draw(D::Sample(arguments)) => checked(&arguments, sample::run),
        C::Draw(D::Interpolate(arguments)) => checked(&arguments, interpolate::run),
        C::Draw(D::Arithmetic(arguments)) => checked(&arguments, arithmetic::run),
        C::Explore(E::Direction(arguments)) => checked(&arguments, direction::run),
        C::Explore(E::Edit(arguments)) => checked(&arguments, edit::run),
        C::Explore(E::Forget(arguments)) => checked(&arguments, forget::run),
        C::Explore(E::Project(arguments)) => checked(&arguments, project::run),
        C::Explore(E::Visualize(arguments)) => checked(&arguments, visualize::run),
        C::Explore(E::Features(arguments)) => checked(&arguments, features::run),
        C::Judge(J::Doctor(arguments)) => checked(&arguments, doctor::run),
        C::Judge(J::Evaluate(arguments)) => checked(&*arguments, evaluate::run),
        C::Judge(J::Compare(arguments)) => checked(&arguments, compare::run),
        C::Judge(J::Neighbours(arguments)) => checked(&arguments, neighbours::run),
        C::Judge(J::Classify(arguments)) => checked(&arguments, classify::run),
        C::FilesAndMachine(F::Import(arguments)) => checked(&arguments, import::run),
        C::FilesAndMachine(F::Export(arguments)) => checked(&arguments, export::run),
        C::FilesAndMachine(F::Info(arguments)) => checked(&arguments, info::run),
        C::FilesAndMachine(F::Bench(arguments)) => bench::run(&arguments),
        C::FilesAndMachine(F::Runs(arguments)) => checked(&arguments, runs::run),
        C::FilesAndMachine(F::Cache(arguments)) => cache::run(&arguments),
        C::FilesAndMachine(F::Devices(arguments)) => devices::run(&arguments),
        C::FilesAndMachine(F::Completions(arguments)) => completions::run(&arguments),
        C::FilesAndMachine(F::Man(arguments)) => checked(&arguments, man::run),
    }
}
