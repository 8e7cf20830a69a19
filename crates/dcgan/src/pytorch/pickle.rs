//! Scans a pickle without running it.
//!
//! A pickle is a program: unpickling calls whatever functions it names. Here its instructions are
//! read one after the other and nothing is built from them. It passes if it has only instructions
//! that weights need, and names only the functions that rebuild tensors.

use std::collections::HashMap;

/// The names in weight files (`torch.save` of a `state_dict`).
const ALLOWED: [(&str, &str); 8] = [
    ("collections", "OrderedDict"),
    ("torch._utils", "_rebuild_tensor_v2"),
    ("torch._utils", "_rebuild_parameter"),
    ("torch", "FloatStorage"),
    ("torch", "DoubleStorage"),
    ("torch", "HalfStorage"),
    ("torch", "BFloat16Storage"),
    ("torch", "LongStorage"),
];

/// Bytes of a module's or function's name that an error shows.
const MAX_NAME: usize = 200;

/// Why a pickle is refused.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// It names this function.
    Calls(String),
    /// It is truncated, or has instructions that weights never need.
    Unreadable(String),
}

/// Scans the pickle at the start of `bytes` and advances past it.
pub(super) fn scan(bytes: &mut &[u8]) -> Result<(), Refusal> {
    let mut strings = Strings::default();
    loop {
        match take(bytes, 1)?[0] {
            b'.' => return Ok(()), // STOP
            b'c' => {
                allow(line(bytes)?, line(bytes)?)?; // GLOBAL
                strings.push(None);
            }
            b'i' => return Err(Refusal::Calls(escaped(line(bytes)?, line(bytes)?))), // INST
            0x93 => {
                let [module, name] = strings.newest()?; // STACK_GLOBAL
                allow(module, name)?;
                strings.push(None);
            }
            0x94 => strings.store(strings.memo.len() as u32), // MEMOIZE
            b'q' => strings.store(number(bytes, 1)?),         // BINPUT
            b'r' => strings.store(number(bytes, 4)?),         // LONG_BINPUT
            b'h' => strings.load(number(bytes, 1)?),          // BINGET
            b'j' => strings.load(number(bytes, 4)?),          // LONG_BINGET
            b'X' => strings.push(Some(sized(bytes, 4)?)),     // BINUNICODE
            0x8c | b'U' => strings.push(Some(sized(bytes, 1)?)), // SHORT_BINUNICODE, …STRING
            0x8a => {
                sized(bytes, 1)?; // LONG1
                strings.push(None);
            }
            instruction => {
                take(bytes, arguments_of(instruction)?)?;
                strings.push(None);
            }
        }
    }
}

/// The length of the arguments of an instruction that builds plain values.
fn arguments_of(instruction: u8) -> Result<usize, Refusal> {
    Ok(match instruction {
        // MARK, tuples, lists, dictionaries
        b'(' | b')' | b't' | 0x85..=0x87 | b']' | b'a' | b'e' | b'}' | b's' | b'u' => 0,
        b'N' | 0x88 | 0x89 => 0, // NONE, NEWTRUE, NEWFALSE
        b'Q' | b'R' | b'b' => 0, // BINPERSID, REDUCE, BUILD: on allowed names only
        0x80 | b'K' => 1,        // PROTO, BININT1
        b'M' => 2,               // BININT2
        b'J' => 4,               // BININT
        b'G' | 0x95 => 8,        // BINFLOAT, FRAME
        other => {
            let reason =
                format!("its pickle has the instruction {other:#04x}, which weights never need");
            return Err(Refusal::Unreadable(reason));
        }
    })
}

/// The strings that a function's name can be assembled from.
#[derive(Default)]
struct Strings<'a> {
    /// The two newest values, each if it is a string.
    newest: [Option<&'a [u8]>; 2],
    /// The memo: values stored for later use.
    memo: HashMap<u32, Option<&'a [u8]>>,
}

impl<'a> Strings<'a> {
    fn push(&mut self, value: Option<&'a [u8]>) {
        self.newest = [self.newest[1], value];
    }

    fn store(&mut self, number: u32) {
        self.memo.insert(number, self.newest[1]);
    }

    fn load(&mut self, number: u32) {
        self.push(self.memo.get(&number).copied().flatten());
    }

    fn newest(&self) -> Result<[&'a [u8]; 2], Refusal> {
        match self.newest {
            [Some(module), Some(name)] => Ok([module, name]),
            _ => Err(Refusal::Calls("a function whose name it hides".to_owned())),
        }
    }
}

