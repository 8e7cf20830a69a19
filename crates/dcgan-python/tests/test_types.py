"""Type checkers know the package."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = """
from pathlib import Path
import numpy as np
from numpy.typing import NDArray
import dcgan

run: dcgan.Run = dcgan.train("demo", steps=3, preset="small", flip=True, out=Path("run"))
model: dcgan.Model = run.load("best")
pictures: NDArray[np.uint8] = model.sample(4, seed=1)
z: NDArray[np.float32] = model.latents([1, 2])
path = model.interpolate(z, frames=3, mode="lerp")
for report in dcgan.Trainer("demo", report_every=2):
    grid: NDArray[np.uint8] = report.grid()
    diversity: float | None = report.diversity
figures = dcgan.evaluate(run, n=64)
first: NDArray[np.uint8] = dcgan.Dataset("demo")[0]
"""


WRONG = """
import dcgan
dcgan.train("demo", preset="big")
dcgan.train("demo", stepps=3)
dcgan.load(3)
"""


def test_mypy_accepts_a_script_and_finds_what_is_wrong_in_another() -> None:
    pytest.importorskip("mypy", reason="mypy is not installed")
    Path("right.py").write_text(SCRIPT)
    Path("wrong.py").write_text(WRONG)
    words = [sys.executable, "-m", "mypy", "--strict", "right.py", "wrong.py"]
    done = subprocess.run(words, capture_output=True, text=True)
    assert "right.py" not in done.stdout, done.stdout
    lines = [line for line in done.stdout.splitlines() if "error:" in line]
    assert [line.split(":")[1] for line in lines] == ["3", "4", "5"], done.stdout
