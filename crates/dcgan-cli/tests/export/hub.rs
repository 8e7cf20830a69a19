//! Folders for the Hugging Face hub.

use std::fs;

use crate::python::{python_with, succeeded};
use crate::support::{Place, assert_names};

/// The Python in a model card.
fn python_in(card: &str) -> &str {
    let (_, rest) = card.split_once("```python\n").expect("a snippet");
    rest.split_once("```").expect("its end").0
}

#[test]
fn the_folder_says_what_was_trained_and_its_snippet_draws() {
    let place = Place::with_faces();
    for (preset, shape) in [
        ("--preset tutorial", "(16, 3, 64, 64)"),
        (
            "--preset paper --image-size 32 --upsample bilinear",
            "(16, 3, 32, 32)",
        ),
        (
            "--preset laptop --image-size 32 --ema=100",
            "(16, 3, 32, 32)",
        ),
        ("--preset small --z-dim 7", "(16, 3, 64, 64)"),
    ] {
        let name = preset.split(' ').nth(1).unwrap();
        let length = "--steps 4 --report-every 2 --evaluate-every 2";
        place
            .train(&format!("faces --out runs/{name} {length} {preset}"))
            .succeeded();
        let line = place
            .run(&format!("export runs/{name} --hub hub/{name}"))
            .succeeded()
            .last_line()
            .to_owned();
        assert_names(&line, &["generator of step 4", &format!("hub/{name}")]);
        let files = place.files(&format!("hub/{name}"));
        let expected = [
            "README.md",
            "config.json",
            "model.safetensors",
            "samples.png",
        ];
        assert_eq!(Vec::from_iter(files), expected);

        let folder = place.path(&format!("hub/{name}"));
        let card = fs::read_to_string(folder.join("README.md")).unwrap();
        assert!(card.starts_with("---\n"));
        assert_names(
            &card,
            &[
                "library_name: ",
                "pipeline_tag: unconditional-image-generation",
                "# license: ",
                "samples.png",
                "dcgan train faces",
                "sliced Wasserstein",
                "report_every = 2",
            ],
        );
        let config = fs::read_to_string(folder.join("config.json")).unwrap();
        let config: serde_json::Value = serde_json::from_str(&config).unwrap();
        assert_eq!(
            (&config["preset"], &config["step"]),
            (&name.into(), &4.into())
        );
        // where the pictures were is nobody's business
        let place_of_data = place.path("").display().to_string();
        for file in expected {
            let bytes = fs::read(folder.join(file)).unwrap();
            let text = String::from_utf8_lossy(&bytes);
            assert!(!text.contains(&place_of_data), "{file} of {name}");
        }

        let weights = format!("hub/{name}/model.safetensors");
        for (from, to) in [
            (&*weights, "one.png"),
            (&*format!("runs/{name}"), "other.png"),
        ] {
            place
                .run(&format!("sample {from} -n 4 -o {to} --force"))
                .succeeded();
        }
        assert!(place.picture("one.png") == place.picture("other.png"));
        if let Some(mut python) = python_with("torch", &["torch", "safetensors"]) {
            let snippet = python_in(&card);
            let printed = succeeded(python.args(["-c", snippet]).current_dir(&folder));
            assert_eq!(printed.trim(), shape, "{name}");
        }
    }
}

#[test]
fn a_card_that_was_edited_is_not_replaced() {
    let place = Place::with_run();
    place.run("export run --hub hub").succeeded();
    place.write("hub/README.md", "license: mit");
    let line = place.fails("export run --hub hub");
    assert_names(&line, &["exists", "--force"]);
    place.run("export run --hub hub --force").succeeded();
    let line = place.fails("export run --hub faces/000001.png");
    assert_names(&line, &["faces/000001.png", "folder"]);
}
