//! One HTML file that draws new pictures, without a server and without this program.
//!
//! The file holds the generator with weights of 16 or 8 bits and computes in WebAssembly; its sources
//! are in `web/`. It draws the same picture from a seed as `dcgan sample`.

mod bundle;
mod weights;

pub use bundle::is_ours;
pub use weights::Bits;

use dcgan::checkpoint::FileHeader;
use dcgan::config::{LatentDistribution, ModelConfig, ModelOptions, Preset};
use dcgan::latent::{LatentDirection, principal_directions};
use dcgan::model::FoldedLayer;
use dcgan::{Generator, device};
use serde::Serialize;
use thiserror::Error;

use self::bundle::Content;

/// The bytes of the largest page. Browsers open larger ones, but slowly or, on phones, not at all.
pub const MOST_BYTES: usize = 64_000_000;

/// The longest latent vectors with principal directions, which take seconds at this length.
pub const LONGEST_WITH_DIRECTIONS: usize = 512;

/// The principal directions of a page.
const DIRECTIONS: usize = 6;

/// The pictures of a page at first, and of a generator that needs more than [`SLOW`].
const PICTURES: usize = 24;
const PICTURES_IF_SLOW: usize = 12;

/// Multiply-adds for a picture, which take a browser about 20 ms.
const SLOW: u64 = 150_000_000;

/// What a page has beside the generator.
#[derive(Debug, Clone)]
pub struct PageOptions {
    /// Its title.
    pub title: String,
    /// The name of the run or weight file, for the saved pictures.
    pub run: String,
    /// The precision of the weights.
    pub bits: Bits,
    /// Sliders beside those along the principal directions.
    pub directions: Vec<LatentDirection>,
}

/// Why there is no page.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum PageError {
    /// It would be larger than [`MOST_BYTES`].
    #[error("the page would have {megabytes} MB, and browsers take {most}", most = MOST_BYTES / 1_000_000)]
    TooLarge {
        /// Its size in megabytes of 10⁶ bytes, rounded up.
        megabytes: usize,
        /// Whether a page of this generator with weights of 8 bits is small enough.
        eight_bits_fit: bool,
        /// The presets whose generators of the same pictures are small enough, with these bits.
        presets: Vec<Preset>,
    },
}

/// What the page's script knows, as JSON.
#[derive(Serialize)]
struct Model<'a> {
    run: &'a str,
    step: Option<u64>,
    side: usize,
    channels: usize,
    /// Pictures that are shown at first.
    count: usize,
    latent: Latent,
    directions: Vec<Slider>,
    network: Network,
}

#[derive(Serialize)]
struct Latent {
    distribution: &'static str,
    length: usize,
}

#[derive(Serialize)]
struct Slider {
    /// What links call it.
    key: String,
    name: String,
    vector: Vec<f32>,
}

#[derive(Serialize)]
struct Network {
    layers: Vec<weights::Layer>,
    bits: usize,
    channels: usize,
}

/// A page that draws with a generator, whose running statistics must be those for sampling. `header`
/// is that of its file.
///
/// # Errors
/// If the page would be too large.
pub fn page(
    generator: Generator,
    header: &FileHeader,
    options: &PageOptions,
) -> Result<String, PageError> {
    let config = generator.config().clone();
    let cost = generator.cost();
    let layers: Vec<FoldedLayer> = generator.into_folded_layers().collect();
    check_size(&layers, &config, options.bits)?;
    let directions = sliders(&layers[0], &config, &options.directions);
    let (described, bytes) = weights::packed(&layers, options.bits);
    let model = Model {
        run: &options.run,
        step: (header.step > 0).then_some(header.step),
        side: config.image_size,
        channels: config.channels,
        count: if cost.forward > SLOW {
            PICTURES_IF_SLOW
        } else {
            PICTURES
        },
        latent: Latent {
            distribution: match config.latent_distribution() {
                LatentDistribution::Normal => "normal",
                LatentDistribution::Uniform => "uniform",
            },
            length: config.z_dim,
        },
        directions,
        network: Network {
            layers: described,
            bits: options.bits.number(),
            channels: config.channels,
        },
    };
    Ok(bundle::page(&Content {
        title: options.title.clone(),
        lead: lead(header),
        facts: facts(&config, cost.parameters, header, options),
        model: serde_json::to_string(&model).expect("numbers and texts are JSON"),
        weights: bytes,
    }))
}

fn check_size(layers: &[FoldedLayer], config: &ModelConfig, bits: Bits) -> Result<(), PageError> {
    if size(layers, bits) <= MOST_BYTES {
        return Ok(());
    }
    let presets = Preset::ALL.into_iter();
    Err(PageError::TooLarge {
        megabytes: size(layers, bits).div_ceil(1_000_000),
        eight_bits_fit: size(layers, Bits::Eight) <= MOST_BYTES,
        presets: presets
            .filter(|&preset| fits(preset, config, bits))
            .collect(),
    })
}

