//! Where the pictures of a command come from, for the metadata of the files that it writes.

use std::path::Path;
use std::sync::Mutex;

use dcgan_support::picture_mark::Origin;

/// The generator that draws, once it is loaded.
static GENERATOR: Mutex<Option<Origin>> = Mutex::new(None);

/// From here on, pictures are drawn by the generator at `path` of this training step; 0 if it was imported.
pub fn set(path: &Path, step: u64) {
    // the same for a run that was moved
    let name = path.file_name().unwrap_or(path.as_os_str());
    let origin = Origin {
        run: Some(name.to_string_lossy().into_owned()),
        step: (step > 0).then_some(step),
        seeds: None,
    };
    if let Ok(mut generator) = GENERATOR.lock() {
        *generator = Some(origin);
    }
}

/// The origin of pictures of these seeds.
pub fn of(seeds: Option<String>) -> Origin {
    let generator = GENERATOR
        .lock()
        .ok()
        .and_then(|generator| generator.clone());
    Origin {
        seeds,
        ..generator.unwrap_or_default()
    }
}
