//! From folders and archives of real files to batches.

mod archives;
mod batches;
mod celeba;
mod databases;
mod folders;
mod packs;
mod pictures;
mod properties;
mod sources;
mod support;
mod svhn;
mod tar_archives;
mod transform;
