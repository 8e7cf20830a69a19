"""Draws pictures with PyTorch, as `dcgan sample RUN -n 64 --out DIR` does.

    python bench/pytorch_sample.py runs/photos/generator.safetensors -n 64 --out new/

The picture with seed i depends only on i and is written to seed-i.png, as in `dcgan sample`. The
noise is PyTorch's own, so the pictures differ. Prints one JSON object.
"""

import argparse
import json
from pathlib import Path

import torch
from PIL import Image
from safetensors import safe_open
from safetensors.torch import load_file

from measuring import peak_memory_mib
from networks import Generator, noise

BATCH_SIZE = 64


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("generator", type=Path, help="generator.safetensors")
    parser.add_argument("-n", "--count", type=int, default=64)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=2)
    return parser.parse_args()


def load(path):
    """The generator in a file, and the configuration in its metadata."""
    with safe_open(path, framework="pt") as file:
        config = json.loads(file.metadata()["dcgan"])["model"]
    with torch.device("meta"):  # no initial weights, which would be thrown away
        generator = Generator(config)
    generator.load_state_dict(load_file(path), assign=True)
    return generator.eval(), config


def draw(generator, config, seeds):
    """Pictures [B, height, width, channels], 8 bits per value."""
    z = [noise(config, 1, torch.Generator().manual_seed(seed)) for seed in seeds]
    with torch.inference_mode():
        pictures = generator(torch.cat(z))
    pixels = ((pictures + 1) * 127.5).round().clamp(0, 255).to(torch.uint8)
    return pixels.permute(0, 2, 3, 1).numpy()


def main():
    options = arguments()
    torch.set_num_threads(options.threads)
    generator, config = load(options.generator)
    options.out.mkdir(parents=True, exist_ok=True)
    seeds = range(options.seed, options.seed + options.count)
    for start in range(0, len(seeds), BATCH_SIZE):
        batch = seeds[start : start + BATCH_SIZE]
        for seed, picture in zip(batch, draw(generator, config, batch)):
            image = Image.fromarray(picture.squeeze())  # drops the third axis of grey pictures
            image.save(options.out / f"seed-{seed:06}.png")
    version = f"PyTorch {torch.__version__}"
    print(json.dumps({"peak_memory_mib": peak_memory_mib(), "version": version}))


if __name__ == "__main__":
    main()
