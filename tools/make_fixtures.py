"""Writes PyTorch's results for every preset, for the parity tests of crates/dcgan.

    python tools/make_fixtures.py [CASE ...]

One file per case: weights, outputs, gradients and ten whole training steps of very narrow
networks. Everything is computed in float64, the reference, and again in float32. The script fails
if the two differ by more than the tests tolerate, since such a case would test luck.
tools/README.md lists the tensors in a file.
"""

import json
import sys
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import nn

from networks import Discriminator, Generator, SpectralNorm, noise

OUTPUT = Path(__file__).parent.parent / "crates/dcgan/tests/fixtures/parity"
STEPS = 10
ADAM = {"lr": 2e-4, "betas": (0.5, 0.999), "eps": 1e-8}
FAKES_KEPT = 1  # per batch; through batch norm it depends on the whole batch
PENALTY_NOISE = 0.01  # the deviation of the noise that measures gradients
# The batches that D sees: real pictures, the fakes of its update, and those of G's.
BATCHES = ("real", "fake", "drawn")

# The largest relative differences between float32 and float64 allowed in a case.
LARGEST_DIFFERENCE = {
    "outputs": 1e-5,
    "losses": 1e-5,
    "gradients": 1e-4,
    "movement": 1e-2,  # of the weights in ten steps
    "means_after_bias": 1e-2,  # see biases_before_batch_norm
}


def case(name, preset, image_size=64, channels=3, z_dim=8, ngf=3, ndf=3, batch_size=5, **extra):
    return {
        "name": name,
        "preset": preset,
        "image_size": image_size,
        "channels": channels,
        "z_dim": z_dim,
        "ngf": ngf,
        "ndf": ndf,
        "batch_size": batch_size,
        "steps": STEPS,
        "reuse_noise": False,
        "loss": "bce",
        "ema": None,  # the half-life of the average of G's weights, in pictures
        # may add: upsample, d_norm, spectral_norm, d_bias (see networks.py), label_smoothing,
        # gradient_penalty (gamma), augment (true), instance_noise (its deviation), lecam (the
        # weight and the average logits of real pictures and fakes), learning_rate_g and
        # learning_rate_d
        **extra,
    }


SMALL = {"image_size": 32, "z_dim": 6, "ngf": 2, "ndf": 2, "batch_size": 4}

CASES = [
    case("tutorial", "tutorial", ndf=4),
    case("tutorial_1_channel", "tutorial", channels=1, ndf=5, batch_size=6),
    case("tutorial_reuse_noise", "tutorial", z_dim=7, ngf=2, reuse_noise=True),
    case("pytorch", "pytorch"),
    case("pytorch_32", "pytorch", image_size=32, ngf=4, ndf=5),
    case("pytorch_128", "pytorch", image_size=128, channels=1, ngf=2, ndf=2, batch_size=4),
    case("paper", "paper", ndf=2),
    case("paper_32", "paper", image_size=32, ngf=4),
    case("small", "small", z_dim=6, ngf=2, batch_size=4),
    case("hinge_averaged", "small", z_dim=6, ngf=2, batch_size=4, loss="hinge", ema=10),
    case("relativistic", "pytorch", image_size=32, z_dim=6, ngf=2, ndf=2, loss="relativistic"),
    case("laptop_32", "laptop", **SMALL),
    case("laptop_bias", "laptop", **SMALL, d_bias=True),
    case(
        "pytorch_bilinear_spectral_norm",
        "pytorch",
        **SMALL,
        upsample="bilinear",
        spectral_norm=True,
    ),
    case(
        "paper_nearest_spectral_norm",
        "paper",
        **SMALL,
        upsample="nearest",
        d_norm="none",
        spectral_norm=True,
        loss="hinge",
    ),
    case(
        "tutorial_bilinear_spectral_norm",
        "tutorial",
        **SMALL | {"image_size": 64, "channels": 1},
        upsample="bilinear",
        d_norm="none",
        spectral_norm=True,
    ),
    case(
        "penalty_smoothing_instance_noise",
        "laptop",
        **SMALL | {"channels": 1, "batch_size": 3},
        upsample="transposed",
        reuse_noise=True,
        label_smoothing=0.1,
        gradient_penalty=0.1,
        instance_noise=0.2,
    ),
    case(
        "relativistic_penalty_augmented",
        "pytorch",
        **SMALL | {"batch_size": 3},
        loss="relativistic",
        gradient_penalty=0.1,
        augment=True,
    ),
    case(
        "lecam_two_learning_rates",
        "pytorch",
        **SMALL,
        lecam=[0.3, 0.7, -0.4],
        learning_rate_g=4e-4,
        learning_rate_d=1e-4,
    ),
]

