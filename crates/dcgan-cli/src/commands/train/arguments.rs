//! The arguments of `dcgan train`.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use dcgan::config::{
    Augment, DNorm, Every, Length, Loss, ModelOptions, Precision, Preset, Upsample,
};
use dcgan_data::{Format, Levels};

use super::resumable::{EvaluationArguments, SavingArguments};
use crate::shared::compute::ComputeArguments;
use crate::shared::data_arguments::{CacheArguments, Crop, FORMATS, PICTURES, Split, parse_colour};
use crate::shared::named;
use crate::shared::targets::{Files, Replace, WritesFiles};

const NETWORKS: &str = "Networks";
const REGULARISATION: &str = "Regularisation";

/// `dcgan train`
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES, allow_negative_numbers = true)]
pub struct Train {
    /// A directory (searched at any depth), an archive, a data set as downloaded, a pack, or the
    /// word `demo`
    #[arg(required_unless_present_any = ["resume", "config"])]
    pub data: Option<PathBuf>,

    /// Resume this run from its newest checkpoint
    #[arg(long, value_name = "RUN", conflicts_with = "out")]
    pub resume: Option<PathBuf>,

    /// Start from the settings of this config.toml, or of a run; other options and DATA override them.
    /// --no-flip, --no-spectral-norm and so on, and weights of 0, switch off what it has switched on
    #[arg(long, value_name = "FILE", conflicts_with = "resume")]
    pub config: Option<PathBuf>,

    /// Directory of the new run [default: runs/NAME, after the name of DATA; runs/NAME-2 if that
    /// is taken]
    #[arg(short, long, value_name = "DIR")]
    pub out: Option<PathBuf>,

    /// Print the plan (settings, memory, seconds of a step, time in all) and stop
    #[arg(long, conflicts_with_all = ["resume", "trace"])]
    pub dry_run: bool,

    #[command(flatten)]
    pub length: LengthArguments,

    #[command(flatten)]
    pub settings: Settings,

    #[command(flatten)]
    pub cache: CacheArguments,

    #[command(flatten)]
    pub saving: SavingArguments,

    #[command(flatten)]
    pub evaluation: EvaluationArguments,

    #[command(flatten)]
    pub compute: ComputeArguments,

    /// Write losses, measures and grids of pictures for TensorBoard too, into RUN/tensorboard; a resumed
    /// run continues them without this option
    #[arg(long)]
    pub tensorboard: bool,

    /// Write a trace of host activity to FILE, for ui.perfetto.dev or chrome://tracing
    #[arg(long, value_name = "FILE", alias = "profile")]
    pub trace: Option<PathBuf>,

    /// Under mpirun, how long ranks wait for each other before all stop, such as 30s or 5m; ten
    /// times as long while pictures are read and files are written
    #[arg(long, value_name = "TIME", value_parser = parse_time, default_value = "2m")]
    pub rank_timeout: Duration,

    /// Train even if the memory estimate exceeds what is available
    #[arg(long)]
    pub ignore_memory: bool,

    #[command(flatten)]
    pub replace: Replace,
}

impl WritesFiles for Train {
    fn files(&self) -> Files<'_> {
        let others = [
            &self.data,
            &self.config,
            &self.settings.start_from,
            &self.evaluation.inception,
        ];
        let inputs = others.into_iter().flatten().map(PathBuf::as_path);
        let mut files = Files::new(self.replace, inputs);
        if let Some(run) = &self.resume {
            files = files.with_run(run);
        }
        match &self.trace {
            Some(path) => files.writing(path),
            None => files,
        }
    }
}

const EXAMPLES: &str = "\
Examples:
  dcgan train demo
  dcgan train img_align_celeba.zip --epochs 5
  dcgan train photos/ --preset laptop
  dcgan train photos/ --preset pytorch --image-size 128 --flip --ema
  dcgan train photos/ --epochs 200 --dry-run
  dcgan train --config runs/photos/config.toml --seed 1 --out runs/photos-1
  dcgan train photos/ --checkpoint-every 10m --keep 5
  dcgan train photos/ --start-from runs/celeba --steps 2000
  dcgan train --resume runs/photos --epochs 100
  mpirun -n 4 dcgan train photos/ --sync-batch-norm";

