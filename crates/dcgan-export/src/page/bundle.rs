//! One HTML file from the sources in `web/`: modules are joined, placeholders filled, and a policy
//! allows what is in the file and nothing else.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

/// The worker's modules, each after those that it imports.
const WORKER: [&str; 2] = [
    include_str!("web/network.js"),
    include_str!("web/worker.js"),
];

/// The page's modules, each after those that it imports.
const PAGE: [&str; 13] = [
    include_str!("web/random.js"),
    include_str!("web/latent.js"),
    include_str!("web/recipe.js"),
    include_str!("web/png.js"),
    include_str!("web/painter.js"),
    include_str!("web/gallery.js"),
    include_str!("web/element.js"),
    include_str!("web/faces.js"),
    include_str!("web/changes.js"),
    include_str!("web/kept.js"),
    include_str!("web/walk.js"),
    include_str!("web/arithmetic.js"),
    include_str!("web/link.js"),
];

const MAIN: &str = include_str!("web/main.js");
const STYLE: &str = include_str!("web/page.css");
const TEMPLATE: &str = include_str!("web/page.html");
const KERNEL: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/convolution.wasm"));

/// What a page shows and holds besides its sources.
pub struct Content {
    /// Plain text.
    pub title: String,
    /// A sentence or two under the title, plain text.
    pub lead: String,
    /// What the network is, plain text.
    pub facts: String,
    /// What the page's script knows of the model, as JSON.
    pub model: String,
    /// The bytes of the weights.
    pub weights: Vec<u8>,
}

/// The bytes of base64 for so many bytes.
pub fn base64_bytes(bytes: usize) -> usize {
    bytes.div_ceil(3) * 4
}

/// The whole page.
pub fn page(content: &Content) -> String {
    let script = joined(&PAGE) + &joined(&[MAIN]);
    let policy = format!(
        "default-src 'none'; script-src 'sha256-{}' 'wasm-unsafe-eval'; worker-src blob:; \
         style-src 'sha256-{}'; img-src data:; base-uri 'none'; form-action 'none'",
        STANDARD.encode(Sha256::digest(&script)),
        STANDARD.encode(Sha256::digest(STYLE)),
    );
    let [title, lead, facts] =
        [&content.title, &content.lead, &content.facts].map(|text| escaped(text));
    // a script's data ends at the first "</script"
    let model = content.model.replace('<', "\\u003c");
    let worker = joined(&WORKER);
    let (kernel, weights) = (STANDARD.encode(KERNEL), STANDARD.encode(&content.weights));
    let values = [
        ("policy", &*policy),
        ("version", env!("CARGO_PKG_VERSION")),
        ("title", &*title),
        ("lead", &*lead),
        ("facts", &*facts),
        ("style", STYLE),
        ("script", &*script),
        ("model", &*model),
        ("worker", &*worker),
        ("kernel", &*kernel),
        ("weights", &*weights),
    ];
    filled(TEMPLATE, &values)
}

/// Whether this program wrote a page, by its first bytes.
pub fn is_ours(head: &[u8]) -> bool {
    let mark = b"<meta name=\"generator\" content=\"dcgan ";
    head.starts_with(b"<!doctype html>") && head.windows(mark.len()).any(|bytes| bytes == mark)
}

/// Modules as one script: they share one scope, so what they import from each other is there.
fn joined(modules: &[&str]) -> String {
    let mut script = String::new();
    for line in modules.iter().flat_map(|module| module.lines()) {
        if line.starts_with("import ") {
            continue;
        }
        script.push_str(line.strip_prefix("export ").unwrap_or(line));
        script.push('\n');
    }
    script
}

/// The template with `{{name}}` replaced by values, in which no placeholder is looked for.
fn filled(template: &str, values: &[(&str, &str)]) -> String {
    let mut page = String::new();
    let mut pieces = template.split("{{");
    page.extend(pieces.next());
    for piece in pieces {
        let (name, rest) = piece.split_once("}}").expect("a placeholder ends");
        let value = values.iter().find(|(known, _)| *known == name);
        page.push_str(value.expect("a value for each placeholder").1);
        page.push_str(rest);
    }
    page
}

/// Plain text as HTML.
fn escaped(text: &str) -> String {
    let mut html = String::new();
    for letter in text.chars() {
        match letter {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            _ => html.push(letter),
        }
    }
    html
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;

    #[test]
    fn every_module_is_joined_after_those_that_it_imports() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/page/web");
        let source = |name: &str| fs::read_to_string(folder.join(name)).unwrap();
        let names = fs::read_dir(&folder).unwrap();
        let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        for name in names.filter(|name| name.ends_with(".js")) {
            let module = source(&name);
            let modules: Vec<&str> = if WORKER.contains(&&*module) {
                WORKER.to_vec()
            } else {
                PAGE.into_iter().chain([MAIN]).collect()
            };
            let place = |module: &str| modules.iter().position(|one| *one == module);
            for line in module.lines().filter(|line| line.starts_with("import ")) {
                let imported = line.split('"').nth(1).unwrap().trim_start_matches("./");
                assert!(place(&source(imported)) < place(&module), "{name}: {line}");
            }
            assert!(place(&module).is_some(), "{name} is in no script");
        }
    }

    #[test]
    fn names_cannot_end_an_element() {
        let hostile = "</script><script>alert(1)</script>{{weights}}\"&";
        let content = Content {
            title: hostile.to_owned(),
            lead: hostile.to_owned(),
            facts: hostile.to_owned(),
            model: format!("[{:?}]", "</script><!--<script>"),
            weights: vec![1, 2, 3],
        };
        let page = page(&content);
        assert_eq!(
            page.matches("<script").count(),
            TEMPLATE.matches("<script").count()
        );
        assert_eq!(
            page.matches("</script").count(),
            TEMPLATE.matches("</script").count()
        );
        assert!(page.contains("alert(1)&lt;/script&gt;{{weights}}&quot;&amp;"));
        assert!(is_ours(&page.as_bytes()[..4096]) && !is_ours(b"<!doctype html><p>dcgan"));
    }
}
