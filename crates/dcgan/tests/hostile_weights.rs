//! Weight files with false claims under a correct checksum.

use std::fs;
use std::path::Path;

use dcgan::checkpoint::{DataSummary, FileHeader, FileKind, WeightFile, save_generator};
use dcgan::config::{ModelOptions, Preset};
use dcgan::model::Generator;
use serde_json::{Value, json};

/// A valid generator file: its header's JSON and its tensors' bytes.
fn valid_file() -> (Value, Vec<u8>) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("generator.safetensors");
    let model = ModelOptions::new(Preset::Pytorch)
        .with_image_size(32)
        .with_z_dim(2)
        .with_ngf(1)
        .with_ndf(1)
        .build()
        .unwrap();
    let device = dcgan::device::cpu();
    let generator = Generator::new(&model, 0, &device).unwrap();
    let data = DataSummary {
        source: "pictures".to_owned(),
        pictures: 9,
        fingerprint: "0".repeat(16),
    };
    let header = FileHeader {
        schema: FileHeader::SCHEMA,
        kind: FileKind::Generator,
        model,
        step: 1,
        retries: 0,
        refused: Vec::new(),
        data,
        run: None,
    };
    save_generator(&path, &generator, &header).unwrap();
    let bytes = fs::read(&path).unwrap();
    let header_end = 8 + u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
    (
        serde_json::from_slice(&bytes[8..header_end]).unwrap(),
        bytes[header_end..].to_vec(),
    )
}

/// A file of this header and these tensors, with a correct checksum.
fn with_checksum(head: &[u8], tensors: &[u8]) -> Vec<u8> {
    let mut file = [&(head.len() as u64).to_le_bytes()[..], head, tensors].concat();
    let key = br#"\"checksum\":\""#;
    let digits = file.windows(key.len()).position(|window| window == key);
    if let Some(digits) = digits.map(|place| place + key.len()) {
        file[digits..digits + 32].fill(b'0');
        let checksum = format!("{:032x}", xxhash_rust::xxh3::xxh3_128(&file));
        file[digits..digits + 32].copy_from_slice(checksum.as_bytes());
    }
    file
}

/// The error of a file when it is opened or its generator is read; `None` if it is accepted.
fn refusal(path: &Path, bytes: &[u8]) -> Option<String> {
    fs::write(path, bytes).unwrap();
    let device = dcgan::device::cpu();
    let read = WeightFile::open(path).and_then(|file| file.generator(&device));
    read.err().map(|error| error.to_string())
}

/// A header whose dcgan metadata is changed.
fn with_metadata(header: &Value, change: impl Fn(&str) -> String) -> Value {
    let mut header = header.clone();
    let own = change(header["__metadata__"]["dcgan"].as_str().unwrap());
    header["__metadata__"]["dcgan"] = json!(own);
    header
}

/// Headers that are valid JSON, each with one false claim.
fn false_headers(header: &Value) -> Vec<Value> {
    let name = "main.0.weight";
    let changed = |field: &str, value: Value| {
        let mut header = header.clone();
        header[name][field] = value;
        header
    };
    let mut headers = Vec::new();
    let huge = u64::MAX;
    for shape in [
        json!([huge]),
        json!([1_u64 << 32, 1_u64 << 32]),
        json!([huge, huge, huge]),
        json!([0]),
        json!([]),
        json!([-1]),
        json!([1.5]),
        json!("all"),
        json!([2, 4, 4, 4, 1]),
    ] {
        headers.push(changed("shape", shape));
    }
    for offsets in [
        json!([0, huge]),
        json!([huge, huge]),
        json!([8, 0]),
        json!([0, 1]),
        json!([-8, 8]),
        json!([1_u64 << 40, 1_u64 << 41]),
        json!([0]),
        json!(null),
    ] {
        headers.push(changed("data_offsets", offsets));
    }
    for dtype in ["F64", "F16", "I64", "U8", "BOOL", "F4", "nothing"] {
        headers.push(changed("dtype", json!(dtype)));
    }
    // overlapping tensors, a missing tensor, an unknown one
    let other = header["main.3.weight"]["data_offsets"].clone();
    headers.push(changed("data_offsets", other));
    let mut missing = header.clone();
    missing.as_object_mut().unwrap().remove(name);
    headers.push(missing);
    let mut renamed = header.clone();
    renamed["main.0.w\u{1b}[2J"] = renamed[name].take();
    renamed.as_object_mut().unwrap().remove(name);
    headers.push(renamed);
    // dcgan metadata: deeply nested, of the wrong type, with duplicate keys, missing
    headers.push(with_metadata(header, |_| "[".repeat(500_000)));
    headers.push(with_metadata(header, |own| {
        own.replacen(
            "\"step\":1",
            &format!("\"step\":{}1{}", "[".repeat(9999), "]".repeat(9999)),
            1,
        )
    }));
    headers.push(with_metadata(header, |own| {
        own.replacen("\"ngf\":1", "\"ngf\":1,\"ngf\":2", 1)
    }));
    headers.push(with_metadata(header, |own| {
        own.replacen(
            "\"kind\":\"generator\"",
            "\"kind\":\"generator\",\"kind\":\"checkpoint\"",
            1,
        )
    }));
    headers.push(with_metadata(header, |own| {
        own.replacen("\"ngf\":1", "\"ngf\":1e300", 1)
    }));
    headers.push(with_metadata(header, |own| {
        own.replacen("\"z_dim\":2", "\"z_dim\":65536", 1)
    }));
    headers.push(with_metadata(header, |_| String::new()));
    headers.push(with_metadata(header, |_| "null".to_owned()));
    let mut flat = header.clone();
    flat["__metadata__"] = json!({ "dcgan": { "schema": 2 } });
    headers.push(flat);
    headers
}

