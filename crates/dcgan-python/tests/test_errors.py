"""Bad input: each is an exception of the type that Python users expect, with one sentence."""

from __future__ import annotations

import re
import signal
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import TINY, python

import dcgan


def refuses(kind: type[Exception], sentence: str, call: Any, *given: Any, **named: Any) -> None:
    with pytest.raises(kind, match=sentence) as refused:
        call(*given, **named)
    line = str(refused.value)
    assert "\n" not in line and "--" not in re.sub("`dcgan[^`]*`", "", line), line


@pytest.mark.parametrize(
    ("kind", "sentence", "options"),
    [
        (TypeError, r"train\(\) has no argument 'ngff'; did you mean ngf\?", {"ngff": 4}),
        (TypeError, r"train\(\) has no argument 'lr'; did you mean learning_rate\?", {"lr": 1e-4}),
        (TypeError, r"train\(\) has no argument 'no_flip': give flip=False", {"no_flip": True}),
        (TypeError, "'dry_run': that is an option of the command `dcgan` alone", {"dry_run": True}),
        (TypeError, "epochs takes a value, not True", {"epochs": True}),
        (TypeError, "takes a number, a text or a path, not a dict", {"epochs": {}}),
        (TypeError, r"train\(flip=…\) is True or False, not a str", {"flip": "yes"}),
        (ValueError, "'many' is no value for epochs: expected a whole number", {"epochs": "many"}),
        (ValueError, "'2.5' is no value for epochs: expected a whole number", {"epochs": 2.5}),
        (ValueError, "no 'laptp' for preset: .*; did you mean laptop", {"preset": "laptp"}),
        (ValueError, "no networks for 63 pixels.*take one of these with image_size$", {"image_size": 63}),
        (ValueError, "learning_rate|learning rate", {"learning_rate": -1.0}),
        (ValueError, "steps", {"steps": 0}),
        (ValueError, "epochs.*steps|steps.*epochs", {"steps": 3, "epochs": 3}),
    ],
)
def test_settings_that_cannot_be(kind: type[Exception], sentence: str, options: Any) -> None:
    refuses(kind, sentence, dcgan.train, "demo", **options)
    assert not Path("runs").exists()


def test_pictures_that_are_not_there() -> None:
    refuses(FileNotFoundError, "nowhere does not exist; check the name", dcgan.train, "nowhere")
    refuses(dcgan.DcganError, "nowhere does not exist", dcgan.train, "nowhere")
    refuses(dcgan.NotFoundError, "does not exist", dcgan.Dataset, Path("nowhere"))
    refuses(TypeError, "train\\(\\) needs pictures", dcgan.train)


def test_pictures_that_are_no_path() -> None:
    pictures = dcgan.draw_faces(2)
    refuses(TypeError, r"takes a path, not an array .*numpy.save", dcgan.train, pictures)
    refuses(TypeError, "takes a path, not an int", dcgan.train, 7)
    refuses(ValueError, "the path is empty", dcgan.train, "")