/// How long to train.
#[derive(Debug, Args)]
pub struct LengthArguments {
    /// Passes over the pictures [default: 50, or on few pictures as many steps as the preset needs;
    /// 35 for demo with preset small; preset laptop makes 10000 steps, 2400 for demo]
    #[arg(long, value_name = "N", conflicts_with = "steps")]
    pub epochs: Option<u64>,

    /// Training steps, instead of --epochs
    #[arg(long, value_name = "N")]
    pub steps: Option<u64>,
}

impl LengthArguments {
    /// The length, if either option is given.
    pub fn length(&self) -> Option<Length> {
        let epochs = self.epochs.map(Length::Epochs);
        epochs.or(self.steps.map(Length::Steps))
    }
}

/// The half-life of `--ema` without a value.
const EMA_HALF_LIFE: &str = "10000"; // as for demo

/// The settings that a run keeps when it is resumed.
#[derive(Debug, Default, PartialEq, Args)]
pub struct Settings {
    /// Start with the weights of this run's newest checkpoint, or of this checkpoint, instead of random
    /// ones; the networks are those of that run
    #[arg(long, value_name = "RUN|FILE")]
    pub start_from: Option<PathBuf>,

    /// Networks, and how they are trained [default: laptop]
    #[arg(long, value_name = "PRESET", value_parser = named::presets())]
    pub preset: Option<Preset>,

    /// Width and height in pixels: 64; pytorch, paper and laptop also have 32, 128 and
    /// 256 [default: 64; 32 with laptop if nearly all pictures are that small]
    #[arg(long, value_name = "PIXELS", help_heading = NETWORKS)]
    pub image_size: Option<usize>,

    /// Colour channels: 1 (grey) or 3 (colour) [default: as in the pictures]
    #[arg(long, value_name = "N|grey|colour", value_parser = named::channels, help_heading = NETWORKS)]
    pub channels: Option<usize>,

    /// Length of the latent vector [default: the preset's]
    #[arg(long, value_name = "N", help_heading = NETWORKS)]
    pub z_dim: Option<usize>,

    /// Width of the generator [default: the preset's; 16 for demo with preset laptop]
    #[arg(long, value_name = "N", help_heading = NETWORKS)]
    pub ngf: Option<usize>,

    /// Width of the discriminator [default: the preset's; 16 for demo with preset laptop]
    #[arg(long, value_name = "N", help_heading = NETWORKS)]
    pub ndf: Option<usize>,

