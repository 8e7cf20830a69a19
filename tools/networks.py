"""The networks of every preset in PyTorch, to use trained weights there.

    from networks import Generator
    generator = Generator({"preset": "pytorch", "image_size": 64, "channels": 3,
                           "z_dim": 100, "ngf": 64, "ndf": 64})
    generator.load_state_dict(safetensors.torch.load_file("generator.safetensors"))

The keys of a `generator.safetensors` or `discriminator.safetensors` are the keys of these
modules. A generator maps z of shape [batch, z_dim] to pictures [batch, channels, size, size] in
[-1, 1]; a discriminator maps pictures to one logit each, [batch]. The sigmoid is part of the
loss (BCEWithLogitsLoss).
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


class TutorialGenerator(nn.Module):
    """64x64 pictures; every block, including the last, is transposed convolution, batch norm,
    activation."""

    def __init__(self, channels: int, z_dim: int, ngf: int):
        super().__init__()
        self.gen = nn.Sequential(
            self.block(z_dim, ngf * 8, stride=1, padding=0),  # 4x4
            self.block(ngf * 8, ngf * 4),  # 8x8
            self.block(ngf * 4, ngf * 2),  # 16x16
            self.block(ngf * 2, ngf),  # 32x32
            self.block(ngf, channels, activation=nn.Tanh()),  # 64x64
        )

    @staticmethod
    def block(inputs, outputs, stride=2, padding=1, activation=None):
        return nn.Sequential(
            nn.ConvTranspose2d(inputs, outputs, 4, stride, padding, bias=False),
            nn.BatchNorm2d(outputs),
            activation or nn.ReLU(),
        )

    def forward(self, z):
        return self.gen(z[:, :, None, None])


class TutorialDiscriminator(nn.Module):
    """64x64 pictures; convolutions without padding but with bias, one of them with stride 1."""

    def __init__(self, channels: int, ndf: int):
        super().__init__()
        self.disc = nn.Sequential(
            self.block(channels, ndf, stride=2),  # 31x31
            self.block(ndf, ndf * 2, stride=2),  # 14x14
            self.block(ndf * 2, ndf * 4, stride=1),  # 11x11
            self.block(ndf * 4, ndf * 4, stride=2),  # 4x4
            nn.Sequential(nn.Conv2d(ndf * 4, 1, 4, stride=2)),  # 1x1
        )

    @staticmethod
    def block(inputs, outputs, stride):
        return nn.Sequential(
            nn.Conv2d(inputs, outputs, 4, stride),
            nn.BatchNorm2d(outputs),
            nn.LeakyReLU(0.2),
        )

    def forward(self, pictures):
        return self.disc(pictures).flatten()


class PytorchGenerator(nn.Module):
    """The generator of PyTorch's official DCGAN tutorial, for any size of 4 times a power of
    two."""

    def __init__(self, image_size: int, channels: int, z_dim: int, ngf: int):
        super().__init__()
        inwards = widths(ngf, image_size)
        layers = [nn.ConvTranspose2d(z_dim, inwards[-1], 4, 1, 0, bias=False)]
        for inputs, outputs in zip(inwards[::-1], inwards[-2::-1] + [channels]):
            layers += [nn.BatchNorm2d(inputs), nn.ReLU()]
            layers += [nn.ConvTranspose2d(inputs, outputs, 4, 2, 1, bias=False)]
        self.main = nn.Sequential(*layers, nn.Tanh())

    def forward(self, z):
        return self.main(z[:, :, None, None])


class PytorchDiscriminator(nn.Module):
    """The discriminator of PyTorch's official DCGAN tutorial without its final sigmoid, which has
    no parameters, so the keys are the same."""

    def __init__(self, image_size: int, channels: int, ndf: int):
        super().__init__()
        inwards = widths(ndf, image_size)
        layers = [nn.Conv2d(channels, ndf, 4, 2, 1, bias=False), nn.LeakyReLU(0.2)]
        for inputs, outputs in zip(inwards, inwards[1:]):
            layers += [nn.Conv2d(inputs, outputs, 4, 2, 1, bias=False)]
            layers += [nn.BatchNorm2d(outputs), nn.LeakyReLU(0.2)]
        layers += [nn.Conv2d(inwards[-1], 1, 4, 1, 0, bias=False)]
        self.main = nn.Sequential(*layers)

    def forward(self, pictures):
        return self.main(pictures).flatten()


class PaperGenerator(nn.Module):
    """The generator of Radford, Metz and Chintala (2016), as in their released code: a linear
    projection, normalised per feature, then 5x5 transposed convolutions."""

    def __init__(self, image_size: int, channels: int, z_dim: int, ngf: int):
        super().__init__()
        inwards = widths(ngf, image_size)
        self.project = nn.Linear(z_dim, inwards[-1] * 4 * 4, bias=False)
        self.project_norm = nn.BatchNorm1d(inwards[-1] * 4 * 4)
        layers = []
        for inputs, outputs in zip(inwards[::-1], inwards[-2::-1]):
            layers += [nn.ConvTranspose2d(inputs, outputs, 5, 2, 2, 1, bias=False)]
            layers += [nn.BatchNorm2d(outputs), nn.ReLU()]
        layers += [nn.ConvTranspose2d(ngf, channels, 5, 2, 2, 1, bias=False), nn.Tanh()]
        self.main = nn.Sequential(*layers)

    def forward(self, z):
        projected = torch.relu(self.project_norm(self.project(z)))
        return self.main(projected.reshape(len(z), -1, 4, 4))


class PaperDiscriminator(nn.Module):
    """The discriminator of Radford, Metz and Chintala (2016), as in their released code."""

    def __init__(self, image_size: int, channels: int, ndf: int):
        super().__init__()
        inwards = widths(ndf, image_size)
        layers = [nn.Conv2d(channels, ndf, 5, 2, 2, bias=False), nn.LeakyReLU(0.2)]
        for inputs, outputs in zip(inwards, inwards[1:]):
            layers += [nn.Conv2d(inputs, outputs, 5, 2, 2, bias=False)]
            layers += [nn.BatchNorm2d(outputs), nn.LeakyReLU(0.2)]
        self.main = nn.Sequential(*layers)
        self.output = nn.Linear(inwards[-1] * 4 * 4, 1, bias=False)

    def forward(self, pictures):
        return self.output(self.main(pictures).flatten(1)).flatten()


def Generator(config: dict) -> nn.Module:
    """The generator for a configuration with preset, image_size, channels, z_dim and ngf."""
    size, channels = config["image_size"], config["channels"]
    z_dim, ngf = config["z_dim"], config["ngf"]
    match config["preset"]:
        case "tutorial" if size == 64:
            return TutorialGenerator(channels, z_dim, ngf)
        case "pytorch" | "small":
            return PytorchGenerator(size, channels, z_dim, ngf)
        case "paper":
            return PaperGenerator(size, channels, z_dim, ngf)
    raise ValueError(f"no preset {config['preset']!r} for {size}x{size} pictures")


def Discriminator(config: dict) -> nn.Module:
    """The discriminator for a configuration with preset, image_size, channels and ndf."""
    size, channels, ndf = config["image_size"], config["channels"], config["ndf"]
    match config["preset"]:
        case "tutorial" if size == 64:
            return TutorialDiscriminator(channels, ndf)
        case "pytorch" | "small":
            return PytorchDiscriminator(size, channels, ndf)
        case "paper":
            return PaperDiscriminator(size, channels, ndf)
    raise ValueError(f"no preset {config['preset']!r} for {size}x{size} pictures")


def noise(config: dict, count: int, random: torch.Generator) -> torch.Tensor:
    """Latent vectors [count, z_dim]: uniform in [-1, 1) for `paper`, else standard normal."""
    if config["preset"] == "paper":
        return torch.rand(count, config["z_dim"], generator=random) * 2 - 1
    return torch.randn(count, config["z_dim"], generator=random)
