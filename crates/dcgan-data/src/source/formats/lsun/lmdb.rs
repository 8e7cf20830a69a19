//! LMDB files, read only.
//!
//! The format is that of LMDB 0.9 (`mdb.c`, 64-bit little-endian): two meta pages, of which the
//! newer one is valid, and a tree of pages. The C library maps the file and trusts every number in
//! it, so a corrupt file can crash the process. Here every number is checked before it is used,
//! and nothing is locked or written, so the disk may be read-only.

use std::collections::HashSet;
use std::io::{self, Read, Seek, SeekFrom};

use crate::io_reason::io_reason;
use crate::source::positioned_file::PositionedFile;
use crate::source::spans::Span;

const MAGIC: u32 = 0xbeef_c0de;
const PAGE_HEADER: usize = 16;
const NODE_HEADER: usize = 8;
/// Where the tree's record is in a meta page: after the page's header, magic, version, address,
/// map size, and the record of free pages.
const META: usize = PAGE_HEADER;
const FREE_RECORD: usize = META + 24;
const MAIN_RECORD: usize = FREE_RECORD + 48;
const META_BYTES: usize = MAIN_RECORD + 48 + 16;

const BRANCH: u16 = 0x01;
const LEAF: u16 = 0x02;
const OVERFLOW: u16 = 0x04;
/// Flag of a node whose value is on overflow pages.
const BIG_DATA: u16 = 0x01;
/// Flags of a node that holds a nested database or several values.
const OTHER_DATA: u16 = 0x02 | 0x04;

/// Why a file is not a valid LMDB database.
#[derive(Debug)]
pub(super) struct NotLmdb(pub String);

impl From<io::Error> for NotLmdb {
    fn from(error: io::Error) -> Self {
        Self(io_reason(&error))
    }
}

type Result<T> = std::result::Result<T, NotLmdb>;

fn broken<T>(reason: impl Into<String>) -> Result<T> {
    Err(NotLmdb(reason.into()))
}

/// Takes a key and where its value is in the file.
pub(super) type Visit<'a> = dyn FnMut(&[u8], Span) -> Result<()> + 'a;

/// Whether a file that begins with `head` is an LMDB file.
pub(super) fn is_lmdb(head: &[u8]) -> bool {
    u32_at(head, META).is_ok_and(|magic| magic == MAGIC)
}

/// Passes each key of the main database, in order, and the span of its value to `visit`.
///
/// # Errors
///
/// If the file is not a valid database, and the errors of `visit`.
pub(super) fn for_each(file: PositionedFile, visit: &mut Visit<'_>) -> Result<()> {
    let mut tree = Tree::open(file)?;
    // An empty database has no root.
    if tree.root == u64::MAX {
        return Ok(());
    }
    tree.walk(tree.root, tree.depth, visit)
}

struct Tree {
    file: PositionedFile,
    page_size: usize,
    pages: u64,
    root: u64,
    depth: u16,
    /// The pages visited so far: a corrupt tree can contain a cycle.
    seen: HashSet<u64>,
}

impl Tree {
    fn open(file: PositionedFile) -> Result<Self> {
        let first = read_at(&file, 0, META_BYTES)?;
        if u32_at(&first, META)? != MAGIC {
            return broken("it does not begin as an LMDB file does");
        }
        let page_size = u32_at(&first, FREE_RECORD)? as usize;
        if !page_size.is_power_of_two() || !(256..=65_536).contains(&page_size) {
            return broken(format!("its page size cannot be {page_size} bytes"));
        }
        let second = read_at(&file, page_size as u64, META_BYTES)?;
        let transaction = |meta: &[u8]| match u32_at(meta, META)? {
            MAGIC => u64_at(meta, MAIN_RECORD + 48 + 8),
            _ => Ok(0),
        };
        let newer = if transaction(&second)? > transaction(&first)? {
            second
        } else {
            first
        };
        if u32_at(&newer, META + 4)? != 1 {
            return broken("its version is not 1");
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
            return broken("its pages form a cycle");
        }
        let page = self.read_page(number, self.page_size)?;
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
                        return broken("a key lies outside its page");
                    };
                    if node_flags & OTHER_DATA != 0 {
                        continue;
                    }
                    let node = Node {
                        page: number,
                        value_at: key_end,
                        length: low,
                        is_on_overflow_pages: node_flags & BIG_DATA != 0,
                    };
                    let offset = self.value_offset(&page, node)?;
                    visit(
                        key,
                        Span {
                            offset,
                            length: low,
                        },
                    )?;
                }
                _ => return broken(format!("page {number} is neither a branch nor a leaf")),
            }
        }
        Ok(())
    }

    /// Where a node's value begins in the file.
    fn value_offset(&self, page: &[u8], node: Node) -> Result<u64> {
        if !node.is_on_overflow_pages {
            if node.value_at as u64 + node.length > page.len() as u64 {
                return broken("a value lies outside its page");
            }
            return Ok(node.page * self.page_size as u64 + node.value_at as u64);
        }
        let first = u64_at(page, node.value_at)?;
        let header = self.read_page(first, PAGE_HEADER)?;
        let start = first * self.page_size as u64 + PAGE_HEADER as u64;
        if u16_at(&header, 10)? & OVERFLOW == 0 {
            return broken(format!("page {first} holds no value"));
        }
        if start + node.length > self.file.len() {
            return broken("a value ends beyond the end of the file: it is truncated");
        }
        Ok(start)
    }

    /// The first `length` bytes of a page.
    fn read_page(&self, number: u64, length: usize) -> Result<Vec<u8>> {
        if number >= self.pages {
            return broken(format!("page {number} is missing: the file is truncated"));
        }
        read_at(&self.file, number * self.page_size as u64, length)
    }
}

/// A node of a leaf page.
struct Node {
    /// The page's number.
    page: u64,
    /// Where the value, or the number of its first overflow page, is on the page.
    value_at: usize,
    /// The bytes of the value.
    length: u64,
    is_on_overflow_pages: bool,
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
        .ok_or_else(|| NotLmdb("a number lies outside its page".to_owned()))
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
