//! SVHN's `.mat` files, written by the tests.

use std::io::Write;

use dcgan_data::{DataError, Format, Split};
use flate2::write::ZlibEncoder;

use super::sources::{class_names, load_as, load_split};
use super::support::*;

/// Types of elements in MATLAB files.
const I8: u32 = 1;
const U8: u32 = 2;
const I32: u32 = 5;
const U32: u32 = 6;
const F64: u32 = 9;
const MATRIX: u32 = 14;
const COMPRESSED: u32 = 15;

/// Classes of arrays.
const DOUBLE_CLASS: u32 = 6;
const U8_CLASS: u32 = 9;
const CHAR_CLASS: u32 = 4;

/// An element with its tag, padded to a multiple of 8 bytes.
fn element(kind: u32, bytes: &[u8]) -> Vec<u8> {
    let mut element = [kind.to_le_bytes(), (bytes.len() as u32).to_le_bytes()].concat();
    element.extend(bytes);
    element.resize(element.len().next_multiple_of(8), 0);
    element
}

/// An element of at most four bytes, which are in its tag.
fn small_element(kind: u32, bytes: &[u8]) -> Vec<u8> {
    let tag = kind | (bytes.len() as u32) << 16;
    let mut element = tag.to_le_bytes().to_vec();
    element.extend(bytes);
    element.resize(8, 0);
    element
}

struct Array<'a> {
    name: &'a str,
    class: u32,
    shape: &'a [i32],
    kind: u32,
    values: &'a [u8],
}

impl Array<'_> {
    fn element(&self) -> Vec<u8> {
        let shape: Vec<u8> = self
            .shape
            .iter()
            .flat_map(|side| side.to_le_bytes())
            .collect();
        let part = |kind, bytes: &[u8]| match bytes.len() {
            1..=4 => small_element(kind, bytes),
            _ => element(kind, bytes),
        };
        let flags = [self.class.to_le_bytes(), [0; 4]].concat();
        let parts = [
            element(U32, &flags),
            part(I32, &shape),
            part(I8, self.name.as_bytes()),
            part(self.kind, self.values),
        ];
        element(MATRIX, &parts.concat())
    }

    fn compressed(&self) -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(&self.element()).unwrap();
        let bytes = encoder.finish().unwrap();
        // Unlike others, compressed elements are not padded.
        let mut element = [COMPRESSED.to_le_bytes(), (bytes.len() as u32).to_le_bytes()].concat();
        element.extend(bytes);
        element
    }
}

fn header(text: &str) -> Vec<u8> {
    let mut header = format!("{text:<116}").into_bytes();
    header.extend([0; 8]);
    header.extend([0, 1, b'I', b'M']);
    header
}

fn mat(elements: &[Vec<u8>]) -> Vec<u8> {
    [
        header("MATLAB 5.0 MAT-file, Platform: GLNXA64"),
        elements.concat(),
    ]
    .concat()
}

/// Pictures of `side` pixels, with labels as bytes.
fn digits(side: usize, values: &[u8], labels: &[u8]) -> Vec<u8> {
    mat(&[
        pictures(side, labels.len(), values).compressed(),
        Array {
            name: "y",
            class: U8_CLASS,
            shape: &[labels.len() as i32, 1],
            kind: U8,
            values: labels,
        }
        .compressed(),
    ])
}

fn shape(side: usize, count: usize) -> &'static [i32] {
    let side = side as i32;
    Box::leak(Box::new([side, side, 3, count as i32]))
}

fn pictures(side: usize, count: usize, values: &[u8]) -> Array<'_> {
    Array {
        name: "X",
        class: U8_CLASS,
        shape: shape(side, count),
        kind: U8,
        values,
    }
}

/// A valid file.
pub fn good_file() -> Vec<u8> {
    digits(8, &[7; 2 * 192], &[10, 3])
}

/// A different byte for each place in a picture.
fn byte(number: usize, row: usize, column: usize, channel: usize) -> u8 {
    (number * 100 + row * 11 + column * 3 + channel) as u8
}

/// All bytes in a file's order, rows fastest, then columns, channels and pictures.
fn in_columns(count: usize) -> Vec<u8> {
    let mut values = Vec::new();
    for number in 0..count {
        for channel in 0..3 {
            for column in 0..8 {
                values.extend((0..8).map(|row| byte(number, row, column, channel)));
            }
        }
    }
    values
}

#[test]
fn digits_are_upright_and_label_10_is_the_digit_0() {
    let data = folder(&[("train_32x32.mat", &digits(8, &in_columns(3), &[1, 10, 9]))]);
    for path in [data.path().to_owned(), data.path().join("train_32x32.mat")] {
        let dataset = load(&path).unwrap();
        assert_eq!(dataset.format(), Some(Format::Svhn));
        assert_eq!(class_names(&dataset), ["1", "0", "9"]);
        assert_eq!(dataset.labels().unwrap().classes().len(), 10);
        for number in 0..3 {
            let mut expected = Vec::new();
            for row in 0..8 {
                for column in 0..8 {
                    expected.extend((0..3).map(|channel| byte(number, row, column, channel)));
                }
            }
            assert_eq!(plain(&dataset, number), expected);
        }
    }
}