/// The bytes that such weights take in a page.
fn size(layers: &[FoldedLayer], bits: Bits) -> usize {
    bundle::base64_bytes(weights::packed_bytes(layers, bits))
}

/// Whether a preset has a narrower generator of the same pictures whose page is small enough.
fn fits(preset: Preset, config: &ModelConfig, bits: Bits) -> bool {
    let options = ModelOptions {
        channels: config.channels,
        ..ModelOptions::new(preset).with_image_size(config.image_size)
    };
    if options.ngf >= config.ngf {
        return false;
    }
    let config = options.build().ok();
    let generator = config.and_then(|config| Generator::new(&config, 0, &device::cpu()).ok());
    generator.is_some_and(|generator| {
        let layers: Vec<FoldedLayer> = generator.into_folded_layers().collect();
        size(&layers, bits) <= MOST_BYTES
    })
}

fn sliders(first: &FoldedLayer, config: &ModelConfig, named: &[LatentDirection]) -> Vec<Slider> {
    let named = named.iter().zip(1..).map(|(direction, number)| Slider {
        key: format!("n{number}"),
        name: direction.origin.attribute.replace('_', " "),
        vector: direction.vector.clone(),
    });
    let principal = if config.z_dim <= LONGEST_WITH_DIRECTIONS {
        principal_directions(first, DIRECTIONS)
    } else {
        Vec::new()
    };
    // as long as one standard deviation of a coordinate
    let deviation = match config.latent_distribution() {
        LatentDistribution::Normal => 1.0,
        LatentDistribution::Uniform => 3.0_f32.sqrt().recip(),
    };
    let principal = principal
        .into_iter()
        .zip(1..)
        .map(|(vector, number)| Slider {
            key: format!("p{number}"),
            name: format!("Direction {number}"),
            vector: vector.into_iter().map(|value| value * deviation).collect(),
        });
    named.chain(principal).collect()
}

fn lead(header: &FileHeader) -> String {
    let drawn = "A neural network draws these pictures from random numbers.";
    if header.data.pictures == 0 || header.step == 0 {
        return drawn.to_owned();
    }
    format!(
        "{drawn} It learned how from {} pictures, in {} steps of training.",
        grouped(header.data.pictures),
        grouped(header.step)
    )
}

fn facts(config: &ModelConfig, weights: u64, header: &FileHeader, options: &PageOptions) -> String {
    let step = match header.step {
        0 => String::new(),
        step => format!(", step {}", grouped(step)),
    };
    format!(
        "{}{step}: a DCGAN of preset {} with {} weights of {} bits, for pictures of {size}×{size} pixels. Made with \
         dcgan {}.",
        options.run,
        config.preset,
        grouped(weights),
        options.bits.number(),
        env!("CARGO_PKG_VERSION"),
        size = config.image_size,
    )
}

/// A number with a comma before each three digits.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use dcgan::model::FoldedOperation;
    use dcgan::ops::Activation;

    use super::*;

    /// The layers of preset `paper` without their weights.
    fn paper(image_size: usize, widths: &[usize]) -> (ModelConfig, Vec<FoldedLayer>) {
        let layer = |channels: [usize; 2], kernel, stride, padding| FoldedLayer {
            operation: FoldedOperation::ConvTranspose2d,
            weight_shape: [channels[0], channels[1], kernel, kernel],
            weight: Vec::new(),
            bias: vec![0.0; channels[1]],
            stride,
            padding,
            output_padding: stride - 1,
            activation: Activation::Relu,
        };
        let mut layers = vec![layer([100, widths[0]], 4, 1, 0)];
        for pair in widths.windows(2) {
            layers.push(layer([pair[0], pair[1]], 5, 2, 2));
        }
        let options = ModelOptions::new(Preset::Paper).with_image_size(image_size);
        (options.build().unwrap(), layers)
    }

    #[test]
    fn a_page_that_is_too_large_says_what_would_fit() {
        let (config, layers) = paper(64, &[1024, 512, 256, 128, 3]);
        assert!(check_size(&layers, &config, Bits::Sixteen).is_ok());
        let (config, layers) = paper(128, &[2048, 1024, 512, 256, 128, 3]);
        let error = check_size(&layers, &config, Bits::Sixteen).unwrap_err();
        let sentence = error.to_string();
        assert!(
            sentence.contains("195 MB") && sentence.contains("64"),
            "{sentence}"
        );
        let PageError::TooLarge {
            eight_bits_fit,
            presets,
            ..
        } = error;
        assert!(!eight_bits_fit);
        assert_eq!(presets, [Preset::Pytorch, Preset::Laptop]);
    }

    #[test]
    fn large_numbers_are_readable() {
        let numbers = [0, 999, 1000, 202_599, 1_000_000].map(grouped);
        assert_eq!(numbers, ["0", "999", "1,000", "202,599", "1,000,000"]);
    }
}
