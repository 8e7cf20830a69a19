//! What all commands that draw have in common: which pictures, how they look, and where they go.
//!
//! A command names its files with [`DrawingArguments::files`], hands over its pictures one by one
//! as [`Single`]s, and says how they are arranged in one picture. Files of every kind follow from
//! that: a figure, an animation, an array, or a folder of single pictures.

mod arguments;
mod open;
mod table;
mod target;
mod write;

pub use arguments::{DrawingArguments, SeedArguments};
pub use open::open;
pub use table::{Table, TableCell};
pub use target::{Default, Product, Target};
pub use write::{Label, Single, WRITING, numbered};