# A shorter half-life while few pictures have been seen, as in StyleGAN2.
EMA_RAMP_UP = 0.05


def random_state(network, random):
    """A float32 state for `network` without conventional zeros and ones, so that a missing or
    swapped parameter shows."""
    state = {}
    for name, tensor in network.state_dict().items():
        normal = torch.randn(tensor.shape, generator=random)
        if name.endswith("num_batches_tracked"):
            state[name] = tensor.clone()
        elif name.endswith("running_var"):
            state[name] = 0.05 + 0.45 * torch.rand(tensor.shape, generator=random)
        elif tensor.ndim == 1 and name.endswith("weight"):
            state[name] = 1 + 0.1 * normal
        else:
            # Wider than DCGAN's 0.02: these networks are narrower than any real one.
            state[name] = 0.08 * normal
    # as in the middle of a training: singular vectors that are nearly right
    network.load_state_dict(state)
    for _ in range(2):
        update_spectral_norms(network)
    return network.state_dict()


def update_spectral_norms(network):
    for module in network.modules():
        if isinstance(module, SpectralNorm):
            module.power_iteration()


def make_inputs(config, seed):
    """The initial weights, and the noise and pictures of every step, all float32.

    A picture is the product of one value per row and one per column. A float32 product is the
    same everywhere, so a file holds only the factors, which are far smaller.
    """
    random = torch.Generator().manual_seed(seed)
    inputs = {}
    for prefix, network in networks(config).items():
        for name, tensor in random_state(network, random).items():
            inputs[f"initial.{prefix}.{name}"] = tensor
    batch, channels, size = (config[key] for key in ("batch_size", "channels", "image_size"))
    for step in range(STEPS):
        inputs[f"step.{step}.noise_d"] = noise(config, batch, random)
        if not config["reuse_noise"]:
            inputs[f"step.{step}.noise_g"] = noise(config, batch, random)
        for factor in ("real_rows", "real_columns"):
            values = torch.rand(batch, channels, size, generator=random) * 2 - 1
            inputs[f"step.{step}.{factor}"] = values
        for name in noises_on_pictures(config):
            for factor in ("rows", "columns"):
                values = torch.randn(batch, channels, size, generator=random)
                inputs[f"step.{step}.{name}_{factor}"] = values
        if config.get("augment"):
            for name in BATCHES:
                values = random_augmentations(batch, size, random)
                inputs[f"step.{step}.augment_{name}"] = values
    return inputs


def noises_on_pictures(config):
    """Names of the noises on the pictures of a step."""
    names = []
    if "gradient_penalty" in config:
        names += ["penalty_real"]
        names += ["penalty_fake"] if config["loss"] == "relativistic" else []
    if "instance_noise" in config:
        names += [f"instance_{batch}" for batch in BATCHES]
    return names


def random_augmentations(count, size, random):
    """Random numbers as in the published code of DiffAugment, [count, 9]: brightness, saturation,
    contrast, the move in rows down and in columns to the right, and what is cut out: the first row
    and the one after the last, then the columns."""
    uniform = torch.rand(count, 3, generator=random)
    colours = uniform * torch.tensor([1.0, 2.0, 1.0]) + torch.tensor([-0.5, 0.0, 0.5])
    farthest, cut = int(size * 0.125 + 0.5), int(size * 0.5 + 0.5)
    shift = torch.randint(-farthest, farthest + 1, (count, 2), generator=random)
    start = torch.randint(0, size + 1 - cut % 2, (count, 2, 1), generator=random) - cut // 2
    ends = torch.cat([start, start + cut], 2).clamp(0, size).flatten(1)
    return torch.cat([colours, shift, ends], 1)


