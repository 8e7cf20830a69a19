//! The mark of this program in the pictures that it writes, so that it can be told later that a
//! file is one of its own. Viewers show it as the software or as a comment; pixels do not change.

/// The name of the program in the mark.
const NAME: &[u8] = b"dcgan";

/// A PNG's signature and its first chunk, behind which the mark is.
const PNG_HEAD: usize = 8 + 25;

/// What the mark's chunk in a PNG holds, with its type.
const PNG_TEXT: &[u8] = b"tEXtSoftware\0dcgan";

/// The same in pictures that are made to be trained on.
const PNG_TEXT_OF_DATA: &[u8] = b"tEXtSoftware\0dcgan demo-data";

/// A comment extension of a GIF and the byte that ends the file.
const GIF_END: &[u8] = b"\x21\xfe\x05dcgan\x00\x3b";

/// A chunk that readers of WebP skip, of an even length.
const WEBP_CHUNK: &[u8] = b"NOTE\x06\x00\x00\x00dcgan\x00";

/// Where a drawn picture comes from. A PNG says so in text chunks of the names `run`, `step` and `seeds`,
/// which image viewers and Pillow (`Image.open(file).text`) show.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origin {
    /// The name of the run or weight file that drew it.
    pub run: Option<String>,
    /// The training step of the weights.
    pub step: Option<u64>,
    /// The seeds of the latent vectors, in the order of the pictures.
    pub seeds: Option<String>,
}

impl Origin {
    /// The names and texts of a PNG's chunks.
    fn texts(&self) -> impl Iterator<Item = (&'static str, String)> {
        let step = self.step.map(|step| step.to_string());
        let all = [
            ("run", self.run.clone()),
            ("step", step),
            ("seeds", self.seeds.clone()),
        ];
        all.into_iter()
            .filter_map(|(name, text)| Some((name, text?)))
    }
}

/// Writes an origin into an encoded PNG, behind its mark. Anything else is returned as it is.
#[must_use]
pub fn describe(mut file: Vec<u8>, origin: &Origin) -> Vec<u8> {
    if !file.starts_with(b"\x89PNG") || !is_marked(&file, &[]) {
        return file;
    }
    let mut chunks = Vec::new();
    for (name, text) in origin.texts() {
        // international text, uncompressed, without a language
        let text = [b"iTXt", name.as_bytes(), b"\0\0\0\0\0", text.as_bytes()].concat();
        chunks.extend(png_chunk(&text));
    }
    let behind_mark = PNG_HEAD + 4 + PNG_TEXT.len() + 4;
    file.splice(behind_mark..behind_mark, chunks);
    file
}

/// A chunk of a PNG with its length and checksum, from its type and content.
fn png_chunk(typed: &[u8]) -> Vec<u8> {
    let length = ((typed.len() - 4) as u32).to_be_bytes();
    let checksum = crc32fast::hash(typed).to_be_bytes();
    [&length, typed, &checksum].concat()
}

/// Marks an encoded PNG as a picture that is made to be trained on. Anything else is returned as it
/// is.
#[must_use]
pub fn mark_data(file: Vec<u8>) -> Vec<u8> {
    if is_png(&file) {
        with_png_text(file, PNG_TEXT_OF_DATA)
    } else {
        file
    }
}

/// Marks an encoded PNG, GIF, WebP or JPEG. Anything else is returned as it is.
#[must_use]
pub fn mark(mut file: Vec<u8>) -> Vec<u8> {
    if is_png(&file) {
        return with_png_text(file, PNG_TEXT);
    }
    if file.starts_with(b"GIF8") && file.last() == Some(&b'\x3b') {
        file.pop();
        file.extend(GIF_END);
    } else if is_webp(&file) {
        file.extend(WEBP_CHUNK);
        let length = (file.len() - 8) as u32; // WebP files are smaller than 4 GiB
        file[4..8].copy_from_slice(&length.to_le_bytes());
    } else if let Some(at) = behind_jfif_header(&file) {
        file.splice(at..at, jpeg_comment());
    }
    file
}

fn is_png(file: &[u8]) -> bool {
    file.starts_with(b"\x89PNG") && file.len() > PNG_HEAD
}

fn with_png_text(mut file: Vec<u8>, text: &[u8]) -> Vec<u8> {
    file.splice(PNG_HEAD..PNG_HEAD, png_chunk(text));
    file
}

/// Whether a file is a picture with this mark that is not made to be trained on: a sample, a grid, a
/// figure or a preview. Takes the same bytes as [`is_marked`].
pub fn is_output(head: &[u8], tail: &[u8]) -> bool {
    let is_data = head
        .get(PNG_HEAD + 4..)
        .is_some_and(|text| text.starts_with(PNG_TEXT_OF_DATA));
    is_marked(head, tail) && !is_data
}

/// Whether a file is a picture with this mark, by its first and last bytes: some hundreds are
/// enough.
pub fn is_marked(head: &[u8], tail: &[u8]) -> bool {
    if head.starts_with(b"\x89PNG") {
        let text = head.get(PNG_HEAD + 4..);
        return text.is_some_and(|text| text.starts_with(PNG_TEXT));
    }
    if head.starts_with(b"GIF8") {
        return tail.ends_with(GIF_END);
    }
    if is_webp(head) {
        return tail.ends_with(WEBP_CHUNK);
    }
    behind_jfif_header(head).is_some_and(|at| head[at..].starts_with(&jpeg_comment()))
}

fn is_webp(file: &[u8]) -> bool {
    file.starts_with(b"RIFF") && file.get(8..12) == Some(b"WEBP")
}

/// Where the second segment of a JPEG begins, if the first is the JFIF header.
fn behind_jfif_header(file: &[u8]) -> Option<usize> {
    let header = file.strip_prefix(b"\xff\xd8\xff\xe0")?;
    let length = u16::from_be_bytes(*header.first_chunk()?);
    let at = 4 + usize::from(length);
    (at <= file.len()).then_some(at)
}

fn jpeg_comment() -> Vec<u8> {
    let length = (2 + NAME.len()) as u16;
    [b"\xff\xfe".as_slice(), &length.to_be_bytes(), NAME].concat()
}
