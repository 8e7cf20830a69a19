"""Writes crates/dcgan-data/tests/fixtures/transform: pictures as torchvision resizes them.

For each synthetic picture NAME.png, NAME.expected.png is the same picture after Resize(32) and
CenterCrop(32), and NAME.squeezed.png after Resize((32, 32)).

    pip install numpy pillow torchvision && python tools/make_transform_fixtures.py
"""

from pathlib import Path

import numpy as np
from PIL import Image
from torchvision.transforms import CenterCrop, Compose, Resize

FOLDER = Path(__file__).parent.parent / "crates/dcgan-data/tests/fixtures/transform"
SIZE = 32


def rings(width, height):
    """Rings that get finer towards the edge, which a poor filter aliases."""
    y, x = np.mgrid[0:height, 0:width]
    radius = (x - width / 3) ** 2 + (y - height / 2) ** 2
    waves = [127.5 + 127.5 * np.cos(radius / divisor) for divisor in (300, 200, 150)]
    # Few levels keep the file small.
    levels = np.round(np.stack(waves, -1) / 51) * 51
    return Image.fromarray(levels.astype(np.uint8))


def blocks(width, height, block):
    """Sharp edges between seeded random colours."""
    random = np.random.default_rng(7)
    colours = random.integers(0, 256, (height // block + 1, width // block + 1, 3))
    large = colours.repeat(block, 0).repeat(block, 1)[:height, :width]
    return Image.fromarray(large.astype(np.uint8))


PICTURES = {
    "aligned_face_shape": rings(89, 109),
    "wide": rings(200, 75),
    "odd_crop_offset": blocks(70, 37, 5),
    "smaller_than_the_target": blocks(20, 13, 2),
    "grey": rings(97, 64).convert("L"),
}

if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    tutorial = Compose([Resize(SIZE), CenterCrop(SIZE)])
    squeeze = Resize((SIZE, SIZE))
    for name, picture in PICTURES.items():
        picture.save(FOLDER / f"{name}.png", optimize=True)
        tutorial(picture).save(FOLDER / f"{name}.expected.png", optimize=True)
        squeeze(picture).save(FOLDER / f"{name}.squeezed.png", optimize=True)