/// Headers that are not valid JSON, or not a safetensors header.
fn invalid_headers(header: &Value) -> Vec<Vec<u8>> {
    let text = header.to_string();
    let nested = |open: &str, close: &str| {
        [open.repeat(200_000), close.repeat(200_000)]
            .concat()
            .into_bytes()
    };
    let mut not_utf_8 = text.clone().into_bytes();
    let place = text.find("main.0").unwrap();
    not_utf_8[place] = 0xff;
    let one = &text[text.find("\"main.0.weight\"").unwrap()..];
    let one = &one[..one.find('}').unwrap() + 1];
    let elsewhere = one.replacen("F32", "F64", 1);
    vec![
        Vec::new(),
        b"{".to_vec(),
        b"null".to_vec(),
        nested("[", "]"),
        nested("{\"a\":", "}"),
        not_utf_8,
        text.replacen('{', &format!("{{{elsewhere},"), 1)
            .into_bytes(), // duplicate name
        format!("{text} {text}").into_bytes(),
        vec![b' '; 5 << 20],
    ]
}

#[test]
fn false_claims_are_refused_in_one_line() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("hostile.safetensors");
    let (header, tensors) = valid_file();
    assert_eq!(
        refusal(
            &path,
            &with_checksum(header.to_string().as_bytes(), &tensors)
        ),
        None
    );

    let mut files: Vec<_> = false_headers(&header)
        .iter()
        .map(|header| with_checksum(header.to_string().as_bytes(), &tensors))
        .collect();
    files.extend(
        invalid_headers(&header)
            .iter()
            .map(|head| with_checksum(head, &tensors)),
    );
    let head = header.to_string();
    files.push(with_checksum(
        head.as_bytes(),
        &tensors[..tensors.len() - 1],
    ));
    files.push(with_checksum(
        head.as_bytes(),
        &[&tensors[..], &[0; 4]].concat(),
    ));
    for length in [u64::MAX, 1 << 63, 1 << 40, 0] {
        let mut file = with_checksum(head.as_bytes(), &tensors);
        file[..8].copy_from_slice(&length.to_le_bytes());
        files.push(file);
    }
    for (number, file) in files.iter().enumerate() {
        let Some(line) = refusal(&path, file) else {
            panic!("file {number} is accepted");
        };
        assert!(
            line.contains("hostile.safetensors") && !line.contains(['\n', '\u{1b}']),
            "{line}"
        );
        assert!(line.len() < 600, "{line}");
    }
    println!("{} files with false claims refused", files.len());
}

#[test]
fn non_finite_weights_are_refused_in_every_tensor() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("hostile.safetensors");
    let (header, tensors) = valid_file();
    let names = header.as_object().unwrap().iter();
    let floats = names.filter(|(_, tensor)| tensor["dtype"] == "F32");
    let mut refused = 0;
    for (name, tensor) in floats {
        let end = tensor["data_offsets"][1].as_u64().unwrap() as usize;
        for value in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            let mut changed = tensors.clone();
            changed[end - 4..end].copy_from_slice(&value.to_le_bytes());
            let line = refusal(
                &path,
                &with_checksum(header.to_string().as_bytes(), &changed),
            )
            .unwrap();
            assert!(
                line.contains(name) && line.contains("NaN or infinite"),
                "{line}"
            );
            refused += 1;
        }
    }
    println!("{refused} files with non-finite values refused");
}
