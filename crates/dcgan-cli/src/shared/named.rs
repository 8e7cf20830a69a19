//! Options whose values have names, listed by `--help`, by errors and to shells.

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use dcgan::config::Preset;

/// Accepts the names of `all`.
pub fn one_of<T: Copy + Send + Sync + 'static>(
    all: &'static [T],
    name: fn(T) -> &'static str,
) -> impl TypedValueParser<Value = T> {
    let names = all.iter().map(|&value| PossibleValue::new(name(value)));
    parser(names.collect(), all, name)
}

/// Accepts the presets, and says what they are.
pub fn presets() -> impl TypedValueParser<Value = Preset> {
    let values =
        Preset::ALL.map(|preset| PossibleValue::new(preset.name()).help(about_preset(preset)));
    parser(values.to_vec(), &Preset::ALL, Preset::name)
}

/// What a preset is.
pub fn about_preset(preset: Preset) -> &'static str {
    match preset {
        Preset::Tutorial => "A wide generator and a narrow discriminator, 64 pixels",
        Preset::Pytorch => "The official PyTorch faces tutorial, 32 to 256 pixels",
        Preset::Paper => "The paper's Figure 1, 32 to 256 pixels",
        Preset::Small => "The networks of pytorch, narrower: for a first look, 64 pixels",
        Preset::Laptop => "For good pictures within half an hour on two cores, 32 to 256 pixels",
    }
}

fn parser<T: Copy + Send + Sync + 'static>(
    names: Vec<PossibleValue>,
    all: &'static [T],
    name: fn(T) -> &'static str,
) -> impl TypedValueParser<Value = T> {
    PossibleValuesParser::new(names).try_map(move |text| {
        let found = all.iter().copied().find(|&value| name(value) == text);
        found.ok_or("unknown") // clap has refused all others
    })
}

/// Parses a number of colour channels, or a word for it.
pub fn channels(text: &str) -> Result<usize, String> {
    match text.to_lowercase().as_str() {
        "grey" | "gray" => Ok(1),
        "colour" | "color" => Ok(3),
        number => number
            .parse()
            .map_err(|_| "expected 1 or grey, 3 or colour".to_owned()),
    }
}