fn allow(module: &[u8], name: &[u8]) -> Result<(), Refusal> {
    let known = |&(m, n): &(&str, &str)| m.as_bytes() == module && n.as_bytes() == name;
    if ALLOWED.iter().any(known) {
        Ok(())
    } else {
        Err(Refusal::Calls(escaped(module, name)))
    }
}

/// A function's name, escaped for an error line.
fn escaped(module: &[u8], name: &[u8]) -> String {
    let plain = |text: &[u8]| {
        let text = String::from_utf8_lossy(&text[..text.len().min(MAX_NAME)]);
        text.escape_debug().to_string()
    };
    format!("{}.{}", plain(module), plain(name))
}

fn take<'a>(bytes: &mut &'a [u8], count: usize) -> Result<&'a [u8], Refusal> {
    let (taken, rest) = bytes.split_at_checked(count).ok_or_else(truncated)?;
    *bytes = rest;
    Ok(taken)
}

/// A little-endian number of `width` bytes, at most four.
fn number(bytes: &mut &[u8], width: usize) -> Result<u32, Refusal> {
    let mut number = [0; 4];
    number[..width].copy_from_slice(take(bytes, width)?);
    Ok(u32::from_le_bytes(number))
}

/// The bytes after a length of `width` bytes.
fn sized<'a>(bytes: &mut &'a [u8], width: usize) -> Result<&'a [u8], Refusal> {
    let count = number(bytes, width)?;
    take(bytes, count as usize)
}

/// The bytes up to the end of a line.
fn line<'a>(bytes: &mut &'a [u8]) -> Result<&'a [u8], Refusal> {
    let end = bytes
        .iter()
        .position(|&byte| byte == b'\n')
        .ok_or_else(truncated)?;
    let line = take(bytes, end)?;
    take(bytes, 1)?;
    Ok(line)
}

fn truncated() -> Refusal {
    Refusal::Unreadable("its pickle is truncated".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(mut pickle: &[u8]) -> Refusal {
        scan(&mut pickle).unwrap_err()
    }

    fn calls(name: &str) -> Refusal {
        Refusal::Calls(name.to_owned())
    }

    #[test]
    fn a_state_dict_passes_and_ends_at_its_stop_instruction() {
        let mut pickle: &[u8] =
            b"\x80\x02ccollections\nOrderedDict\nq\x00)Rq\x01X\x01\0\0\0aK\x01s.rest";
        assert_eq!(scan(&mut pickle), Ok(()));
        assert_eq!(pickle, b"rest");
    }

    #[test]
    fn a_forbidden_function_is_reported_however_it_is_named() {
        assert_eq!(
            refusal(b"cposix\nsystem\n(X\x02\0\0\0lstR."),
            calls("posix.system")
        );
        assert_eq!(refusal(b"(X\x02\0\0\0lsios\nsystem\n."), calls("os.system"));
        let stack: &[u8] = b"\x80\x04\x8c\x05posix\x94\x8c\x06system\x94\x93.";
        assert_eq!(refusal(stack), calls("posix.system"));
        assert_eq!(
            refusal(b"\x8c\x05posixN\x8c\x06system\x93."),
            calls("a function whose name it hides")
        );
        let kept: &[u8] = b"\x8c\x05posix\x94N\x8c\x06system\x94h\0h\x01\x93.";
        assert_eq!(refusal(kept), calls("posix.system"));
        assert_eq!(
            refusal(b"ctorch\nFloatStorage.x\n."),
            calls("torch.FloatStorage.x")
        );
        assert_eq!(refusal(b"ca\x1b[2J\nb\n."), calls("a\\u{1b}[2J.b"));
    }

    #[test]
    fn other_instructions_and_truncated_pickles_are_refused() {
        for pickle in [
            &b"\x82\x01."[..],
            b"o.",
            b"\x81.",
            b"Pabc\n.",
            b"0.",
            b"\x97.",
        ] {
            assert!(
                matches!(refusal(pickle), Refusal::Unreadable(_)),
                "{pickle:?}"
            );
        }
        for pickle in [
            &b""[..],
            b"(",
            b"X\xff\xff\xff\xffa",
            b"cos",
            b"cos\nsys",
            b"J\0\0",
        ] {
            assert_eq!(refusal(pickle), truncated(), "{pickle:?}");
        }
    }
}