#[test]
fn files_are_splits_and_the_extra_digits_belong_to_all_only() {
    let files = [
        ("train_32x32.mat", digits(8, &[1; 2 * 192], &[1, 2])),
        ("test_32x32.mat", digits(8, &[2; 192], &[3])),
        ("extra_32x32.mat", digits(8, &[3; 3 * 192], &[4, 5, 6])),
    ];
    let files = files.each_ref().map(|(name, bytes)| (*name, &bytes[..]));
    let data = folder(&files);
    assert_eq!(load(data.path()).unwrap().len(), 2);
    assert_eq!(load_split(data.path(), Split::Test).unwrap().len(), 1);
    assert_eq!(load_split(data.path(), Split::All).unwrap().len(), 6);
    let extra = data.path().join("extra_32x32.mat");
    assert_eq!(load(&extra).unwrap().len(), 3);
    let error = load_split(data.path(), Split::Valid).unwrap_err();
    assert!(matches!(error, DataError::NoSplit { .. }), "{error}");
}

#[test]
fn arrays_may_be_uncompressed_and_in_any_order_and_labels_may_be_doubles() {
    let doubles: Vec<u8> = [10.0_f64, 4.0]
        .iter()
        .flat_map(|label| label.to_le_bytes())
        .collect();
    let labels = |kind, values| Array {
        name: "y",
        class: DOUBLE_CLASS,
        shape: &[2, 1],
        kind,
        values,
    };
    let other = Array {
        name: "note",
        class: CHAR_CLASS,
        shape: &[1, 2],
        kind: U8,
        values: b"hi",
    };
    let values = in_columns(2);
    // MATLAB stores whole doubles in as few bytes as hold them
    for labels in [labels(F64, &doubles), labels(U8, &[10, 4])] {
        let file = mat(&[
            labels.element(),
            other.compressed(),
            other.element(),
            pictures(8, 2, &values).element(),
        ]);
        let data = folder(&[("digits.mat", &file)]);
        let dataset = load(&data.path().join("digits.mat")).unwrap();
        assert_eq!(class_names(&dataset), ["0", "4"]);
        assert_eq!(
            plain(&dataset, 1)[..3],
            [0, 1, 2].map(|channel| byte(1, 0, 0, channel))
        );
    }
}

#[test]
fn other_matlab_files_are_refused_with_the_arrays_they_hold() {
    let reason = |bytes: &[u8]| {
        let data = folder(&[("a.mat", bytes)]);
        let path = data.path().join("a.mat");
        load_as(&path, None, None).unwrap_err().to_string()
    };
    let other = Array {
        name: "weights",
        class: DOUBLE_CLASS,
        shape: &[2, 1],
        kind: U8,
        values: &[1, 2],
    };
    let message = reason(&mat(&[other.element()]));
    assert!(
        message.contains("no array X") && message.contains("weights [2, 1]"),
        "{message}"
    );
    let message = reason(&mat(&[pictures(8, 1, &[1; 192]).element()]));
    assert!(message.contains("no array y"), "{message}");
    let message = reason(&digits(8, &[1; 2 * 192], &[1, 11]));
    assert!(message.contains("y holds 11"), "{message}");
    let mut doubles = pictures(8, 1, &[0; 192 * 8]);
    doubles.kind = F64;
    let message = reason(&mat(&[doubles.element()]));
    assert!(message.contains("not [32, 32, 3, N] of uint8"), "{message}");
    let message = reason(&[header("MATLAB 7.3 MAT-file, Platform"), vec![0; 600]].concat());
    assert!(message.contains("7.3"), "{message}");
    let message = load_as(folder(&[]).path(), Some(Format::Svhn), None)
        .unwrap_err()
        .to_string();
    assert!(message.contains("train_32x32.mat"), "{message}");
}

#[test]
fn a_mat_file_truncated_anywhere_is_reported() {
    let whole = good_file();
    for length in (128..whole.len()).step_by(3) {
        let data = folder(&[("a.mat", &whole[..length])]);
        let message = failure(&data.path().join("a.mat"));
        assert!(
            message.contains("truncated or corrupt") || message.contains("no array"),
            "{length}: {message}"
        );
    }
}

#[test]
fn sizes_beyond_the_end_of_the_file_are_refused() {
    let promising = |shape: &[i32], values: &[u8], length: u32| {
        let array = Array {
            name: "X",
            class: U8_CLASS,
            shape,
            kind: U8,
            values,
        };
        let mut element = array.element();
        // the length of the values, whose tag lies before them
        let tag = element.len() - values.len().next_multiple_of(8) - 4;
        element[tag..tag + 4].copy_from_slice(&length.to_le_bytes());
        let mut encoder = ZlibEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(&element).unwrap();
        let packed = encoder.finish().unwrap();
        let mut file = mat(&[]);
        file.extend(COMPRESSED.to_le_bytes());
        file.extend((packed.len() as u32).to_le_bytes());
        file.extend(packed);
        let data = folder(&[("a.mat", &file)]);
        failure(&data.path().join("a.mat"))
    };
    let most = i32::MAX;
    for (shape, length) in [
        (&[32, 32, 3, 1_000_000][..], 3_072_000_000),
        (&[most, most, 3, most], u32::MAX),
        (&[32, 32, 3, -1], 8),
        (&[8, 8, 3, 2], 383),
    ] {
        let message = promising(shape, &[0; 8], length);
        assert!(
            message.contains("truncated or corrupt MATLAB file"),
            "{shape:?}: {message}"
        );
    }
}