def test_an_empty_folder(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    refuses(dcgan.DcganError, "empty", dcgan.train, "empty")
    assert not Path("runs").exists()


def test_runs_that_are_none(run: dcgan.Run) -> None:
    refuses(FileNotFoundError, "runs/photo does not exist; did you mean runs/photos/", dcgan.load, "runs/photo")
    Path("plain").mkdir()
    refuses(FileNotFoundError, r"plain holds no run \(no config.toml\)", dcgan.Run, "plain")
    refuses(dcgan.DcganError, "plain", dcgan.load, "plain")
    refuses(dcgan.NotFoundError, "plain holds no run", dcgan.train, resume="plain")
    discriminator = run.path / "discriminator.safetensors"
    refuses(dcgan.DcganError, "discriminator", dcgan.load, discriminator)


def test_a_run_that_is_complete_or_taken(run: dcgan.Run, photos: Path) -> None:
    refuses(
        dcgan.DcganError, "complete at step 6; give a larger epochs or steps", dcgan.train, resume=run
    )
    refuses(dcgan.DcganError, "already holds a run", dcgan.train, photos, out=run, steps=2)
    refuses(dcgan.DcganError, "keeps the run's own settings", dcgan.train, resume=run, ngf=8)


def test_a_run_that_is_training_is_not_trained_twice(photos: Path) -> None:
    with dcgan.Trainer(photos, out="run", steps=100, report_every=1, progress=False, **TINY) as trainer:
        next(trainer)
        refuses(dcgan.DcganError, "another process trains in", dcgan.train, resume="run")
        assert dcgan.load("run").step >= 1, "but it can be drawn"


@pytest.mark.parametrize(
    ("kind", "sentence", "z"),
    [
        (ValueError, r"z is of shape \[N, 8\] for this model, not \[2, 9\]", np.zeros((2, 9))),
        (ValueError, r"not \[3\]", [1.0, 2.0, 3.0]),
        (ValueError, "NaN or infinite", np.full((1, 8), np.nan)),
        (TypeError, "z is an array of numbers, not of <U1", [["a"] * 8]),
        (TypeError, "z is an array, not a str", "zzz"),
        (TypeError, "z is an array, not None", None),
        (ValueError, "z is no array", [[1.0], [1.0, 2.0]]),
    ],
)
def test_latent_vectors_that_are_none(
    model: dcgan.Model, kind: type[Exception], sentence: str, z: Any
) -> None:
    refuses(kind, sentence, model.decode, z)


FACES = dcgan.draw_faces(2)


@pytest.mark.parametrize(
    ("kind", "sentence", "pictures"),
    [
        (ValueError, r"look as if they were in \[0, 1\].*give 2 \* pictures - 1", FACES / 255),
        (ValueError, "from 0 to 255: give them as uint8|these are from", FACES.astype(np.float32)),
        (ValueError, "NaN", np.full(FACES.shape, np.nan)),
        (ValueError, r"numpy.moveaxis\(pictures, 1, 3\)", np.moveaxis(FACES, 3, 1)),
        (ValueError, r"\[N, 64, 64, 3\] for this model, not \[2, 32, 64, 3\]", FACES[:, :32]),
        (TypeError, "uint8 from 0 to 255, or floats from -1 to 1, not int64", FACES.astype(np.int64)),
        (TypeError, "pictures is an array, not a str", "faces/"),
    ],
)
def test_pictures_that_the_networks_do_not_take(
    model: dcgan.Model, kind: type[Exception], sentence: str, pictures: Any
) -> None:
    refuses(kind, sentence, model.features, pictures)
    refuses(kind, sentence, model.discriminate, pictures)


def test_arguments_of_drawing(model: dcgan.Model) -> None:
    refuses(TypeError, r"sample\(n\) is a whole number, not a float", model.sample, 2.5)
    refuses(ValueError, "draw 0 to 10000000 pictures", model.sample, -1)
    refuses(ValueError, r"seeds are whole numbers from 0 to 2\*\*64 - 1, not -1", model.sample, 2, seed=-1)
    refuses(TypeError, "seeds are whole numbers, not a float", model.latents, [1.5])
    refuses(TypeError, "seeds are whole numbers, not a str", model.latents, "1,2")
    refuses(TypeError, "leave out n and seed", model.sample, 3, seeds=[1, 2])
    refuses(TypeError, "leave out n and seed", model.sample, seeds=[1, 2], seed=5)
    refuses(ValueError, "draw 0 to 10000000 pictures at once", model.sample, 10**12)
    refuses(ValueError, "must be between 0.02 and 10", model.sample, 1, truncation=0)
    refuses(ValueError, "dtype=float64", model.decode, np.zeros((1, 8)), np.float64)
    refuses(ValueError, "at least two stops", model.interpolate, [1])
    refuses(ValueError, "give 'slerp' or 'lerp'", model.interpolate, [1, 2], mode="linear")
    refuses(ValueError, "give 1 to 10000", model.interpolate, [1, 2], frames=0)
    refuses(TypeError, "uint8, not float64", dcgan.grid, FACES / 255)


def test_directions_and_evaluations_that_cannot_be(model: dcgan.Model, trained: dcgan.Run) -> None:
    refuses(dcgan.DcganError, "Frowning", model.direction, "Frowning", "demo")
    refuses(TypeError, "is a name, not an int", model.direction, 3)
    refuses(FileNotFoundError, "nowhere does not exist", dcgan.evaluate, trained, data="nowhere")
    refuses(ValueError, "metrics", dcgan.evaluate, trained, metrics=["fidd"])
    refuses(ValueError, "count|n", dcgan.evaluate, trained, n=1)
    refuses(TypeError, "has no argument 'json'", dcgan.evaluate, trained, json=True)


def test_threads_are_chosen_once(model: dcgan.Model, trained: dcgan.Run) -> None:
    refuses(dcgan.DcganError, "threads 77: this process computes with", dcgan.load, trained, threads=77)


@pytest.mark.skipif(sys.platform == "win32", reason="signals are sent otherwise there")
@pytest.mark.parametrize(
    "call",
    [
        "dcgan.evaluate(sys.argv[1], data='demo', n=1000000, metrics=['swd'])",
        "dcgan.load(sys.argv[1]).sample(10_000_000)",
        "dcgan.load(sys.argv[1]).direction('Smiling', 'demo', n=1000000)",
        "dcgan.Dataset('demo', count=1000000, image_size=256, no_cache=True)",
        "dcgan.draw_faces(1000000)",
        "dcgan.train('demo', count=1000000, image_size=256, no_cache=True)",
    ],
)
def test_ctrl_c_ends_long_calls(trained: dcgan.Run, call: str) -> None:
    script = f"""
import sys
sys.argv = ["", {str(trained.path)!r}]
import dcgan
print("begins", flush=True)
try:
    {call}
except KeyboardInterrupt:
    print("interrupted")
"""
    process = python(script)
    assert process.stdout is not None and process.stdout.readline() == "begins\n"
    time.sleep(1.5)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=20)
    assert out == "interrupted\n", err
    assert not Path("runs/demo").exists(), "a run that had not begun leaves nothing"
