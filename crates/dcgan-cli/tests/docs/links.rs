//! Links from page to page.

use std::path::{Path, PathBuf};

use crate::markdown::Page;

/// The relative links of a page that lead to no file, or to no heading in it.
pub fn broken(page: &Page) -> Vec<String> {
    let mut broken = Vec::new();
    for link in relative(page) {
        let (file, anchor) = link.split_once('#').unwrap_or((&link, ""));
        let path = resolve(page, file);
        if !path.exists() {
            broken.push(format!("{}: there is no {link}", page.name));
        } else if !anchor.is_empty() && !anchors(&path).contains(&anchor.to_owned()) {
            broken.push(format!(
                "{}: no heading makes the anchor of {link}",
                page.name
            ));
        }
    }
    broken
}

/// The files that a page links to.
pub fn targets(page: &Page) -> Vec<PathBuf> {
    let links = relative(page).into_iter();
    links
        .map(|link| resolve(page, link.split('#').next().unwrap_or_default()))
        .filter_map(|path| path.canonicalize().ok())
        .collect()
}

/// Rust files that a page names in backticks and that do not exist.
pub fn missing_sources(page: &Page, sources: &[String]) -> Vec<String> {
    let prose = page.prose();
    let names = prose.split('`').skip(1).step_by(2);
    names
        .filter(|name| name.ends_with(".rs") && !name.contains([' ', '*']))
        .flat_map(expanded)
        .filter(|name| {
            let ending = format!("/{name}");
            let mut sources = sources.iter().map(|source| format!("/{source}"));
            !sources.any(|source| source.ends_with(&ending))
        })
        .map(|name| format!("{}: there is no {name}", page.name))
        .collect()
}

/// The names that `a/{b,c}.rs` stands for.
fn expanded(name: &str) -> Vec<String> {
    let parts = name.split_once('{').zip(name.split_once('}'));
    let Some(((start, _), (list, end))) = parts else {
        return vec![name.to_owned()];
    };
    let list = &list[start.len() + 1..];
    let choices = list.split(',');
    choices
        .map(|choice| format!("{start}{choice}{end}"))
        .collect()
}

fn relative(page: &Page) -> Vec<String> {
    let prose = page.prose();
    let links = prose.match_indices("](").map(|(at, mark)| {
        let rest = &prose[at + mark.len()..];
        rest[..rest.find(')').expect("the end of a link")].to_owned()
    });
    links.filter(|link| !link.contains("://")).collect()
}

fn resolve(page: &Page, file: &str) -> PathBuf {
    if file.is_empty() {
        return page.path.clone();
    }
    page.path.parent().expect("a folder").join(file)
}

/// The anchors that GitHub gives the headings of a page.
fn anchors(path: &Path) -> Vec<String> {
    let page = Page {
        name: path.display().to_string(),
        path: path.to_owned(),
        text: std::fs::read_to_string(path).expect("a page"),
    };
    let prose = page.prose();
    let headings = prose.lines().filter(|line| line.starts_with('#'));
    headings
        .map(|heading| {
            let words = heading.trim_start_matches('#').trim().to_lowercase();
            let kept = words
                .chars()
                .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
            kept.map(|c| if c == ' ' { '-' } else { c }).collect()
        })
        .collect()
}
