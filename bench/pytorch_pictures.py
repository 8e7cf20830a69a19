"""Trains the tutorials' networks in PyTorch on a folder of pictures, and draws pictures with them.

    python bench/pytorch_pictures.py PICTURES --out drawn --minutes 10

Pictures are read, resized and cropped as in PyTorch's DCGAN tutorial before the clock starts, so reading costs
it nothing. Training stops after --minutes, or after --steps. The generator then draws PNGs with batch norm's
running statistics. Prints one JSON object: steps, and the seconds that they took.
"""

import argparse
import json
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from measuring import WIDTHS
from pytorch_train import VARIANTS, Training


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pictures", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("-n", type=int, default=2000, help="pictures to draw")
    parser.add_argument("--preset", choices=WIDTHS, default="pytorch")
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--minutes", type=float)
    parser.add_argument("--steps", type=int)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--variant", choices=VARIANTS, default="channels_last")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    if (options.minutes is None) == (options.steps is None):
        parser.error("give --minutes or --steps")
    return options


def read(folder):
    """All pictures as the tutorial has them: [count, 3, 64, 64] in [-1, 1]."""

    def one(path):
        with Image.open(path) as picture:
            scale = 64 / min(picture.size)
            size = [max(64, int(side * scale)) for side in picture.size]
            left, top = [round((side - 64) / 2) for side in size]
            resized = picture.convert("RGB").resize(size, Image.Resampling.BILINEAR)
            cropped = resized.crop((left, top, left + 64, top + 64))
            return torch.from_numpy(np.array(cropped)).permute(2, 0, 1)

    paths = sorted(path for path in folder.rglob("*") if path.suffix in (".jpg", ".png"))
    with ThreadPoolExecutor() as pool:
        return torch.stack(list(pool.map(one, paths))).float() / 127.5 - 1


def batches(pictures, size, device, layout):
    """Shuffled batches, epoch after epoch, without an incomplete last one."""
    while True:
        order = torch.randperm(len(pictures))
        for indices in order[: len(order) // size * size].split(size):
            yield pictures[indices].to(device).contiguous(memory_format=layout)


def draw(training, count, folder):
    folder.mkdir(parents=True, exist_ok=True)
    training.generator.eval()
    with torch.no_grad():
        for start in range(0, count, 100):
            drawn = training.generator(training.noise(min(100, count - start))).cpu()
            for number, picture in enumerate(drawn, start):
                pixels = ((picture + 1) * 127.5).round().clamp(0, 255).to(torch.uint8)
                Image.fromarray(pixels.permute(1, 2, 0).numpy()).save(folder / f"{number:06}.png")


def main():
    options = arguments()
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    pictures = read(options.pictures)
    torch.backends.cudnn.benchmark = True
    training = Training(options.preset, options.variant, False, options.device, "f32")
    is_last = options.variant.endswith("channels_last")
    layout = torch.channels_last if is_last else torch.contiguous_format
    steps, start = 0, time.perf_counter()
    for real in batches(pictures, options.batch, options.device, layout):
        training.step(real)
        steps += 1
        seconds = time.perf_counter() - start
        if steps == options.steps or (options.minutes and seconds >= 60 * options.minutes):
            break
    draw(training, options.n, options.out)
    print(json.dumps({"steps": steps, "seconds": seconds, "pictures": len(pictures)}))


if __name__ == "__main__":
    main()