def augmented(pictures, parameters):
    """DiffAugment, arXiv 2006.10738."""
    brightness, saturation, contrast = parameters[:, :3].T[:, :, None, None, None]
    pictures = pictures + brightness
    mean = pictures.mean(dim=1, keepdim=True)
    pictures = (pictures - mean) * saturation + mean
    mean = pictures.mean(dim=(1, 2, 3), keepdim=True)
    pictures = (pictures - mean) * contrast + mean

    down, across, top, bottom, left, right = parameters[:, 3:].long().T[:, :, None]
    size = pictures.shape[-1]
    line = torch.arange(size)
    padded = nn.functional.pad(pictures, (1, 1, 1, 1)).permute(0, 2, 3, 1)
    rows, columns = ((line - by + 1).clamp(0, size + 1) for by in (down, across))
    batch = torch.arange(len(pictures))[:, None, None]
    moved = padded[batch, rows[:, :, None], columns[:, None, :]].permute(0, 3, 1, 2)

    in_rows, in_columns = (line >= top) & (line < bottom), (line >= left) & (line < right)
    return moved * ~(in_rows[:, :, None] & in_columns[:, None, :])[:, None]


def product(inputs, step, name):
    rows, columns = inputs[f"step.{step}.{name}_rows"], inputs[f"step.{step}.{name}_columns"]
    return rows[:, :, :, None] * columns[:, :, None, :]


def real_pictures(inputs, step):
    return product(inputs, step, "real")


def seen(pictures, batch, inputs, step, config):
    """Pictures as D sees them; `batch` is one of BATCHES."""
    if config.get("augment"):
        parameters = inputs[f"step.{step}.augment_{batch}"]
        pictures = augmented(pictures, parameters.to(pictures.dtype))
    if "instance_noise" in config:
        instance_noise = product(inputs, step, f"instance_{batch}").to(pictures.dtype)
        pictures = pictures + config["instance_noise"] * instance_noise
    return pictures


def networks(config):
    return {"generator": Generator(config), "discriminator": Discriminator(config)}


def loaded_networks(config, inputs, dtype):
    loaded = networks(config)
    for prefix, network in loaded.items():
        start = f"initial.{prefix}."
        state = {n.removeprefix(start): t for n, t in inputs.items() if n.startswith(start)}
        network.load_state_dict(state)
        network.to(dtype)
    return loaded


def forward_passes(config, inputs, dtype):
    """The untrained networks' outputs for the noise and the pictures of the first step."""
    z, real = inputs["step.0.noise_d"].to(dtype), real_pictures(inputs, 0).to(dtype)
    outputs = {}
    with torch.no_grad():
        for prefix, mode in (("", True), ("eval.", False)):
            generator, discriminator = loaded_networks(config, inputs, dtype).values()
            outputs[f"{prefix}fake"] = generator.train(mode)(z)[:FAKES_KEPT]
            outputs[f"{prefix}logits"] = discriminator.train(mode)(real)
    return outputs


class Bce:
    """Binary cross-entropy, the non-saturating loss of Goodfellow et al. 2014."""

    def __init__(self, config):
        self.real_label = 1 - config.get("label_smoothing", 0)

    @staticmethod
    def to_label(logits, label):
        target = torch.full_like(logits, label)
        return nn.functional.binary_cross_entropy_with_logits(logits, target)

    def of_discriminator(self, real, fake):
        return (self.to_label(fake, 0) + self.to_label(real, self.real_label)) / 2

    def of_generator(self, fake, real):
        return self.to_label(fake, 1)


class Hinge:
    """Lim and Ye 2017, arXiv 1705.02894."""

    def of_discriminator(self, real, fake):
        return (nn.functional.relu(1 - real).mean() + nn.functional.relu(1 + fake).mean()) / 2

    def of_generator(self, fake, real):
        return -fake.mean()


class Relativistic:
    """The pairing loss of R3GAN, arXiv 2501.05441."""

    def of_discriminator(self, real, fake):
        return nn.functional.softplus(fake - real).mean()

    def of_generator(self, fake, real):
        return nn.functional.softplus(real() - fake).mean()


def loss_of(config):
    match config["loss"]:
        case "bce":
            return Bce(config)
        case "hinge":
            return Hinge()
        case "relativistic":
            return Relativistic()


