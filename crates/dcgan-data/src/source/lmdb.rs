//! LMDB files, read only.
//!
//! The form is that of LMDB 0.9 (`mdb.c`, 64-bit little-endian): two meta pages,
//! of which the newer counts, and a tree of pages below it. The C library maps
//! such a file and believes every number in it; a damaged one ends the process.
//! Here each number is checked before it is used, nothing is locked, and nothing
//! is written, so a read-only disk will do.

use std::collections::HashSet;
use std::io::{self, Read, Seek, SeekFrom};

use super::positioned_file::PositionedFile;

const MAGIC: u32 = 0xbeef_c0de;
const PAGE_HEADER: usize = 16;
const NODE_HEADER: usize = 8;
/// Where the tree's record lies in a meta page: after the page's header, magic,
/// version, address, size of the map, and the record of free pages.
const META: usize = PAGE_HEADER;
const FREE_RECORD: usize = META + 24;
const MAIN_RECORD: usize = FREE_RECORD + 48;
const META_BYTES: usize = MAIN_RECORD + 48 + 16;

const BRANCH: u16 = 0x01;
const LEAF: u16 = 0x02;
const OVERFLOW: u16 = 0x04;
/// Flag of a node whose data lies on pages of its own.
const BIG_DATA: u16 = 0x01;
/// Flags of a node that is a database within the database, or several values.
const OTHER_DATA: u16 = 0x02 | 0x04;

/// What makes a file no LMDB.
#[derive(Debug)]
pub(super) struct NotLmdb(pub String);

impl From<io::Error> for NotLmdb {
    fn from(error: io::Error) -> Self {
        Self(error.to_string())
    }
}

type Result<T> = std::result::Result<T, NotLmdb>;

fn broken<T>(reason: impl Into<String>) -> Result<T> {
    Err(NotLmdb(reason.into()))
}

/// Takes a key, where in the file its value begins, and the value's length.
pub(super) type Visit<'a> = dyn FnMut(&[u8], u64, u64) -> Result<()> + 'a;

/// Calls `visit` with each key of the main database, in order, and with the
/// place of its value: where it begins in the file, and its length.
///
/// # Errors
///
/// What in the file cannot be; `visit`'s own.
pub(super) fn for_each(file: PositionedFile, visit: &mut Visit<'_>) -> Result<()> {
    let mut tree = Tree::open(file)?;
    let root = tree.root;
    match root {
        u64::MAX => Ok(()),
        root => tree.walk(root, tree.depth, visit),
    }
}

struct Tree {
    file: PositionedFile,
    page_size: usize,
    pages: u64,
    root: u64,
    depth: u16,
    /// Pages that were visited: a damaged tree can lead in circles.
    seen: HashSet<u64>,
}

impl Tree {
    fn open(file: PositionedFile) -> Result<Self> {
        let first = read_at(&file, 0, META_BYTES)?;
        if u32_at(&first, META)? != MAGIC {
            return broken("it does not begin as LMDB does");
        }
        let page_size = u32_at(&first, FREE_RECORD)? as usize;
        if !page_size.is_power_of_two() || !(256..=65_536).contains(&page_size) {
            return broken(format!("its pages cannot have {page_size} bytes"));
        }
        let second = read_at(&file, page_size as u64, META_BYTES)?;
        let number = |meta: &[u8]| match u32_at(meta, META)? {
            MAGIC => u64_at(meta, MAIN_RECORD + 48 + 8),
            _ => Ok(0),
        };
        let newer = match number(&second)? > number(&first)? {
            true => second,
            false => first,
        };
        if u32_at(&newer, META + 4)? != 1 {
            return broken("it is of another version than 1");
        }
        Ok(Self {
            pages: file.len() / page_size as u64,
            page_size,
            depth: u16_at(&newer, MAIN_RECORD + 6)?,
            root: u64_at(&newer, MAIN_RECORD + 40)?,
            file,
            seen: HashSet::new(),
        })
    }

    fn walk(&mut self, number: u64, depth: u16, visit: &mut Visit<'_>) -> Result<()> {
        if depth == 0 || depth > 64 || !self.seen.insert(number) {
            return broken("its pages lead in a circle");
        }
        let page = self.page(number)?;
        let flags = u16_at(&page, 10)?;
        let lower = usize::from(u16_at(&page, 12)?);
        let nodes = lower.saturating_sub(PAGE_HEADER) / 2;
        for index in 0..nodes {
            let node = usize::from(u16_at(&page, PAGE_HEADER + 2 * index)?);
            let low = u64::from(u16_at(&page, node)?) | u64::from(u16_at(&page, node + 2)?) << 16;
            let node_flags = u16_at(&page, node + 4)?;
            let key_start = node + NODE_HEADER;
            let key_end = key_start + usize::from(u16_at(&page, node + 6)?);
            match flags & (BRANCH | LEAF) {
                BRANCH => self.walk(low | u64::from(node_flags) << 32, depth - 1, visit)?,
                LEAF => {
                    let Some(key) = page.get(key_start..key_end) else {
                        return broken("a key lies outside of its page");
                    };
                    if node_flags & OTHER_DATA != 0 {
                        continue;
                    }
                    let place = self.value(number, &page, key_end, low, node_flags)?;
                    visit(key, place, low)?;
                }
                _ => return broken(format!("page {number} is neither branch nor leaf")),
            }
        }
        Ok(())
    }

    /// Where in the file a value of `length` bytes begins.
    fn value(&self, number: u64, page: &[u8], at: usize, length: u64, flags: u16) -> Result<u64> {
        if flags & BIG_DATA == 0 {
            if at as u64 + length > page.len() as u64 {
                return broken("a value lies outside of its page");
            }
            return Ok(number * self.page_size as u64 + at as u64);
        }
        let first = u64_at(page, at)?;
        let header = match first < self.pages {
            true => read_at(&self.file, first * self.page_size as u64, PAGE_HEADER)?,
            false => return broken(format!("page {first} is not there: the file is cut off")),
        };
        let start = first * self.page_size as u64 + PAGE_HEADER as u64;
        if u16_at(&header, 10)? & OVERFLOW == 0 {
            return broken(format!("page {first} holds no value"));
        }
        match start + length <= self.file.len() {
            true => Ok(start),
            false => broken("a value ends after the file: it is cut off"),
        }
    }

    fn page(&self, number: u64) -> Result<Vec<u8>> {
        match number < self.pages {
            true => read_at(&self.file, number * self.page_size as u64, self.page_size),
            false => broken(format!("page {number} is not there: the file is cut off")),
        }
    }
}

fn read_at(file: &PositionedFile, offset: u64, length: usize) -> Result<Vec<u8>> {
    let mut file = file.clone();
    let mut bytes = vec![0; length];
    file.seek(SeekFrom::Start(offset))?;
    file.read_exact(&mut bytes)?;
    Ok(bytes)
}

fn array_at<const N: usize>(bytes: &[u8], at: usize) -> Result<[u8; N]> {
    let found = bytes.get(at..).and_then(|rest| rest.first_chunk());
    found
        .copied()
        .ok_or_else(|| NotLmdb("a number lies outside of its page".to_owned()))
}

fn u16_at(bytes: &[u8], at: usize) -> Result<u16> {
    array_at(bytes, at).map(u16::from_le_bytes)
}

fn u32_at(bytes: &[u8], at: usize) -> Result<u32> {
    array_at(bytes, at).map(u32::from_le_bytes)
}

fn u64_at(bytes: &[u8], at: usize) -> Result<u64> {
    array_at(bytes, at).map(u64::from_le_bytes)
}
