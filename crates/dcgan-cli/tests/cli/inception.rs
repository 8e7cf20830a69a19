//! Figures on the features of Inception, with random weights in place of the published ones.

use std::fs;
use std::io::Write;

use dcgan_evaluate::{Features, Statistics};

use crate::support::{Place, assert_names};

/// A tensor of Inception, by its name and shape.
struct Tensor {
    name: String,
    shape: Vec<usize>,
}

/// The names and shapes of Inception's tensors, with this many classes.
fn tensors(classes: usize) -> Vec<Tensor> {
    let shapes = dcgan_evaluate::inception::Inception::shapes();
    let shapes = shapes.into_iter().map(|(name, mut shape)| {
        if name.starts_with("fc.") {
            shape[0] = classes;
        }
        Tensor { name, shape }
    });
    shapes.collect()
}

/// Writes small random weights in 16 bits as safetensors.
fn write_weights(place: &Place, name: &str, tensors: &[Tensor]) {
    let mut header = String::from("{");
    let mut offset = 0;
    let mut data = Vec::new();
    let mut state = 1_u32;
    for Tensor { name, shape } in tensors {
        let count: usize = shape.iter().product();
        let end = offset + 2 * count;
        if header.len() > 1 {
            header.push(',');
        }
        header += &format!(
            "\"{name}\":{{\"dtype\":\"F16\",\"shape\":{shape:?},\"data_offsets\":[{offset},{end}]}}"
        );
        offset = end;
        let fan_in = shape.iter().skip(1).product::<usize>().max(1);
        for _ in 0..count {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let noise = state as f32 / u32::MAX as f32 - 0.5;
            let value = if name.ends_with("bn.weight") || name.ends_with("running_var") {
                1.0
            } else {
                noise * (20.0 / fan_in as f32).sqrt()
            };
            data.extend_from_slice(&half(value).to_le_bytes());
        }
    }
    header.push('}');
    let mut file = fs::File::create(place.path(name)).unwrap();
    file.write_all(&(header.len() as u64).to_le_bytes())
        .unwrap();
    file.write_all(header.as_bytes()).unwrap();
    file.write_all(&data).unwrap();
}

/// A number in 16 bits, cut off.
fn half(value: f32) -> u16 {
    let bits = value.to_bits();
    let exponent = (bits >> 23 & 0xff) as i32 - 127 + 15;
    let sign = (bits >> 16 & 0x8000) as u16;
    if exponent <= 0 {
        return sign;
    }
    sign | (exponent as u16) << 10 | (bits >> 13 & 0x3ff) as u16
}

#[test]
fn figures_on_features_name_the_weights_and_what_they_depend_on() {
    let place = Place::with_run();
    write_weights(&place, "inception.safetensors", &tensors(1008));
    let command = "evaluate run --data faces -n 10 --inception inception.safetensors";
    let answer = place.run(command).succeeded();
    let words = [
        "sha256",
        "not the published weights",
        "as pytorch-fid",
        "KID",
        "IS",
        "precision",
        "recall",
        "density",
        "coverage",
        "in features",
        "SWD",
    ];
    assert_names(&answer.stdout, &words);
    // too few pictures for a FID, which nobody asked for by name
    assert_names(&answer.stderr, &["left out: FID needs at least 2048"]);
    let line = place.fails(&format!("{command} --metrics fid"));
    assert_names(&line, &["FID", "2048", "10"]);

    // the features of the real pictures come from the cache the second time
    let cached = |place: &Place| {
        let files = place.cached();
        files
            .iter()
            .filter(|path| path.to_string_lossy().contains("features-"))
            .count()
    };
    assert_eq!(cached(&place), 1);
    let json = place.run(&format!("{command} --json")).succeeded().stdout;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["inception"]["is_published"], false);
    assert_eq!(json["inception"]["sha256"].as_str().unwrap().len(), 64);
    assert!(json["kid"]["mean"].as_f64().unwrap().is_finite());
    for share in ["precision", "recall", "coverage"] {
        assert!(
            (0.0..=1.0).contains(&json[share].as_f64().unwrap()),
            "{share}"
        );
    }
    assert_eq!(cached(&place), 1);
    let clean = place
        .run(&format!("{command} --metrics kid --resize clean"))
        .succeeded();
    assert_names(&clean.stdout, &["as clean-fid", "KID"]);
    assert_eq!(cached(&place), 2);

    // a place in the cache needs no flag
    let kept = place.cached()[0]
        .parent()
        .unwrap()
        .join("inception-2015-12-05.safetensors");
    fs::rename(place.path("inception.safetensors"), kept).unwrap();
    let found = place.run("evaluate run --metrics kid -n 10").succeeded();
    assert_names(&found.stdout, &["inception-2015-12-05.safetensors", "KID"]);
}

