//! The model card: the README.md of a repository on the hub.

use std::fmt::Write;

use dcgan::config::RunConfig;

use super::{HubModel, SAMPLES, WEIGHTS, python};

/// Samples in the Python snippet.
const COUNT: usize = 16;

/// The text of the card. `run` is the configuration as it may be published.
pub fn text(model: &HubModel, run: Option<&RunConfig>) -> String {
    let config = model.generator.config();
    let (size, channels) = (config.image_size, config.channels);
    let colours = if channels == 1 { "grey" } else { "colour" };
    let mut card = HEAD.to_owned();
    let _ = write!(
        card,
        "
# {name}

A [DCGAN](https://arxiv.org/abs/1511.06434) that draws {colours} pictures of {size}x{size} pixels from \
         latent vectors of {z_dim} numbers. {trained}

![{COUNT_OF_SAMPLES} pictures drawn by it, from seeds 0 to {LAST}]({SAMPLES})

## Draw with PyTorch

`{WEIGHTS}` has the weights under the names of this class:

```python
import torch
from safetensors.torch import load_file
from torch import nn


{class}

generator = Generator().eval()
generator.load_state_dict(load_file(\"{WEIGHTS}\"))
with torch.no_grad():
    pictures = generator({z})
print(tuple(pictures.shape))  # ({COUNT}, {channels}, {size}, {size}): -1 is black, 1 is white
```

## Draw with dcgan

```sh
dcgan sample {WEIGHTS} -o faces.png
```
",
        name = model.name,
        z_dim = config.z_dim,
        trained = trained(model),
        class = python::class(&model.generator),
        z = python::latent_vectors(config, COUNT),
        COUNT_OF_SAMPLES = super::SAMPLE_COUNT,
        LAST = super::SAMPLE_COUNT - 1,
    );
    card += &metrics(model);
    if let Some(run) = run {
        card += &training(model, run);
    }
    card
}

const HEAD: &str = "\
---
library_name: pytorch
pipeline_tag: unconditional-image-generation
tags:
- dcgan
- gan
# Fill in before you publish: under which terms others may use the weights. See
# https://huggingface.co/docs/hub/repositories-licenses
# license: ...
---
";

/// How it was trained, in a sentence or two.
fn trained(model: &HubModel) -> String {
    let header = &model.header;
    if header.step == 0 {
        return format!("Its weights were {}.", header.data.source);
    }
    let weights = if model.is_averaged {
        " The weights are an average over the training steps."
    } else {
        ""
    };
    format!(
        "It is of preset `{}` and was trained on {} pictures for {} steps.{weights}",
        header.model.preset, header.data.pictures, header.step
    )
}

fn metrics(model: &HubModel) -> String {
    let mut text = "\n## Metrics\n\n".to_owned();
    let Some((step, evaluation)) = model.evaluation else {
        return text + "It was not evaluated during training; `dcgan evaluate` measures it.\n";
    };
    let _ = write!(
        text,
        "At step {step}, {} drawn and as many real pictures; smaller is better:\n\n| | |\n| --- | --- |\n",
        evaluation.pictures
    );
    let figures = [
        ("FID", evaluation.fid.map(|fid| format!("{fid:.2}"))),
        ("KID", evaluation.kid.map(|kid| format!("{kid:.5}"))),
        (
            "sliced Wasserstein distance x 1000",
            Some(format!("{:.2}", evaluation.swd)),
        ),
    ];
    for (name, figure) in figures {
        if let Some(figure) = figure {
            let _ = writeln!(text, "| {name} | {figure} |");
        }
    }
    text
}

fn training(model: &HubModel, run: &RunConfig) -> String {
    let mut text = "\n## Training\n\n".to_owned();
    if let Some(command) = &model.command {
        let _ = write!(text, "```sh\n{command}\n```\n\n");
    }
    if let Ok(settings) = run.to_toml() {
        let _ = write!(text, "All settings:\n\n```toml\n{settings}```\n");
    }
    text
}
