//! From folders and archives to batches.

mod archives;
mod batches;
mod celeba;
mod changed_sources;
mod chosen;
mod damage;
mod damaged_pictures;
mod databases;
mod detection;
mod folders;
mod left_out;
mod masks;
mod mutation;
mod odd_files;
mod packs;
mod pictures;
mod properties;
mod skip;
mod sources;
mod support;
mod svhn;
mod tar_archives;
mod transform;
