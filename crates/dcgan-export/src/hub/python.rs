//! The PyTorch class of a generator, as the model card shows it.

use std::fmt::Write;

use dcgan::Generator;
use dcgan::config::{LatentDistribution, ModelConfig, Preset, Upsample};

/// One line that draws latent vectors `[COUNT, z_dim]`.
pub fn latent_vectors(config: &ModelConfig, count: usize) -> String {
    let z_dim = config.z_dim;
    match config.latent_distribution() {
        LatentDistribution::Normal => format!("torch.randn({count}, {z_dim})"),
        LatentDistribution::Uniform => format!("torch.rand({count}, {z_dim}) * 2 - 1"),
    }
}

/// `class Generator`, whose `state_dict` has the names of the weight file, and what it needs besides
/// `torch` and `nn`.
pub fn class(generator: &Generator) -> String {
    let config = generator.config();
    let layers = layers(generator);
    let mut code = match config.upsample() {
        Upsample::Transposed => String::new(),
        Upsample::Nearest => NEAREST.to_owned(),
        Upsample::Bilinear => BILINEAR.to_owned(),
    };
    code += "class Generator(nn.Module):\n    def __init__(self):\n        super().__init__()\n";
    let (first, rest) = layers.split_first().expect("a generator has layers");
    match config.preset {
        Preset::Tutorial => {
            code += "        self.gen = nn.Sequential(\n";
            for layer in &layers {
                let _ = writeln!(code, "            nn.Sequential({}),", layer.modules());
            }
            code += "        )\n\n    def forward(self, z):\n        return self.gen(z[:, :, None, None])\n";
        }
        Preset::Pytorch | Preset::Small | Preset::Laptop => {
            code += "        self.main = nn.Sequential(\n";
            for layer in &layers {
                let _ = writeln!(code, "            {},", layer.modules());
            }
            code += "        )\n\n    def forward(self, z):\n        return self.main(z[:, :, None, None])\n";
        }
        Preset::Paper => {
            let features = first.c_out * 16;
            let _ = writeln!(
                code,
                "        self.project = nn.Linear({}, {features}, bias=False)\n        \
                 self.project_norm = nn.BatchNorm1d({features})\n        \
                 self.main = nn.Sequential(",
                first.c_in
            );
            for layer in rest {
                let _ = writeln!(code, "            {},", layer.modules());
            }
            let _ = writeln!(
                code,
                "        )\n\n    def forward(self, z):\n        \
                 maps = self.project_norm(self.project(z)).relu()\n        \
                 return self.main(maps.view(-1, {}, 4, 4))",
                first.c_out
            );
        }
    }
    code
}

const NEAREST: &str = "\
class Double(nn.Conv2d):
    \"\"\"Each pixel twice in each direction, then a 3x3 convolution.\"\"\"

    def __init__(self, inputs, outputs):
        super().__init__(inputs, outputs, 3, padding=1, bias=False)

    def forward(self, x):
        return super().forward(nn.functional.interpolate(x, scale_factor=2, mode=\"nearest\"))


";

const BILINEAR: &str = "\
class Double(nn.Conv2d):
    \"\"\"Linear interpolation with zeros beyond the border, then a 3x3 convolution.\"\"\"

    def __init__(self, inputs, outputs):
        super().__init__(inputs, outputs, 3, bias=False)

    def forward(self, x):
        taps = torch.tensor([0.25, 0.75, 0.75, 0.25])
        kernels = torch.outer(taps, taps).expand(self.in_channels, 1, 4, 4)
        doubled = nn.functional.conv_transpose2d(x, kernels, stride=2, groups=self.in_channels)
        return super().forward(doubled)


";

/// A layer with weights, and what follows it.
struct Layer {
    c_in: usize,
    c_out: usize,
    /// The module of the layer alone.
    module: String,
    has_batch_norm: bool,
    is_last: bool,
}

impl Layer {
    /// All of its modules.
    fn modules(&self) -> String {
        let mut text = self.module.clone();
        if self.has_batch_norm {
            let _ = write!(text, ", nn.BatchNorm2d({})", self.c_out);
        }
        text + if self.is_last {
            ", nn.Tanh()"
        } else {
            ", nn.ReLU()"
        }
    }
}

fn layers(generator: &Generator) -> Vec<Layer> {
    let (config, network) = (generator.config(), generator.network());
    let weights = network
        .parameters()
        .into_iter()
        .filter(|one| one.shape().len() > 1);
    let count = weights.clone().count();
    let norms = network.batch_norms().len();
    weights
        .enumerate()
        .map(|(index, weight)| {
            let (is_first, is_last) = (index == 0, index + 1 == count);
            let (c_in, c_out, module) = match *weight.shape() {
                [features, z_dim] => (z_dim, features / 16, String::new()), // in the class itself
                [c_in, c_out, kernel, _] if is_first => {
                    let module =
                        format!("nn.ConvTranspose2d({c_in}, {c_out}, {kernel}, bias=False)");
                    (c_in, c_out, module)
                }
                // the last layer of laptop keeps the side
                [c_in, c_out, ..] if is_last && config.preset == Preset::Laptop => {
                    let sizes = format!("{c_in}, {c_out}, 3, padding=1");
                    (
                        c_in,
                        c_out,
                        format!("nn.ConvTranspose2d({sizes}, bias=False)"),
                    )
                }
                [c_in, c_out, kernel, _] if config.upsample() == Upsample::Transposed => {
                    let padding = (kernel - 1) / 2;
                    let more = if kernel % 2 == 1 {
                        ", output_padding=1"
                    } else {
                        ""
                    };
                    let sizes =
                        format!("{c_in}, {c_out}, {kernel}, stride=2, padding={padding}{more}");
                    (
                        c_in,
                        c_out,
                        format!("nn.ConvTranspose2d({sizes}, bias=False)"),
                    )
                }
                [c_out, c_in, ..] => (c_in, c_out, format!("Double({c_in}, {c_out})")),
                [..] => unreachable!("weights are matrices or kernels"),
            };
            Layer {
                c_in,
                c_out,
                module,
                has_batch_norm: index < norms, // only the last may have none
                is_last,
            }
        })
        .collect()
}
