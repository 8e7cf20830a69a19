//! Files for other programs that cannot be written.

use dcgan_export::page::PageError;

pub fn page_hint(error: &PageError) -> Option<String> {
    let PageError::TooLarge {
        eight_bits_fit,
        presets,
        ..
    } = error
    else {
        return None;
    };
    let mut ways = Vec::new();
    if *eight_bits_fit {
        ways.push("--bits 8 makes it small enough".to_owned());
    }
    if !presets.is_empty() {
        let names: Vec<String> = presets.iter().map(ToString::to_string).collect();
        ways.push(format!(
            "pictures of this size fit with the networks of preset {}",
            names.join(", ")
        ));
    }
    if ways.is_empty() {
        ways.push("train with a smaller --ngf or --image-size".to_owned());
    }
    Some(ways.join("; "))
}
