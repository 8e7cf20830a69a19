"""Loads trained weights into the PyTorch networks and saves one picture.

    python tools/check_state_dict.py runs/faces/generator.safetensors picture.png

Shows how to use weights in PyTorch, and fails if a key or a shape does not match. If there is a
discriminator.safetensors next to the generator, it is loaded too and judges the picture.
"""

import argparse
import json
from pathlib import Path

import torch
from PIL import Image
from safetensors import safe_open
from safetensors.torch import load_file

from networks import Discriminator, Generator, noise


def read_config(path):
    """The configuration the weights were trained with, from the file's metadata."""
    with safe_open(path, framework="pt") as file:
        metadata = file.metadata() or {}
    if "dcgan" not in metadata:
        raise SystemExit(f"{path} has no dcgan configuration in its metadata: was it saved by dcgan?")
    return json.loads(metadata["dcgan"])["model"]


def load(network, path):
    network.load_state_dict(load_file(path))  # strict: every key, every shape
    return network.eval()


def save_picture(picture, path):
    """Saves [channels, height, width] in [-1, 1]."""
    pixels = ((picture + 1) * 127.5).round().clamp(0, 255).to(torch.uint8)
    if len(pixels) == 1:
        Image.fromarray(pixels[0].numpy()).save(path)
    else:
        Image.fromarray(pixels.permute(1, 2, 0).contiguous().numpy()).save(path)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("generator", type=Path, help="generator.safetensors")
    parser.add_argument("picture", type=Path, help="the PNG to write")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()

    config = read_config(arguments.generator)
    generator = load(Generator(config), arguments.generator)
    z = noise(config, 1, torch.Generator().manual_seed(arguments.seed))
    with torch.no_grad():
        fake = generator(z)
    save_picture(fake[0], arguments.picture)
    print(f"{arguments.picture}: one picture by a {config['preset']} generator")

    discriminator_path = arguments.generator.with_name("discriminator.safetensors")
    if discriminator_path.exists():
        discriminator = load(Discriminator(config), discriminator_path)
        with torch.no_grad():
            probability = torch.sigmoid(discriminator(fake)).item()
        print(f"the discriminator rates it real with probability {probability:.3f}")


if __name__ == "__main__":
    main()
