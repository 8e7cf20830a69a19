//! Checkpoints and weight files that are truncated, foreign or forged.

use crate::support::{Place, assert_names, sealed};

const CHECKPOINT: &str = "run/checkpoints/step-000004.safetensors";

/// Changes a file's header without changing its length.
fn replace(bytes: &[u8], old: &str, new: &str) -> Vec<u8> {
    assert_eq!(old.len(), new.len());
    let place = bytes
        .windows(old.len())
        .position(|window| window == old.as_bytes())
        .unwrap_or_else(|| panic!("no {old} in the file"));
    let mut changed = bytes.to_vec();
    changed[place..place + new.len()].copy_from_slice(new.as_bytes());
    changed
}

/// A safetensors file with this JSON and no data.
fn safetensors(json: &str) -> Vec<u8> {
    let mut bytes = (json.len() as u64).to_le_bytes().to_vec();
    bytes.extend(json.as_bytes());
    bytes
}

/// Asserts that `info` and `sample` refuse the file `bad.safetensors`.
fn refused_everywhere(place: &Place, bytes: &[u8], words: &[&str]) {
    place.write("bad.safetensors", bytes);
    for command in [
        "info bad.safetensors",
        "sample bad.safetensors -n 1 --out drawn",
    ] {
        let line = place.fails(command);
        assert_names(&line, &["bad.safetensors"]);
        assert_names(&line, words);
    }
}

#[test]
fn a_truncated_file_is_refused_wherever_it_ends() {
    let place = Place::with_run();
    for file in [CHECKPOINT, "run/generator.safetensors"] {
        let whole = place.bytes(file);
        for length in [0, 7, 8, 300, whole.len() / 2, whole.len() - 1] {
            refused_everywhere(&place, &whole[..length], &["damaged"]);
        }
    }
}

#[test]
fn a_file_with_trailing_bytes_is_refused() {
    let place = Place::with_run();
    let mut longer = place.bytes("run/generator.safetensors");
    longer.extend([0; 16]);
    refused_everywhere(&place, &longer, &["damaged"]);
}

#[test]
fn a_file_of_an_unknown_schema_is_refused_with_both_numbers() {
    let place = Place::with_run();
    let other = replace(
        &place.bytes(CHECKPOINT),
        r#"\"schema\":2"#,
        r#"\"schema\":7"#,
    );
    refused_everywhere(&place, &other, &["schema 7", "schemas up to 2"]);
    let other = sealed(&other);
    place.write(CHECKPOINT, &other);
    place.write("run/checkpoints/step-000002.safetensors", &other);
    let line = place.fails("train --resume run --steps 6");
    assert_names(&line, &["step-000004.safetensors", "schema 7"]);
}

#[test]
fn a_safetensors_file_of_another_program_is_recognised() {
    let place = Place::with_run();
    refused_everywhere(&place, &safetensors("{}"), &["dcgan"]);
    let other = r#"{"__metadata__":{"format":"pt"}}"#;
    refused_everywhere(&place, &safetensors(other), &["dcgan"]);
}

#[test]
fn a_header_that_promises_too_much_allocates_no_memory() {
    let place = Place::with_run();
    let mut huge = u64::MAX.to_le_bytes().to_vec();
    huge.extend(b"{}");
    refused_everywhere(&place, &huge, &["damaged"]);
    let tensor = r#"{"a":{"dtype":"F32","shape":[9999999999,9999999999],"data_offsets":[0,4]}}"#;
    let mut bytes = safetensors(tensor);
    bytes.extend([0; 4]);
    refused_everywhere(&place, &bytes, &[]);
}

#[test]
fn tensors_that_do_not_match_the_configuration_are_refused() {
    let place = Place::with_run();
    let whole = place.bytes("run/generator.safetensors");
    for (old, new) in [
        (r#"\"ngf\":4"#, r#"\"ngf\":5"#),
        (r#"\"z_dim\":100"#, r#"\"z_dim\":101"#),
        (r#"\"channels\":3"#, r#"\"channels\":1"#),
        (r#"\"image_size\":64"#, r#"\"image_size\":65"#),
        ("\"gen.0.0.weight\"", "\"gem.0.0.weight\""),
        (r#"\"preset\":\"tutorial\""#, r#"\"preset\":\"tutoriaX\""#),
    ] {
        place.write("bad.safetensors", sealed(&replace(&whole, old, new)));
        let line = place.fails("sample bad.safetensors -n 1 --out drawn");
        assert_names(&line, &["bad.safetensors"]);
        assert!(!line.contains("checksum"), "{line}");
    }
}

#[test]
fn a_checkpoint_with_contradictory_configurations_cannot_be_resumed() {
    let place = Place::with_run();
    let whole = place.bytes(CHECKPOINT);
    let json = String::from_utf8_lossy(&whole).into_owned();
    let run = json.find(r#"\"run\""#).expect("the run's configuration");
    let changed = replace(&whole[run..], r#"\"z_dim\":100"#, r#"\"z_dim\":101"#);
    place.write(CHECKPOINT, sealed(&[&whole[..run], &changed].concat()));
    place.write(
        "run/checkpoints/step-000002.safetensors",
        place.bytes(CHECKPOINT),
    );
    let line = place.fails("train --resume run --steps 6 --threads 1");
    assert_names(
        &line,
        &["step-000004.safetensors", "two different configurations"],
    );
}

#[test]
fn a_weight_file_among_the_checkpoints_is_skipped() {
    let place = Place::with_run();
    let generator = place.bytes("run/generator.safetensors");
    place.write("run/checkpoints/step-000009.safetensors", generator);
    let answer = place
        .run("train --resume run --steps 5 --threads 1")
        .succeeded();
    assert_names(&answer.stderr, &["note: ", "step-000009.safetensors"]);
    assert_names(&answer.stdout, &["steps 5 to 5"]);
}

#[test]
fn a_negative_step_is_refused() {
    let place = Place::with_run();
    let mut bytes = place.bytes(CHECKPOINT);
    let json_length = u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
    let json: serde_json::Value = serde_json::from_slice(&bytes[8..8 + json_length]).unwrap();
    let offset = &json["adam.generator.steps"]["data_offsets"][0];
    let start = 8 + json_length + offset.as_u64().expect("an offset") as usize;
    bytes[start..start + 8].copy_from_slice(&(-1_i64).to_le_bytes());
    let bytes = sealed(&bytes);
    place.write(CHECKPOINT, &bytes);
    place.write("run/checkpoints/step-000002.safetensors", &bytes);
    let line = place.fails("train --resume run --steps 6 --threads 1");
    assert_names(&line, &["step-000004.safetensors", "adam.generator.steps"]);
}

#[test]
fn a_flipped_bit_is_detected_anywhere() {
    let place = Place::with_run();
    for (file, regions) in [(CHECKPOINT, 97), ("run/generator.safetensors", 23)] {
        let whole = place.bytes(file);
        // a bit of each region, including its first and its last byte
        for region in 0..=regions {
            let mut changed = whole.clone();
            changed[(whole.len() - 1) * region / regions] ^= 1 << (region % 8);
            place.write("bad.safetensors", changed);
            let line = place.run("info bad.safetensors").failed();
            assert_names(&line, &["bad.safetensors"]);
        }
    }
}
