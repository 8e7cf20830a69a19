"""Runs: the directories that a training writes."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from ._errors import NotFoundError
from ._model import Model, load
from ._words import PathLike, path_word

__all__ = ["Run"]


class Run:
    """A run: a directory with settings, metrics, pictures, checkpoints and weights.

    :func:`dcgan.train` returns one; ``Run("runs/photos")`` is one that is there already. Whatever takes the
    path of a run takes a ``Run`` too.
    """

    def __init__(self, path: PathLike) -> None:
        self._path = Path(path_word("Run", "path", path))
        if not (self._path / "config.toml").is_file():
            raise NotFoundError(f"{self._path} holds no run (no config.toml)")

    def __fspath__(self) -> str:
        return os.fspath(self._path)

    def __repr__(self) -> str:
        return f"Run({str(self._path)!r})"

    @property
    def path(self) -> Path:
        """The directory."""
        return self._path

    @property
    def step(self) -> int:
        """The last step that was saved; 0 before the first report."""
        lines = self.metrics()
        return int(lines[-1]["step"]) if lines else 0

    def metrics(self) -> list[dict[str, Any]]:
        """What was measured: a dictionary for each step, as in ``metrics.jsonl``.

        Each has ``step``, ``epoch``, ``loss_d``, ``loss_g``, ``accuracy_real`` and ``accuracy_fake``; those of
        reports and evaluations have more. ``pandas.DataFrame(run.metrics())`` is a table of them.
        """
        path = self._path / "metrics.jsonl"
        if not path.is_file():
            return []
        with path.open(encoding="utf-8") as lines:
            # the last line of a run that is training may be incomplete
            return [json.loads(line) for line in lines if line.endswith("\n")]

    def samples(self) -> list[Path]:
        """The grids of fakes of all reports, PNG files, the oldest first."""
        found = (self._path / "samples").glob("step-*.png")
        return sorted(path for path in found if not path.stem.endswith("-real"))

    def load(
        self,
        checkpoint: str | int | None = None,
        *,
        raw: bool = False,
        device: str = "cpu",
        threads: int | None = None,
    ) -> Model:
        """The trained networks: :func:`dcgan.load` of this run."""
        return load(self, checkpoint, raw=raw, device=device, threads=threads)
