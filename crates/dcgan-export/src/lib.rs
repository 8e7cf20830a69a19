//! A trained DCGAN as files for other programs.
//!
//! | module | for |
//! | --- | --- |
//! | [`hub`] | the Hugging Face hub |
//! | [`metrics_csv`] | spreadsheets and pandas |
//! | [`onnx`] | ONNX Runtime and other programs that run ONNX models |
//! | [`page`] | browsers: one HTML file that draws |
//! | [`tensorboard`] | TensorBoard: what a training measures |
//! | [`torch`] | PyTorch |
//!
//! Formats that run a network take it layer by layer as
//! [`FoldedLayer`](dcgan::model::FoldedLayer)s, which
//! [`Generator::into_folded_layers`](dcgan::Generator::into_folded_layers) gives: plain
//! convolutions, each with a bias and an activation.

pub mod hub;
pub mod metrics_csv;
pub mod onnx;
pub mod page;
pub mod tensorboard;
pub mod torch;
