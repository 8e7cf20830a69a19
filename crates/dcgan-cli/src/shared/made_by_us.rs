//! Recognises the files that this program wrote.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use dcgan_support::{picture_mark, regular_file, trace};

/// The bytes at either end of a file that are examined.
const EXAMINED: u64 = 4096;

/// What begins a manual page of this program.
const OUR_PAGE: &[u8] = b"\n.TH dcgan";

/// Whether this program wrote a file that it can write again: a picture with its mark, a direction,
/// latent vectors, a pack, a manual page, a trace, a table of metrics, an ONNX model, a state dict or a page
/// that was exported. Weights are not among them, since they may be hours of training.
/// NumPy arrays and text cannot be told from those of other programs.
pub fn is_made_by_us(path: &Path) -> bool {
    let Ok((head, tail)) = regular_file::open(path).and_then(ends) else {
        return false;
    };
    picture_mark::is_marked(&head, &tail)
        || dcgan_data::is_pack(&head)
        || head.starts_with(trace::HEAD.as_bytes())
        || head.windows(OUR_PAGE.len()).any(|bytes| bytes == OUR_PAGE)
        || dcgan_export::metrics_csv::is_ours(&head)
        || dcgan_export::onnx::is_ours(&head)
        || dcgan_export::page::is_ours(&head)
        || dcgan_export::torch::is_ours(&head)
        || has_our_metadata(&head)
}

/// The first and the last bytes of a file.
fn ends(mut file: File) -> io::Result<(Vec<u8>, Vec<u8>)> {
    let length = file.metadata()?.len();
    let (mut head, mut tail) = (Vec::new(), Vec::new());
    file.by_ref().take(EXAMINED).read_to_end(&mut head)?;
    file.seek(SeekFrom::Start(length.saturating_sub(EXAMINED)))?;
    file.take(EXAMINED).read_to_end(&mut tail)?;
    Ok((head, tail))
}

/// Whether the beginning of a safetensors file has the metadata of a direction or of latent vectors,
/// whose keys begin with the program's name and `_`. The metadata comes first in the header.
fn has_our_metadata(head: &[u8]) -> bool {
    let Some((length, json)) = head.split_first_chunk() else {
        return false;
    };
    // so long a header belongs to no network of ours
    u64::from_le_bytes(*length) < 1 << 32 && json.starts_with(br#"{"__metadata__":{"dcgan_"#)
}
