"""Shared by the scripts here: the presets' sizes, weight initialisation, memory."""

import resource
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parent.parent / "tools"))  # networks.py

WIDTHS = {
    "tutorial": (128, 32),
    "pytorch": (64, 64),
    "paper": (128, 128),
    "small": (24, 16),
    "laptop": (24, 32),
}


def configuration(preset):
    """A preset as published: 64x64 colour pictures."""
    ngf, ndf = WIDTHS[preset]
    sizes = {"image_size": 64, "channels": 3, "z_dim": 100}
    return {"preset": preset, "ngf": ngf, "ndf": ndf, "d_bias": preset == "laptop", **sizes}


def initialize(module):
    """The paper's initial weights."""
    from torch import nn  # imported here: ONNX Runtime's processes run without PyTorch

    if isinstance(module, (nn.Conv2d, nn.ConvTranspose2d, nn.Linear)):
        nn.init.normal_(module.weight, 0.0, 0.02)
    elif isinstance(module, (nn.BatchNorm1d, nn.BatchNorm2d)):
        nn.init.normal_(module.weight, 1.0, 0.02)
        nn.init.zeros_(module.bias)


def peak_memory_mib():
    """The peak memory of this process so far.

    Read from /proc on Linux. The fallback, getrusage, includes what the parent held.
    """
    try:
        status = Path("/proc/self/status").read_text()
    except OSError:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak / (1 << 20 if sys.platform == "darwin" else 1 << 10)
    line = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) / 1024
