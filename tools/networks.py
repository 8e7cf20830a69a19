"""The networks of every preset in PyTorch, to use trained weights there.

    from networks import Generator
    generator = Generator({"preset": "pytorch", "image_size": 64, "channels": 3,
                           "z_dim": 100, "ngf": 64, "ndf": 64})
    generator.load_state_dict(safetensors.torch.load_file("generator.safetensors"))

The keys of a `generator.safetensors` or `discriminator.safetensors` are the keys of these
modules. A generator maps z of shape [batch, z_dim] to pictures [batch, channels, size, size] in
[-1, 1]; a discriminator maps pictures to one logit each, [batch]. The sigmoid is part of the
loss (BCEWithLogitsLoss). The optional keys `upsample`, `d_norm`, `spectral_norm` and
`d_bias` are those of `config.toml`.
"""

import torch
from torch import nn


def widths(narrowest: int, image_size: int) -> list[int]:
    """Channels from the layer next to the picture inwards, one per halving down to 4x4.

    They double with every halving, as in the paper, up to 8 times the narrowest.
    """
    halvings = (image_size // 4).bit_length() - 1
    if image_size != 4 << halvings or halvings < 1:
        raise ValueError(f"image_size must be 8, 16, 32, 64, ..., not {image_size}")
    return [narrowest * min(2**i, 8) for i in range(halvings)]


class NearestConv2d(nn.Conv2d):
    """Each pixel twice in each direction, then a 3x3 convolution."""

    def __init__(self, inputs, outputs):
        super().__init__(inputs, outputs, 3, padding=1, bias=False)

    def forward(self, x):
        return super().forward(nn.functional.interpolate(x, scale_factor=2, mode="nearest"))


class BilinearConv2d(nn.Conv2d):
    """Linear interpolation with zeros beyond the border, then a 3x3 convolution."""

    def __init__(self, inputs, outputs):
        super().__init__(inputs, outputs, 3, bias=False)

    def forward(self, x):
        taps = torch.tensor([1.0, 3.0, 3.0, 1.0], dtype=x.dtype, device=x.device) / 4
        kernels = torch.outer(taps, taps).expand(self.in_channels, 1, 4, 4)
        # one pixel more on each side than twice the side, which the convolution takes away
        doubled = nn.functional.conv_transpose2d(x, kernels, stride=2, groups=self.in_channels)
        return super().forward(doubled)


def doubling(upsample: str, inputs: int, outputs: int, kernel: int = 4) -> nn.Module:
    """A layer that doubles the side; `kernel`, 4 or 5, is that of a transposed convolution."""
    match upsample:
        case "nearest":
            return NearestConv2d(inputs, outputs)
        case "bilinear":
            return BilinearConv2d(inputs, outputs)
        case "transposed":
            padding = (kernel - 1) // 2
            return nn.ConvTranspose2d(inputs, outputs, kernel, 2, padding, kernel % 2, bias=False)
    raise ValueError(f"no upsampling {upsample!r}")


class SpectralNorm:
    """Divides the weight of a layer by the estimate u^T W v of its largest singular value.

    As in torch.nn.utils.spectral_norm, u and v count as constants; but they change only in
    `power_iteration`, which a training calls before each update of the discriminator.
    """

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.register_buffer("weight_u", torch.zeros(len(self.weight)))
        self.register_buffer("weight_v", torch.zeros(self.weight[0].numel()))

    @torch.no_grad()
    def power_iteration(self):
        matrix = self.weight.flatten(1)
        self.weight_v.copy_(nn.functional.normalize(matrix.T @ self.weight_u, dim=0))
        self.weight_u.copy_(nn.functional.normalize(matrix @ self.weight_v, dim=0))

    def divided(self):
        return self.weight / (self.weight_u @ self.weight.flatten(1) @ self.weight_v)


class SpectralConv2d(SpectralNorm, nn.Conv2d):
    def forward(self, x):
        return self._conv_forward(x, self.divided(), self.bias)


class SpectralLinear(SpectralNorm, nn.Linear):
    def forward(self, x):
        return nn.functional.linear(x, self.divided(), self.bias)


class TutorialGenerator(nn.Module):
    """64x64 pictures; every block, including the last, is transposed convolution, batch norm,
    activation."""

    def __init__(self, channels: int, z_dim: int, ngf: int, upsample: str):
        super().__init__()
        first = nn.ConvTranspose2d(z_dim, ngf * 8, 4, 1, 0, bias=False)
        self.gen = nn.Sequential(
            self.block(first, ngf * 8),  # 4x4
            self.block(doubling(upsample, ngf * 8, ngf * 4), ngf * 4),  # 8x8
            self.block(doubling(upsample, ngf * 4, ngf * 2), ngf * 2),  # 16x16
            self.block(doubling(upsample, ngf * 2, ngf), ngf),  # 32x32
            self.block(doubling(upsample, ngf, channels), channels, nn.Tanh()),  # 64x64
        )

    @staticmethod
    def block(layer, outputs, activation=None):
        return nn.Sequential(layer, nn.BatchNorm2d(outputs), activation or nn.ReLU())

    def forward(self, z):
        return self.gen(z[:, :, None, None])


def normalisation(norm: str, channels: int) -> nn.Module:
    return nn.BatchNorm2d(channels) if norm == "batch" else nn.Identity()


class TutorialDiscriminator(nn.Module):
    """64x64 pictures; convolutions without padding but with bias, one of them with stride 1."""

    def __init__(self, channels: int, ndf: int, norm: str, spectral_norm: bool):
        super().__init__()
        self.norm, self.conv = norm, SpectralConv2d if spectral_norm else nn.Conv2d
        self.disc = nn.Sequential(
            self.block(channels, ndf, stride=2),  # 31x31
            self.block(ndf, ndf * 2, stride=2),  # 14x14
            self.block(ndf * 2, ndf * 4, stride=1),  # 11x11
            self.block(ndf * 4, ndf * 4, stride=2),  # 4x4
            nn.Sequential(self.conv(ndf * 4, 1, 4, stride=2)),  # 1x1
        )

    def block(self, inputs, outputs, stride):
        return nn.Sequential(
            self.conv(inputs, outputs, 4, stride),
            normalisation(self.norm, outputs),
            nn.LeakyReLU(0.2),
        )

    def forward(self, pictures):
        return self.disc(pictures).flatten()


class PytorchGenerator(nn.Module):
    """The generator of PyTorch's official DCGAN tutorial, for any size of 4 times a power of
    two."""

    def __init__(self, image_size: int, channels: int, z_dim: int, ngf: int, upsample: str):
        super().__init__()
        inwards = widths(ngf, image_size)
        layers = [nn.ConvTranspose2d(z_dim, inwards[-1], 4, 1, 0, bias=False)]
        for inputs, outputs in zip(inwards[::-1], inwards[-2::-1] + [channels]):
            layers += [nn.BatchNorm2d(inputs), nn.ReLU()]
            layers += [doubling(upsample, inputs, outputs)]
        self.main = nn.Sequential(*layers, nn.Tanh())

    def forward(self, z):
        return self.main(z[:, :, None, None])


class LaptopGenerator(nn.Module):
    """As PytorchGenerator, but the last hidden layer has the size of the picture, and a 3x3
    convolution draws the colours."""

    def __init__(self, image_size: int, channels: int, z_dim: int, ngf: int, upsample: str):
        super().__init__()
        inwards = widths(ngf, 2 * image_size)
        layers = [nn.ConvTranspose2d(z_dim, inwards[-1], 4, 1, 0, bias=False)]
        for inputs, outputs in zip(inwards[::-1], inwards[-2::-1]):
            layers += [nn.BatchNorm2d(inputs), nn.ReLU()]
            layers += [doubling(upsample, inputs, outputs)]
        layers += [nn.BatchNorm2d(ngf), nn.ReLU()]
        layers += [nn.ConvTranspose2d(ngf, channels, 3, 1, 1, bias=False), nn.Tanh()]
        self.main = nn.Sequential(*layers)

    def forward(self, z):
        return self.main(z[:, :, None, None])


class PytorchDiscriminator(nn.Module):
    """The discriminator of PyTorch's official DCGAN tutorial without its final sigmoid, which has
    no parameters, so the keys are the same."""

    def __init__(
        self,
        image_size: int,
        channels: int,
        ndf: int,
        norm: str,
        spectral_norm: bool,
        first_bias: bool,
    ):
        super().__init__()
        conv, bias = SpectralConv2d if spectral_norm else nn.Conv2d, norm == "none"
        inwards = widths(ndf, image_size)
        layers = [conv(channels, ndf, 4, 2, 1, bias=first_bias), nn.LeakyReLU(0.2)]
        for inputs, outputs in zip(inwards, inwards[1:]):
            layers += [conv(inputs, outputs, 4, 2, 1, bias=bias)]
            layers += [normalisation(norm, outputs), nn.LeakyReLU(0.2)]
        layers += [conv(inwards[-1], 1, 4, 1, 0, bias=False)]
        self.main = nn.Sequential(*layers)

    def forward(self, pictures):
        return self.main(pictures).flatten()


class PaperGenerator(nn.Module):
    """The generator of Radford, Metz and Chintala (2016), as in their released code: a linear
    projection, normalised per feature, then 5x5 transposed convolutions."""

    def __init__(self, image_size: int, channels: int, z_dim: int, ngf: int, upsample: str):
        super().__init__()
        inwards = widths(ngf, image_size)
        self.project = nn.Linear(z_dim, inwards[-1] * 4 * 4, bias=False)
        self.project_norm = nn.BatchNorm1d(inwards[-1] * 4 * 4)
        layers = []
        for inputs, outputs in zip(inwards[::-1], inwards[-2::-1]):
            layers += [doubling(upsample, inputs, outputs, kernel=5)]
            layers += [nn.BatchNorm2d(outputs), nn.ReLU()]
        layers += [doubling(upsample, ngf, channels, kernel=5), nn.Tanh()]
        self.main = nn.Sequential(*layers)

    def forward(self, z):
        projected = torch.relu(self.project_norm(self.project(z)))
        return self.main(projected.reshape(len(z), -1, 4, 4))


class PaperDiscriminator(nn.Module):
    """The discriminator of Radford, Metz and Chintala (2016), as in their released code."""

    def __init__(
        self,
        image_size: int,
        channels: int,
        ndf: int,
        norm: str,
        spectral_norm: bool,
        first_bias: bool,
    ):
        super().__init__()
        conv, bias = SpectralConv2d if spectral_norm else nn.Conv2d, norm == "none"
        linear = SpectralLinear if spectral_norm else nn.Linear
        inwards = widths(ndf, image_size)
        layers = [conv(channels, ndf, 5, 2, 2, bias=first_bias), nn.LeakyReLU(0.2)]
        for inputs, outputs in zip(inwards, inwards[1:]):
            layers += [conv(inputs, outputs, 5, 2, 2, bias=bias)]
            layers += [normalisation(norm, outputs), nn.LeakyReLU(0.2)]
        self.main = nn.Sequential(*layers)
        self.output = linear(inwards[-1] * 4 * 4, 1, bias=False)

    def forward(self, pictures):
        return self.output(self.main(pictures).flatten(1)).flatten()


def Generator(config: dict) -> nn.Module:
    """The generator for a configuration with preset, image_size, channels, z_dim and ngf, and
    perhaps upsample."""
    preset, size, channels = (config[key] for key in ("preset", "image_size", "channels"))
    z_dim, ngf = config["z_dim"], config["ngf"]
    upsample = config.get("upsample") or ("nearest" if preset == "laptop" else "transposed")
    match preset:
        case "tutorial" if size == 64:
            return TutorialGenerator(channels, z_dim, ngf, upsample)
        case "pytorch" | "small":
            return PytorchGenerator(size, channels, z_dim, ngf, upsample)
        case "paper":
            return PaperGenerator(size, channels, z_dim, ngf, upsample)
        case "laptop":
            return LaptopGenerator(size, channels, z_dim, ngf, upsample)
    raise ValueError(f"no preset {preset!r} for {size}x{size} pictures")


def Discriminator(config: dict) -> nn.Module:
    """The discriminator for a configuration with preset, image_size, channels and ndf, and
    perhaps d_norm, spectral_norm and d_bias."""
    preset, size, channels = (config[key] for key in ("preset", "image_size", "channels"))
    ndf, norm = config["ndf"], config.get("d_norm") or "batch"
    spectral_norm, d_bias = config.get("spectral_norm", False), config.get("d_bias", False)
    match preset:
        case "tutorial" if size == 64:
            return TutorialDiscriminator(channels, ndf, norm, spectral_norm)
        case "pytorch" | "small" | "laptop":
            return PytorchDiscriminator(size, channels, ndf, norm, spectral_norm, d_bias)
        case "paper":
            return PaperDiscriminator(size, channels, ndf, norm, spectral_norm, d_bias)
    raise ValueError(f"no preset {preset!r} for {size}x{size} pictures")


def noise(config: dict, count: int, random: torch.Generator) -> torch.Tensor:
    """Latent vectors [count, z_dim]: uniform in [-1, 1) for `paper`, else standard normal."""
    if config["preset"] == "paper":
        return torch.rand(count, config["z_dim"], generator=random) * 2 - 1
    return torch.randn(count, config["z_dim"], generator=random)
