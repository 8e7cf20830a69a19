//! What `dcgan` draws around the pictures of its networks: figures with captions, plots of
//! training runs, grids of pictures, and image files.

mod canvas;
pub mod figure;
mod font;
pub mod image_grid;
pub mod label;
pub mod npy;
pub mod picture_file;
pub mod plot;
