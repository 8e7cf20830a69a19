"""What a training reports."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from . import _dcgan

__all__ = ["Report"]


@dataclass(frozen=True)
class Report:
    """How a training is going, at one of its reports.

    Losses and accuracies are means over the steps since the report before. What compares the 64 fakes of
    a report with real pictures is ``None`` in a report that was made because the training was stopped.

    Attributes:
        step: The step after which it was made, from 1.
        epoch: The epoch of that step, from 1.
        loss_d: Loss of the discriminator, the mean of its losses on real pictures and on fakes.
        loss_g: Loss of the generator.
        accuracy_real: Share of the real pictures that the discriminator took for real, 0 to 1.
        accuracy_fake: Share of the fakes that the discriminator took for fakes, 0 to 1.
        diversity: How varied the fakes are: about 1 if as varied as real pictures, 0 if all are the same.
        twins: Share of the fakes that have a twin among them, 0 to 1.
        change: How much the fakes of the same latent vectors changed since the report before.
        distance: Sliced Wasserstein distance between fakes and real pictures; smaller is better.
        swd: The same times 1000 on up to 2,048 pictures, if this step has an evaluation.
        kid: Kernel Inception distance, if this step has one and the training has ``inception``.
        fid: Fréchet Inception distance, if this step has one and the training has ``inception``.
        problems: What is wrong, and what to try, a sentence each.
        fake_file: The file of :meth:`grid`, a PNG.
        real_file: The file of :meth:`real_grid`, a PNG.
    """

    step: int
    epoch: int
    loss_d: float
    loss_g: float
    accuracy_real: float
    accuracy_fake: float
    diversity: float | None
    twins: float | None
    change: float | None
    distance: float | None
    swd: float | None
    kid: float | None
    fid: float | None
    problems: list[str]
    fake_file: Path = field(repr=False)
    real_file: Path = field(repr=False)

    def grid(self) -> NDArray[np.uint8]:
        """The 64 fakes of this report in one picture: uint8 ``[height, width, 3]``.

        They are drawn from latent vectors that never change, so the grids of a training show how the same
        pictures develop.
        """
        return _dcgan.read_picture(self.fake_file)

    def real_grid(self) -> NDArray[np.uint8]:
        """Real pictures of the last batch in one picture: uint8 ``[height, width, 3]``."""
        return _dcgan.read_picture(self.real_file)