#[test]
fn without_weights_figures_on_features_say_where_to_get_them() {
    let place = Place::with_run();
    for metric in ["fid", "kid", "is", "precision"] {
        let line = place.fails(&format!("evaluate run --data faces --metrics {metric}"));
        let words = [
            metric,
            "https://github.com/mseitzer/pytorch-fid",
            "--inception",
            "pt_inception-2015-12-05-6726825d.pth",
        ];
        assert_names(&line, &words);
    }
}

#[test]
fn files_that_are_not_the_inception_of_2015_are_refused_with_the_reason() {
    let place = Place::with_run();
    let all = tensors(1008);
    write_weights(&place, "part.safetensors", &all[..40]);
    write_weights(&place, "imagenet.safetensors", &tensors(1000));
    fs::write(place.path("text.pth"), "not weights").unwrap();
    let run = "evaluate run --data faces -n 10 --metrics kid --no-cache --inception";
    for (file, words) in [
        (
            "part.safetensors",
            &["part.safetensors", "missing", "Mixed_"][..],
        ),
        ("imagenet.safetensors", &["1000 classes", "--any-inception"]),
        ("text.pth", &["text.pth", "PyTorch"]),
        ("run/generator.safetensors", &["missing"]),
        ("none.pth", &["none.pth"]),
        ("faces", &["faces"]),
    ] {
        assert_names(&place.fails(&format!("{run} {file}")), words);
    }
    let any = place.run(&format!("{run} imagenet.safetensors --any-inception"));
    assert_names(&any.succeeded().stdout, &["not the published", "KID"]);
}

#[test]
fn statistics_that_cannot_be_used_are_refused_before_anything_is_drawn() {
    let place = Place::with_run();
    write_weights(&place, "inception.safetensors", &tensors(1008));
    let statistics = |name: &str, width: usize| {
        let values = (0..3 * width).map(|place| (place * place % 7) as f32);
        let features = Features::new(values.collect(), width).unwrap();
        let statistics = Statistics::of(&features).unwrap();
        statistics.write(&place.path(name)).unwrap();
    };
    statistics("narrow.npz", 64);
    statistics("fits.npz", 2048);
    fs::write(place.path("bad.npz"), "no statistics").unwrap();
    let run = "evaluate run --no-cache --inception inception.safetensors";
    for (arguments, words) in [
        ("--stats bad.npz", &["bad.npz", "no statistics"][..]),
        ("--stats narrow.npz", &["64 features", "2048"]),
        ("--stats fits.npz --metrics kid", &["--stats", "fid"]),
        ("--stats fits.npz --metrics fid,kid", &["kid", "--data"]),
        // statistics say nothing about how many pictures they are of
        (
            "--stats fits.npz --metrics fid -n 10",
            &["FID", "2048", "10 generated"],
        ),
        (
            "--data faces --stats new.npz --metrics fid -n 10",
            &["FID", "2048", "10 real"],
        ),
    ] {
        assert_names(&place.fails(&format!("{run} {arguments}")), words);
    }
    let line = place.fails("evaluate faces --stats new.npz --metrics fid");
    assert_names(&line, &["fid", "--inception"]);
    // the Inception score needs no real pictures at all
    let alone = place
        .run(&format!("{run} --stats fits.npz -n 10"))
        .succeeded();
    assert_names(&alone.stdout, &["IS"]);
    assert!(!alone.stdout.contains("KID"), "{}", alone.stdout);
    let nothing = place.run(&format!("{run} --stats fits.npz -n 4"));
    assert_eq!(nothing.code, Some(1));
    assert_names(&nothing.stderr, &["nothing could be measured", "-n"]);
}

