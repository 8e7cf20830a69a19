"""Train a DCGAN on any folder of pictures on a plain CPU, and draw new ones.

    import dcgan

    run = dcgan.train("photos/")                  # or "demo", drawn faces
    model = run.load()                            # or dcgan.load("runs/photos")
    pictures = model.sample(64, seed=0)           # uint8 [64, 64, 64, 3]

    z = model.latents([3, 7, 12])                 # float32 [3, z_dim]
    model.decode(z.mean(axis=0))                  # their mean
    model.interpolate([3, 7], frames=8)           # the way from one to the next

    for report in dcgan.Trainer("photos/"):       # the training loop, report by report
        print(report.step, report.loss_d, report.loss_g)
        grid = report.grid()                      # uint8 [height, width, 3]

Pictures are arrays [N, H, W, C]: uint8 from 0 to 255, or floats in [-1, 1]. Latent vectors are arrays
[N, z_dim]. Whatever goes wrong is a DcganError with one sentence: what, where, and what to do.

    train, Trainer, Report, Run                   training, and what it leaves
    load, Model                                   drawing, latent vectors, features
    Dataset, draw_faces                           pictures to train on
    evaluate                                      how good pictures are, in figures
    grid                                          pictures side by side

The package brings the command `dcgan` along, which does the same and more.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from ._dcgan import VERSION as __version__

if TYPE_CHECKING:
    from ._dataset import Dataset, draw_faces
    from ._errors import DcganError, InvalidArgumentError, NotFoundError
    from ._evaluate import evaluate
    from ._grid import grid
    from ._model import Model, load
    from ._report import Report
    from ._run import Run
    from ._train import Trainer, train

__all__ = [
    "Dataset",
    "DcganError",
    "InvalidArgumentError",
    "Model",
    "NotFoundError",
    "Report",
    "Run",
    "Trainer",
    "__version__",
    "draw_faces",
    "evaluate",
    "grid",
    "load",
    "train",
]

#: Where the names are. They are loaded when they are used first: the command `dcgan` needs none of them,
#: and must begin before NumPy starts threads, since only one thread may get its signals.
_HOMES = {
    "Dataset": "_dataset",
    "DcganError": "_errors",
    "InvalidArgumentError": "_errors",
    "Model": "_model",
    "NotFoundError": "_errors",
    "Report": "_report",
    "Run": "_run",
    "Trainer": "_train",
    "draw_faces": "_dataset",
    "evaluate": "_evaluate",
    "grid": "_grid",
    "load": "_model",
    "train": "_train",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'dcgan' has no attribute {name!r}")
    value = getattr(importlib.import_module(f".{_HOMES[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
