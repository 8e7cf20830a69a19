//! Generators that draw the same picture from every seed.

use crate::support::{Place, assert_names, sealed};

/// A weight file with the values of some tensors changed, and a correct checksum.
fn with_values(
    bytes: &[u8],
    is_changed: impl Fn(&str) -> bool,
    change: impl Fn(f32) -> f32,
) -> Vec<u8> {
    let length = u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
    let json: serde_json::Value = serde_json::from_slice(&bytes[8..8 + length]).unwrap();
    let mut changed = bytes.to_vec();
    for (name, tensor) in json.as_object().unwrap() {
        if tensor["dtype"] != "F32" || !is_changed(name) {
            continue;
        }
        let offset = |end: usize| tensor["data_offsets"][end].as_u64().unwrap() as usize;
        let values = &mut changed[8 + length..][offset(0)..offset(1)];
        for value in values.as_chunks_mut::<4>().0 {
            *value = change(f32::from_le_bytes(*value)).to_le_bytes();
        }
    }
    sealed(&changed)
}

/// The weights of a generator of constant pictures, whose last layer has these weights.
fn constant(generator: &[u8], last: f32) -> Vec<u8> {
    let set = |bytes: &[u8], name: &str, value| with_values(bytes, |it| it == name, |_| value);
    let bytes = set(generator, "gen.3.1.weight", 0.0);
    let bytes = set(&bytes, "gen.3.1.bias", 1.0);
    set(&bytes, "gen.4.0.weight", last)
}

#[test]
fn weights_that_no_training_gives_are_refused_if_they_draw_no_pictures() {
    let place = Place::with_run();
    let generator = place.bytes("run/generator.safetensors");
    let scaled = |factor: f32| {
        let is_weight = |name: &str| name.ends_with(".weight");
        with_values(&generator, is_weight, |value| factor * value)
    };
    let huge = "bad.safetensors has weights of up to";
    let files = [
        (constant(&generator, -3e38), [huge, "a black picture"]),
        (constant(&generator, -1e30), [huge, "a black picture"]),
        (constant(&generator, 1e7), [huge, "a white picture"]),
        (scaled(2e3), [huge, "0 or 255"]),
        (
            scaled(1e6),
            ["bad.safetensors has weights", "NaN or infinite"],
        ),
    ];
    for (bytes, named) in files {
        place.write("bad.safetensors", bytes);
        for command in [
            "sample bad.safetensors -n 2 --out drawn",
            "sample bad.safetensors -n 2 --grid drawn.png",
            "interpolate bad.safetensors --seeds 1,2 --steps 2 -o drawn.png",
            "evaluate bad.safetensors --data faces",
        ] {
            assert_names(&place.fails(command), &named);
        }
    }
}

#[test]
fn a_collapsed_generator_draws_with_a_note() {
    let place = Place::with_run();
    let generator = place.bytes("run/generator.safetensors");
    let is_first = |name: &str| name == "gen.0.0.weight";
    let blind = with_values(&generator, is_first, |_| 0.0);
    let files = [
        (blind, "the same picture:"),
        (
            constant(&generator, 0.0),
            "the same picture, of one colour:",
        ),
        (constant(&generator, -40.0), "a black picture:"),
        (constant(&generator, 40.0), "a white picture:"),
    ];
    for (bytes, seen) in files {
        place.write("collapsed.safetensors", bytes);
        for command in [
            "sample collapsed.safetensors -n 2 --grid drawn.png",
            "interpolate collapsed.safetensors --seeds 1,2 --steps 2 -o walk.png",
        ] {
            let answer = place.run(command).succeeded();
            let notes: Vec<&str> = answer.stderr.lines().filter(is_not_early).collect();
            assert_eq!(notes.len(), 1, "{seen} {notes:?}");
            assert_names(notes[0], &["note: every seed gives ", seen, "collapsed"]);
        }
    }
    let answer = place.run("sample run -n 2 --grid drawn.png").succeeded();
    assert_eq!(answer.stderr.lines().filter(is_not_early).count(), 0);
}

/// Not the note that a run has made few steps.
fn is_not_early(line: &&str) -> bool {
    !line.ends_with("results mean little yet")
}