    /// How the generator doubles the side of its maps: transposed, nearest or bilinear (then a 3×3
    /// convolution) [default: transposed; nearest with preset laptop]
    #[arg(long, value_name = "HOW", value_parser = named::one_of(&Upsample::ALL, Upsample::name),
          hide_possible_values = true, help_heading = NETWORKS)]
    pub upsample: Option<Upsample>,

    /// What normalises the discriminator's hidden layers: batch or none [default: batch]
    #[arg(long, value_name = "NORM", value_parser = named::one_of(&DNorm::ALL, DNorm::name),
          hide_possible_values = true, help_heading = NETWORKS)]
    pub d_norm: Option<DNorm>,

    /// Divide the discriminator's weights by their spectral norms
    #[arg(long, overrides_with = "no_spectral_norm", help_heading = NETWORKS)]
    pub spectral_norm: bool,

    /// Give the discriminator's first layer a bias, without which batch norm hides from it how strong the
    /// contrast of its pictures is [default: only with preset laptop; --no-d-bias omits it]
    #[arg(long, overrides_with = "no_d_bias", help_heading = NETWORKS)]
    pub d_bias: bool,

    /// Penalise the squared gradient of the discriminator's logits at real pictures (R1), and with the
    /// loss relativistic at fakes too; GAMMA is often 0.1 to 10
    #[arg(long, value_name = "GAMMA", help_heading = REGULARISATION)]
    pub gradient_penalty: Option<f64>,

    /// Pull the discriminator's logits of real and fake pictures toward each other's averages, for
    /// little data (LeCam); WEIGHT is often 0.1 to 1
    #[arg(long, value_name = "WEIGHT", help_heading = REGULARISATION)]
    pub lecam: Option<f64>,

    /// How pictures are augmented before the discriminator sees them, real and fake alike: none,
    /// light (colours, translation), full (stronger, and cutout) or auto (full, as often as the
    /// discriminator overfits) [default: none; with preset laptop by the number of pictures]
    #[arg(long, value_name = "HOW", value_parser = named::one_of(&Augment::ALL, Augment::name),
          hide_possible_values = true, help_heading = REGULARISATION)]
    pub augment: Option<Augment>,

    /// What is taken away from the target 1 for real pictures, such as 0.1; for the loss bce
    #[arg(long, value_name = "PART", help_heading = REGULARISATION)]
    pub label_smoothing: Option<f64>,

    /// Standard deviation of noise on the pictures that the discriminator sees, such as 0.1; it falls
    /// to zero at the end of the training
    #[arg(long, value_name = "DEVIATION", help_heading = REGULARISATION)]
    pub instance_noise: Option<f64>,

    /// Global batch size [default: 128; 16 with preset laptop, 32 for demo with
    /// preset small]
    #[arg(long, value_name = "N")]
    pub batch_size: Option<usize>,

    /// What both networks minimise: bce, hinge or relativistic [default: bce]
    #[arg(long, value_name = "LOSS", value_parser = named::one_of(&Loss::ALL, Loss::name),
          hide_possible_values = true)]
    pub loss: Option<Loss>,

    /// Updates of the discriminator in a step, each with a batch of its own, before one of the generator
    /// [default: 1]
    #[arg(long, value_name = "N")]
    pub d_steps: Option<u32>,

    /// Adam's learning rate [default: 0.0002; 0.0006 with preset laptop, 0.0004 for demo with
    /// preset small]
    #[arg(long, alias = "lr", value_name = "RATE")]
    pub learning_rate: Option<f64>,

    /// The generator's learning rate, if it has its own [default: that of --learning-rate]
    #[arg(long, value_name = "RATE")]
    pub learning_rate_g: Option<f64>,

    /// The discriminator's learning rate, if it has its own [default: that of --learning-rate]
    #[arg(long, value_name = "RATE")]
    pub learning_rate_d: Option<f64>,

    /// The last part of the training in which learning rates fall to zero, such as 0.2 [default: 0]
    #[arg(long, value_name = "PART")]
    pub learning_rate_decay: Option<f64>,

    /// Adam's beta1 [default: 0.5]
    #[arg(long, value_name = "BETA")]
    pub beta1: Option<f64>,

    /// Adam's beta2 [default: 0.999]
    #[arg(long, value_name = "BETA")]
    pub beta2: Option<f64>,

    /// Precision of convolutions: f32, or bf16 on a CPU with AMX-BF16 or AVX512-BF16, or f16 or bf16 on a
    /// GPU that supports it (`dcgan devices` says what each device has) [default: f32]
    #[arg(long, value_name = "PRECISION",
          value_parser = named::one_of(&Precision::ALL, Precision::name),
          hide_possible_values = true)]
    pub precision: Option<Precision>,

    /// Draw with an exponential moving average of the generator's weights. Its half-life in pictures is
    /// 10000, or given as in --ema=50000 [default: on with preset laptop, and for demo
    /// with preset small]
    #[arg(long, overrides_with = "no_ema", value_name = "PICTURES", num_args = 0..=1, require_equals = true,
          default_missing_value = EMA_HALF_LIFE)]
    pub ema: Option<u64>,

    /// Draw with the weights of the last step, where an average is the default
    #[arg(long, overrides_with = "ema")]
    pub no_ema: bool,

    /// Update the generator with the fakes of the discriminator's update
    #[arg(long, overrides_with = "no_reuse_noise")]
    pub reuse_noise: bool,

    /// Seed of weights, noise and picture order; a run is reproducible from it [default: 0]
    #[arg(long, value_name = "SEED")]
    pub seed: Option<u64>,

    /// Steps between reports [default: 500, fewer for short runs]
    #[arg(long, value_name = "N", alias = "display-step")]
    pub report_every: Option<u64>,

    /// Under mpirun, synchronise batch norm across all ranks; on the CPU, runs with this option are
    /// identical on 1, 2 and 4 ranks if the batch size is a multiple of 4
    #[arg(long, overrides_with = "no_sync_batch_norm")]
    pub sync_batch_norm: bool,

    /// Format of DATA [default: detected]
    #[arg(long, value_name = "FORMAT", value_parser = named::one_of(&Format::ALL, Format::name),
          hide_possible_values = true, help_heading = PICTURES, long_help = FORMATS)]
    pub format: Option<Format>,

    /// Split of DATA: train, valid, test or all [default: train if DATA has splits, else all]
    #[arg(long, value_name = "SPLIT", help_heading = PICTURES)]
    pub split: Option<Split>,

    /// How to make pictures square: center, random (new in each epoch) or none (squeeze)
    /// [default: center]
    #[arg(long, value_name = "CROP", help_heading = PICTURES)]
    pub crop: Option<Crop>,

    /// Mirror pictures at random
    #[arg(long, overrides_with = "no_flip", help_heading = PICTURES)]
    pub flip: bool,

    /// Background of transparent pictures, as RRGGBB [default: ffffff]
    #[arg(long, value_name = "COLOUR", value_parser = parse_colour, help_heading = PICTURES,
          aliases = ["background-colour", "background-color"])]
    pub background: Option<[u8; 3]>,

    /// Levels of 16-bit pictures that become black and white: full, auto (as the pictures use them)
    /// or two numbers such as 700-1690 [default: full]
    #[arg(long, value_name = "full|auto|LEVELS", help_heading = PICTURES)]
    pub levels: Option<Levels>,

    /// Number of faces that `demo` draws [default: 2000]
    #[arg(short = 'n', long, alias = "demo-faces", value_name = "N", help_heading = PICTURES)]
    pub count: Option<u32>,

    #[command(flatten)]
    pub off: SwitchedOff,
}