class Training:
    """The algorithm: each step updates D, then G with new noise and the updated D."""

    def __init__(self, generator, discriminator, config):
        self.generator, self.discriminator = generator, discriminator
        self.config, self.loss = config, loss_of(config)
        self.optimizer_g = self.adam(generator, "learning_rate_g")
        self.optimizer_d = self.adam(discriminator, "learning_rate_d")

    def adam(self, network, learning_rate):
        options = ADAM | {"lr": self.config.get(learning_rate, ADAM["lr"])}
        return torch.optim.Adam(network.parameters(), **options)

    def step(self, inputs, step, dtype):
        noise_d = inputs[f"step.{step}.noise_d"].to(dtype)
        real = real_pictures(inputs, step).to(dtype)
        update_spectral_norms(self.discriminator)

        # (1) Update D: maximise log D(x) + log(1 - D(G(z)))
        fake = self.generator(noise_d)
        fake_seen = seen(fake.detach(), "fake", inputs, step, self.config)
        real_seen = seen(real, "real", inputs, step, self.config)
        logits_fake = self.discriminator(fake_seen)
        logits_real = self.discriminator(real_seen)
        loss_d = self.loss.of_discriminator(logits_real, logits_fake)
        if "gradient_penalty" in self.config:
            noise = {n: product(inputs, step, n).to(dtype) for n in noises_on_pictures(self.config)}
            loss_d = loss_d + self.penalty(real_seen, logits_real, noise["penalty_real"])
            if "penalty_fake" in noise:
                loss_d = loss_d + self.penalty(fake_seen, logits_fake, noise["penalty_fake"])
        if "lecam" in self.config:
            loss_d = loss_d + self.lecam(logits_real, logits_fake)
        self.optimizer_d.zero_grad()
        loss_d.backward()
        gradients_d = gradients("discriminator", self.discriminator)
        self.optimizer_d.step()

        # (2) Update G: maximise log D(G(z))
        if not self.config["reuse_noise"]:
            fake = self.generator(inputs[f"step.{step}.noise_g"].to(dtype))
        drawn_seen = seen(fake, "drawn", inputs, step, self.config)
        logits_drawn = self.discriminator(drawn_seen)
        loss_g = self.loss.of_generator(logits_drawn, lambda: self.discriminator(real_seen))
        self.optimizer_g.zero_grad()
        loss_g.backward()
        gradients_g = gradients("generator", self.generator)
        self.optimizer_g.step()
        return loss_d.detach(), loss_g.detach(), gradients_d | gradients_g

    def lecam(self, real, fake):
        """arXiv 2104.03310, equation 5, with averages that stay the same."""
        weight, average_real, average_fake = self.config["lecam"]
        return weight * (((real - average_fake) ** 2).mean() + ((fake - average_real) ** 2).mean())

    def penalty(self, pictures, logits, noise):
        """Half of gamma times the squared gradient of D, as measured with noise (arXiv
        2501.08316, section 3.2)."""
        with_noise = self.discriminator(pictures + PENALTY_NOISE * noise)
        change = (with_noise - logits) / PENALTY_NOISE
        return self.config["gradient_penalty"] / 2 * (change**2).mean()


def gradients(prefix, network):
    return {f"gradient.{prefix}.{n}": p.grad.clone() for n, p in network.named_parameters()}


def ten_steps(config, inputs, dtype):
    trained = loaded_networks(config, inputs, dtype)
    training = Training(**trained, config=config)
    losses_d, losses_g, outputs = [], [], {}
    average = [p.detach().clone() for p in trained["generator"].parameters()]
    for step in range(STEPS):
        loss_d, loss_g, step_gradients = training.step(inputs, step, dtype)
        losses_d.append(loss_d)
        losses_g.append(loss_g)
        if config["ema"] is not None:
            half_life = min(config["ema"], EMA_RAMP_UP * step * config["batch_size"])
            decay = 0.5 ** (config["batch_size"] / half_life) if step > 0 else 0.0
            for mean, parameter in zip(average, trained["generator"].parameters()):
                mean.lerp_(parameter.detach(), 1 - decay)
        if step == 0:
            outputs |= step_gradients
            for prefix, network in trained.items():
                for name, tensor in network.named_buffers():
                    outputs[f"first_step.{prefix}.{name}"] = tensor.clone()
    outputs["loss_d"], outputs["loss_g"] = torch.stack(losses_d), torch.stack(losses_g)
    for prefix, network in trained.items():
        for name, tensor in network.state_dict().items():
            outputs[f"final.{prefix}.{name}"] = tensor.clone()
    if config["ema"] is not None:
        names = [name for name, _ in trained["generator"].named_parameters()]
        outputs |= {f"average.{name}": mean for name, mean in zip(names, average)}
    return outputs


