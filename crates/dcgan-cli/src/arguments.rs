//! The command line.

use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{Parser, Subcommand};
use dcgan::ranks::Launch;

use crate::commands::arithmetic::Arithmetic;
use crate::commands::bench::Bench;
use crate::commands::classify::Classify;
use crate::commands::data::Data;
use crate::commands::demo_data::DemoData;
use crate::commands::devices::Devices;
use crate::commands::direction::Direction;
use crate::commands::doctor::Doctor;
use crate::commands::edit::Edit;
use crate::commands::features::Features;
use crate::commands::forget::Forget;
use crate::commands::import::Import;
use crate::commands::info::Info;
use crate::commands::interpolate::Interpolate;
use crate::commands::neighbours::Neighbours;
use crate::commands::project::Project;
use crate::commands::sample::Sample;
use crate::commands::train::Train;
use crate::commands::visualize::Visualize;
use crate::shared::output;

/// Train a DCGAN on any folder of pictures, and draw new ones with it.
#[derive(Debug, Parser)]
#[command(name = "dcgan", version, max_term_width = 100, after_help = EXAMPLES)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

const EXAMPLES: &str = "\
Examples:
  dcgan train demo                      a first look, within minutes
  dcgan train photos/                   your own pictures
  dcgan data check photos/              what is in them, before training
  dcgan train --resume runs/photos      go on after a stop
  dcgan doctor runs/photos              how it goes, and what to try
  dcgan sample runs/photos -n 64 --out new/";

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Train on a folder or archive of pictures, a data set, or the built-in demo.
    Train(Box<Train>),
    /// Check a data set before training, or pack it into one file.
    Data(Data),
    /// Write the demo's drawn faces as files, with their attributes.
    DemoData(DemoData),
    /// Draw pictures with a trained generator.
    Sample(Sample),
    /// Draw the way from one seed's picture to the next.
    Interpolate(Interpolate),
    /// Add and take away what pictures have in common.
    Arithmetic(Arithmetic),
    /// Find the direction in which an attribute such as a smile lies.
    Direction(Direction),
    /// Draw pictures along a direction.
    Edit(Edit),
    /// Drop the feature maps that draw an attribute.
    Forget(Forget),
    /// Show drawn pictures beside the training pictures that are nearest to them.
    Neighbours(Neighbours),
    /// Tell what a run has been through, what is wrong with it and what to try.
    Doctor(Doctor),
    /// Find the latent vectors whose pictures are nearest to given ones.
    Project(Project),
    /// Show what in pictures the discriminator's features answer to.
    Visualize(Visualize),
    /// Write the discriminator's features of pictures as a NumPy array.
    Features(Features),
    /// Tell how well the discriminator's features classify pictures.
    Classify(Classify),
    /// Make a weight file of a network that PyTorch saved (.pth, .pt).
    Import(Import),
    /// Tell what a checkpoint, a weight file or a run folder is.
    Info(Info),
    /// Tell how fast training and sampling are on this machine.
    Bench(Bench),
    /// List the devices that --device takes here.
    Devices(Devices),
}

/// Prints what was asked for (help, version), or what is wrong with the command
/// line, in one line.
pub fn refuse(error: &clap::Error) -> ExitCode {
    if Launch::of_several().is_some_and(|launch| launch.rank > 0) {
        return ExitCode::FAILURE; // the first of several processes says it for all
    }
    if let ErrorKind::DisplayHelp | ErrorKind::DisplayVersion = error.kind() {
        output::text(&error.to_string());
        return ExitCode::SUCCESS;
    }
    if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        output::error(
            "no command: give train, data, demo-data, sample, interpolate, arithmetic, direction, edit, \
             forget, neighbours, project, visualize, features, classify, doctor, import, info, bench or devices; \
             `dcgan --help` tells more",
        );
        return ExitCode::FAILURE;
    }
    let text = error.to_string();
    let message = text.split("\n\nUsage:").next().unwrap_or(&text);
    let message = message
        .trim_start_matches("error: ")
        .replace("For more information, try '--help'.", "");
    output::error(&format!("{}; --help tells what there is", message.trim()));
    ExitCode::FAILURE
}
