//! A few tags of a TIFF that its decoder does not tell: what its numbers are, and whether it has more
//! pages.

/// The tags of the first page, and what follows it.
pub(super) struct FirstPage {
    entries: Vec<(u16, u32)>,
    /// Whether another page follows.
    pub has_more_pages: bool,
}

const BITS_PER_SAMPLE: u16 = 258;
const SAMPLE_FORMAT: u16 = 339;
const FLOATS: u32 = 3;

impl FirstPage {
    /// Reads the first page's table of tags; `None` if it is damaged, or has 64-bit offsets.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let is_little = match bytes.get(..4)? {
            b"II*\0" => true,
            b"MM\0*" => false,
            _ => return None,
        };
        let short = |at: usize| {
            let two = *bytes.get(at..)?.first_chunk()?;
            Some(if is_little {
                u16::from_le_bytes(two)
            } else {
                u16::from_be_bytes(two)
            })
        };
        let long = |at: usize| {
            let four = *bytes.get(at..)?.first_chunk()?;
            Some(if is_little {
                u32::from_le_bytes(four)
            } else {
                u32::from_be_bytes(four)
            })
        };
        let table = long(4)? as usize;
        let count = usize::from(short(table)?);
        let first = table.checked_add(2)?;
        let entry = |index: usize| {
            let at = first + index * 12;
            let (kind, number) = (short(at + 2)?, long(at + 4)?);
            // Shorts; of several, which are elsewhere, the first.
            let place = if number <= 2 {
                at + 8
            } else {
                long(at + 8)? as usize
            };
            let value = if kind == 3 {
                u32::from(short(place)?)
            } else {
                long(at + 8)?
            };
            Some((short(at)?, value))
        };
        Some(Self {
            entries: (0..count).filter_map(entry).collect(),
            has_more_pages: long(first.checked_add(count * 12)?).is_some_and(|next| next != 0),
        })
    }

    fn tag(&self, wanted: u16) -> Option<u32> {
        let entry = self.entries.iter().find(|(tag, _)| *tag == wanted);
        entry.map(|(_, value)| *value)
    }

    /// The bits of its numbers, if they are floating-point numbers or wider than 16 bits.
    pub fn unusual_numbers(&self) -> Option<String> {
        let bits = self.tag(BITS_PER_SAMPLE).unwrap_or(1);
        if self.tag(SAMPLE_FORMAT) == Some(FLOATS) {
            Some(format!("{bits}-bit floating-point numbers"))
        } else if bits > 16 {
            Some(format!("{bits}-bit integers"))
        } else {
            None
        }
    }
}