#[test]
fn a_file_of_pytorch_is_converted_to_safetensors_with_its_hash() {
    let place = Place::with_run();
    write_pytorch_file(&place, "inception.pth", &tensors(1008));
    let answer = place
        .run("import inception.pth -o inception.safetensors")
        .succeeded();
    assert_names(
        &answer.stdout,
        &[
            "Inception, sha256",
            "not the published weights",
            "dcgan evaluate",
        ],
    );
    let figures = |file: &str| {
        let command =
            format!("evaluate run --data faces -n 10 --metrics kid --json --inception {file}");
        let json = place.run(&command).succeeded().stdout;
        serde_json::from_str::<serde_json::Value>(&json).unwrap()
    };
    let (one, other) = (figures("inception.pth"), figures("inception.safetensors"));
    assert_eq!(one["kid"], other["kid"]);
    assert_eq!(
        one["inception"]["sha256"],
        other["inception"]["source_sha256"]
    );
    // it is no GAN, which the flags of import are about
    let line = place.fails("import inception.pth --preset small -o small.safetensors");
    assert_names(&line, &["Inception"]);
    place.fails("import inception.pth -o inception.safetensors");
}

/// Writes what torch.save writes of a state dict, with weights in 16 bits.
fn write_pytorch_file(place: &Place, name: &str, tensors: &[Tensor]) {
    write_weights(place, "source", tensors);
    let source = fs::read(place.path("source")).unwrap();
    fs::remove_file(place.path("source")).unwrap();
    let length = u64::from_le_bytes(source[..8].try_into().unwrap()) as usize;
    let mut data = &source[8 + length..];

    let text = |pickle: &mut Vec<u8>, text: &str| {
        pickle.push(b'X');
        pickle.extend((text.len() as u32).to_le_bytes());
        pickle.extend(text.as_bytes());
    };
    let number = |pickle: &mut Vec<u8>, number: usize| {
        pickle.push(b'J');
        pickle.extend((number as u32).to_le_bytes());
    };
    let numbers = |pickle: &mut Vec<u8>, numbers: &[usize]| {
        pickle.push(b'(');
        numbers.iter().for_each(|&one| number(pickle, one));
        pickle.push(b't');
    };
    let dictionary = b"ccollections\nOrderedDict\n)R";
    let mut pickle = b"\x80\x02".to_vec();
    pickle.extend(dictionary);
    pickle.push(b'(');
    let file = fs::File::create(place.path(name)).unwrap();
    let mut zip = zip::ZipWriter::new(file);
    let stored =
        zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for (place, Tensor { name, shape }) in tensors.iter().enumerate() {
        let count: usize = shape.iter().product();
        text(&mut pickle, name);
        pickle.extend(b"ctorch._utils\n_rebuild_tensor_v2\n((");
        text(&mut pickle, "storage");
        pickle.extend(b"ctorch\nHalfStorage\n");
        text(&mut pickle, &place.to_string());
        text(&mut pickle, "cpu");
        number(&mut pickle, count);
        pickle.extend(b"tQ");
        number(&mut pickle, 0);
        numbers(&mut pickle, shape);
        let strides = (1..=shape.len()).map(|axis| shape[axis..].iter().product());
        numbers(&mut pickle, &strides.collect::<Vec<usize>>());
        pickle.push(0x89); // needs no gradient
        pickle.extend(dictionary);
        pickle.extend(b"tR");
        let (own, rest) = data.split_at(2 * count);
        zip.start_file(format!("archive/data/{place}"), stored)
            .unwrap();
        zip.write_all(own).unwrap();
        data = rest;
    }
    pickle.extend(b"u.");
    for (name, bytes) in [
        ("archive/data.pkl", &pickle[..]),
        ("archive/version", b"3\n"),
    ] {
        zip.start_file(name, stored).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap();
}
