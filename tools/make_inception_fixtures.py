"""Writes crates/dcgan-evaluate/tests/fixtures/inception.bin: what PyTorch makes of the test's pictures.

The network is pytorch-fid's, in double precision, with weights and pictures made by a rule that the test
repeats (see `numbers`), so the file holds nothing but results: float32 values, one list after the other.
For each of two resizes, 299 by 299 of a 64 by 64 and of a 400 by 400 picture, every 13th row and column;
then the network's features and its logits without bias for the smaller one.

    pip install numpy pillow torch torchvision pytorch-fid clean-fid
    python tools/make_inception_fixtures.py
"""

from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
import torchvision
from PIL import Image
from pytorch_fid import inception as fid

FILE = Path(__file__).parent.parent / "crates/dcgan-evaluate/tests/fixtures/inception.bin"
MASK = np.uint64(2**32 - 1)


def numbers(count, number):
    """Numbers in [-0.5, 0.5): a hash of their place and of the tensor's number."""
    h = np.arange(count, dtype=np.uint64) * np.uint64(2654435761) + np.uint64(number * 2246822519 + 374761393)
    h &= MASK
    h ^= h >> np.uint64(15)
    h = (h * np.uint64(2246822519)) & MASK
    h ^= h >> np.uint64(13)
    return (h >> np.uint64(8)).astype(np.float64) / 2**24 - 0.5


def weights(network):
    """Weights under which activations neither vanish nor explode."""
    state = {name: value for name, value in network.state_dict().items() if "num_batches" not in name}
    for number, name in enumerate(sorted(state)):
        shape = state[name].shape
        values = numbers(state[name].numel(), number)
        if name.endswith("conv.weight"):
            values *= np.sqrt(24 / np.prod(shape[1:]))
        elif name.endswith(("bn.weight", "running_var")):
            values = 1 + 0.5 * values
        elif name == "fc.weight":
            values *= 0.1
        else:
            values *= 0.2
        state[name] = torch.tensor(values.reshape(shape).astype(np.float32))
    return state


def network():
    made = torchvision.models.inception_v3(num_classes=1008, aux_logits=False, weights=None, init_weights=False)
    made.Mixed_5b = fid.FIDInceptionA(192, pool_features=32)
    made.Mixed_5c = fid.FIDInceptionA(256, pool_features=64)
    made.Mixed_5d = fid.FIDInceptionA(288, pool_features=64)
    made.Mixed_6b = fid.FIDInceptionC(768, channels_7x7=128)
    made.Mixed_6c = fid.FIDInceptionC(768, channels_7x7=160)
    made.Mixed_6d = fid.FIDInceptionC(768, channels_7x7=160)
    made.Mixed_6e = fid.FIDInceptionC(768, channels_7x7=192)
    made.Mixed_7b = fid.FIDInceptionE_1(1280)
    made.Mixed_7c = fid.FIDInceptionE_2(2048)
    made.load_state_dict(weights(made), strict=False)
    made.fc.bias.data.zero_()
    made.dropout = torch.nn.Identity()
    made.transform_input = False
    return made.double().eval()


def picture(side, number):
    """Smooth waves with noise; uint8."""
    noise = numbers(side * side * 3, number).reshape(side, side, 3)
    y, x, c = np.mgrid[0:side, 0:side, 0:3]
    wave = 128 + 90 * ((x * (c + 1) + y * 2) % 32 - 16) / 16
    return np.clip(np.floor(wave + 60 * noise), 0, 255).astype(np.uint8)


def bilinear(pixels):
    x = torch.tensor(pixels.transpose(2, 0, 1)[None].astype(np.float64) / 255)
    return 2 * F.interpolate(x, size=(299, 299), mode="bilinear", align_corners=False) - 1


def clean(pixels):
    """clean-fid's `make_resizer("PIL", False, "bicubic", (299, 299))` and its scaling."""
    channels = [Image.fromarray(pixels[:, :, c].astype(np.float32), mode="F") for c in range(3)]
    channels = [np.asarray(c.resize((299, 299), Image.BICUBIC)).clip(0, 255) for c in channels]
    return torch.tensor((np.stack(channels)[None].astype(np.float64) - 128) / 128)


results = []
inception = network()
kept = {}
inception.avgpool.register_forward_hook(lambda module, inputs, output: kept.update(features=output.flatten()))
with torch.no_grad():
    for resize in (bilinear, clean):
        for side in (64, 400):
            results.append(resize(picture(side, 1000 + side))[0, :, ::13, ::13].permute(1, 2, 0).numpy())
        logits = inception(resize(picture(64, 1064)))[0]
        results += [kept["features"].numpy(), logits.numpy()]
        print(resize.__name__, kept["features"].mean().item(), kept["features"].std().item(), logits.std().item())
FILE.write_bytes(b"".join(r.astype("<f4").tobytes() for r in results))
