//! The discriminator's features as arrays.

use crate::support::{Place, assert_names, colourful, png};

/// The header of a .npy file and the bytes of its values.
fn array(place: &Place, name: &str) -> (String, Vec<u8>) {
    let bytes = place.bytes(name);
    assert_eq!(&bytes[..8], b"\x93NUMPY\x01\x00");
    let length = usize::from(u16::from_le_bytes([bytes[8], bytes[9]]));
    let header = String::from_utf8(bytes[10..10 + length].to_vec()).unwrap();
    (header, bytes[10 + length..].to_vec())
}

fn integers(bytes: &[u8]) -> Vec<i64> {
    let numbers = bytes.as_chunks::<8>().0.iter();
    numbers.map(|&bytes| i64::from_le_bytes(bytes)).collect()
}

#[test]
fn the_array_has_a_row_for_each_picture_and_labels_have_their_own_file() {
    let place = Place::with_run();
    for (folder, numbers) in [("cats", 0..5_u8), ("dogs", 5..70)] {
        for number in numbers {
            let name = format!("pets/{folder}/{number:02}.png");
            place.write(&name, png(&colourful(number).into()));
        }
    }
    let answer = place
        .run("features run pets -o features.npy --no-cache")
        .succeeded();
    // ndf 4: maps of 4, 8, 16 and 16, each pooled to 16 cells
    let width = 16 * (4 + 8 + 16 + 16);
    let reported = format!("{width} features of each of 70 pictures");
    assert_names(
        &answer.stdout,
        &[&reported, "features.labels.npy", "0 cats, 1 dogs"],
    );
    let (header, values) = array(&place, "features.npy");
    assert_names(&header, &["'<f4'", "False", &format!("(70, {width})")]);
    assert_eq!(values.len(), 70 * width * 4);
    let mut values = values
        .as_chunks::<4>()
        .0
        .iter()
        .map(|&bytes| f32::from_le_bytes(bytes));
    assert!(values.all(f32::is_finite));
    let (header, labels) = array(&place, "features.labels.npy");
    assert_names(&header, &["'<i8'", "(70,)"]);
    assert_eq!(integers(&labels), [vec![0; 5], vec![1; 65]].concat());
    place
        .run("features run/discriminator.safetensors pets -o again.npy --no-cache")
        .succeeded();
    place.assert_same("features.npy", "again.npy");
}

#[test]
fn labels_come_from_an_attribute_and_are_optional() {
    let place = Place::with_run();
    let answer = place
        .run("features run faces -o plain.npy --no-cache")
        .succeeded();
    assert!(!answer.stdout.contains("labels"), "{}", answer.stdout);
    assert!(!place.path("plain.labels.npy").exists());
    let answer = place.run("features run").succeeded();
    assert_names(&answer.stdout, &["in run/features.npy"]);
    place.assert_same("run/features.npy", "plain.npy");
    place
        .run("features run faces --attribute smiling -o faces.npy --no-cache")
        .succeeded();
    let (_, labels) = array(&place, "faces.labels.npy");
    let smiling = integers(&labels);
    assert_eq!(smiling.len(), 16);
    assert!(smiling.contains(&0) && smiling.contains(&1));
    place.assert_same("plain.npy", "faces.npy");
}

#[test]
fn unusable_arguments_of_features_are_refused_in_one_line() {
    let place = Place::with_run();
    for (command, named) in [
        ("features run none -o a.npy", "none"),
        ("features none faces -o a.npy", "none"),
        ("features run faces -o a.csv", "a.csv"),
        (
            "features run/generator.safetensors faces -o a.npy",
            "generator",
        ),
        (
            "features run faces --no-cache --attribute Smilling -o a.npy",
            "Smiling",
        ),
    ] {
        assert_names(&place.fails(command), &[named]);
    }
}