def biases_before_batch_norm(config):
    """Batch norm cancels such a bias: its gradient is 0 up to rounding, which Adam amplifies to
    steps of up to its learning rate."""
    names = []
    for prefix, network in networks(config).items():
        modules = list(network.named_modules())
        for (name, module), (_, following) in zip(modules, modules[1:]):
            if getattr(module, "bias", None) is not None and isinstance(module, nn.Conv2d):
                if isinstance(following, nn.BatchNorm2d):
                    names.append(f"{prefix}.{name}.bias")
    return names


def relative(found, truth):
    return ((found.double() - truth).norm() / truth.norm()).item()


def kind_of(name, zero):
    """Which limit applies to a tensor, or None if its float32 value is arbitrary."""
    part, _, parameter = name.partition(".")
    if parameter in zero or parameter.endswith("num_batches_tracked"):
        return None
    if part == "gradient":
        return "gradients"
    if part.startswith("loss"):
        return "losses"
    # A running mean follows the bias before it, which drifts.
    if zero and parameter.startswith("discriminator") and parameter.endswith("running_mean"):
        return "means_after_bias"
    # The vectors of a spectral norm hardly move.
    is_vector = parameter.endswith(("weight_u", "weight_v"))
    return "movement" if part == "final" and not is_vector else "outputs"


def differences(config, inputs, found, truth):
    """The largest relative difference between float32 and float64, per kind of value."""
    largest = dict.fromkeys(LARGEST_DIFFERENCE, 0.0)
    zero = biases_before_batch_norm(config)
    for name, true in truth.items():
        kind = kind_of(name, zero)
        if kind is None:
            continue
        start = 0
        if kind == "movement":
            start = inputs[name.replace("final", "initial", 1)].double()
        largest[kind] = max(largest[kind], relative(found[name] - start, true - start))
    return largest


def make_case(config, seed):
    inputs = make_inputs(config, seed)
    results = []
    for dtype in (torch.float64, torch.float32):
        outputs = forward_passes(config, inputs, dtype)
        results.append(outputs | ten_steps(config, inputs, dtype))
    truth, single = results
    largest = differences(config, inputs, single, truth)
    shown = ", ".join(f"{kind} {value:.1e}" for kind, value in largest.items())
    for kind, limit in LARGEST_DIFFERENCE.items():
        if largest[kind] > limit:
            raise SystemExit(f"{config['name']}: {kind} differ by more than {limit}: {shown}")
    stored = {n: t.float() if t.is_floating_point() else t for n, t in truth.items()}
    description = config | {
        "seed": seed,
        "adam": ADAM,
        "zero_gradient": biases_before_batch_norm(config),
        "float32_difference": {kind: float(f"{value:.1e}") for kind, value in largest.items()},
    }
    path = OUTPUT / f"{config['name']}.safetensors"
    save_file(inputs | stored, path, metadata={"fixture": json.dumps(description)})
    print(f"{path.name}: {path.stat().st_size // 1024} KiB; {shown}")
    print("  loss_d", *(f"{v:.4f}" for v in truth["loss_d"]))
    print("  loss_g", *(f"{v:.4f}" for v in truth["loss_g"]))


def main():
    torch.use_deterministic_algorithms(True)
    torch.set_num_threads(1)  # the order of a sum is part of its value
    OUTPUT.mkdir(parents=True, exist_ok=True)
    for seed, config in enumerate(CASES, start=1):
        if not sys.argv[1:] or config["name"] in sys.argv[1:]:
            make_case(config, seed)


if __name__ == "__main__":
    main()
