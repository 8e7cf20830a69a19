//! Random weights of Inception, in place of the published ones.

use std::fs;
use std::io::Write;
use std::path::Path;

/// A tensor of Inception, by its name and shape.
pub struct Tensor {
    pub name: String,
    pub shape: Vec<usize>,
}

/// The names and shapes of Inception's tensors, with this many classes.
pub fn tensors(classes: usize) -> Vec<Tensor> {
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
pub fn write_weights(path: &Path, tensors: &[Tensor]) {
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
    let mut file = fs::File::create(path).unwrap();
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

/// Writes what torch.save writes of a state dict, with weights in 16 bits.
pub fn write_pytorch_file(path: &Path, tensors: &[Tensor]) {
    write_weights(path, tensors);
    let source = fs::read(path).unwrap();
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
    let file = fs::File::create(path).unwrap();
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
