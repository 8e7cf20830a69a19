//! Plots, figures, image grids and image files of `dcgan`.

pub mod figure;
pub mod image_grid;
mod lettering;
pub mod npy;
pub mod picture_file;
pub mod plot;
