//! Bodies of requests to the studio: latent vectors, and the options of a training.

use dcgan::config::{ModelOptions, Preset};
use dcgan_studio::latent::{Latent, Space};
use dcgan_studio::training_options::TrainingOptions;

/// Reads a body as each kind. What is understood must be usable.
pub fn read(bytes: &[u8]) {
    if let Ok(latents) = serde_json::from_slice::<Vec<Latent>>(bytes) {
        let options = ModelOptions::new(Preset::Small).with_ngf(1).with_ndf(1);
        let model = options.build().expect("the smallest networks");
        let space = Space { model: &model, directions: &[] };
        if let Ok(vectors) = space.resolve(&latents) {
            assert!(vectors.iter().all(|vector| vector.len() == model.z_dim));
        }
    }
    if let Ok(options) = serde_json::from_slice::<TrainingOptions>(bytes) {
        for word in options.words() {
            let word = word.to_str().expect("words are text");
            assert!(word.starts_with("--") && !word.contains(char::is_whitespace), "{word}");
        }
    }
}

/// Bodies that are understood.
pub fn seeds() -> Vec<Vec<u8>> {
    let latents = r#"[{"seed":7},{"sum":[{"weight":1,"mean":[{"seed":1},{"seed":2}]},{"weight":-1,"mean":[{"seed":3}]}]},
        {"between":{"from":{"seed":1},"to":{"seed":2},"at":0.25}}]"#;
    let options = r#"{"preset":"laptop","steps":100,"learning_rate":0.0006,"augment":"auto","flip":true,"seed":7}"#;
    vec![latents.into(), options.into()]
}
