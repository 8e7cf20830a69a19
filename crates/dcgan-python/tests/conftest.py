"""Runs and pictures that the tests share. All pictures are drawn."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import dcgan

#: A training of a few seconds.
TINY = {"preset": "small", "ngf": 4, "ndf": 4, "z_dim": 8, "batch_size": 8, "evaluate_every": "never"}

#: The command beside the Python that runs the tests.
COMMAND = Path(sys.executable).with_name("dcgan")


@pytest.fixture(autouse=True)
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Every test runs in a folder of its own, without a cache."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DCGAN_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path


@pytest.fixture(scope="session")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of 24 pictures."""
    folder = tmp_path_factory.mktemp("data") / "photos"
    folder.mkdir()
    for number, picture in enumerate(dcgan.draw_faces(24, seed=1)):
        Image.fromarray(picture).save(folder / f"{number:02}.png")
    return folder


@pytest.fixture(scope="session")
def faces(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of 150 drawn faces with a list of their attributes, as CelebA has."""
    folder = tmp_path_factory.mktemp("data") / "faces"
    program("demo-data", folder, "-n", 150)
    return folder


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory, photos: Path) -> dcgan.Run:
    """A run of six steps with a report after every second one."""
    out = tmp_path_factory.mktemp("runs") / "photos"
    return dcgan.train(photos, out=out, steps=6, report_every=2, progress=False, no_cache=True, **TINY)


@pytest.fixture
def run(trained: dcgan.Run, tmp_path: Path) -> dcgan.Run:
    """A copy of the run."""
    return dcgan.Run(shutil.copytree(trained, tmp_path / "runs" / "photos"))


@pytest.fixture(scope="session")
def model(trained: dcgan.Run) -> dcgan.Model:
    return dcgan.load(trained)


def program(*words: object, **options: object) -> subprocess.CompletedProcess[str]:
    """Runs the command that the package brings along."""
    return subprocess.run(
        [COMMAND, *map(str, words)], capture_output=True, text=True, timeout=120, **options
    )


def python(script: str, **environment: str) -> subprocess.Popen[str]:
    """Starts a Python of its own."""
    return subprocess.Popen(
        [sys.executable, "-c", script],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **environment},
    )


def pixels(path: Path) -> np.ndarray:
    return np.asarray(Image.open(path))


def some_direction(model: dcgan.Model, data: Path) -> tuple[str, np.ndarray]:
    """A direction of an attribute that a hardly trained model draws sometimes, and its name."""
    for attribute in ["Male", "Smiling", "Long_Hair", "Eyeglasses", "No_Beard", "Young"]:
        try:
            return attribute, original_direction(model, attribute, data, n=300)
        except dcgan.DcganError as error:
            assert "take an attribute that the generator draws more often" in str(error), error
    pytest.fail("none of the attributes is drawn sometimes")


original_direction = dcgan.Model.direction