/// The flags that switch off what `--config` or a preset has switched on. Of a flag and its opposite,
/// the last one counts.
#[derive(Debug, Default, PartialEq, Args)]
pub struct SwitchedOff {
    /// Not --spectral-norm
    #[arg(long, hide = true, overrides_with = "spectral_norm")]
    pub no_spectral_norm: bool,

    /// Not --d-bias
    #[arg(long, hide = true, overrides_with = "d_bias")]
    pub no_d_bias: bool,

    /// Not --reuse-noise
    #[arg(long, hide = true, overrides_with = "reuse_noise")]
    pub no_reuse_noise: bool,

    /// Not --sync-batch-norm
    #[arg(long, hide = true, overrides_with = "sync_batch_norm")]
    pub no_sync_batch_norm: bool,

    /// Not --flip
    #[arg(long, hide = true, overrides_with = "flip")]
    pub no_flip: bool,
}

impl Settings {
    /// `default`, or another preset as published if one is given, with the sizes that are given.
    pub fn model(&self, default: ModelOptions) -> ModelOptions {
        let mut model = match self.preset {
            Some(preset) if preset != default.preset => ModelOptions::new(preset),
            _ => default,
        };
        let sizes = [
            (&mut model.image_size, self.image_size),
            (&mut model.channels, self.channels),
            (&mut model.z_dim, self.z_dim),
            (&mut model.ngf, self.ngf),
            (&mut model.ndf, self.ndf),
        ];
        for (field, size) in sizes {
            *field = size.unwrap_or(*field);
        }
        model.upsample = self.upsample.or(model.upsample);
        model.d_norm = self.d_norm.or(model.d_norm);
        model.spectral_norm = self.spectral_norm(model.spectral_norm);
        model.d_bias = self.d_bias(model.d_bias);
        model
    }

    /// Whether the weights of D are divided by their spectral norms, if `default` says so otherwise.
    fn spectral_norm(&self, default: bool) -> bool {
        self.spectral_norm || (default && !self.off.no_spectral_norm)
    }

    /// Whether the first layer of D has a bias, if `default` says so otherwise.
    fn d_bias(&self, default: bool) -> bool {
        self.d_bias || (default && !self.off.no_d_bias)
    }

    /// Whether G's update reuses D's fakes, if `default` says so otherwise.
    pub fn reuse_noise(&self, default: bool) -> bool {
        self.reuse_noise || (default && !self.off.no_reuse_noise)
    }

    /// Whether batch norm is synchronised, if `default` says so otherwise.
    pub fn sync_batch_norm(&self, default: bool) -> bool {
        self.sync_batch_norm || (default && !self.off.no_sync_batch_norm)
    }

    /// Whether pictures are mirrored, if `default` says so otherwise.
    pub fn flip(&self, default: bool) -> bool {
        self.flip || (default && !self.off.no_flip)
    }
}

fn parse_time(text: &str) -> Result<Duration, String> {
    match text.parse::<Every>() {
        Ok(Every::Time(time)) => Ok(time),
        _ => Err("expected a time such as 30s, 5m or 1h".to_owned()),
    }
}
