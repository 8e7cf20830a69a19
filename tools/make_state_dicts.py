"""Writes small torch.save files, for the tests of `dcgan import`.

    python tools/make_state_dicts.py

Narrow networks with random weights, saved in every way that people save them, and for each
generator the pictures that PyTorch draws with it in evaluation mode. The hostile files would create
a file if they were executed.
"""

import os
import zipfile
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import nn

from make_fixtures import random_state
from networks import Discriminator, Generator, noise

OUTPUT = Path(__file__).parent.parent / "crates/dcgan/tests/fixtures/pytorch"
MADE_BY_A_CALL = "made-by-a-pickle"


def network(make, seed, **config):
    """A preset's network with a random state."""
    config = {"image_size": 64, "channels": 3, "z_dim": 4, "ngf": 1, "ndf": 1} | config
    random = torch.Generator().manual_seed(seed)
    made = make(config).eval()
    made.load_state_dict(random_state(made, random))
    return made, config, random


def save(name, value, **options):
    torch.save(value, OUTPUT / name, **options)
    print(f"{name}: {(OUTPUT / name).stat().st_size} bytes")


def compress(name):
    """Compresses an archive, which PyTorch never does: zeros shrink to almost nothing."""
    with zipfile.ZipFile(OUTPUT / name) as archive:
        entries = {entry: archive.read(entry) for entry in archive.namelist()}
    with zipfile.ZipFile(OUTPUT / name, "w", zipfile.ZIP_DEFLATED) as archive:
        for entry, content in entries.items():
            archive.writestr(zipfile.ZipInfo(entry), content, zipfile.ZIP_DEFLATED)


def drawn(name, generator, config, random):
    """Saves the generator's pictures for two latent vectors."""
    z = noise(config, 2, random)
    with torch.no_grad():
        save_file({"z": z, "pictures": generator(z)}, OUTPUT / f"{name}.drawn.safetensors")


def generators():
    cases = {
        "pytorch": {"preset": "pytorch"},
        "pytorch_32_grey": {"preset": "pytorch", "image_size": 32, "channels": 1, "ngf": 3},
        "tutorial": {"preset": "tutorial", "ngf": 1},
        "paper_32": {"preset": "paper", "image_size": 32, "z_dim": 5},
    }
    for seed, (name, config) in enumerate(cases.items()):
        generator, config, random = network(Generator, seed, **config)
        save(f"{name}.netG.pth", generator.state_dict())
        drawn(f"{name}.netG", generator, config, random)


def ways_of_saving():
    """The same generator as `pytorch.netG.pth`, saved in other ways."""
    generator, _, _ = network(Generator, 0, preset="pytorch")
    state = generator.state_dict()
    save("data_parallel.netG.pth", nn.DataParallel(generator).state_dict())
    save("before_1_6.netG.pth", state, _use_new_zipfile_serialization=False)
    save("double.netG.pth", {name: tensor.double() if tensor.is_floating_point() else tensor
                             for name, tensor in state.items()})
    save("half.netG.pth", generator.half().state_dict())
    generator.float().load_state_dict(state)
    save("bfloat16.netG.pth", generator.bfloat16().state_dict())
    generator.float().load_state_dict(state)
    save("protocol_4.netG.pth", state, pickle_protocol=4)
    save("parameters.netG.pth", dict(generator.named_parameters()) | dict(generator.named_buffers()))
    save("whole_model.netG.pth", generator)
    discriminator, _, _ = network(Discriminator, 9, preset="pytorch")
    save("both.pth", {"epoch": 5, "loss": [0.5, 1.25], "netG": state,
                      "netD": discriminator.state_dict()})


def discriminators():
    for seed, (name, config) in enumerate({
        "pytorch": {"preset": "pytorch"},
        "tutorial": {"preset": "tutorial", "channels": 1},
        "paper_32": {"preset": "paper", "image_size": 32},
    }.items()):
        discriminator, _, _ = network(Discriminator, 20 + seed, **config)
        save(f"{name}.netD.pth", discriminator.state_dict())


class Call:
    """A call that a pickle makes when it is executed."""

    def __init__(self, function, *arguments):
        self.call = function, arguments

    def __reduce__(self):
        return self.call


def hostile():
    generator, _, _ = network(Generator, 0, preset="pytorch", ngf=1, z_dim=2)
    state = generator.state_dict()
    save("calls_system.pth", state | {"main.1.note": Call(os.system, f"touch {MADE_BY_A_CALL}")})
    save("calls_eval.pth", state | {"main.1.note": Call(eval, f"open('{MADE_BY_A_CALL}', 'w')")})
    save("calls_system_before_1_6.pth", [Call(os.system, f"touch {MADE_BY_A_CALL}")],
         _use_new_zipfile_serialization=False)
    first = "main.0.weight"
    save("nan.pth", state | {first: torch.full_like(state[first], float("nan"))})
    save("overlap.pth", state | {first: torch.zeros(1).expand(100, 512, 4, 4)})
    save("compressed.pth", state | {first: torch.zeros(100, 512, 4, 4)})
    compress("compressed.pth")
    save("huge.pth", state | {first: torch.zeros(1).expand(60_000, 1 << 15, 4, 4)})
    save("superfluous.pth", state | {"main.0.bias": torch.zeros(8)})
    save("missing.pth", {name: tensor for name, tensor in state.items() if "main.6" not in name})
    torch.manual_seed(0)
    save("something_else.pth", nn.Linear(3, 2).state_dict())
    save("no_tensors.pth", {"epoch": 3})


if __name__ == "__main__":
    OUTPUT.mkdir(parents=True, exist_ok=True)
    generators()
    ways_of_saving()
    discriminators()
    hostile()
