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

from networks import Discriminator, Generator, noise

OUTPUT = Path(__file__).parent.parent / "crates/dcgan/tests/fixtures/parity"
STEPS = 10
ADAM = {"lr": 2e-4, "betas": (0.5, 0.999), "eps": 1e-8}
FAKES_KEPT = 1  # per batch; through batch norm it depends on the whole batch

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
        **extra,
    }


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
    return state


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
    return inputs


def real_pictures(inputs, step):
    rows, columns = inputs[f"step.{step}.real_rows"], inputs[f"step.{step}.real_columns"]
    return rows[:, :, :, None] * columns[:, :, None, :]


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

    @staticmethod
    def to_label(logits, label):
        target = torch.full_like(logits, label)
        return nn.functional.binary_cross_entropy_with_logits(logits, target)

    def of_discriminator(self, real, fake):
        return (self.to_label(fake, 0) + self.to_label(real, 1)) / 2

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


LOSSES = {"bce": Bce, "hinge": Hinge, "relativistic": Relativistic}


class Training:
    """The algorithm: each step updates D, then G with new noise and the updated D."""

    def __init__(self, generator, discriminator, config):
        self.generator, self.discriminator = generator, discriminator
        self.reuse_noise, self.loss = config["reuse_noise"], LOSSES[config["loss"]]()
        self.optimizer_g = torch.optim.Adam(generator.parameters(), **ADAM)
        self.optimizer_d = torch.optim.Adam(discriminator.parameters(), **ADAM)

    def step(self, real, noise_d, noise_g):
        # (1) Update D: maximise log D(x) + log(1 - D(G(z)))
        fake = self.generator(noise_d)
        logits_fake = self.discriminator(fake.detach())
        logits_real = self.discriminator(real)
        loss_d = self.loss.of_discriminator(logits_real, logits_fake)
        self.optimizer_d.zero_grad()
        loss_d.backward()
        gradients_d = gradients("discriminator", self.discriminator)
        self.optimizer_d.step()

        # (2) Update G: maximise log D(G(z))
        if not self.reuse_noise:
            fake = self.generator(noise_g)
        loss_g = self.loss.of_generator(self.discriminator(fake), lambda: self.discriminator(real))
        self.optimizer_g.zero_grad()
        loss_g.backward()
        gradients_g = gradients("generator", self.generator)
        self.optimizer_g.step()
        return loss_d.detach(), loss_g.detach(), gradients_d | gradients_g


def gradients(prefix, network):
    return {f"gradient.{prefix}.{n}": p.grad.clone() for n, p in network.named_parameters()}


def ten_steps(config, inputs, dtype):
    trained = loaded_networks(config, inputs, dtype)
    training = Training(**trained, config=config)
    losses_d, losses_g, outputs = [], [], {}
    average = [p.detach().clone() for p in trained["generator"].parameters()]
    for step in range(STEPS):
        noise_d = inputs[f"step.{step}.noise_d"].to(dtype)
        noise_g = inputs.get(f"step.{step}.noise_g", noise_d).to(dtype)
        real = real_pictures(inputs, step).to(dtype)
        loss_d, loss_g, step_gradients = training.step(real, noise_d, noise_g)
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
    return "movement" if part == "final" else "outputs"


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
